//! The link to the room: the session that carries messages, the snapshots that came over it, the room's clock, and the pace
//! of local steps.
//!
//! Everything that the client says goes through here, and everything that it is told is measured here. What a message means
//! is for others to say.

use alloc::collections::VecDeque;

use protocol::{
    ClientCommand, CloseCode, Encoding, ErrorCode, KEEPALIVE_ANSWER, ServerMessage, Snapshot,
    Timing, View, Welcome, decode_server,
};
use sim_core::Step;

use crate::config::ClientConfig;
use crate::output::{Event, Output, Outputs};
use crate::seq::is_after;
use crate::stats::Stats;
use crate::time::Micros;

mod clock;
mod pace;
mod session;
mod views;

use clock::ServerClock;
pub(crate) use pace::{DueSteps, PHASE_WHOLE};
use pace::{LinkQuality, Pace};
pub(crate) use session::micros;
use session::{ConnectionState, Session};
use views::Views;
pub(crate) use views::{Acknowledged, MergeError, ReceivedView};

/// One connection after the other.
#[derive(Debug)]
pub(crate) struct Link {
    session: Session,
    views: Views,
    clock: ServerClock,
    pace: Pace,
    /// What the newest snapshot says of the own inputs.
    timing: Timing,
    /// The first seq that this connection could carry.
    first_seq: u32,
    /// Nothing was stepped for a while because there was nothing to do.
    rested: bool,
    counts: Counts,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    snapshots: u64,
    snapshots_full: u64,
    snapshots_unknown_base: u64,
    messages_bad: u64,
    stalls: u64,
}

/// A delta came against a view that is not held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LostBase;

/// What a snapshot tells of the own inputs, compared with the one before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported {
    /// More inputs found no place.
    pub(crate) dropped: bool,
    /// More steps found no input.
    pub(crate) starved: bool,
    /// Time is about to be skipped here.
    pub(crate) stalled: bool,
}

