//! A client never loses a correction, never bursts, and never remembers more than it may.

use netcode::Client;
use protocol::{ErrorCode, PlayerState};

use super::Violation;
use crate::outcome::SeatOutcome;

/// The client has merged a snapshot: the prediction must go on from the snapshot's player.
pub(crate) fn merged(seat: usize, client: &Client) -> Option<Violation> {
    let (view, me) = (client.view()?, client.player_id()?);
    let told = view.players.get(&me);
    let confirmed = client.confirmed().map(PlayerState::from);
    if told == confirmed.as_ref() {
        return None;
    }
    Some(Violation::CorrectionLost {
        seat,
        step: view.step,
        what: format!("{confirmed:?}, the snapshot says {told:?}"),
    })
}

/// The client has handled something, in which it did so many steps.
pub(crate) fn handled(seat: usize, client: &Client, steps: u64) -> Option<Violation> {
    if steps > netcode::limits::CATCH_UP_STEPS_MAX {
        return Some(Violation::ClientBurst { seat, steps });
    }
    let inputs = usize::from(client.stats().unacked);
    (inputs > netcode::limits::HISTORY_STEPS_MAX)
        .then_some(Violation::HistoryTooLong { seat, inputs })
}

/// The client's life is over: every message of the room was of use.
pub(crate) fn ends(seat: usize, client: &Client) -> Option<Violation> {
    let messages = client.stats().messages_bad;
    (messages > 0).then_some(Violation::MessageRefused { seat, messages })
}

/// The client's session: a room understands every message of the real client.
pub(crate) fn refused(seat: usize, outcome: &SeatOutcome) -> Option<Violation> {
    let errors = outcome.errors.iter();
    // What was refused for coming too fast leaves a gap behind, and what follows it seems too far ahead.
    let gaps = [ErrorCode::InputSeqGap, ErrorCode::InputSeqFuture];
    let gap = errors
        .clone()
        .take_while(|code| **code != ErrorCode::RateLimited)
        .find(|code| gaps.contains(code));
    let code = errors
        .clone()
        .find(|code| is_of_broken_clients(**code))
        .or(gap)?;
    Some(Violation::HonestRefused {
        seat,
        code: code.as_str(),
    })
}

/// What only a client gets that does not know what was said.
fn is_of_broken_clients(code: ErrorCode) -> bool {
    [
        ErrorCode::OutOfRange,
        ErrorCode::SeqNotIncreasing,
        ErrorCode::Malformed,
        ErrorCode::TooMany,
    ]
    .contains(&code)
}
