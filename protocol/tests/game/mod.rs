//! A game that is played at random: worlds that no test has to think up.

#![allow(
    dead_code,
    reason = "every test is a crate of its own and plays only its part"
)]

use std::collections::BTreeMap;

use protocol::{Identity, Mode, Receipt, ServerBody, ServerMessage, Snapshot, Timing, View};
use sim_core::rules::STRUCTURES_PER_PLAYER_MAX;
use sim_core::{
    Action, Aim, Buttons, Cell, Command, DurableWorld, Frame, Join, Look, PlayerId, Preview,
    ProjectileId, Rng, Step, Structure, StructureId, StructureKind, World,
};

/// How a game is played.
pub(crate) struct Play {
    pub(crate) players: u16,
    pub(crate) structures: u32,
    /// What the structures are.
    pub(crate) kinds: &'static [StructureKind],
    /// Shots in flight from which on nobody fires any more.
    pub(crate) shots: usize,
    /// A player changes buttons once in so many steps.
    pub(crate) change: u32,
    /// A player builds, takes away, previews or leaves once in so many steps.
    pub(crate) act: u32,
}

/// A world with players who press and fire at random.
pub(crate) struct Game {
    pub(crate) world: World,
    play: Play,
    rng: Rng,
    held: BTreeMap<PlayerId, Buttons>,
    identities: BTreeMap<PlayerId, Identity>,
    next_player: u16,
}

impl Game {
    pub(crate) fn new(seed: u64, play: Play) -> Self {
        let mut rng = Rng::new(seed);
        let mut cells: Vec<Cell> = (0..64)
            .flat_map(|y| (0..64).map(move |x| Cell { x, y }))
            .collect();
        for end in (1..cells.len()).rev() {
            cells.swap(end, rng.below(end as u32 + 1) as usize);
        }
        let structures = cells
            .into_iter()
            .zip(0..play.structures)
            .map(|(cell, number)| {
                let kind = play.kinds[number as usize % play.kinds.len()];
                Structure {
                    id: StructureId(number + 1),
                    owner: PlayerId(1 + (number % u32::from(play.players)) as u16),
                    kind,
                    cell,
                    hp: kind.hp_max(),
                }
            });
        let world = World::hydrate(DurableWorld {
            step: Step(100_000),
            seed,
            structures: structures.collect(),
            next_structure: StructureId(play.structures + 1),
            next_projectile: ProjectileId(1),
        });
        let mut game = Self {
            world: world.expect("the structures are in different cells"),
            rng,
            held: BTreeMap::new(),
            identities: BTreeMap::new(),
            next_player: 1,
            play,
        };
        assert!(
            game.play.structures.div_ceil(game.play.players.into()) as usize
                <= STRUCTURES_PER_PLAYER_MAX
        );
        let mut frame = Frame::default();
        while game.held.len() < usize::from(game.play.players) {
            game.enter(&mut frame);
        }
        game.world.step(&frame);
        game
    }

    fn enter(&mut self, frame: &mut Frame) {
        let player = PlayerId(self.next_player);
        self.next_player += 1;
        self.held.insert(player, Buttons::NONE);
        let name = format!("Player {player} ünïcode");
        self.identities.insert(
            player,
            Identity {
                name,
                connected: true,
            },
        );
        let look = Look {
            body: self.rng.below(8) as u8,
            colour: self.rng.below(16) as u8,
        };
        frame.joins.push(Join {
            player,
            look,
            saved: None,
        });
    }

    /// One step of play.
    pub(crate) fn step(&mut self) {
        let mut frame = Frame::default();
        let players: Vec<_> = self.held.keys().copied().collect();
        let mut shots = self.world.projectiles().len();
        for player in players {
            if self.rng.chance(1, self.play.change) {
                let buttons = Buttons::from_bits_truncate(self.rng.next_u32() as u8);
                if self.held.insert(player, buttons) != Some(buttons) {
                    frame.buttons.push((player, buttons));
                }
            }
            if shots < self.play.shots {
                shots += 1;
                let aim = Aim(self.rng.next_u32() as u16);
                frame
                    .commands
                    .push((player, Command::Act(Action::Fire { aim })));
            }
            if self.rng.chance(1, self.play.act) {
                self.act(player, &mut frame);
            }
        }
        self.world.step(&frame);
    }

    fn act(&mut self, player: PlayerId, frame: &mut Frame) {
        let Some(&state) = self.world.player(player) else {
            return;
        };
        let near = |axis: i32, by: u32| (axis - 3 + by as i32).clamp(0, 63) as u8;
        let cell = Cell {
            x: near(state.pos.x.cell(), self.rng.below(7)),
            y: near(state.pos.y.cell(), self.rng.below(7)),
        };
        let kind = StructureKind::ALL[self.rng.below(3) as usize];
        let command = match self.rng.below(8) {
            0..=2 => Command::Act(Action::Place { cell, kind }),
            3 => match self.world.structures().iter().find(|at| at.owner == player) {
                Some(own) => Command::Act(Action::Remove { id: own.id }),
                None => return,
            },
            4 => Command::Preview(Some(Preview { cell, kind })),
            5 => Command::Preview(None),
            6 => {
                let connected = &mut self.identities.entry(player).or_default().connected;
                *connected = !*connected;
                return;
            }
            _ => {
                self.held.remove(&player);
                self.identities.remove(&player);
                frame.leaves.push(player);
                self.enter(frame);
                return;
            }
        };
        frame.commands.push((player, command));
    }

    /// From now on nobody fires.
    pub(crate) fn cease_fire(&mut self) {
        self.play.shots = 0;
    }

    pub(crate) fn view(&self) -> View {
        View::capture(&self.world, &self.identities)
    }
}

/// A message with the snapshot that leads from `base` to `now`.
pub(crate) fn snapshot(id: u32, base: Option<(u32, &View)>, now: &View) -> ServerMessage {
    ServerMessage {
        server_time: 1_790_000_000_000.0 + 100.0 * f64::from(id),
        step: now.step,
        body: ServerBody::Snapshot(Snapshot {
            id,
            proof: Some(Receipt(0x9f31_c2d4 ^ id)),
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base.map(|(id, _)| id),
            local_ack_seq: Some(id * 6),
            timing: Timing {
                buffer_depth: 4,
                starved: 3,
                dropped: 0,
                idle: false,
            },
            features: View::diff(base.map(|(_, base)| base), now),
        }),
    }
}
