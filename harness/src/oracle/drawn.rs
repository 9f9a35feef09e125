//! What is drawn is drawn once.

use std::collections::BTreeSet;

use netcode::{Client, Micros};

use super::Violation;

/// Snapshots from one look at the scene to the next: making one costs more than all other oracles together.
const LOOKS: u64 = 8;

/// The client has merged a snapshot: no two shots have one name.
pub(crate) fn once(seat: usize, client: &Client, shown: Micros) -> Option<Violation> {
    if !client.stats().snapshots.is_multiple_of(LOOKS) {
        return None;
    }
    let mut names = BTreeSet::new();
    let scene = client.scene(shown);
    let twice = scene.shots.iter().find(|shot| !names.insert(shot.key))?;
    Some(Violation::DrawnTwice {
        seat,
        what: format!("{:?}", twice.key),
    })
}
