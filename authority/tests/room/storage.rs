use authority::limits::{FLUSH_STEPS, KEYFRAME_STEPS};
use authority::{Encoding, Hydration, Input, RecoverError, recover};
use input_log::{Header, Recording};
use protocol::Ack;
use sim_core::{Action, Aim, Buttons, PlayerId, StructureId};

use crate::commands::place;
use crate::rig::Rig;

const RIGHT: Buttons = Buttons::RIGHT;
const NONE: Buttons = Buttons::NONE;

/// A session with structures, shots in the air and somebody away.
fn session() -> (Rig, [authority::ConnId; 2]) {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    let bert = rig.join("bert");
    let cleo = rig.join("cleo");
    rig.play(&[anna, bert, cleo], RIGHT, 20);
    rig.leave(cleo);
    for conn in [anna, bert] {
        for _ in 0..3 {
            rig.play(&[anna, bert], NONE, 10);
            let input_seq = rig.peers[&conn].next_input;
            place(&mut rig, conn, input_seq);
        }
    }
    rig.play(&[anna, bert], RIGHT, 5);
    let input_seq = rig.peers[&anna].next_input;
    rig.send(
        anna,
        protocol::ClientCommand::Act {
            input_seq,
            action: Action::Fire { aim: Aim(16_384) },
        },
    );
    rig.play(&[anna, bert], RIGHT, 2);
    assert!(rig.room.world().structures().len() >= 3);
    assert!(!rig.room.world().projectiles().is_empty());
    (rig, [anna, bert])
}

#[test]
fn a_new_room_says_once_which_seed_and_rules_it_has() {
    let (mut rig, _) = session();
    rig.handle(Input::Flush);
    let rules = format!("{:016x}", sim_core::rules_hash());
    let version = sim_core::SIM_VERSION.to_string();
    let said = [
        ("seed", "7".to_owned()),
        ("sim_version", version),
        ("rules_hash", rules),
    ];
    assert_eq!(rig.disk.said, said);
    let mut again = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    again.handle(Input::Flush);
    assert_eq!(again.disk.said, said);
}

#[test]
fn the_recording_reruns_to_the_same_bits() {
    let (mut rig, conns) = session();
    rig.play(&conns, RIGHT, KEYFRAME_STEPS as usize);
    rig.handle(Input::Flush);
    let bytes = &rig.disk.recordings[0];
    let recording = input_log::Recording::open(bytes).unwrap();
    let mut entries = recording.entries();
    let mut world = None;
    let (mut keyframes, mut steps) = (0, 0);
    while let Some(entry) = entries.next() {
        match entry {
            input_log::Entry::Keyframe(keyframe) => {
                keyframes += 1;
                let decoded = keyframe.world().unwrap();
                if let Some(world) = &world {
                    assert_eq!(&decoded, world);
                }
                world = Some(decoded);
            }
            input_log::Entry::Step { frame, check, .. } => {
                let world = world.as_mut().unwrap();
                world.step(frame);
                assert_eq!(check.whole(), Some(world.hash()));
                steps += 1;
            }
            input_log::Entry::Gap { .. }
            | input_log::Entry::Digest { .. }
            | input_log::Entry::Evidence(_)
            | input_log::Entry::End => {}
        }
    }
    assert!(keyframes >= 3);
    assert_eq!(steps, rig.room.stats().steps);
    assert_eq!(world.as_ref(), Some(rig.room.world()));
}

#[test]
fn a_room_from_its_log_is_the_exact_world_and_goes_on_in_the_same_recording() {
    let (mut rig, conns) = session();
    rig.handle(Input::Flush);
    let token = rig.welcome(conns[0]).unwrap().resume_token;
    let hydration = rig.disk.hydration_from_log();
    let mut next = Rig::from(hydration, rig.disk.clone(), rig.now + 3_000);
    assert_eq!(next.room.world(), rig.room.world());
    let anna = next.open("anna", Encoding::Json, Some(&token));
    let welcome = next.welcome(anna).unwrap();
    assert!(welcome.resumed);
    assert_eq!(
        welcome.next_input_seq, rig.peers[&conns[0]].next_input,
        "inputs go on where they were"
    );
    next.play(&[anna], RIGHT, 60);
    assert!(next.errors(anna).is_empty());
    next.handle(Input::Flush);
    assert_eq!(next.disk.recordings.len(), 1);
    let recovered = recover(&next.disk.recordings[0]).unwrap();
    assert_eq!(&recovered.world, next.room.world());
}

#[test]
fn inputs_that_had_no_step_before_a_crash_are_asked_for_again() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], RIGHT, 10);
    rig.inputs(anna, &[RIGHT; 6]);
    rig.handle(Input::Flush);
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    let again = next.join("anna");
    assert_eq!(next.welcome(again).unwrap().next_input_seq, 21);
}

