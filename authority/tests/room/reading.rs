//! What a client is sent follows from what it proves to have read.

use authority::limits::{
    UNDECODABLE_MAX, UNPROVEN_BYTES_HELD, UNPROVEN_BYTES_MAX, UNPROVEN_BYTES_OVER,
    UNPROVEN_BYTES_PER_STEP,
};
use authority::{CloseCode, ConnId, Encoding, Hydration, Tables};
use protocol::{ClientCommand, ErrorCode, Input, Mode, Receipt};
use sim_core::rules::{ARENA_CELLS, STEPS_PER_SECOND, STEPS_PER_SNAPSHOT};
use sim_core::{Buttons, Cell, PlayerId, Structure, StructureId, StructureKind};

use crate::disk::Disk;
use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;
const TICKS_PER_SECOND: usize = 30;

/// A room in which a full snapshot is long: structures of players who are away.
fn built_up() -> Rig {
    let structure = |nth: u32| Structure {
        id: StructureId(1 + nth),
        owner: PlayerId(1_000 + nth as u16 / 40),
        kind: StructureKind::Wall,
        cell: Cell {
            x: (nth % u32::from(ARENA_CELLS)) as u8,
            y: (nth / u32::from(ARENA_CELLS)) as u8,
        },
        hp: StructureKind::Wall.hp_max(),
    };
    let tables = Tables {
        structures: (0..700).map(structure).collect(),
        ..Tables::default()
    };
    let disk = Disk {
        stored: authority::StoredRows {
            tables: tables.clone(),
            ..authority::StoredRows::default()
        },
        ..Disk::default()
    };
    let rig = Rig::from(Hydration::Tables(tables), disk, 0);
    assert_eq!(rig.room.world().structures().len(), 700);
    rig
}

/// Inputs, with whatever is to be said of snapshots.
fn claim(rig: &mut Rig, conn: ConnId, snapshot_ack: Option<u32>, snapshot_proof: Option<Receipt>) {
    let peer = rig.peers.get_mut(&conn).unwrap();
    let seq = peer.next_input;
    peer.next_input += 1;
    rig.send(
        conn,
        ClientCommand::InputBatch {
            inputs: vec![Input { seq, buttons: NONE }],
            snapshot_ack,
            snapshot_proof,
            predicted: None,
        },
    );
}

/// What anybody can guess who knows how snapshots are numbered.
fn guess(rig: &Rig) -> u32 {
    (rig.room.world().step_number().0 / u64::from(STEPS_PER_SNAPSHOT)) as u32
}

fn full_snapshots(rig: &Rig, conn: ConnId) -> usize {
    let snapshots = rig.snapshots(conn);
    let full = snapshots.iter().filter(|one| one.mode == Mode::Full);
    full.count()
}

#[test]
fn who_guesses_numbers_and_takes_them_back_is_sent_little_and_few_full_snapshots() {
    for encoding in [Encoding::Json, Encoding::Binary1] {
        let mut rig = built_up();
        let honest = rig.join("honest");
        let liar = rig.open("liar", encoding, None);
        let seconds = 40;
        for _ in 0..seconds * TICKS_PER_SECOND / 2 {
            rig.play(&[honest], NONE, 1);
            let id = guess(&rig);
            claim(&mut rig, liar, Some(id), None);
            rig.play(&[honest], NONE, 1);
            claim(&mut rig, liar, None, None);
        }
        let full = full_snapshots(&rig, liar);
        assert!(full <= 1 + seconds / 5, "{full} full snapshots");
        let steps = seconds as u64 * u64::from(STEPS_PER_SECOND);
        let believed = steps * UNPROVEN_BYTES_PER_STEP;
        let bytes = rig.peers[&liar].bytes;
        let longest = protocol::limits::SERVER_MESSAGE_BYTES_MAX as u64;
        assert!(
            bytes <= UNPROVEN_BYTES_HELD + believed + longest,
            "{bytes} bytes in {encoding:?}"
        );
        assert_eq!(rig.peers[&honest].closed, None);
        assert_eq!(rig.snapshots(honest).len(), 10 * seconds);
    }
}

