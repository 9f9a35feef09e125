//! Counters at their ends. `docs/COUNTERS.md` says of each what it does there.

use authority::{ConnId, Encoding, Hydration, Input, limits};
use protocol::limits::{ENTITY_ID_LAST, INPUT_SEQ_FIRST_MAX, NUMBER_LAST};
use protocol::{ClientCommand, CloseCode, ErrorCode, ServerBody};
use sim_core::{
    Action, Aim, Buttons, Cell, PlayerId, ProjectileId, Step, StructureId, StructureKind,
};

use crate::rig::Rig;

/// A room in which Anna was, and the next of whose inputs has this number, as the tables have it.
fn tables_that_say(next: u32) -> Rig {
    let mut before = Rig::new();
    let conn = before.join("anna");
    before.play(&[conn], Buttons::DOWN, 4);
    before.handle(Input::Flush);
    let mut disk = before.disk.clone();
    for row in &mut disk.tables.checkpoints {
        row.checkpoint.next_input_seq = next;
    }
    if let Some(room) = &mut disk.tables.room {
        for (_, checkpoint) in &mut room.players {
            checkpoint.next_input_seq = next;
        }
    }
    let mut rig = Rig::from(Hydration::Tables(disk.tables.clone()), disk, before.now);
    rig.count_from(before.last_conn());
    rig
}

/// Anna's connection outlived the room's memory, and goes on with this input.
fn connection_at(next: u32) -> (Rig, ConnId) {
    let mut rig = tables_that_say(next);
    let conn = rig.restore("anna", Encoding::Json);
    rig.peers.get_mut(&conn).unwrap().next_input = next;
    rig.pass(100);
    (rig, conn)
}

#[test]
fn the_last_number_is_not_followed_by_zero() {
    let mut rig = tables_that_say(u32::MAX);
    let conn = rig.join("anna");
    for seq in [1, 2] {
        let input = |seq: u32| {
            format!(r#"{{"seq":{seq},"up":false,"down":false,"left":false,"right":true}}"#)
        };
        let text = format!(
            r#"{{"v":2,"kind":"command","seq":{seq},"feature":"movement","action":"input_batch","clientTime":1,"payload":{{"inputs":[{},{}]}}}}"#,
            input(u32::MAX),
            input(0)
        );
        rig.bytes(conn, text.as_bytes());
    }
    rig.ticks(2);
    let errors = rig.errors(conn);
    assert_eq!(errors.len(), 2, "each batch is refused");
    for error in errors {
        assert_eq!(error.code, ErrorCode::OutOfRange);
        assert_eq!(error.field.as_deref(), Some("payload.inputs[1].seq"));
    }
}

#[test]
fn who_has_played_for_828_days_goes_on_playing() {
    for next in [INPUT_SEQ_FIRST_MAX + 1, u32::MAX - 3, u32::MAX] {
        let mut rig = tables_that_say(next);
        let conn = rig.join("anna");
        assert_eq!(rig.welcome(conn).unwrap().next_input_seq, 1);
        rig.play(&[conn], Buttons::RIGHT, 12);
        assert_eq!(rig.errors(conn), []);
        assert!(rig.room.stats().consumed >= 20);
        assert!(rig.last_snapshot(conn).local_ack_seq >= Some(20));
    }
}

#[test]
fn numbers_that_are_far_from_their_end_go_on() {
    let mut rig = tables_that_say(INPUT_SEQ_FIRST_MAX);
    let conn = rig.join("anna");
    let next = rig.welcome(conn).unwrap().next_input_seq;
    assert_eq!(next, INPUT_SEQ_FIRST_MAX);
}

#[test]
fn a_connection_that_has_used_up_its_input_numbers_is_closed_and_the_next_begins_again() {
    let (mut rig, conn) = connection_at(NUMBER_LAST - 20);
    rig.play(&[conn], Buttons::RIGHT, 10);
    assert_eq!(rig.peers[&conn].closed, None);
    let fire = ClientCommand::Act {
        input_seq: NUMBER_LAST,
        action: Action::Fire { aim: Aim(0) },
    };
    rig.send(conn, fire);
    rig.inputs(conn, &[Buttons::RIGHT; 4]);
    let going_away = Some(CloseCode::GoingAway.number());
    assert_eq!(rig.peers[&conn].closed, going_away);
    assert_eq!(rig.errors(conn), []);
    let again = rig.join("anna");
    let welcome = rig.welcome(again).unwrap();
    assert!(welcome.resumed);
    assert_eq!(welcome.next_input_seq, 1);
    // What waited under the old numbers is not mistaken for what comes under the new ones.
    let waiting = rig.room.waiting();
    assert_eq!((waiting[0].consumed, waiting[0].commands), (None, 0));
    assert_eq!(waiting[0].inputs, []);
    rig.play(&[again], Buttons::RIGHT, 12);
    assert_eq!(rig.errors(again), []);
    assert!(rig.last_snapshot(again).local_ack_seq >= Some(20));
    assert!(rig.room.world().projectiles().is_empty());
}

#[test]
fn a_connection_that_has_used_up_its_message_numbers_is_answered_and_closed() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    for (seq, closed) in [
        (NUMBER_LAST - 1, None),
        (NUMBER_LAST, Some(CloseCode::GoingAway.number())),
    ] {
        rig.peers.get_mut(&conn).unwrap().seq = seq - 1;
        rig.ping(conn);
        let last = rig.peers[&conn]
            .received
            .last()
            .map(|last| last.body.clone());
        assert!(matches!(last, Some(ServerBody::Pong { seq: of, .. }) if of == seq));
        assert_eq!(rig.peers[&conn].closed, closed);
    }
    let again = rig.join("anna");
    rig.ping(again);
    assert_eq!(rig.errors(again), []);
}