#[test]
fn a_room_from_its_tables_keeps_structures_players_and_scores() {
    let (mut rig, conns) = session();
    rig.handle(Input::Flush);
    let player = rig.player(conns[0]);
    let token = rig.welcome(conns[0]).unwrap().resume_token;
    let hydration = Hydration::Tables(rig.disk.tables.clone());
    let mut next = Rig::from(hydration, rig.disk.clone(), rig.now + 3_000);
    let (before, after) = (rig.room.world(), next.room.world());
    assert_eq!(after.structures(), before.structures());
    assert_eq!(after.next_structure(), before.next_structure());
    assert_eq!(after.step_number(), before.step_number());
    assert!(after.players().is_empty());
    let anna = next.open("anna", Encoding::Json, Some(&token));
    let welcome = next.welcome(anna).unwrap();
    assert!(!welcome.resumed);
    assert_eq!(welcome.player_id, player.id);
    next.ticks(1);
    let again = next.player(anna);
    assert_eq!((again.score, again.health), (player.score, player.health));
    // Where she was, and two steps of slowing down from there.
    let mut body = player.body();
    let structures = next.room.world().structures().clone();
    for _ in 0..2 {
        sim_core::movement::advance(&mut body, NONE, &structures, player.id);
    }
    assert_eq!(again.body(), body);
    // Cleo was away, and is still known as the same player.
    let cleo = next.join("cleo");
    assert_eq!(next.player_id(cleo), PlayerId(3));
    assert_eq!(next.disk.recordings.len(), 2);
}

#[test]
fn who_stays_away_through_two_restarts_is_not_forgotten() {
    let (mut rig, [anna, bert]) = session();
    rig.play(&[anna, bert], NONE, 60);
    rig.handle(Input::Flush);
    let before = rig.player(bert);
    // Only anna comes back to the room that is made from the tables.
    let mut next = Rig::from(
        Hydration::Tables(rig.disk.tables.clone()),
        rig.disk,
        rig.now,
    );
    let anna = next.join("anna");
    next.play(&[anna], NONE, 60);
    next.handle(Input::Flush);
    let mut last = Rig::from(
        Hydration::Tables(next.disk.tables.clone()),
        next.disk,
        next.now,
    );
    let bert = last.join("bert");
    last.ticks(1);
    let after = last.player(bert);
    assert_eq!(
        (after.pos, after.health, after.score, after.deaths),
        (before.pos, before.health, before.score, before.deaths)
    );
}

#[test]
fn a_character_that_is_saved_stores_nothing_of_the_world_ahead_of_the_recording() {
    let mut rig = Rig::new();
    let (anna, bert) = (rig.join("anna"), rig.join("bert"));
    rig.play(&[anna, bert], NONE, 30);
    rig.leave(bert);
    // From here on flushes come between those that would count from when he went.
    rig.ticks(15);
    rig.handle(Input::Flush);
    while rig.room.world().players().len() == 2 {
        rig.ticks(1);
    }
    // Bert has left with a step that is not flushed yet.
    rig.send(
        anna,
        protocol::ClientCommand::SaveCharacter {
            character_id: "other".to_owned(),
            name: "Other".to_owned(),
            look: sim_core::Look { body: 1, colour: 1 },
        },
    );
    assert!(rig.disk.name_of("anna", "other").is_some());
    let tables = &rig.disk.tables;
    let flushed = tables.room.as_ref().unwrap().step;
    assert!(flushed < rig.room.world().step_number());
    let ahead = tables.checkpoints.iter().find(|row| row.step > flushed);
    assert_eq!(ahead, None);
}

#[test]
fn rows_of_no_possible_world_are_left_out() {
    let (mut rig, _) = session();
    rig.handle(Input::Flush);
    let mut tables = rig.disk.tables.clone();
    let good = tables.structures.len();
    let twin = tables.structures[0];
    tables.structures.push(sim_core::Structure {
        id: StructureId(900),
        ..twin
    });
    tables.structures.push(sim_core::Structure {
        id: StructureId(901),
        cell: sim_core::Cell { x: 200, y: 0 },
        ..twin
    });
    let mut double = tables.checkpoints[0].clone();
    double.user_id = "impostor".into();
    tables.checkpoints.push(double);
    let mut next = Rig::from(Hydration::Tables(tables), rig.disk.clone(), rig.now);
    assert_eq!(next.room.world().structures().len(), good);
    next.handle(Input::Wake);
    assert!(
        next.notes
            .contains(&authority::Note::RowsLeftOut { rows: 3 })
    );
    // What was left out is cleaned up with the next flush.
    next.join("anna");
    assert_eq!(next.disk.tables.structures.len(), good);
}

