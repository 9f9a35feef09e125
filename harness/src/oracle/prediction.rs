//! What a client predicts follows from what the authority last said of its player, step by step by the rules.

use netcode::Client;
use protocol::View;
use sim_core::{PlayerId, movement};

use super::Violation;

/// The client has merged a snapshot: every input that the authority has not consumed was run again from its player.
pub(crate) fn follows(seat: usize, client: &Client) -> Option<Violation> {
    let (view, me, confirmed) = (client.view()?, client.player_id()?, client.confirmed()?);
    let predicted = client.predicted()?;
    // Structures that come and go between two inputs cannot be seen from here.
    if !shows_the_view(client, view) {
        return None;
    }
    let next = client.next_seq();
    let mut body = confirmed.body();
    for ago in (1..=u32::from(client.stats().unacked)).rev() {
        let seq = next.wrapping_sub(ago);
        let Some(after) = client.predicted_after(seq) else {
            return lost(seat, view, me, format!("nothing is known of input {seq}"));
        };
        if confirmed.is_alive() {
            movement::advance(&mut body, after.buttons, client.structures(), me);
        }
        if body != after.body() {
            let found = after.body();
            return lost(
                seat,
                view,
                me,
                format!("{found:?} after input {seq}, not {body:?}"),
            );
        }
    }
    if body != predicted.body() {
        let found = predicted.body();
        return lost(
            seat,
            view,
            me,
            format!("{found:?} at present, not {body:?}"),
        );
    }
    None
}

fn shows_the_view(client: &Client, view: &View) -> bool {
    let predicted = client.structures();
    predicted.len() == view.structures.len()
        && predicted
            .iter()
            .all(|one| view.structures.get(&one.id) == Some(one))
}

fn lost(seat: usize, view: &View, me: PlayerId, what: String) -> Option<Violation> {
    Some(Violation::CorrectionLost {
        seat,
        step: view.step,
        what: format!("player {me} has {what}"),
    })
}
