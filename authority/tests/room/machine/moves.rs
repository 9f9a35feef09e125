//! What can happen to a room, drawn so that much of it is possible where the model stands.

use proptest::prelude::*;
use proptest::sample::select;
use protocol::{ClientCommand, Input};
use sim_core::rules::{ARENA_CELLS, SHOT_SPEED};
use sim_core::{Action, Aim, Buttons, Cell, Look, Player, Preview, StructureId, StructureKind};

use super::model::Model;

/// Who can come: two more than there are seats.
pub(crate) const USERS: usize = 34;

#[derive(Clone, Debug)]
pub(crate) enum Move {
    /// Milliseconds, in which the room is woken whenever it asks for it.
    Pass(u64),
    /// Milliseconds, in which nobody wakes it.
    Jump(u64),
    /// The token is the one that this connection was given, if it was.
    Connect {
        user: usize,
        binary: bool,
        token: Option<u64>,
    },
    Hangup {
        conn: u64,
        on_purpose: bool,
    },
    Say(u64, ClientCommand),
    /// Many pings at once.
    Pings(u64, u32),
    /// The same many times at once.
    Repeat(u64, ClientCommand, u32),
    /// Many messages that are none.
    Rubbish(u64, u32),
    /// A ping with the number of the message before.
    Again(u64),
    /// As many inputs, each with a shot, and time between them.
    Siege {
        conn: u64,
        first: u32,
        aim: Aim,
        shots: u32,
    },
    Flush,
    /// The room's memory is lost. What was flushed comes back from the recording or from the tables, with the
    /// connections or without.
    Restart {
        exact: bool,
        outlive: bool,
    },
}

impl Move {
    /// What the longer ones consist of.
    pub(crate) fn parts(&self) -> Option<Vec<Self>> {
        if let Self::Repeat(conn, command, times) = self {
            let once = Self::Say(*conn, command.clone());
            return Some(vec![once; *times as usize]);
        }
        let Self::Siege {
            conn,
            first,
            aim,
            shots,
        } = *self
        else {
            return None;
        };
        let shot = |input_seq| {
            let inputs = vec![Input {
                seq: input_seq,
                buttons: Buttons::NONE,
            }];
            [
                Self::Say(
                    conn,
                    ClientCommand::Act {
                        input_seq,
                        action: Action::Fire { aim },
                    },
                ),
                Self::Say(conn, batch(inputs)),
                Self::Pass(267),
            ]
        };
        let mut parts: Vec<_> = (first..first + shots).flat_map(shot).collect();
        // A shot flies for a second and a half.
        parts.push(Self::Pass(1_600));
        Some(parts)
    }
}

pub(crate) fn batch(inputs: Vec<Input>) -> ClientCommand {
    ClientCommand::InputBatch {
        inputs,
        snapshot_ack: None,
        snapshot_proof: None,
        predicted: None,
    }
}

pub(crate) fn moves(model: &Model) -> BoxedStrategy<Move> {
    let last = model.last_conn;
    let token = prop_oneof![
        3 => Just(None),
        // Mostly of somebody else or used, sometimes the one that is good.
        1 => (0..=last + 1).prop_map(Some),
    ];
    let few = if model.seats.len() < 30 {
        0..4
    } else {
        USERS - 4..USERS
    };
    let user = prop_oneof![4 => few, 1 => 0..USERS];
    let connect = (user, any::<bool>(), token).prop_map(|(user, binary, token)| Move::Connect {
        user,
        binary,
        token,
    });
    let good_tokens: Vec<_> = model.good_tokens().collect();
    let resume = if good_tokens.is_empty() {
        connect.clone().boxed()
    } else {
        (select(good_tokens), any::<bool>())
            .prop_map(|((user, conn), binary)| Move::Connect {
                user,
                binary,
                token: Some(conn),
            })
            .boxed()
    };
    let pass = prop_oneof![
        12 => (1..120_u64).prop_map(Move::Pass),
        2 => (500..4_000_u64).prop_map(Move::Pass),
        1 => (28_000..34_000_u64).prop_map(Move::Pass),
    ];
    let restart = (any::<bool>(), any::<bool>())
        .prop_map(|(exact, outlive)| Move::Restart { exact, outlive });
    let any_conn = last.saturating_sub(3)..=last;
    // Some, or more than a connection survives.
    let many = prop_oneof![1..20_u32, 170..200_u32];
    let rare = prop_oneof![
        3 => restart,
        3 => (1..3_000_u64).prop_map(Move::Jump),
        2 => Just(Move::Flush),
        2 => (any_conn.clone(), any::<bool>())
            .prop_map(|(conn, on_purpose)| Move::Hangup { conn, on_purpose }),
        1 => (any_conn.clone(), many.clone()).prop_map(|(conn, count)| Move::Pings(conn, count)),
        1 => (any_conn.clone(), many).prop_map(|(conn, count)| Move::Rubbish(conn, count)),
        1 => any_conn.prop_map(Move::Again),
    ];
    let open: Vec<u64> = model.connections.keys().copied().collect();
    if open.is_empty() {
        return prop_oneof![6 => connect, 6 => resume, 2 => pass, 1 => rare].boxed();
    }
    let speaker = select(open).prop_map({
        let model = model.clone();
        move |conn| Speaker::of(&model, conn)
    });
    let says = speaker.prop_flat_map(says);
    prop_oneof![4 => connect, 3 => resume, 24 => pass, 9 => rare, 70 => says].boxed()
}