impl Link {
    /// Not connected.
    pub(crate) fn new(config: ClientConfig) -> Self {
        let encoding = if config.json {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        Self {
            session: Session::new(config.seed, encoding, config.resume_token),
            views: Views::default(),
            clock: ServerClock::new(),
            pace: Pace::new(),
            timing: Timing::default(),
            first_seq: 0,
            rested: false,
            counts: Counts::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Tells the driver something.
    pub(crate) fn output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// What the driver was told and has not taken.
    pub(crate) fn outputs(&mut self) -> Outputs<'_> {
        Outputs(&mut self.outputs)
    }

    /// Sends a command; returns its number on this connection.
    pub(crate) fn command(&mut self, now: Micros, command: ClientCommand) -> u32 {
        self.session.command(now, command, &mut self.outputs)
    }

    pub(crate) fn is_playing(&self) -> bool {
        self.session.is_playing()
    }

    /// The token of the own seat.
    pub(crate) fn token(&self) -> Option<&str> {
        self.session.token.as_deref()
    }

    /// Whether nothing moves in the room.
    pub(crate) fn is_room_idle(&self) -> bool {
        self.timing.idle
    }

    /// The first seq that this connection could carry.
    pub(crate) fn first_seq(&self) -> u32 {
        self.first_seq
    }

    // The connection.

    pub(crate) fn opened(&mut self, now: Micros) {
        self.session.opened(now);
    }

    /// The driver says that the connection is gone. Whether it was not known yet.
    pub(crate) fn closed(&mut self, now: Micros, code: Option<CloseCode>) -> bool {
        let before = self.session.state;
        self.session.closed(now, code, &mut self.outputs);
        self.session.state != before
    }

    /// The player leaves the room.
    pub(crate) fn leave(&mut self) {
        self.session.leave(&mut self.outputs);
    }

    /// Does what is due. Whether the connection was lost.
    pub(crate) fn advance(&mut self, now: Micros, needs_no_room: bool) -> bool {
        self.session.advance(now, needs_no_room, &mut self.outputs)
    }

    /// Gives the connection up, to make it again.
    pub(crate) fn give_up(&mut self, now: Micros) {
        self.session.give_up(now, &mut self.outputs);
    }

    /// Whether the numbers of this connection's messages are used up.
    pub(crate) fn is_used_up(&self) -> bool {
        self.session.is_used_up()
    }

    /// A fatal error came. Whether the connection ended with it.
    pub(crate) fn fatal(&mut self, code: ErrorCode) -> bool {
        let before = self.session.state;
        self.session.fatal(code, &mut self.outputs);
        self.session.state != before
    }

    /// The room runs other rules than this build.
    pub(crate) fn outdated(&mut self) {
        self.output(Output::Event(Event::Outdated));
        self.output(Output::Close {
            code: CloseCode::Normal,
        });
        self.session.end(&mut self.outputs);
    }

    /// The room lets the client in: everything is measured anew.
    pub(crate) fn welcomed(&mut self, now: Micros, welcome: &Welcome) {
        self.session.welcomed(now, welcome.resume_token.clone());
        self.views.begin();
        self.clock.begin();
        self.pace.begin();
        self.timing = Timing::default();
        self.first_seq = welcome.next_input_seq;
    }

    /// The connection is gone.
    pub(crate) fn stop_pace(&mut self) {
        self.pace.begin();
    }

    // What comes.

    /// Reads what came; nothing, if nobody must know of it.
    ///
    /// # Errors
    /// If it is a delta against a view that is not held. It is counted.
    pub(crate) fn receive(
        &mut self,
        now: Micros,
        bytes: &[u8],
        text: bool,
    ) -> Result<Option<ServerMessage>, LostBase> {
        match self.session.state {
            ConnectionState::Greeting { .. } | ConnectionState::Playing => {}
            ConnectionState::Idle
            | ConnectionState::Connecting { .. }
            | ConnectionState::Waiting { .. }
            | ConnectionState::Ended => return Ok(None),
        }
        if text && bytes == KEEPALIVE_ANSWER.as_bytes() {
            self.session.kept_alive(now);
            return Ok(None);
        }
        let encoding = if text {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        match decode_server(bytes, encoding, |id| self.views.base(id)) {
            Ok(message) => {
                self.session.heard(now);
                Ok(Some(message))
            }
            Err(error) if error.code() == ErrorCode::UnknownBase => {
                self.counts.snapshots_unknown_base += 1;
                Err(LostBase)
            }
            Err(_) => {
                self.counts.messages_bad += 1;
                Ok(None)
            }
        }
    }

    /// A message came that has no place here.
    pub(crate) fn count_unexpected(&mut self) {
        self.counts.messages_bad += 1;
    }

    pub(crate) fn pong(&mut self, now: Micros, seq: u32) {
        self.session.pong(now, seq);
    }

    /// Makes the snapshot the newest view.
    ///
    /// # Errors
    /// If it cannot be; it is counted.
    pub(crate) fn merge(
        &mut self,
        snapshot: &Snapshot,
        step: Step,
        sent: Micros,
    ) -> Result<(), MergeError> {
        let merged = self.views.merge(snapshot, step, sent);
        match &merged {
            Ok(()) => {
                self.counts.snapshots += 1;
                self.counts.snapshots_full += u64::from(snapshot.base_id.is_none());
            }
            Err(MergeError::UnknownBase) => self.counts.snapshots_unknown_base += 1,
            Err(MergeError::NotNewer(_) | MergeError::Apply(_)) => self.counts.messages_bad += 1,
        }
        merged
    }

    /// Sets clock and pace by a snapshot that was merged.
    pub(crate) fn observe(&mut self, now: Micros, snapshot: &Snapshot, sent: Micros) -> Reported {
        self.clock.observe(now, sent);
        let ours = snapshot
            .local_ack_seq
            .is_some_and(|ack| !is_after(self.first_seq, ack))
            && !self.rested;
        let quality = LinkQuality {
            jitter: self.clock.jitter(),
            round_trip: self.session.rtt,
        };
        self.pace.observe(now, snapshot.timing, quality, ours);
        let before = core::mem::replace(&mut self.timing, snapshot.timing);
        Reported {
            dropped: snapshot.timing.dropped > before.dropped,
            starved: snapshot.timing.starved > before.starved,
            stalled: self.pace.is_stalled(now),
        }
    }

    // Views.

    /// The newest view.
    pub(crate) fn newest(&self) -> Option<&View> {
        self.views.newest()
    }

    /// The views that are kept, oldest first.
    pub(crate) fn views(&self) -> &VecDeque<ReceivedView> {
        self.views.held()
    }

    /// Number of the newest view: what the next batch acknowledges.
    pub(crate) fn ack(&self) -> Option<u32> {
        self.views.ack()
    }

    /// The same for a batch that is sent now.
    pub(crate) fn tell_ack(&mut self) -> Option<Acknowledged> {
        self.views.tell_ack()
    }

    /// Acknowledges nothing: the next snapshot is a full one.
    pub(crate) fn ask_for_full(&mut self) {
        self.views.ask_for_full();
    }

    // Time.

    /// When the session has something to do.
    pub(crate) fn due(&self) -> Option<Micros> {
        self.session.due()
    }

    /// When the next local step is due.
    pub(crate) fn step_due(&self) -> Option<Micros> {
        self.pace.due()
    }

    /// The authority's time at which others are drawn.
    pub(crate) fn drawn_time(&self, now: Micros) -> Option<Micros> {
        self.clock.drawn(now)
    }

    /// How far the next local step is, of [`PHASE_WHOLE`].
    pub(crate) fn phase(&self, now: Micros) -> i64 {
        self.pace.phase(now)
    }

    /// There is nothing to do: the time until there is will be no time that was missed.
    pub(crate) fn note_rest(&mut self) {
        self.rested = true;
    }

    /// The local steps that are due.
    pub(crate) fn due_steps(&mut self, now: Micros) -> DueSteps {
        if core::mem::take(&mut self.rested) {
            self.pace.resume(now);
        }
        let due = self.pace.due_steps(now);
        self.counts.stalls += u64::from(due.skipped);
        due
    }

    /// Local steps begin, with so many inputs on their way.
    pub(crate) fn start_pace(&mut self, now: Micros, waiting: usize) {
        self.pace.start(now, waiting);
    }

    pub(crate) fn is_pace_started(&self) -> bool {
        self.pace.is_started()
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        let Counts {
            snapshots,
            snapshots_full,
            snapshots_unknown_base,
            messages_bad,
            stalls,
        } = self.counts;
        *stats = Stats {
            step: self.newest().map(|view| view.step).unwrap_or_default(),
            rtt: self.session.rtt,
            jitter: self.clock.jitter().unwrap_or_default(),
            connects: self.session.connects,
            buffer_depth: self.timing.buffer_depth,
            buffer_target: self.pace.target(),
            starved: self.timing.starved,
            dropped: self.timing.dropped,
            rate_ppm: self.pace.rate_ppm(),
            interpolation_delay: self.clock.interpolation_delay(),
            snapshots,
            snapshots_full,
            snapshots_unknown_base,
            messages_bad,
            stalls,
            ..*stats
        };
    }
}
