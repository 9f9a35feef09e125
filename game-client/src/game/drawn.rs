//! Players as the client knows them, and as they are shown.

use netcode::{Client, DrawnPlayer};
use sim_core::{Look, Player, PlayerId};

use crate::aim::cells;
use crate::stage::{Facings, ShownPlayer};

/// What somebody looks like; none before that is known.
pub(super) fn look(client: &Client, id: PlayerId) -> Option<Look> {
    let known = client.view()?.presence.get(&id)?;
    Some(known.look)
}

/// A player as shown: less of who is away or is not heard of.
pub(super) fn shown(drawn: &DrawnPlayer, client: &Client, facings: &Facings) -> ShownPlayer {
    let Player { id, pos, .. } = drawn.player;
    let known = client.view().and_then(|view| view.presence.get(&id));
    let connected = known.is_none_or(|known| known.connected);
    let alpha = match (connected, drawn.frozen) {
        (false, _) => 0.4,
        (true, true) => 0.7,
        (true, false) => 1.0,
    };
    ShownPlayer {
        player: drawn.player,
        at: cells(pos),
        facing: facings.angle(id),
        alpha,
    }
}
