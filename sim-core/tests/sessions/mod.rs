//! Random sessions: players crowd into the middle of the arena, so that they meet, build in each other's way and are shot.
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of what this one shows"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, PlayerId, Point, Pos, Preview,
    SavedPlayer, StructureId, StructureKind, Vel, Velocity,
};

/// Frames, with the pauses in which waits run out and shots fly, and sieges in which structures fall.
pub(crate) fn session() -> impl Strategy<Value = Vec<Frame>> {
    let pause = prop_oneof![4 => 0_usize..4, 1 => 10_usize..40];
    let moment = (frame(), pause).prop_map(|(frame, pause)| {
        let mut frames = vec![frame];
        frames.extend((0..pause).map(|_| Frame::default()));
        frames
    });
    let part = prop_oneof![12 => moment, 1 => siege()];
    vec(part, 10..60).prop_map(|parts| {
        let mut frames = vec![everybody_joins()];
        frames.extend(parts.into_iter().flatten());
        frames
    })
}

/// A player builds in the first cell of a row that it can, and then fires to the right six times, a wall's hit points.
fn siege() -> impl Strategy<Value = Vec<Frame>> {
    (player(), 27_u8..39, kind()).prop_map(|(player, y, kind)| {
        let act = |command| Frame {
            commands: vec![(player, command)],
            ..Frame::default()
        };
        let mut frames: Vec<Frame> = (27..39)
            .map(|x| {
                act(Command::Act(Action::Place {
                    cell: Cell { x, y },
                    kind,
                }))
            })
            .collect();
        for _ in 0..6 {
            frames.push(act(Command::Act(Action::Fire { aim: Aim(0) })));
            frames.extend((0..15).map(|_| Frame::default()));
        }
        frames
    })
}

/// A frame of any values at all: unknown players, cells outside of the arena, looks and ids that do not exist.
pub(crate) fn hostile_frame() -> impl Strategy<Value = Frame> {
    let joins = vec(
        (
            any_player(),
            any::<(u8, u8)>(),
            proptest::option::of(any_saved()),
        ),
        0..4,
    );
    let commands = vec((any_player(), any_command()), 0..8);
    (
        joins,
        vec(any_player(), 0..3),
        vec((any_player(), buttons()), 0..6),
        commands,
    )
        .prop_map(|(joins, leaves, buttons, commands)| Frame {
            joins: joins
                .into_iter()
                .map(|(player, (body, colour), saved)| Join {
                    player,
                    look: Look { body, colour },
                    saved,
                })
                .collect(),
            leaves,
            buttons,
            commands,
        })
}

fn everybody_joins() -> Frame {
    let at = |x: u8, y: u8| SavedPlayer {
        pos: Cell { x, y }.centre(),
        vel: Velocity::ZERO,
        health: 40,
        score: 0,
        deaths: 0,
    };
    let join = |id: u8| Join {
        player: PlayerId(u16::from(id)),
        look: Look {
            body: id,
            colour: id,
        },
        saved: Some(at(28 + 3 * (id % 3), 30 + 3 * (id / 3))),
    };
    Frame {
        joins: (0..6).map(join).collect(),
        ..Frame::default()
    }
}

fn frame() -> impl Strategy<Value = Frame> {
    let joins = proptest::option::weighted(0.1, (player(), proptest::option::of(any_saved())));
    let buttons = proptest::collection::btree_map(player(), buttons(), 0..4);
    (
        joins,
        proptest::option::weighted(0.03, player()),
        buttons,
        vec((player(), command()), 0..5),
    )
        .prop_map(|(join, leave, buttons, commands)| Frame {
            joins: join
                .into_iter()
                .map(|(player, saved)| Join {
                    player,
                    look: Look { body: 1, colour: 2 },
                    saved,
                })
                .collect(),
            leaves: leave.into_iter().collect(),
            buttons: buttons.into_iter().collect(),
            commands,
        })
}

fn player() -> impl Strategy<Value = PlayerId> {
    (0_u16..6).prop_map(PlayerId)
}

fn buttons() -> impl Strategy<Value = Buttons> {
    any::<u8>().prop_map(Buttons::from_bits_truncate)
}

fn kind() -> impl Strategy<Value = StructureKind> {
    proptest::sample::select(&StructureKind::ALL[..])
}

fn command() -> impl Strategy<Value = Command> {
    let cell = || (25_u8..39, 27_u8..39).prop_map(|(x, y)| Cell { x, y });
    let axis = (0_u16..8).prop_map(|eighth| Aim(eighth * 8192));
    prop_oneof![
        4 => prop_oneof![axis, any::<u16>().prop_map(Aim)].prop_map(|aim| Command::Act(Action::Fire { aim })),
        6 => (cell(), kind()).prop_map(|(cell, kind)| Command::Act(Action::Place { cell, kind })),
        1 => (0_u32..12).prop_map(|id| Command::Act(Action::Remove { id: StructureId(id) })),
        1 => proptest::option::of((cell(), kind()))
            .prop_map(|preview| Command::Preview(preview.map(|(cell, kind)| Preview { cell, kind }))),
        1 => (0_u8..9, 0_u8..17).prop_map(|(body, colour)| Command::SetLook(Look { body, colour })),
    ]
}

fn any_player() -> impl Strategy<Value = PlayerId> {
    prop_oneof![player(), any::<u16>().prop_map(PlayerId)]
}

fn any_saved() -> impl Strategy<Value = SavedPlayer> {
    let near = (
        28_i32 << 16..36 << 16,
        28_i32 << 16..36 << 16,
        -9000_i32..9000,
        -9000_i32..9000,
    );
    let bits = prop_oneof![near, any::<(i32, i32, i32, i32)>()];
    (bits, any::<u8>(), any::<u16>(), any::<u16>()).prop_map(
        |((x, y, dx, dy), health, score, deaths)| SavedPlayer {
            pos: Point {
                x: Pos::from_bits(x),
                y: Pos::from_bits(y),
            },
            vel: Velocity {
                x: Vel::from_bits(dx),
                y: Vel::from_bits(dy),
            },
            health,
            score,
            deaths,
        },
    )
}

fn any_command() -> impl Strategy<Value = Command> {
    let cell = || any::<(u8, u8)>().prop_map(|(x, y)| Cell { x, y });
    prop_oneof![
        command(),
        (cell(), kind()).prop_map(|(cell, kind)| Command::Act(Action::Place { cell, kind })),
        any::<u32>().prop_map(|id| Command::Act(Action::Remove {
            id: StructureId(id)
        })),
        (cell(), kind()).prop_map(|(cell, kind)| Command::Preview(Some(Preview { cell, kind }))),
        any::<(u8, u8)>().prop_map(|(body, colour)| Command::SetLook(Look { body, colour })),
    ]
}
