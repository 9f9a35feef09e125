//! The schedule of a room: when its ticks are due, and when it sleeps.

use sim_core::Step;
use sim_core::rules::STEPS_PER_TICK;

use crate::limits::{IDLE_AFTER_STEPS, SLEEP_AFTER_STEPS};
use crate::schedule::clock::TickClock;
use crate::stats::{Lateness, Stats};
use crate::time::Millis;

mod clock;

/// Clock and sleep of a room.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// Starts when the room is first awake.
    clock: Option<TickClock>,
    asleep: bool,
    /// The last step in which anything happened, even only an input.
    active: Step,
    /// The last step in which something moved.
    stirred: Step,
    /// The wake-up that the driver was asked for.
    armed: Option<Millis>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    dropped_ms: u64,
    dropped_times: u64,
    lateness: Lateness,
}

/// Ticks that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DueTicks {
    /// How many. Each is then taken with [`Schedule::tick`].
    pub(crate) ticks: u64,
    /// How late the first tick is, if by a whole tick or more.
    pub(crate) stalled_ms: Option<u64>,
    /// Time that is dropped because it is more than may be caught up with.
    pub(crate) dropped_ms: u64,
}

impl Schedule {
    /// The schedule of a room whose world is at this step. With `asleep_since` the room goes on sleeping.
    pub(crate) fn new(asleep: bool, asleep_since: Option<Millis>, step: Step) -> Self {
        Self {
            clock: asleep_since.map(TickClock::starting),
            asleep,
            active: step,
            stirred: step,
            armed: None,
            counts: Counts::default(),
        }
    }

    pub(crate) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Since when the room sleeps; none if it is awake or has never been.
    pub(crate) fn asleep_since(&self) -> Option<Millis> {
        self.sleeping_clock().map(TickClock::last)
    }

    fn sleeping_clock(&self) -> Option<&TickClock> {
        self.clock.as_ref().filter(|_| self.asleep)
    }

    /// The clock, which starts when it is first asked for.
    fn clock(&mut self, now: Millis) -> &mut TickClock {
        self.clock.get_or_insert_with(|| TickClock::starting(now))
    }

    /// Notes that the wake-up has come that the driver was asked for.
    pub(crate) fn wake_fired(&mut self) {
        self.armed = None;
    }

    /// Whether the room is awake, and a tick is late by a whole one.
    pub(crate) fn is_overdue(&self, now: Millis) -> bool {
        let overdue = |clock: &TickClock| clock.is_overdue(now);
        !self.asleep && self.clock.as_ref().is_some_and(overdue)
    }

    /// What is due by now.
    pub(crate) fn due(&mut self, now: Millis) -> DueTicks {
        let clock = self.clock(now);
        let first = clock.next();
        let stalled = clock.is_overdue(now);
        let due = clock.due(now);
        if due.ticks > 0 {
            self.counts.lateness.add(first, now);
        }
        if due.dropped_ms > 0 {
            self.counts.dropped_ms += due.dropped_ms;
            self.counts.dropped_times += 1;
        }
        DueTicks {
            ticks: due.ticks,
            stalled_ms: stalled.then(|| now.0.saturating_sub(first.0)),
            dropped_ms: due.dropped_ms,
        }
    }

    /// Takes a tick that is due. Returns the time, in milliseconds, that it ends at.
    pub(crate) fn tick(&mut self, now: Millis) -> f64 {
        self.clock(now).tick()
    }

    /// Notes that something happened in this step, and whether anything moved.
    pub(crate) fn note_activity(&mut self, step: Step, moved: bool) {
        self.active = step;
        if moved {
            self.stirred = step;
        }
    }

    /// Whether nothing moves, so that nobody needs to send inputs.
    pub(crate) fn is_idle(&self, step: Step) -> bool {
        step.since(self.stirred) >= IDLE_AFTER_STEPS
    }

    /// The last step in which something happened, if that is long enough ago to sleep.
    pub(crate) fn quiet_since(&self, step: Step) -> Option<Step> {
        (step.since(self.active) >= SLEEP_AFTER_STEPS).then_some(self.active)
    }

    /// The room sleeps.
    pub(crate) fn sleep(&mut self) {
        self.asleep = true;
    }

    /// The room wakes up. Returns the steps that it has slept through; none if it was awake.
    pub(crate) fn wake(&mut self, now: Millis) -> Option<u64> {
        if !self.asleep {
            return None;
        }
        self.asleep = false;
        // A room that has never been awake has no time to make up for.
        let ticks = self.clock.as_mut().map_or(0, |clock| clock.skip(now));
        self.clock(now);
        Some(ticks * u64::from(STEPS_PER_TICK))
    }

    /// The steps that the room has slept through by now.
    pub(crate) fn missed_steps(&self, now: Millis) -> u64 {
        let ticks = self.sleeping_clock().map_or(0, |clock| clock.missed(now));
        ticks * u64::from(STEPS_PER_TICK)
    }

    /// When the sleep of a room will have lasted so many steps; none if the room is awake.
    pub(crate) fn time_after(&self, steps: u64) -> Option<Millis> {
        let clock = self.sleeping_clock()?;
        Some(clock.when(steps.div_ceil(u64::from(STEPS_PER_TICK))))
    }

    /// The next wake-up to ask the driver for; none if the room sleeps or has asked for it already.
    pub(crate) fn arm(&mut self, now: Millis) -> Option<Millis> {
        if self.asleep {
            return None;
        }
        let next = self.clock(now).next();
        (self.armed.replace(next) != Some(next)).then_some(next)
    }

    /// Restarts the step count at 0.
    pub(crate) fn restart_step_count(&mut self) {
        self.note_activity(Step(0), true);
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        let Counts {
            dropped_ms,
            dropped_times,
            lateness,
        } = self.counts;
        *stats = Stats {
            dropped_ms,
            dropped_times,
            lateness,
            ..*stats
        };
    }
}