#[test]
fn a_connection_that_outlived_the_room_goes_on_without_a_welcome() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], RIGHT, 20);
    rig.play(&[conn], NONE, 20);
    rig.pass(10_000);
    assert!(rig.room.is_asleep());
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    assert_eq!(next.room.world(), rig.room.world());
    next.peers = std::mem::take(&mut rig.peers);
    let before = next.peers[&conn].received.len();
    next.handle(Input::Restore {
        conn,
        encoding: Encoding::Json,
        user_id: "anna".into(),
        entropy: [9; 32],
    });
    assert_eq!(next.peers[&conn].received.len(), before);
    next.play(&[conn], RIGHT, 10);
    assert!(next.errors(conn).is_empty());
    assert_eq!(next.player(conn).buttons, RIGHT);
    assert_eq!(next.room.stats().full_snapshots, 1);
    assert!(next.room.stats().delta_snapshots >= 1);
}

#[test]
fn a_structure_is_told_to_be_stored_when_it_is() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], NONE, 10);
    rig.handle(Input::Flush);
    let input_seq = rig.peers[&conn].next_input;
    let seq = place(&mut rig, conn, input_seq);
    rig.play(&[conn], NONE, 2);
    let id = rig.room.world().structures().iter().next().unwrap().id;
    let told = |durable| Ack {
        seq,
        structure_id: Some(id),
        projectile_id: None,
        durable,
    };
    assert_eq!(rig.acks(conn), [told(false)]);
    assert!(rig.disk.tables.structures.is_empty());
    rig.play(&[conn], NONE, 30);
    assert_eq!(rig.acks(conn), [told(false), told(true)]);
    assert_eq!(rig.disk.tables.structures.len(), 1);
    rig.play(&[conn], NONE, 60);
    assert_eq!(rig.acks(conn).len(), 2, "once is enough");
}

#[test]
fn nobody_who_is_not_known_is_restored() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(1);
    rig.leave(conn);
    let mut next = Rig::from(rig.disk.hydration_from_log(), rig.disk.clone(), rig.now);
    next.peers = std::mem::take(&mut rig.peers);
    next.handle(Input::Restore {
        conn,
        encoding: Encoding::Json,
        user_id: "stranger".into(),
        entropy: [9; 32],
    });
    assert_eq!(
        next.peers[&conn].closed,
        Some(authority::CloseCode::GoingAway.number())
    );
}

#[test]
fn an_altered_recording_is_not_recovered_from() {
    let (mut rig, _) = session();
    rig.handle(Input::Flush);
    let bytes = rig.disk.recordings[0].clone();
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    assert!(matches!(
        recover(&flipped).unwrap_err(),
        RecoverError::Damaged(_)
    ));
    let doctored = input_log::forge::doctor(&bytes, |step, frame| {
        if step.0 == 30 {
            frame.buttons.clear();
            frame.buttons.push((PlayerId(1), Buttons::UP));
        }
    })
    .unwrap();
    assert!(matches!(
        recover(&doctored).unwrap_err(),
        RecoverError::Diverged(step) if step.0 == 30
    ));
    assert!(matches!(
        recover(b"nothing").unwrap_err(),
        RecoverError::Open(_)
    ));
}

#[test]
fn a_recording_of_another_version_or_of_other_constants_is_not_recovered_from() {
    let (mut rig, _) = session();
    rig.handle(Input::Flush);
    let recording = Recording::open(&rig.disk.recordings[0]).unwrap();
    let ours = recording.header().clone();
    let version = ours.sim_version;
    assert!(matches!(
        recover(&ours.encode()).unwrap_err(),
        RecoverError::NoKeyframe
    ));
    for (sim_version, rules_hash) in [
        (version + 1, ours.rules_hash),
        (version, ours.rules_hash ^ 1),
    ] {
        let theirs = Header {
            sim_version,
            rules_hash,
            ..ours.clone()
        };
        assert!(matches!(
            recover(&theirs.encode()).unwrap_err(),
            RecoverError::Rules(of) if of == sim_version
        ));
    }
}

#[test]
fn a_busy_second_costs_two_rows() {
    let mut rig = Rig::new();
    let conns: Vec<_> = (0..8).map(|n| rig.join(&format!("user-{n}"))).collect();
    rig.play(&conns, RIGHT, 40);
    let (batches, flushes) = (rig.disk.batches, rig.room.stats().flushes);
    rig.play(&conns, RIGHT, 10 * FLUSH_STEPS as usize / 2);
    assert_eq!(rig.room.stats().flushes, flushes + 10);
    assert_eq!(rig.disk.batches, batches + 10);
    // Everybody who is in is in the room's one checkpoint.
    assert_eq!(rig.disk.tables.room.as_ref().unwrap().players.len(), 8);
}
