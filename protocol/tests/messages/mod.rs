//! Any message that a decoder may give back.

#![allow(
    dead_code,
    reason = "every test is a crate of its own and needs only its part"
)]

mod fields;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use protocol::limits::{CHARACTERS_PER_USER_MAX, CLOCK_MS_MAX, INPUTS_PER_BATCH_MAX};
use protocol::repaired_name;
use protocol::{
    Ack, BuildChanges, Changes, ClientCommand, ClientMessage, Encoding, Envelope, ErrorBody,
    ErrorCode, Input, Limits, Mode, Predicted, Profile, Rates, Receipt, ServerBody, ServerEvent,
    ServerMessage, Snapshot, SnapshotDelta, Timing, View, Welcome,
};
use sim_core::{
    Action, Aim, Buttons, Cell, Look, PlayerId, Point, Pos, Preview, ProjectileId, Step,
    StructureId, StructureKind,
};

fn clock() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..CLOCK_MS_MAX,
        0.0..1e7,
        (0_u64..1 << 53).prop_map(|ms| ms as f64)
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    (0_u8..64, 0_u8..64).prop_map(|(x, y)| Cell { x, y })
}

fn kind() -> impl Strategy<Value = StructureKind> {
    prop::sample::select(&StructureKind::ALL[..])
}

fn look() -> impl Strategy<Value = Look> {
    (0_u8..8, 0_u8..16).prop_map(|(body, colour)| Look { body, colour })
}

fn buttons() -> impl Strategy<Value = Buttons> {
    any::<u8>().prop_map(Buttons::from_bits_truncate)
}

fn name() -> impl Strategy<Value = String> {
    "[^\\p{C}\\s][^\\p{Cc}]{0,23}"
        .prop_filter_map("nothing of it shows", |name| repaired_name(&name))
}

fn text() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{0,30}"
}

fn character_id() -> impl Strategy<Value = String> {
    "[a-z0-9_\"\\\\-]{1,32}"
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let held = prop::collection::vec(buttons(), 1..=INPUTS_PER_BATCH_MAX);
    (any::<u32>(), held).prop_map(|(first, held)| {
        let seqs = (0..).map(|by| first.wrapping_add(by));
        seqs.zip(held)
            .map(|(seq, buttons)| Input { seq, buttons })
            .collect()
    })
}

fn command() -> impl Strategy<Value = ClientCommand> {
    let predicted = any::<Option<(u32, u32)>>()
        .prop_map(|predicted| predicted.map(|(seq, hash)| Predicted { seq, hash }));
    prop_oneof![
        4 => (inputs(), any::<Option<(u32, Option<u32>)>>(), predicted).prop_map(|(inputs, ack, predicted)| {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack: ack.map(|(id, _)| id),
                snapshot_proof: ack.and_then(|(_, proof)| proof).map(Receipt),
                predicted,
            }
        }),
        1 => (cell(), kind()).prop_map(|(cell, kind)| ClientCommand::Preview(Some(Preview { cell, kind }))),
        1 => Just(ClientCommand::Preview(None)),
        1 => (any::<u32>(), cell(), kind())
            .prop_map(|(input_seq, cell, kind)| ClientCommand::Act { input_seq, action: Action::Place { cell, kind } }),
        1 => any::<(u32, u32)>().prop_map(|(input_seq, id)| {
            ClientCommand::Act { input_seq, action: Action::Remove { id: StructureId(id) } }
        }),
        1 => any::<(u32, u16)>().prop_map(|(input_seq, aim)| ClientCommand::Act { input_seq, action: Action::Fire { aim: Aim(aim) } }),
        1 => character_id().prop_map(|character_id| ClientCommand::SelectCharacter { character_id }),
        1 => (character_id(), name(), look()).prop_map(|(character_id, name, look)| {
            ClientCommand::SaveCharacter { character_id, name, look }
        }),
    ]
}

pub(crate) fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        8 => (any::<u32>(), clock(), command()).prop_map(|(seq, client_time, command)| {
            ClientMessage::Command(Envelope { seq, client_time, command })
        }),
        1 => (any::<u32>(), clock()).prop_map(|(seq, client_time)| ClientMessage::Ping { seq, client_time }),
    ]
}

fn welcome() -> impl Strategy<Value = Welcome> {
    let numbers = any::<(u16, bool, u32, u32, u64)>();
    let characters = prop::collection::vec(profile(), 0..=CHARACTERS_PER_USER_MAX);
    (text(), text(), text(), numbers, profile(), characters).prop_map(
        |(room, user_id, resume_token, numbers, profile, characters)| {
            let (player, resumed, next_input_seq, sim_version, rules_hash) = numbers;
            Welcome {
                room,
                player_id: PlayerId(player),
                user_id,
                resume_token,
                resumed,
                next_input_seq,
                sim_version,
                rules_hash,
                protocol: 2,
                rates: Rates::CURRENT,
                limits: Limits::CURRENT,
                profile,
                characters,
            }
        },
    )
}

fn profile() -> impl Strategy<Value = Profile> {
    (character_id(), name(), look()).prop_map(|(character_id, name, look)| Profile {
        character_id,
        name,
        look,
    })
}

