use authority::limits::{
    FULL_SNAPSHOT_STEPS, MESSAGES_PER_SECOND_MAX, SLOW_CONSUMER_STEPS_MAX, SNAPSHOTS_KEPT_MAX,
    SNAPSHOTS_UNACKED_MAX,
};
use authority::{CloseCode, ConnId, Encoding};
use protocol::{ClientCommand, ErrorCode, Mode};
use sim_core::{Action, Aim, Buttons};

use crate::commands::place;
use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

#[test]
fn snapshots_come_ten_times_a_second() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 300);
    assert_eq!(rig.snapshots(conn).len(), 100);
}

#[test]
fn what_was_acknowledged_is_the_base_and_who_has_none_gets_a_full_one() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(6);
    let modes: Vec<_> = rig.snapshots(conn).iter().map(|at| at.mode).collect();
    // Until something is acknowledged the first one is the base.
    assert_eq!(modes, [Mode::Full, Mode::Delta]);
    let newest = rig.last_snapshot(conn).id;
    // Batches acknowledge the newest snapshot.
    rig.inputs(conn, &[NONE]);
    rig.ticks(FULL_SNAPSHOT_STEPS as usize / 2);
    for snapshot in &rig.snapshots(conn)[2..] {
        assert_eq!(snapshot.mode, Mode::Delta);
        assert_eq!(snapshot.base_id, Some(newest));
    }
    // A client that has lost its views acknowledges none.
    rig.play(&[conn], NONE, 3);
    let seq = rig.peers[&conn].next_input;
    rig.send(
        conn,
        ClientCommand::InputBatch {
            inputs: vec![protocol::Input { seq, buttons: NONE }],
            snapshot_ack: None,
            snapshot_proof: None,
            predicted: None,
        },
    );
    rig.ticks(3);
    assert_eq!(rig.last_snapshot(conn).mode, Mode::Full);
}

#[test]
fn a_merged_delta_is_the_room_as_it_is_in_both_encodings_through_a_whole_fight() {
    let mut rig = Rig::new();
    let conns: Vec<ConnId> = (0..8)
        .map(|n| rig.open(&format!("user-{n}"), Encoding::ALL[n % 2], None))
        .collect();
    for round in 0_u32..240 {
        for (nth, &conn) in conns.iter().enumerate() {
            let turn = (round / 10 + nth as u32) % 16;
            let held = Buttons::from_bits_truncate(turn as u8);
            rig.inputs(conn, &[held, held]);
            let input_seq = rig.peers[&conn].next_input - 1;
            if (round + nth as u32).is_multiple_of(9) {
                let aim = Aim((round * 977 + nth as u32 * 8_191) as u16);
                rig.send(
                    conn,
                    ClientCommand::Act {
                        input_seq,
                        action: Action::Fire { aim },
                    },
                );
            }
            if (round + nth as u32) % 23 == 5
                && rig.room.world().player(rig.player_id(conn)).is_some()
            {
                place(&mut rig, conn, input_seq);
            }
        }
        if round == 60 {
            rig.leave(conns[3]);
        }
        if round == 90 {
            rig.open("late", Encoding::Binary, None);
        }
        rig.ticks(1);
    }
    let stats = rig.room.stats();
    assert!(
        rig.compared > 500,
        "{} snapshots were compared",
        rig.compared
    );
    assert_eq!(
        rig.compared as u64,
        stats.full_snapshots + stats.delta_snapshots
    );
    assert!(stats.delta_snapshots > 400);
    assert!(rig.room.world().structures().len() > 10);
}

#[test]
fn who_acknowledges_nothing_gets_fewer_snapshots() {
    let mut rig = Rig::new();
    let slow = rig.join("slow");
    let quick = rig.join("quick");
    rig.play(&[quick], NONE, 300);
    assert_eq!(rig.snapshots(quick).len(), 100);
    // Ten in the first second, then one in each of the other nine.
    assert_eq!(rig.snapshots(slow).len(), SNAPSHOTS_UNACKED_MAX + 9);
    assert!(rig.room.stats().held_snapshots > 80);
    // Its next acknowledgement makes it quick again, with one larger delta.
    rig.inputs(slow, &[NONE]);
    rig.play(&[slow, quick], NONE, 3);
    assert_eq!(rig.last_snapshot(slow).mode, Mode::Delta);
}

/// Ticks until a client that acknowledges nothing is stuck: ten snapshots in the first second, then one a second.
const STUCK_TICKS: usize = 30 * (1 + SNAPSHOTS_KEPT_MAX - SNAPSHOTS_UNACKED_MAX);

#[test]
fn who_takes_nothing_gets_nothing_and_is_closed_in_the_end() {
    let mut rig = Rig::new();
    let slow = rig.join("slow");
    let quick = rig.join("quick");
    rig.play(&[quick], NONE, STUCK_TICKS);
    assert_eq!(rig.snapshots(slow).len(), SNAPSHOTS_KEPT_MAX);
    let ticks = (SLOW_CONSUMER_STEPS_MAX / 2) as usize;
    rig.play(&[quick], NONE, ticks - 30);
    assert_eq!(rig.snapshots(slow).len(), SNAPSHOTS_KEPT_MAX);
    assert_eq!(rig.peers[&slow].closed, None);
    rig.play(&[quick], NONE, 40);
    assert_eq!(
        rig.peers[&slow].closed,
        Some(CloseCode::SlowConsumer.number())
    );
    assert_eq!(rig.last_error(slow).code, ErrorCode::SlowConsumer);
    assert_eq!(rig.peers[&quick].closed, None);
}

#[test]
fn who_takes_something_again_gets_snapshots_again() {
    let mut rig = Rig::new();
    let slow = rig.join("slow");
    let quick = rig.join("quick");
    rig.play(&[quick], NONE, STUCK_TICKS + 90);
    assert_eq!(rig.snapshots(slow).len(), SNAPSHOTS_KEPT_MAX);
    rig.play(&[slow, quick], NONE, 3);
    assert_eq!(rig.snapshots(slow).len(), SNAPSHOTS_KEPT_MAX + 1);
}

#[test]
fn the_message_rate_is_enough_for_a_client_and_not_for_a_flood() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 300);
    assert!(rig.errors(conn).is_empty());
    for _ in 0..10 * MESSAGES_PER_SECOND_MAX {
        if rig.peers[&conn].closed.is_none() {
            rig.ping(conn);
        }
    }
    assert!(
        rig.errors(conn)
            .iter()
            .all(|error| error.code == ErrorCode::RateLimited)
    );
    assert_eq!(
        rig.peers[&conn].closed,
        Some(CloseCode::RateLimited.number())
    );
}
