//! What was found not to hold.

use sim_core::{PlayerId, Step};

/// Something that must hold and did not. Seats are named by their place in the script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The view that a client merged is not the one that the room had at that step.
    #[error("seat {seat}, step {step}: the merged view differs in {what}")]
    MergedViewDiffers {
        /// The client's seat.
        seat: usize,
        /// The view's step.
        step: Step,
        /// The first channel that differs, with both sides.
        what: String,
    },
    /// A client merged a view of a step that the room never sent.
    #[error("seat {seat}: a view of step {step}, which the room never sent")]
    UnknownStep {
        /// The client's seat.
        seat: usize,
        /// The view's step.
        step: Step,
    },
    /// A client could not decode or apply a message.
    #[error("seat {seat}: {messages} messages of the room could not be used")]
    MessageRefused {
        /// The client's seat.
        seat: usize,
        /// Number of messages.
        messages: u64,
    },
    /// After a snapshot, a client predicts from another player than the snapshot's.
    #[error("seat {seat}, step {step}: the correction is lost, the prediction begins at {what}")]
    CorrectionLost {
        /// The client's seat.
        seat: usize,
        /// The snapshot's step.
        step: Step,
        /// Both sides.
        what: String,
    },
    /// A client draws something twice.
    #[error("seat {seat}: {what} is drawn twice")]
    DrawnTwice {
        /// The client's seat.
        seat: usize,
        /// What is drawn twice.
        what: String,
    },
    /// A client draws another where neither its snapshots nor a moment's coasting lead.
    #[error("seat {seat}, {ago} ms ago as it was drawn: {what}")]
    DrawnElsewhere {
        /// The client's seat.
        seat: usize,
        /// How old what is drawn is, from the newest snapshot on; negative if it is newer.
        ago: i64,
        /// Who, where, and what the snapshots say.
        what: String,
    },
    /// A line that only jitters starved its player more often than finding out takes.
    #[error(
        "seat {seat}: {starved} steps of {seconds} s found no input, on a line that only jitters"
    )]
    LineNotLearned {
        /// The client's seat.
        seat: usize,
        /// Steps without input after the warm-up.
        starved: u32,
        /// How long the session took.
        seconds: u32,
    },
    /// The room did not take a message that only a broken client sends.
    #[error("seat {seat}: the room answered {code}")]
    HonestRefused {
        /// The client's seat.
        seat: usize,
        /// What it answered.
        code: &'static str,
    },
    /// A player who is not there holds buttons.
    #[error("player {player} holds buttons, and nothing was heard of it for {steps} steps")]
    ButtonsJam {
        /// The player.
        player: PlayerId,
        /// For how long.
        steps: u64,
    },
    /// A player whose input is late holds something else than before.
    #[error(
        "player {player} holds other buttons, and its last input was consumed {steps} steps ago"
    )]
    ButtonsLost {
        /// The player.
        player: PlayerId,
        /// Since when.
        steps: u64,
    },
    /// A connection that brings no input keeps its seat.
    #[error("player {player} keeps the seat, and no input came for {seconds} s")]
    SeatHeld {
        /// Player that it belongs to.
        player: PlayerId,
        /// For how long.
        seconds: u64,
    },
    /// Who left on purpose is gone before a fight would be over.
    #[error("player {player} left on purpose and is gone after {steps} steps")]
    LeftTooSoon {
        /// The player.
        player: PlayerId,
        /// Steps from the leaving on.
        steps: u64,
    },
    /// Who left on purpose stays.
    #[error("player {player} left on purpose and is there after {steps} steps")]
    StaysTooLong {
        /// The player.
        player: PlayerId,
        /// Steps from the leaving on.
        steps: u64,
    },
    /// A connection was closed as replaced, and no newer one of its player ever was.
    #[error("seat {seat}: its newest connection was closed for another")]
    NewestReplaced {
        /// Seat that it happens to, by its place in the script.
        seat: usize,
    },
    /// A client did more steps at once than it may catch up with.
    #[error("seat {seat}: {steps} steps at once")]
    ClientBurst {
        /// The client's seat.
        seat: usize,
        /// Number of steps.
        steps: u64,
    },
    /// A client keeps more of the past than it may.
    #[error("seat {seat}: {inputs} inputs wait for the authority")]
    HistoryTooLong {
        /// The client's seat.
        seat: usize,
        /// Number of inputs.
        inputs: usize,
    },
    /// The room did more steps at once than it may catch up with.
    #[error("the room did {steps} steps at once")]
    RoomBurst {
        /// Number of steps.
        steps: u64,
    },
    /// Something came for the room, and it did not run the ticks that were overdue.
    #[error("something came when a tick was {ms} ms late, and the tick did not run")]
    TickOverdue {
        /// How late.
        ms: u64,
    },
    /// The room keeps more for a player than it may.
    #[error(
        "player {player}: {inputs} inputs, {commands} commands and {snapshots} snapshots wait in the room"
    )]
    QueueTooLong {
        /// Player that it belongs to.
        player: PlayerId,
        /// Inputs.
        inputs: usize,
        /// Commands.
        commands: usize,
        /// Snapshots that were sent and not acknowledged.
        snapshots: usize,
    },
    /// Steps and consumed inputs do not go together.
    #[error("player {player}: {inputs} inputs were consumed in {steps} steps")]
    ConsumedWrong {
        /// Player that it belongs to.
        player: PlayerId,
        /// Inputs; negative if the room went back.
        inputs: i64,
        /// Steps.
        steps: u64,
    },
    /// More waits to be sent to a slow client than the room may let pile up.
    #[error("seat {seat}: {bytes} bytes wait to be sent")]
    BacklogTooLong {
        /// The client's seat.
        seat: usize,
        /// Number of bytes.
        bytes: usize,
    },
    /// The room takes for read what was not.
    #[error("seat {seat}: {bytes} bytes count as read, and nothing was")]
    BelievedRead {
        /// The seat of somebody who reads nothing.
        seat: usize,
        /// Number of bytes.
        bytes: u64,
    },
    /// The log of a host that died could not be used, although nothing was done to it.
    #[error("the log does not give the room back: {error}")]
    LogNotRecovered {
        /// Why the log was refused.
        error: String,
    },
    /// Inputs wait that were consumed, or one waits twice.
    #[error("inputs of player {player} wait out of order")]
    WaitsOutOfOrder {
        /// Player that it belongs to.
        player: PlayerId,
    },
    /// A player was told that something is stored, and it is not.
    #[error("told to be stored, and not: {what}")]
    NotStored {
        /// What was told.
        what: String,
    },
    /// A room that left the memory in its sleep came back as another.
    #[error("step {step}: the room that came back from its sleep is another one")]
    EvictedWorldDiffers {
        /// The step at which it came back.
        step: Step,
    },
    /// A world that is encoded and decoded is another one.
    #[error("step {step}: the world comes back from its bytes as another one, {what}")]
    BytesDiffer {
        /// The world's step.
        step: Step,
        /// The first field that differs, with both sides, or why the bytes are no world.
        what: String,
    },
    /// A restarted room does not have the structures that were stored.
    #[error("structures that were stored came back differently: {what}")]
    StructuresDiffer {
        /// The first that differs, with both sides.
        what: String,
    },
    /// A restarted room lost more time than it may.
    #[error("{steps} steps are lost")]
    RewoundTooFar {
        /// Number of steps.
        steps: u64,
    },
    /// Rows that the room itself wrote were no good to it.
    #[error("{rows} rows that the room had written were left out")]
    RowsLeftOut {
        /// Number of rows.
        rows: usize,
    },
    /// The room dropped time although its host was there.
    #[error("{ms} ms were dropped though the host never stalled")]
    TimeDropped {
        /// Milliseconds.
        ms: u64,
    },
    /// A recording does not rerun to the hashes that the authority had.
    #[error("recording {recording}: {what}")]
    RerunDiffers {
        /// Which, from 0.
        recording: usize,
        /// Where and how.
        what: String,
    },
    /// A damaged recording did not give back what was in front of the damage.
    #[error("recording {recording}, damaged at byte {byte}: {what}")]
    SalvageFailed {
        /// Which, from 0.
        recording: usize,
        /// Where it was damaged.
        byte: usize,
        /// How.
        what: String,
    },
    /// A client was not back in the room although nothing was in its way.
    #[error("seat {seat}: not in the room at the end of a quiet time")]
    NotPlaying {
        /// The client's seat.
        seat: usize,
    },
    /// After a quiet time a client still sees or predicts something else than there is.
    #[error("seat {seat}: after a quiet time {what}")]
    NotConverged {
        /// The client's seat.
        seat: usize,
        /// What differs, with both sides.
        what: String,
    },
    /// In a quiet time something was still repaired.
    #[error("seat {seat}: {what} in a quiet time")]
    Unrest {
        /// The client's seat.
        seat: usize,
        /// What, and how often.
        what: String,
    },
    /// A player on a good link to a healthy room suffered.
    #[error("seat {seat} did nothing wrong, but: {what}")]
    HonestHurt {
        /// The player's seat.
        seat: usize,
        /// How.
        what: String,
    },
    /// Something panicked.
    #[error("panic: {message}")]
    Panic {
        /// In its words.
        message: String,
    },
}

