//! When local steps are due: the client's own 60 Hz, slewed so that the authority's input buffer stays at its target.
//!
//! * The rate is never more than 5 % off, so neither clock drift nor jitter accumulates and nobody sees it.
//! * Time that was not stepped through is skipped beyond a bound, never caught up with in a burst.

use core::mem;

use protocol::Timing;
use protocol::limits::INPUTS_PER_BATCH_MAX;
use sim_core::rules::STEPS_PER_TICK;

use crate::limits::CATCH_UP_STEPS_MAX;
use crate::time::{Micros, SNAPSHOT_MICROS, STEP_MICROS, STEP_NANOS};

/// The largest slew of the step rate, in parts per million.
pub(crate) const SLEW_PPM_MAX: i32 = 50_000;
/// Inputs that should wait at the authority before anything is known of the link: measured over 100 ms of jitter, fewer
/// starve the start and more overflow it.
const TARGET_START: u16 = 6;
/// Smallest target of the buffer: a batch of two inputs, and one for its phase.
const TARGET_MIN: u16 = 3;
/// Inputs that the authority's buffer holds.
const BUFFER: u16 = INPUTS_PER_BATCH_MAX as u16;
/// Largest target because of jitter: the middle of the buffer after a tick, as far from empty as from full.
const TARGET_JITTER_MAX: u16 = (BUFFER - STEPS_PER_TICK as u16) / 2;
/// Largest target.
const TARGET_MAX: u16 = TARGET_JITTER_MAX + 2;
/// How much the target grows at most because inputs came too late.
const CAUTION_MAX: u16 = 4;
/// Time without starvation after which the target falls by one.
const CAUTION_DECAY: Micros = Micros::from_millis(10_000);
/// Time between two rises of the target: a round trip, and the slew.
const CAUTION_HOLD: Micros = Micros::from_millis(500);
/// Rate for each input that the buffer is off, in parts per million: 5 % at three inputs, which takes a second.
const SLEW_PPM_PER_INPUT: i64 = 16_667;
/// How old the mean depth is when it is told, in milliseconds: all but one of [`REPORTS_MEAN`] reports, one a snapshot.
const MEAN_MILLIS: i64 = (REPORTS_MEAN - 1) * SNAPSHOT_MICROS / 1_000;
/// The longest that a change may take to be seen while the slew is that fast, in milliseconds. What is seen later must be
/// done more slowly, or it is done twice, and the buffer swings from full to empty.
const SEEN_MILLIS_MAX: i64 = 750;
/// A worst lateness is forgotten by one part in so many with every call that does steps: within seconds.
const LATENESS_DECAY: u64 = 256;
/// Reports that the mean depth is over: shorter than the slew takes, so that the loop does not swing.
const REPORTS_MEAN: i64 = 8;
/// Dead band of the controller, in 1/256 of an input.
const DEAD_BAND: i64 = 128;

/// The phase at which the next step is due.
pub(crate) const PHASE_WHOLE: i64 = 1 << 16;

/// When local steps are due.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// When the next step is due, in nanoseconds; `None` while nothing is stepped.
    due_nanos: Option<u64>,
    /// Steps to do together with the first.
    lead: u64,
    rate_ppm: i32,
    /// Mean depth of the authority's buffer, in 1/256 of an input.
    depth: i64,
    /// Reports in the mean, at most [`REPORTS_MEAN`].
    reports: i64,
    /// What the jitter of the link asks for; `None` while it is not known.
    wanted: Option<u16>,
    /// How late the machine does its steps, at worst, in nanoseconds: a slow frame rate is jitter too.
    lateness: u64,
    /// Inputs that starvation has added to the target.
    caution: u16,
    caution_since: Micros,
    starved: u32,
    dropped: u32,
}

/// What is known of the link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkQuality {
    /// The spread of the snapshots' delays.
    pub(crate) jitter: Option<Micros>,
    /// Of the newest answered ping.
    pub(crate) round_trip: Option<Micros>,
}