/// Who says something, and what it can refer to.
#[derive(Clone, Debug)]
struct Speaker {
    conn: u64,
    next: u32,
    /// Where it stands, if it is in the world.
    player: Option<Player>,
    others: Vec<Player>,
    structures_max: u32,
}

impl Speaker {
    fn of(model: &Model, conn: u64) -> Self {
        let player = model.connections[&conn].player;
        let others = model.world.players().iter();
        Self {
            conn,
            next: model.seats[&player].input_buffer.next,
            player: model.world.player(player).copied(),
            others: others.filter(|one| one.id != player).copied().collect(),
            structures_max: model.world.next_structure().0 + 1,
        }
    }

    fn near(&self, x: u8, y: u8) -> Cell {
        let (last, middle) = (i32::from(ARENA_CELLS) - 1, i32::from(ARENA_CELLS) / 2);
        let at = |offset: u8, of: i32| (of + i32::from(offset) - 5).clamp(0, last) as u8;
        let (of_x, of_y) = self.player.map_or((middle, middle), |player| {
            (player.pos.x.cell(), player.pos.y.cell())
        });
        Cell {
            x: at(x, of_x),
            y: at(y, of_y),
        }
    }

    /// The direction towards somebody.
    fn towards(&self, nth: usize) -> Aim {
        let (Some(from), Some(to)) = (self.player, self.others.get(nth % self.others.len().max(1)))
        else {
            return Aim(0);
        };
        let (x, y) = (
            i64::from(to.pos.x.to_bits() - from.pos.x.to_bits()),
            i64::from(to.pos.y.to_bits() - from.pos.y.to_bits()),
        );
        let nearness = |aim: &Aim| {
            let along = aim.at_speed(SHOT_SPEED);
            x * i64::from(along.x.to_bits()) + y * i64::from(along.y.to_bits())
        };
        let all = (0..1_024).map(|direction| Aim(direction * 64));
        all.max_by_key(nearness).unwrap()
    }
}

fn says(speaker: Speaker) -> BoxedStrategy<Move> {
    let next = speaker.next;
    let conn = speaker.conn;
    let shift = prop_oneof![8 => Just(0_i32), 1 => -14..0_i32, 1 => 1..3_i32];
    let held = prop::collection::vec(0..16_u8, 1..=12);
    let by = prop_oneof![30 => Just(1_usize), 1 => 0..3_usize];
    let inputs = (shift, held, by).prop_map(move |(shift, held, by)| {
        let first = next.saturating_add_signed(shift);
        let inputs = held.into_iter().enumerate().map(|(nth, bits)| Input {
            seq: first + (nth * by) as u32,
            buttons: Buttons::from_bits_truncate(bits),
        });
        batch(inputs.collect())
    });
    let ahead = prop_oneof![6 => 0..2_i32, 2 => -16..0_i32, 2 => 2..15_i32];
    let input_seq = ahead.prop_map(move |ahead| next.saturating_add_signed(ahead));
    let cell = {
        let speaker = speaker.clone();
        (0..11_u8, 0..11_u8).prop_map(move |(x, y)| speaker.near(x, y))
    };
    let structure = select(&StructureKind::ALL[..]);
    let place =
        (input_seq.clone(), cell.clone(), structure.clone()).prop_map(|(input_seq, cell, kind)| {
            ClientCommand::Act {
                input_seq,
                action: Action::Place { cell, kind },
            }
        });
    let remove = (input_seq.clone(), 0..=speaker.structures_max).prop_map(|(input_seq, id)| {
        ClientCommand::Act {
            input_seq,
            action: Action::Remove {
                id: StructureId(id),
            },
        }
    });
    let fire = (input_seq, any::<u16>()).prop_map(|(input_seq, aim)| ClientCommand::Act {
        input_seq,
        action: Action::Fire { aim: Aim(aim) },
    });
    let preview = prop_oneof![
        Just(ClientCommand::Preview(None)),
        (cell, structure)
            .prop_map(|(cell, kind)| ClientCommand::Preview(Some(Preview { cell, kind }))),
    ];
    let name = prop_oneof![Just("default".to_owned()), "[a-t]"];
    let appearance = prop_oneof![
        name.clone()
            .prop_map(|character_id| ClientCommand::SelectCharacter { character_id }),
        (name, "[A-Z]{1,24}", 0..8_u8, 0..16_u8).prop_map(|(character_id, name, body, colour)| {
            ClientCommand::SaveCharacter {
                character_id,
                name,
                look: Look { body, colour },
            }
        }),
    ];
    let command = prop_oneof![
        10 => inputs, 5 => place, 2 => remove, 4 => fire, 2 => preview, 3 => appearance,
    ];
    let repeat = (command.clone(), 2..20_u32)
        .prop_map(move |(command, times)| Move::Repeat(conn, command, times));
    let siege = (0..32_usize, 1..9_u32).prop_map(move |(nth, shots)| Move::Siege {
        conn,
        first: next,
        aim: speaker.towards(nth),
        shots,
    });
    prop_oneof![
        20 => command.prop_map(move |command| Move::Say(conn, command)),
        1 => repeat,
        1 => siege,
    ]
    .boxed()
}
