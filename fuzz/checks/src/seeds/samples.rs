//! Messages of every kind.

use protocol::{
    Ack, ClientCommand, ClientMessage, Encoding, Envelope, ErrorBody, ErrorCode, Input, Limits,
    Mode, Predicted, Profile, Rates, Receipt, ServerBody, ServerEvent, ServerMessage, Snapshot,
    Timing, View, Welcome, encode_client,
};
use sim_core::{
    Action, Aim, Buttons, Cell, Look, PlayerId, Preview, ProjectileId, Step, StructureId,
    StructureKind,
};

use crate::messages::{client_seed, server_seed};
use crate::views;

const CELL: Cell = Cell { x: 3, y: 60 };
const KIND: StructureKind = StructureKind::Gate;

/// Of a client.
pub(super) fn client() -> Vec<Vec<u8>> {
    let id = || "default".to_owned();
    let input = |seq| Input {
        seq,
        buttons: Buttons::from_bits_truncate(seq as u8),
    };
    let batch = |seqs: &[u32], snapshot_ack, predicted| ClientCommand::InputBatch {
        inputs: seqs.iter().copied().map(input).collect(),
        snapshot_ack,
        snapshot_proof: snapshot_ack.map(|_| Receipt(0xb70c_4e19)),
        predicted,
    };
    let predicted = Predicted {
        seq: 102,
        hash: 0x9f31_c2d4,
    };
    let commands = [
        batch(&[101, 102, 103], Some(17), Some(predicted)),
        batch(&[7, 9, u32::MAX], None, None),
        ClientCommand::Preview(Some(Preview {
            cell: CELL,
            kind: KIND,
        })),
        ClientCommand::Preview(None),
        ClientCommand::Act {
            input_seq: 103,
            action: Action::Place {
                cell: CELL,
                kind: KIND,
            },
        },
        ClientCommand::Act {
            input_seq: 103,
            action: Action::Remove { id: StructureId(9) },
        },
        ClientCommand::Act {
            input_seq: 104,
            action: Action::Fire { aim: Aim(40_000) },
        },
        ClientCommand::SelectCharacter { character_id: id() },
        ClientCommand::SaveCharacter {
            character_id: id(),
            name: "Änna \"x\"".to_owned(),
            look: Look { body: 1, colour: 2 },
        },
    ];
    let commands = commands.into_iter().map(|command| {
        ClientMessage::Command(Envelope {
            seq: 42,
            client_time: 1_234.56,
            command,
        })
    });
    let ping = ClientMessage::Ping {
        seq: 43,
        client_time: 1_300.0,
    };
    commands
        .chain([ping])
        .flat_map(|message| {
            Encoding::ALL.map(|encoding| client_seed(&encode_client(&message, encoding), encoding))
        })
        .collect()
}

/// Of a room, but for snapshots.
pub(super) fn server() -> Vec<Vec<u8>> {
    let (player_id, by) = (PlayerId(3), PlayerId(4));
    let structure_id = StructureId(9);
    let events = [
        ServerEvent::Joined { player_id },
        ServerEvent::Left { player_id },
        ServerEvent::Placed {
            player_id,
            structure_id,
            cell: CELL,
            structure: KIND,
        },
        ServerEvent::Removed {
            player_id,
            structure_id,
        },
        ServerEvent::Destroyed {
            structure_id,
            by,
            cell: CELL,
        },
        ServerEvent::Fired {
            player_id,
            projectile_id: ProjectileId(5),
        },
        ServerEvent::Hit {
            player_id,
            by,
            damage: 20,
            health: 80,
        },
        ServerEvent::Died { player_id, by },
        ServerEvent::Respawned { player_id },
    ];
    let bodies = [
        ServerBody::Welcome(welcome()),
        ServerBody::Ack(Ack {
            seq: 42,
            structure_id: Some(structure_id),
            projectile_id: None,
            durable: true,
        }),
        ServerBody::Pong {
            seq: 43,
            client_time: 1_300.25,
        },
        ServerBody::Error(ErrorBody {
            code: ErrorCode::InputSeqGap,
            message: "input 9 does not follow".to_owned(),
            field: Some("payload.inputs[0].seq".to_owned()),
            seq: Some(42),
            fatal: false,
        }),
    ];
    bodies
        .into_iter()
        .chain(events.map(ServerBody::Event))
        .map(|body| ServerMessage {
            server_time: 5_000.5,
            step: Step(1_000),
            body,
        })
        .flat_map(|message| Encoding::ALL.map(|encoding| server_seed(&message, encoding)))
        .collect()
}

/// Of a room that shows this view, full and as a delta.
pub(super) fn snapshots(now: &View) -> Vec<Vec<u8>> {
    let base = views::fixed();
    let mut later = now.clone();
    later.step = base.step.after(6);
    let of = |base: Option<&View>, view: &View| ServerMessage {
        server_time: 5_000.0,
        step: view.step,
        body: ServerBody::Snapshot(Snapshot {
            id: 40,
            proof: Some(Receipt(0x0d52_f7a3)),
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base.map(|_| 39),
            local_ack_seq: Some(100),
            timing: Timing {
                buffer_depth: 4,
                starved: 1,
                dropped: 0,
                idle: false,
            },
            features: View::diff(base, view),
        }),
    };
    let mut aged = base.clone();
    aged.dead_reckon(base.step.after(6));
    [
        of(None, now),
        of(Some(&base), &later),
        of(Some(&base), &aged),
    ]
    .iter()
    .flat_map(|message| Encoding::ALL.map(|encoding| server_seed(message, encoding)))
    .collect()
}

fn welcome() -> Welcome {
    Welcome {
        room: "ABCD".to_owned(),
        player_id: PlayerId(3),
        user_id: "anna".to_owned(),
        resume_token: "00ff".to_owned(),
        resumed: true,
        next_input_seq: 101,
        sim_version: 1,
        rules_hash: 0x0123_4567_89ab_cdef,
        protocol: 2,
        rates: Rates::CURRENT,
        limits: Limits::CURRENT,
        profile: Profile {
            character_id: "default".to_owned(),
            name: "Anna".to_owned(),
            look: Look { body: 1, colour: 2 },
        },
        characters: ["default", "second"]
            .map(|id| Profile {
                character_id: id.to_owned(),
                name: "Anna".to_owned(),
                look: Look { body: 1, colour: 2 },
            })
            .into(),
    }
}
