//! A client never loses a correction, never bursts, and never remembers more than it may.

use netcode::Client;
use protocol::PlayerState;

use super::Violation;

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