#[test]
fn the_same_numbers_again_are_evidence_of_the_steps_that_consumed_them() {
    let (mut rig, conn) = connection_at(NUMBER_LAST - 1);
    rig.play(&[conn], Buttons::RIGHT, 1);
    rig.ticks(2);
    rig.inputs(conn, &[Buttons::RIGHT; 2]);
    assert!(rig.peers[&conn].closed.is_some());
    let again = rig.join("anna");
    rig.play(&[again], Buttons::RIGHT, 6);
    rig.handle(Input::Close);
    let recording = input_log::Recording::open(rig.disk.recordings.last().unwrap()).unwrap();
    let mut runs = Vec::new();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        if let input_log::Entry::Evidence(evidence) = entry {
            let of = evidence.players.get(&PlayerId(1)).cloned();
            runs.extend(of.into_iter().flat_map(|of| of.consumed));
        }
    }
    let firsts: Vec<u32> = runs.iter().map(|run| run.seq).collect();
    assert!(firsts.contains(&(NUMBER_LAST - 1)), "{runs:?}");
    assert!(firsts.contains(&1), "{runs:?}");
    assert!(runs.is_sorted_by_key(|run| run.step));
}

/// A room whose tables say that so many ids were given. Anna owns a wall.
fn ids_given(structures: u32, projectiles: u32) -> Rig {
    let mut before = tables_that_say(1);
    let conn = before.join("anna");
    before.pass(50);
    let owner = before.player_id(conn);
    let mut disk = before.disk.clone();
    disk.tables.structures = vec![sim_core::Structure {
        id: StructureId(structures),
        owner,
        kind: StructureKind::Wall,
        cell: Cell { x: 3, y: 3 },
        hp: 40,
    }];
    let room = disk.tables.room.as_mut().unwrap();
    room.next_structure = StructureId(structures + 1);
    room.next_projectile = ProjectileId(projectiles + 1);
    Rig::from(Hydration::Tables(disk.tables.clone()), disk, before.now)
}

/// A cell that the player can build in.
fn near(rig: &Rig, conn: ConnId) -> Cell {
    let at = rig.player(conn).pos.cell().unwrap();
    let x = if at.x < 32 { at.x + 2 } else { at.x - 2 };
    let cells = [at.y, at.y.saturating_sub(1), at.y + 1].map(|y| Cell { x, y });
    let is_free = |cell: &&Cell| rig.room.world().structures().at(**cell).is_none();
    *cells.iter().find(is_free).unwrap()
}

