use protocol::{ClientCommand, ErrorCode};
use sim_core::{Action, Aim, Buttons, Cell, Preview, Reject, StructureId, StructureKind};

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

/// A free cell that the player can reach.
pub(crate) fn cell_beside(rig: &Rig, conn: authority::ConnId) -> Cell {
    let player = rig.player(conn);
    let (x, y) = (player.pos.x.cell(), player.pos.y.cell());
    let free = |cell: &Cell| rig.room.world().structures().at(*cell).is_none();
    let around = [-2, 2, -3, 3, 0];
    let mut cells = around.into_iter().flat_map(|dx| {
        around.into_iter().map(move |dy| Cell {
            x: (x + dx).clamp(0, 63) as u8,
            y: (y + dy).clamp(0, 63) as u8,
        })
    });
    cells.find(free).expect("a cell is free")
}

pub(crate) fn place(rig: &mut Rig, conn: authority::ConnId, input_seq: u32) -> u32 {
    let cell = cell_beside(rig, conn);
    rig.send(
        conn,
        ClientCommand::Act {
            input_seq,
            action: Action::Place {
                cell,
                kind: StructureKind::Wall,
            },
        },
    )
}

#[test]
fn a_placing_is_applied_with_its_input_and_acknowledged_with_its_structure() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(1);
    rig.inputs(conn, &[NONE; 2]);
    let seq = place(&mut rig, conn, 3);
    rig.ticks(1);
    assert!(rig.room.world().structures().is_empty());
    rig.inputs(conn, &[NONE; 2]);
    rig.ticks(1);
    assert_eq!(rig.room.world().structures().len(), 1);
    let acks = rig.acks(conn);
    assert_eq!(acks.len(), 1);
    assert_eq!(acks[0].seq, seq);
    assert_eq!(acks[0].structure_id, Some(StructureId(1)));
    rig.inputs(conn, &[NONE; 2]);
    let remove = rig.send(
        conn,
        ClientCommand::Act {
            input_seq: 6,
            action: Action::Remove { id: StructureId(1) },
        },
    );
    rig.ticks(1);
    assert!(rig.room.world().structures().is_empty());
    assert_eq!(rig.acks(conn)[1].seq, remove);
}

#[test]
fn a_shot_is_acknowledged_with_its_projectile() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[NONE; 2]);
    let seq = rig.send(
        conn,
        ClientCommand::Act {
            input_seq: 2,
            action: Action::Fire { aim: Aim(0) },
        },
    );
    rig.ticks(1);
    let ack = rig.acks(conn)[0];
    assert_eq!(ack.seq, seq);
    let flying = rig.room.world().projectiles();
    assert_eq!(ack.projectile_id, Some(flying[0].id));
}

#[test]
fn a_command_for_a_consumed_input_is_late() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.inputs(conn, &[NONE; 2]);
    rig.ticks(1);
    let before = rig.fingerprint();
    let seq = place(&mut rig, conn, 2);
    let error = rig.last_error(conn);
    assert_eq!(error.code, ErrorCode::LateCommand);
    assert_eq!(error.seq, Some(seq));
    assert_eq!(rig.fingerprint(), before);
}

#[test]
fn what_the_rules_forbid_is_an_error_with_their_reason() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(1);
    rig.inputs(conn, &[NONE; 2]);
    let first = place(&mut rig, conn, 1);
    let second = place(&mut rig, conn, 2);
    rig.ticks(1);
    assert_eq!(rig.acks(conn).len(), 1);
    assert_eq!(rig.acks(conn)[0].seq, first);
    let error = rig.last_error(conn);
    assert_eq!(error.code, ErrorCode::Rejected(Reject::BuildCooldown));
    assert_eq!(error.seq, Some(second));
}

#[test]
fn answers_go_to_who_asked_when_many_ask_in_one_step() {
    let mut rig = Rig::new();
    let conns: Vec<_> = (0..6).map(|n| rig.join(&format!("user-{n}"))).collect();
    rig.ticks(1);
    for &conn in &conns {
        rig.inputs(conn, &[NONE; 2]);
    }
    let mut fired = Vec::new();
    let mut placed = Vec::new();
    for (nth, &conn) in conns.iter().enumerate() {
        let aim = Aim(nth as u16 * 10_000);
        fired.push(rig.send(
            conn,
            ClientCommand::Act {
                input_seq: 1,
                action: Action::Fire { aim },
            },
        ));
        let refused = rig.send(
            conn,
            ClientCommand::Act {
                input_seq: 1,
                action: Action::Fire { aim },
            },
        );
        placed.push((place(&mut rig, conn, 1), refused));
    }
    rig.ticks(1);
    for (nth, &conn) in conns.iter().enumerate() {
        let id = rig.player_id(conn);
        let acks = rig.acks(conn);
        assert_eq!(acks.len(), 2);
        assert_eq!(acks[0].seq, fired[nth]);
        let shot = acks[0].projectile_id.unwrap();
        let shots = rig.room.world().projectiles();
        let shot = shots.iter().find(|flying| flying.id == shot).unwrap();
        assert_eq!(shot.owner, id);
        assert_eq!(acks[1].seq, placed[nth].0);
        let structure = acks[1].structure_id.unwrap();
        let structures = rig.room.world().structures();
        assert_eq!(structures.get(structure).unwrap().owner, id);
        let error = rig.last_error(conn);
        assert_eq!(error.code, ErrorCode::Rejected(Reject::FireCooldown));
        assert_eq!(error.seq, Some(placed[nth].1));
    }
}

#[test]
fn too_many_waiting_commands_are_an_error() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    for _ in 0..authority::limits::COMMANDS_PENDING_MAX {
        rig.send(
            conn,
            ClientCommand::Act {
                input_seq: 5,
                action: Action::Fire { aim: Aim(0) },
            },
        );
    }
    assert!(rig.errors(conn).is_empty());
    let before = rig.fingerprint();
    rig.send(
        conn,
        ClientCommand::Act {
            input_seq: 5,
            action: Action::Fire { aim: Aim(0) },
        },
    );
    assert_eq!(rig.last_error(conn).code, ErrorCode::TooManyPending);
    assert_eq!(rig.fingerprint(), before);
}

#[test]
fn previews_are_shown_with_the_next_step_and_acknowledged() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(1);
    let cell = cell_beside(&rig, conn);
    let seq = rig.send(
        conn,
        ClientCommand::Preview(Some(Preview {
            cell,
            kind: StructureKind::Gate,
        })),
    );
    rig.ticks(3);
    assert_eq!(rig.acks(conn)[0].seq, seq);
    let id = rig.player_id(conn);
    assert_eq!(rig.features(conn).build.previews.upserts[&id].cell, cell);
    rig.send(conn, ClientCommand::Preview(None));
    rig.ticks(1);
    assert_eq!(rig.player(conn).preview, None);
}

#[test]
fn a_command_for_a_dropped_input_is_applied_with_the_next_one() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.ticks(1);
    rig.inputs(conn, &[NONE; 12]);
    rig.inputs(conn, &[NONE; 2]);
    let seq = place(&mut rig, conn, 13);
    rig.ticks(6);
    assert!(rig.acks(conn).is_empty());
    rig.inputs(conn, &[NONE; 1]);
    rig.ticks(1);
    assert_eq!(rig.acks(conn)[0].seq, seq);
}