#[test]
fn a_false_proof_is_refused_and_who_goes_on_with_it_is_closed() {
    for encoding in Encoding::CURRENT {
        let mut rig = Rig::new();
        let conn = rig.open("liar", encoding, None);
        rig.ticks(3);
        let waiting = rig.room.waiting();
        let id = rig.last_snapshot(conn).id;
        let Receipt(right) = rig.last_snapshot(conn).proof.unwrap();
        for wrong in 0..UNDECODABLE_MAX {
            assert_eq!(rig.peers[&conn].closed, None);
            claim(&mut rig, conn, Some(id), Some(Receipt(right ^ (1 + wrong))));
            let error = rig.last_error(conn);
            assert_eq!(error.code, ErrorCode::OutOfRange);
            assert_eq!(error.field.as_deref(), Some("payload.snapshotProof"));
            assert!(!error.fatal);
        }
        assert_eq!(rig.room.waiting(), waiting, "nothing is taken of it");
        assert_eq!(rig.room.unacknowledged(rig.player_id(conn)), 1);
        claim(&mut rig, conn, Some(id), Some(Receipt(!right)));
        let closed = Some(CloseCode::ProtocolError.number());
        assert_eq!(rig.peers[&conn].closed, closed);
    }
}

#[test]
fn in_layout_2_an_acknowledgement_without_proof_is_refused_from_the_beginning() {
    let mut rig = Rig::new();
    let conn = rig.open("liar", Encoding::Binary, None);
    rig.ticks(3);
    let id = rig.last_snapshot(conn).id;
    claim(&mut rig, conn, Some(id), None);
    assert_eq!(rig.last_error(conn).code, ErrorCode::OutOfRange);
    // In JSON a proof is brought once and then always.
    let conn = rig.open("other", Encoding::Json, None);
    rig.ticks(3);
    let id = guess(&rig);
    claim(&mut rig, conn, Some(id), None);
    assert!(rig.errors(conn).is_empty());
    rig.ticks(3);
    rig.inputs(conn, &[NONE]);
    assert!(rig.errors(conn).is_empty());
    rig.ticks(3);
    let id = guess(&rig);
    claim(&mut rig, conn, Some(id), None);
    assert_eq!(rig.last_error(conn).code, ErrorCode::OutOfRange);
}

#[test]
fn who_proves_what_was_read_owes_only_what_came_since() {
    let mut rig = built_up();
    let conn = rig.open("anna", Encoding::Binary, None);
    rig.play(&[conn], NONE, 30);
    let unread = rig.room.unread(conn).unwrap();
    assert!(unread < 200, "{unread} of {}", rig.peers[&conn].bytes);
    // Whatever is asked for counts, until a later snapshot is acknowledged.
    for _ in 0..20 {
        rig.ping(conn);
    }
    assert!(rig.room.unread(conn).unwrap() > unread + 20 * 10);
    rig.play(&[conn], NONE, 6);
    assert!(rig.room.unread(conn).unwrap() < 200);
}

#[test]
fn a_client_of_the_build_before_plays_on_and_comes_anew_when_it_was_sent_enough() {
    let mut rig = built_up();
    let mut conn = rig.open("old", Encoding::Binary1, None);
    let mut token = rig.welcome(conn).unwrap().resume_token;
    // As long as little happens it gets everything.
    rig.play(&[conn], NONE, 30 * TICKS_PER_SECOND);
    assert_eq!(rig.snapshots(conn).len(), 300);
    let player = rig.player_id(conn);
    let mut sent = rig.peers[&conn].bytes;
    let mut rounds = 0;
    while rig.peers[&conn].closed.is_none() {
        // It asks for more than it is sent in a lifetime.
        claim(&mut rig, conn, None, None);
        for _ in 0..50 {
            rig.ping(conn);
        }
        rig.ticks(TICKS_PER_SECOND);
        sent = rig.peers[&conn].bytes;
        rounds += 1;
        assert!(rounds < 10_000);
    }
    let closed = rig.peers[&conn].closed;
    assert_eq!(closed, Some(CloseCode::SlowConsumer.number()));
    assert!(sent <= UNPROVEN_BYTES_MAX + UNPROVEN_BYTES_OVER);
    conn = rig.open("old", Encoding::Binary1, Some(&token));
    let welcome = rig.welcome(conn).unwrap();
    assert!(welcome.resumed && welcome.player_id == player);
    token = welcome.resume_token;
    assert_eq!(token.len(), 64);
    rig.ticks(3);
    assert_eq!(rig.last_snapshot(conn).mode, Mode::Full);
}

#[test]
fn a_resume_token_does_not_tell_the_proofs() {
    // Both come from the same entropy, which nobody is told.
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(3);
    let token = rig.welcome(conn).unwrap().resume_token;
    let entropy: String = [1_u8; 32]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_ne!(token, entropy);
    let Receipt(proof) = rig.last_snapshot(conn).proof.unwrap();
    let proof = [proof, proof.swap_bytes()].map(|bits| format!("{bits:08x}"));
    assert!(!proof.iter().any(|proof| token.contains(proof.as_str())));
}