/// Fires and places with the next input; returns what was made.
fn act(rig: &mut Rig, conn: ConnId) -> (ProjectileId, StructureId) {
    let input_seq = rig.peers[&conn].next_input;
    let aim = Aim(16_384);
    rig.send(
        conn,
        ClientCommand::Act {
            input_seq,
            action: Action::Fire { aim },
        },
    );
    let cell = near(rig, conn);
    let kind = StructureKind::Wall;
    let place = ClientCommand::Act {
        input_seq,
        action: Action::Place { cell, kind },
    };
    rig.send(conn, place);
    rig.play(&[conn], Buttons::NONE, 3);
    let acks = rig.acks(conn);
    let shot = acks.iter().rev().find_map(|ack| ack.projectile_id);
    let wall = acks.iter().rev().find_map(|ack| ack.structure_id);
    (shot.unwrap(), wall.unwrap())
}

#[test]
fn ids_of_structures_and_projectiles_begin_again_while_players_play() {
    let last = ENTITY_ID_LAST - limits::IDS_PER_FLUSH_MAX - 1;
    for (structures, projectiles) in [(last, 9), (9, last), (u32::MAX - 1, u32::MAX - 1)] {
        let mut rig = ids_given(structures, projectiles);
        let anna = rig.open("anna", Encoding::Binary, None);
        let bert = rig.join("bert");
        rig.play(&[anna, bert], Buttons::NONE, 3);
        if structures < u32::MAX - 1 {
            let (shot, wall) = act(&mut rig, anna);
            assert_eq!((shot.0, wall.0), (projectiles + 1, structures + 1));
        }
        let compared = rig.compared;
        rig.play(&[anna, bert], Buttons::NONE, 40);
        assert!(rig.compared > compared, "snapshots show what there is");
        assert_eq!((rig.errors(anna), rig.errors(bert)), (vec![], vec![]));
        assert!(rig.peers[&anna].closed.is_none() && rig.peers[&bert].closed.is_none());
        assert!(rig.room.world().next_structure() <= StructureId(3));
        let old = rig.room.world().structures().get(StructureId(1)).copied();
        assert_eq!(
            old.map(|old| (old.cell, old.hp)),
            Some((Cell { x: 3, y: 3 }, 40))
        );

        let (shot, wall) = act(&mut rig, anna);
        assert!(shot < ProjectileId(9) && wall < StructureId(9));
        let input_seq = rig.peers[&anna].next_input;
        let remove = ClientCommand::Act {
            input_seq,
            action: Action::Remove { id: wall },
        };
        rig.send(anna, remove);
        rig.play(&[anna, bert], Buttons::NONE, 40);
        assert_eq!(rig.errors(anna), []);
        assert!(rig.room.world().structures().get(wall).is_none());
        is_stored(&mut rig);
    }
}

/// Tables and recording each give the room back, and every recording reruns.
fn is_stored(rig: &mut Rig) {
    rig.handle(Input::Flush);
    let stands: Vec<_> = rig.room.world().structures().iter().copied().collect();
    let mut rows = rig.disk.tables.structures.clone();
    rows.sort_by_key(|row| row.id);
    assert_eq!(rows, stands);
    assert!(rig.disk.recordings.len() >= 2, "another recording began");
    for recording in &rig.disk.recordings {
        authority::recover(recording).unwrap();
    }
    let recovered = authority::recover(rig.disk.recordings.last().unwrap()).unwrap();
    assert_eq!(&recovered.world, rig.room.world());
}