impl Violation {
    /// Which oracle found it.
    #[must_use]
    pub const fn oracle(&self) -> &'static str {
        match self {
            Self::MergedViewDiffers { .. }
            | Self::UnknownStep { .. }
            | Self::MessageRefused { .. } => "delta equals full",
            Self::CorrectionLost { .. } => "no correction is lost",
            Self::DrawnTwice { .. } | Self::DrawnElsewhere { .. } => "what is drawn is there",
            Self::LineNotLearned { .. } => "a line is learned",
            Self::HonestRefused { .. } => "the honest are understood",
            Self::ButtonsJam { .. } => "who is silent stands still",
            Self::ButtonsLost { .. } => "who is late goes on as before",
            Self::NewestReplaced { .. } => "the newest connection goes on",
            Self::SeatHeld { .. } => "who is silent goes",
            Self::LeftTooSoon { .. } | Self::StaysTooLong { .. } => "who leaves is gone in time",
            Self::ClientBurst { .. }
            | Self::HistoryTooLong { .. }
            | Self::RoomBurst { .. }
            | Self::QueueTooLong { .. }
            | Self::BacklogTooLong { .. }
            | Self::BelievedRead { .. } => "everything is bounded",
            Self::TickOverdue { .. } => "ticks run on time",
            Self::ConsumedWrong { .. } | Self::WaitsOutOfOrder { .. } => "one input a step",
            Self::LogNotRecovered { .. }
            | Self::NotStored { .. }
            | Self::EvictedWorldDiffers { .. }
            | Self::BytesDiffer { .. }
            | Self::StructuresDiffer { .. }
            | Self::RewoundTooFar { .. } => "what is durable stays",
            Self::RowsLeftOut { .. } | Self::TimeDropped { .. } => "no error is logged",
            Self::RerunDiffers { .. } => "the rerun has the same hashes",
            Self::SalvageFailed { .. } => "the log salvages",
            Self::NotPlaying { .. } | Self::NotConverged { .. } | Self::Unrest { .. } => {
                "everybody converges"
            }
            Self::HonestHurt { .. } => "the honest are not hurt",
            Self::Panic { .. } => "no panic",
        }
    }
}
