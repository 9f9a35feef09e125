//! After a quiet time, everybody predicts and sees what there is, and nothing is repaired any more.

use authority::Room;
use netcode::{Client, Micros, Stats};
use protocol::PlayerState;

use super::Violation;
use super::views::difference;

/// How long before the end repairs must have ceased.
pub(crate) const SETTLED: Micros = Micros::from_millis(4_000);
/// How long a client needs a quiet room to have settled by then.
pub(crate) const SETTLES: Micros = Micros::from_millis(12_000);
/// How long the quiet must be for everybody to be back and who left to be gone: a silence is noticed, the longest wait
/// between two attempts passes and a connection is made; meanwhile the grace of absent players runs out.
pub(crate) const COMES_BACK: Micros = Micros::from_millis(35_000);

/// Everything about the client that must be as it is in the room.
pub(crate) fn converged(
    seat: usize,
    client: &Client,
    shown: Micros,
    room: &Room,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut differs = |what: String| found.push(Violation::NotConverged { seat, what });
    let view = room.view();
    match client.view() {
        None => differs("it has no view".to_owned()),
        Some(merged) => {
            if let Some(what) = difference(&view, merged) {
                differs(what);
            }
        }
    }
    let me = client.player_id();
    let is = me.and_then(|me| view.players.get(&me));
    let predicted = client.predicted().map(PlayerState::from);
    if is != predicted.as_ref() {
        differs(format!("it predicts {predicted:?}, the room has {is:?}"));
    }
    let scene = client.scene(shown);
    let drawn = scene.local.map(|local| local.player.pos);
    if drawn != is.map(|is| is.pos) {
        differs(format!("it draws itself at {drawn:?}, the room has {is:?}"));
    }
    for other in &scene.players {
        let is = view.players.get(&other.player.id).map(|is| is.pos);
        if is != Some(other.player.pos) {
            differs(format!("it draws {:?}, the room has {is:?}", other.player));
        }
    }
    if let Some(other) = scene.players.iter().find(|other| other.frozen) {
        differs(format!("it draws {:?} frozen", other.player));
    }
    let drawn = scene.players.len() + usize::from(scene.local.is_some());
    if drawn != view.players.len() {
        differs(format!(
            "it draws {drawn} players of {}",
            view.players.len()
        ));
    }
    if let Some(ghost) = client
        .structures()
        .iter()
        .find(|one| view.structures.get(&one.id) != Some(one))
    {
        differs(format!("it predicts {ghost:?}, which is not there"));
    }
    found
}

/// What was counted when everything had settled, and at the end.
pub(crate) fn settled(seat: usize, then: &Stats, now: &Stats) -> Vec<Violation> {
    let counts = [
        ("corrections", then.corrections(), now.corrections()),
        (
            "starved steps",
            u64::from(then.starved),
            u64::from(now.starved),
        ),
        (
            "dropped inputs",
            u64::from(then.dropped),
            u64::from(now.dropped),
        ),
        ("resynchronisations", then.resyncs, now.resyncs),
        ("stalls", then.stalls, now.stalls),
    ];
    let more = counts.into_iter().filter(|(_, then, now)| now > then);
    more.map(|(what, then, now)| Violation::Unrest {
        seat,
        what: format!("{} {what}", now - then),
    })
    .collect()
}