/// Steps to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueSteps {
    pub(crate) steps: u64,
    /// Whether time was skipped.
    pub(crate) skipped: bool,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            due_nanos: None,
            lead: 0,
            rate_ppm: 0,
            depth: 0,
            reports: 0,
            wanted: None,
            lateness: 0,
            caution: 0,
            caution_since: Micros(0),
            starved: 0,
            dropped: 0,
        }
    }

    /// A connection begins: its counters begin at zero, and what waits at the authority is not known.
    pub(crate) fn begin(&mut self) {
        self.due_nanos = None;
        self.reports = 0;
        self.starved = 0;
        self.dropped = 0;
        self.rate_ppm = 0;
    }

    /// Inputs that should wait at the authority.
    pub(crate) fn target(&self) -> u16 {
        (self.wanted.unwrap_or(TARGET_START) + self.caution).clamp(TARGET_MIN, TARGET_MAX)
    }

    pub(crate) fn rate_ppm(&self) -> i32 {
        self.rate_ppm
    }

    /// Starts stepping while `waiting` inputs are on their way. If fewer than the target wait, the first steps fill the buffer
    /// at once; if more wait, the first step is delayed until the surplus is consumed.
    pub(crate) fn start(&mut self, now: Micros, waiting: usize) {
        let (target, waiting) = (u64::from(self.target()), waiting as u64);
        self.lead = target.saturating_sub(waiting + 1);
        self.due_nanos = Some(nanos(now) + waiting.saturating_sub(target) * self.period());
    }

    /// Goes on after a rest. The first steps bring what was not stepped meanwhile, so that the authority's buffer is what
    /// it was; after a longer rest it is empty, and they fill it as at the start, because when in its tick the authority
    /// gets the first batch is as little known.
    pub(crate) fn resume(&mut self, now: Micros) {
        self.reports = 0;
        self.rate_ppm = 0;
        let ahead = u64::from(self.target().max(TARGET_START));
        let brings = match self.due_nanos.map(|due| nanos(now).checked_sub(due)) {
            // Not a step was left out.
            Some(None) => return,
            // The next step is a whole period away, so part of one is brought as one more.
            Some(Some(late)) => (late / self.period() + 2).min(ahead),
            None => ahead,
        };
        // What the start was to bring is still to be brought.
        self.lead = self.lead.max(brings - 1);
        self.due_nanos = Some(nanos(now));
    }

    pub(crate) fn is_started(&self) -> bool {
        self.due_nanos.is_some()
    }

    /// When the next step is due.
    pub(crate) fn due(&self) -> Option<Micros> {
        self.due_nanos.map(|due| Micros(due.div_ceil(1000)))
    }

    /// How much of the way from one step to the next has passed, in parts of which [`PHASE_WHOLE`] are all, at most all of it.
    pub(crate) fn phase(&self, now: Micros) -> i64 {
        let Some(due) = self.due_nanos else {
            return PHASE_WHOLE;
        };
        let left = due.saturating_sub(nanos(now)).min(self.period());
        ((self.period() - left) * PHASE_WHOLE as u64 / self.period()) as i64
    }

    /// Whether more steps are due than may be caught up with.
    pub(crate) fn is_stalled(&self, now: Micros) -> bool {
        self.due_nanos
            .is_some_and(|due| nanos(now).saturating_sub(due) / self.period() >= CATCH_UP_STEPS_MAX)
    }

    /// The steps that are due now; the caller does them.
    pub(crate) fn due_steps(&mut self, now: Micros) -> DueSteps {
        let none = DueSteps {
            steps: 0,
            skipped: false,
        };
        let (Some(due), period) = (self.due_nanos, self.period()) else {
            return none;
        };
        let Some(late) = nanos(now).checked_sub(due) else {
            return none;
        };
        let steps = late / period + 1;
        if self.lead > 0 {
            // Nothing was consumed yet, so however late the first call is, it only brings what the target lacks.
            self.due_nanos = Some(nanos(now) + period);
            return DueSteps {
                steps: 1 + mem::take(&mut self.lead),
                skipped: false,
            };
        }
        if steps > CATCH_UP_STEPS_MAX {
            // Nothing waits at the authority any more: fill its buffer again, as at the start.
            self.due_nanos = Some(nanos(now) + period);
            return DueSteps {
                steps: u64::from(self.target()).min(steps),
                skipped: true,
            };
        }
        self.due_nanos = Some(due + steps * period);
        self.lateness = late.max(self.lateness - self.lateness / LATENESS_DECAY);
        DueSteps {
            steps,
            skipped: false,
        }
    }

    /// The authority's report in a snapshot.
    pub(crate) fn observe(&mut self, now: Micros, timing: Timing, link: LinkQuality, counts: bool) {
        let LinkQuality { jitter, round_trip } = link;
        if let Some(jitter) = jitter {
            // In order, a message is as late as the latest before it: the mean is above the middle of the spread, and two
            // thirds of it are left to be feared.
            let feared = jitter.0 * 2 / 3 + self.lateness / 1000;
            let steps = feared.div_ceil(STEP_MICROS).min(100) as u16;
            self.wanted = Some((1 + steps).min(TARGET_JITTER_MAX));
        }
        let starved = timing.starved.wrapping_sub(self.starved);
        let dropped = timing.dropped.wrapping_sub(self.dropped);
        self.starved = timing.starved;
        self.dropped = timing.dropped;
        if !counts {
            return;
        }
        let since = now.since(self.caution_since);
        if self.wanted.is_none() {
            // The start starves nearly always; it says nothing of the link.
            self.caution_since = now;
        } else if starved > 0 && since >= CAUTION_HOLD {
            self.caution = (self.caution + 1).min(CAUTION_MAX);
            self.caution_since = now;
        } else if starved == 0 && (since >= CAUTION_DECAY || dropped > 0 && since >= CAUTION_HOLD) {
            self.caution = self.caution.saturating_sub(1);
            self.caution_since = now;
        }
        self.reports = (self.reports + 1).min(REPORTS_MEAN);
        if self.reports == 1 {
            self.depth = 0;
        }
        let depth = i64::from(timing.buffer_depth) << 8;
        self.depth += (depth - self.depth) / self.reports;
        let lack = (i64::from(self.target()) << 8) - self.depth;
        self.rate_ppm = if lack.abs() <= DEAD_BAND {
            0
        } else {
            let seen =
                MEAN_MILLIS + round_trip.map_or(0, |trip| trip.0.min(60_000_000) as i64 / 1_000);
            (lack * SLEW_PPM_PER_INPUT * SEEN_MILLIS_MAX / seen.max(SEEN_MILLIS_MAX) / 256)
                .clamp(-i64::from(SLEW_PPM_MAX), i64::from(SLEW_PPM_MAX)) as i32
        };
    }

    fn period(&self) -> u64 {
        STEP_NANOS * 1_000_000 / (1_000_000 + i64::from(self.rate_ppm)) as u64
    }
}

fn nanos(time: Micros) -> u64 {
    time.0.saturating_mul(1000)
}

#[cfg(test)]
mod tests;