#[test]
fn steps_begin_again_before_there_are_no_numbers_for_snapshots() {
    let mut rig = ids_given(5, 5);
    let mut tables = rig.disk.tables.clone();
    tables.room.as_mut().unwrap().step = Step(limits::COUNTED_STEPS_MAX.0 - 70);
    for row in &mut tables.checkpoints {
        row.step = Step(limits::COUNTED_STEPS_MAX.0 - 80);
    }
    rig = Rig::from(Hydration::Tables(tables), rig.disk.clone(), rig.now);
    let anna = rig.join("anna");
    rig.play(&[anna], Buttons::RIGHT, 20);
    assert!(rig.room.world().step_number().0 > limits::COUNTED_STEPS_MAX.0 - 70);
    let mut ticks = 0;
    while rig.peers[&anna].closed.is_none() {
        rig.inputs(anna, &[Buttons::RIGHT; 2]);
        rig.ticks(1);
        ticks += 1;
        assert!(ticks < 100);
    }
    assert_eq!(rig.peers[&anna].closed, Some(CloseCode::GoingAway.number()));
    assert!(rig.room.world().step_number() < Step(10));
    let again = rig.join("anna");
    assert!(rig.welcome(again).unwrap().resumed);
    rig.play(&[again], Buttons::LEFT, 60);
    assert_eq!(rig.errors(again), []);
    assert!(rig.last_snapshot(again).id < 30);
    // What is stored from now on counts for more than what was stored at the higher steps.
    rig.leave(again);
    rig.pass(31_000);
    assert_eq!(rig.room.world().players(), []);
    let row = rig
        .disk
        .tables
        .checkpoints
        .iter()
        .find(|row| row.user_id == "anna");
    assert!(row.unwrap().step < Step(10_000));
    is_stored(&mut rig);
}

#[test]
fn a_connection_that_outlived_the_room_s_memory_is_closed_when_the_steps_begin_again() {
    let mut rig = ids_given(5, 5);
    let mut tables = rig.disk.tables.clone();
    let beyond = Step(limits::COUNTED_STEPS_MAX.0 + 4);
    tables.room.as_mut().unwrap().step = beyond;
    rig = Rig::from(Hydration::Tables(tables), rig.disk.clone(), rig.now);
    let outlived = rig.restore("anna", Encoding::Json);
    assert_eq!(rig.room.world().step_number(), beyond);
    let next_structure = rig.room.world().next_structure();
    // It sleeps until something comes.
    rig.inputs(outlived, &[Buttons::RIGHT; 2]);
    rig.pass(2_000);
    let going_away = Some(CloseCode::GoingAway.number());
    assert_eq!(rig.peers[&outlived].closed, going_away);
    assert!(rig.room.world().step_number() < Step(120));
    // Only the steps were at their end.
    assert_eq!(rig.room.world().next_structure(), next_structure);
    let again = rig.join("anna");
    rig.play(&[again], Buttons::LEFT, 60);
    assert_eq!(rig.errors(again), []);
    assert!(rig.last_snapshot(again).id < 60);
    is_stored(&mut rig);
}

#[test]
fn a_step_that_no_room_can_have_stored_is_not_believed() {
    for (step, begins) in [
        (limits::STORED_STEP_MAX.0, limits::STORED_STEP_MAX.0),
        (limits::STORED_STEP_MAX.0 + 1, 0),
        (u64::MAX, 0),
    ] {
        let rig = ids_given(5, 5);
        let mut tables = rig.disk.tables.clone();
        tables.room.as_mut().unwrap().step = Step(step);
        let rig = Rig::from(Hydration::Tables(tables), rig.disk.clone(), rig.now);
        assert_eq!(rig.room.world().step_number(), Step(begins));
    }
}

#[test]
fn a_row_from_before_the_steps_began_again_is_older_than_the_room_s() {
    let mut before = Rig::new();
    let conn = before.join("anna");
    before.play(&[conn], Buttons::DOWN, 40);
    before.handle(Input::Flush);
    let mut tables = before.disk.tables.clone();
    let stands = tables.room.as_ref().unwrap().players[0].1.saved.unwrap();
    for row in &mut tables.checkpoints {
        row.step = Step(limits::COUNTED_STEPS_MAX.0);
        row.checkpoint.saved = Some(sim_core::SavedPlayer {
            deaths: 9,
            ..stands
        });
    }
    let mut rig = Rig::from(Hydration::Tables(tables), before.disk.clone(), before.now);
    let conn = rig.join("anna");
    rig.pass(100);
    assert_eq!(rig.player(conn).deaths, stands.deaths);
}
