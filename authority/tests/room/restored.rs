use authority::{CloseCode, ConnId, Encoding, Input};
use sim_core::Buttons;

use crate::rig::{Peer, Rig};

/// Connections of a user that a driver finds, oldest first.
const FOUND: [ConnId; 3] = [ConnId(70), ConnId(71), ConnId(72)];

fn restore(rig: &mut Rig, conn: ConnId) {
    rig.handle(Input::Restore {
        conn,
        encoding: Encoding::Json,
        user_id: "anna".into(),
        entropy: [9; 32],
    });
}

/// A room that came back with nobody, and whose user had these connections.
fn came_back() -> Rig {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], Buttons::DOWN, 40);
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    for conn in FOUND {
        next.peers.insert(conn, Peer::speaking(Encoding::Json));
    }
    next
}

#[test]
fn the_newest_connection_of_a_user_goes_on_in_whatever_order_they_are_found() {
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut rig = came_back();
        for index in order {
            restore(&mut rig, FOUND[index]);
        }
        let closed = FOUND.map(|conn| rig.peers[&conn].closed);
        let replaced = Some(CloseCode::ReplacedByNewerConnection.number());
        assert_eq!(closed, [replaced, replaced, None], "{order:?}");
        rig.pass(500);
        assert_eq!(rig.room.world().players().len(), 1);
        assert!(!rig.snapshots(FOUND[2]).is_empty());
        assert!(rig.snapshots(FOUND[0]).is_empty());
    }
}

#[test]
fn a_connection_that_is_found_twice_goes_on_once() {
    let mut rig = came_back();
    restore(&mut rig, FOUND[0]);
    restore(&mut rig, FOUND[0]);
    rig.pass(500);
    assert_eq!(rig.peers[&FOUND[0]].closed, None);
    assert!(!rig.snapshots(FOUND[0]).is_empty());
}