fn event() -> impl Strategy<Value = ServerEvent> {
    (0..9, any::<(u16, u16, u32, u8, u8)>(), cell(), kind()).prop_map(
        |(which, numbers, cell, structure)| {
            let (player, by, id, damage, health) = numbers;
            let (player_id, by) = (PlayerId(player), PlayerId(by));
            let structure_id = StructureId(id);
            match which {
                0 => ServerEvent::Joined { player_id },
                1 => ServerEvent::Left { player_id },
                2 => ServerEvent::Placed {
                    player_id,
                    structure_id,
                    cell,
                    structure,
                },
                3 => ServerEvent::Removed {
                    player_id,
                    structure_id,
                },
                4 => ServerEvent::Destroyed {
                    structure_id,
                    by,
                    cell,
                },
                5 => ServerEvent::Fired {
                    player_id,
                    projectile_id: ProjectileId(id),
                },
                6 => ServerEvent::Hit {
                    player_id,
                    by,
                    damage,
                    health,
                },
                7 => ServerEvent::Died { player_id, by },
                _ => ServerEvent::Respawned { player_id },
            }
        },
    )
}

fn changes<Id: Ord + core::fmt::Debug + Clone, Entry: core::fmt::Debug + Clone>(
    ids: impl Strategy<Value = Id> + Clone,
    entries: impl Strategy<Value = Entry>,
    max: usize,
) -> impl Strategy<Value = (BTreeMap<Id, Entry>, BTreeSet<Id>)> {
    (
        prop::collection::btree_map(ids.clone(), entries, 0..max),
        prop::collection::btree_set(ids, 0..max),
    )
}

fn point() -> impl Strategy<Value = Point> {
    any::<(i32, i32)>().prop_map(|(x, y)| Point {
        x: Pos::from_bits(x),
        y: Pos::from_bits(y),
    })
}

/// Bits that no world has are as good as any other.
fn features() -> impl Strategy<Value = SnapshotDelta> {
    let players = prop_oneof![0_u16..6, any::<u16>()].prop_map(PlayerId);
    (
        changes(players.clone(), fields::presence(), 8),
        changes(players.clone(), fields::state(), 8),
        changes(
            prop_oneof![0_u32..20, any::<u32>()].prop_map(StructureId),
            fields::structure(),
            20,
        ),
        changes(players, fields::preview(), 8),
        changes(
            prop_oneof![0_u32..20, any::<u32>()].prop_map(ProjectileId),
            fields::shot(),
            20,
        ),
    )
        .prop_map(
            |(presence, movement, mut structures, previews, mut shots)| {
                structures
                    .0
                    .iter_mut()
                    .for_each(|(id, entry)| entry.id = *id);
                shots.0.iter_mut().for_each(|(id, entry)| entry.id = *id);
                fn named<Id, Entry>(
                    (upserts, removals): (BTreeMap<Id, Entry>, BTreeSet<Id>),
                ) -> Changes<Id, Entry> {
                    Changes { upserts, removals }
                }
                SnapshotDelta {
                    presence: named(presence),
                    movement: named(movement),
                    build: BuildChanges {
                        structures: named(structures),
                        previews: named(previews),
                    },
                    projectile: named(shots),
                }
            },
        )
}

/// A view that no world shows: places outside of the arena, speeds of thousands of cells a step.
pub(crate) fn view() -> impl Strategy<Value = View> {
    (features(), 0_u64..1_000).prop_map(|(features, step)| View {
        step: Step(step),
        presence: features.presence.upserts,
        players: features.movement.upserts,
        structures: features.build.structures.upserts,
        previews: features.build.previews.upserts,
        projectiles: features.projectile.upserts,
    })
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let numbers = any::<(u32, Option<u32>, Option<u32>, u16, u32, u32)>();
    (numbers, features()).prop_map(|(numbers, features)| {
        let (id, proof, local_ack_seq, buffer_depth, starved, dropped) = numbers;
        Snapshot {
            id,
            proof: proof.map(Receipt),
            mode: Mode::Full,
            base_id: None,
            local_ack_seq,
            timing: Timing {
                buffer_depth,
                starved,
                dropped,
                idle: dropped % 2 == 1,
            },
            features,
        }
    })
}

/// What is left of a client's message in an encoding: layout 1 has no place for a proof.
pub(crate) fn as_said(mut message: ClientMessage, encoding: Encoding) -> ClientMessage {
    if encoding == Encoding::Binary1
        && let ClientMessage::Command(Envelope { command, .. }) = &mut message
        && let ClientCommand::InputBatch { snapshot_proof, .. } = command
    {
        *snapshot_proof = None;
    }
    message
}

/// The same of a room's message.
pub(crate) fn as_told(mut message: ServerMessage, encoding: Encoding) -> ServerMessage {
    if encoding == Encoding::Binary1
        && let ServerBody::Snapshot(snapshot) = &mut message.body
    {
        snapshot.proof = None;
    }
    message
}

pub(crate) fn server_message() -> impl Strategy<Value = ServerMessage> {
    let error = (
        prop::sample::select(ErrorCode::ALL),
        text(),
        any::<Option<u32>>(),
        any::<(bool, bool)>(),
    );
    let body = prop_oneof![
        welcome().prop_map(ServerBody::Welcome),
        any::<(u32, Option<u32>, Option<u32>, bool)>().prop_map(
            |(seq, structure, projectile, durable)| {
                ServerBody::Ack(Ack {
                    seq,
                    structure_id: structure.map(StructureId),
                    projectile_id: projectile.map(ProjectileId),
                    durable,
                })
            }
        ),
        snapshot().prop_map(ServerBody::Snapshot),
        (any::<u32>(), clock())
            .prop_map(|(seq, client_time)| ServerBody::Pong { seq, client_time }),
        error.prop_map(
            |(code, message, seq, (named, fatal))| ServerBody::Error(ErrorBody {
                code,
                field: named.then(|| format!("payload.{message}")),
                message,
                seq,
                fatal,
            })
        ),
        event().prop_map(ServerBody::Event),
    ];
    (clock(), any::<u64>(), body).prop_map(|(server_time, step, body)| ServerMessage {
        server_time,
        step: Step(step),
        body,
    })
}
