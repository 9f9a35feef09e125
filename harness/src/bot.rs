//! Players without people: what to press, shoot and build, decided once a predicted step.
//!
//! * A brain sees what a player sees, through the public functions of `netcode::Client`, and answers with the inputs
//!   that a keyboard and a mouse would make. So it plays over virtual links as over real sockets.
//! * It decides with integers and a seeded generator: the same client and seed decide the same.

use netcode::{Client, Input};
use protocol::View;
use serde::{Deserialize, Serialize};
use sim_core::rules::{PLAYER_POS_MAX, PLAYER_POS_MIN, STEPS_PER_SECOND};
use sim_core::{Action, Buttons, Cell, Player, Point, Preview, Rng, StructureKind};

use crate::aiming::{aim_at, distance_squared};

/// What kind of player a bot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Behaviour {
    /// Holds a direction and changes it about once in twelve steps.
    Walker,
    /// Goes from place to place and rests in between.
    Wanderer,
    /// Stays near a place of its own and fortifies it.
    Builder,
    /// Seeks the nearest other player and shoots.
    Fighter,
    /// Picks a place, stays there, and shoots at who comes near.
    Camper,
    /// Presses everything, whether it is allowed or not: some action every fifth step, other buttons every fourth.
    Spammer,
}

impl Behaviour {
    /// Every behaviour.
    pub const ALL: [Self; 6] = [
        Self::Walker,
        Self::Wanderer,
        Self::Builder,
        Self::Fighter,
        Self::Camper,
        Self::Spammer,
    ];

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Walker => "walker",
            Self::Wanderer => "wanderer",
            Self::Builder => "builder",
            Self::Fighter => "fighter",
            Self::Camper => "camper",
            Self::Spammer => "spammer",
        }
    }
}

/// One bot's mind. Call [`BotBrain::think`] once for every `netcode::Output::Stepped`.
#[derive(Clone, Debug)]
pub struct BotBrain {
    behaviour: Behaviour,
    rng: Rng,
    held: Buttons,
    goal: Option<Point>,
    /// Where it belongs, once it knows where it is.
    home: Option<Point>,
    resting: u32,
    /// What it is about to build, and when.
    plan: Option<(Preview, u32)>,
    until_shot: u32,
    resigned: bool,
    paused: bool,
}

/// Structures that a builder keeps standing, so that the arena stays passable.
const FORT_STRUCTURES_MAX: usize = 24;
/// How far a builder's fort reaches from its home, in cells.
const FORT_CELLS: u32 = 4;
/// How near another player has to be before a fighter or camper shoots, in cells.
const SHOOTING_CELLS: i32 = 18;
/// How near a goal counts as reached: half a cell.
const NEAR_BITS: i32 = 1 << 15;

impl BotBrain {
    /// A bot of this kind; its decisions follow from the seed and from what it sees.
    #[must_use]
    pub const fn new(behaviour: Behaviour, seed: u64) -> Self {
        Self {
            behaviour,
            rng: Rng::new(seed),
            held: Buttons::NONE,
            goal: None,
            home: None,
            resting: 0,
            plan: None,
            until_shot: 0,
            resigned: false,
            paused: false,
        }
    }

    /// Lets go of everything, for good.
    pub fn rest(&mut self) {
        self.resigned = true;
    }

    /// Lets go of everything, or goes on.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// What kind of player it is.
    #[must_use]
    pub const fn behaviour(&self) -> Behaviour {
        self.behaviour
    }

    /// What to do on the client's next step.
    pub fn think(&mut self, client: &Client) -> Vec<Input<'static>> {
        if self.resigned || self.paused {
            self.held = Buttons::NONE;
            return vec![Input::Buttons(Buttons::NONE), Input::Preview(None)];
        }
        let mut doing = Vec::new();
        let (Some(own), Some(view)) = (client.predicted(), client.view()) else {
            return doing;
        };
        let home = *self.home.get_or_insert(own.pos);
        let held = match self.behaviour {
            Behaviour::Walker => self.walk(),
            Behaviour::Wanderer => self.wander(own),
            Behaviour::Builder => {
                self.build(own, home, client, &mut doing);
                self.stay_near(own, home)
            }
            Behaviour::Fighter => {
                let target = nearest(own, view);
                self.shoot(own, target, &mut doing);
                self.chase(own, target)
            }
            Behaviour::Camper => {
                let target = nearest(own, view);
                self.shoot(own, target, &mut doing);
                self.camp(own)
            }
            Behaviour::Spammer => self.spam(own, client, &mut doing),
        };
        if held != self.held {
            self.held = held;
            doing.push(Input::Buttons(held));
        }
        doing
    }

    fn walk(&mut self) -> Buttons {
        if self.rng.chance(1, 12) {
            Buttons::from_bits_truncate(self.rng.below(16) as u8)
        } else {
            self.held
        }
    }

    fn wander(&mut self, own: &Player) -> Buttons {
        if self.resting > 0 {
            self.resting -= 1;
            return Buttons::NONE;
        }
        let goal = match self.goal {
            Some(goal) => goal,
            None => self.anywhere(),
        };
        self.goal = Some(goal);
        let held = towards(own.pos, goal);
        // Who is held up by a wall for long picks another goal.
        if held.is_empty() || self.rng.chance(1, 10 * STEPS_PER_SECOND) {
            self.goal = None;
            self.resting = self.rng.below(3 * STEPS_PER_SECOND);
        }
        held
    }

    fn stay_near(&mut self, own: &Player, home: Point) -> Buttons {
        let far = i64::from(FORT_CELLS) << 16;
        if distance_squared(own.pos, home) > far * far {
            towards(own.pos, home)
        } else if self.rng.chance(1, 20) {
            Buttons::from_bits_truncate(self.rng.below(16) as u8)
        } else {
            self.held
        }
    }

    fn chase(&mut self, own: &Player, target: Option<Point>) -> Buttons {
        // Keeps some distance and does not run straight, or every fight would be the same.
        let close = 6_i64 << 16;
        match target {
            Some(target) if distance_squared(own.pos, target) > close * close => {
                if self.rng.chance(1, 6) {
                    towards(own.pos, target)
                } else {
                    self.held
                }
            }
            Some(_) => self.walk(),
            None => self.wander(own),
        }
    }

    fn camp(&mut self, own: &Player) -> Buttons {
        let goal = match self.goal {
            Some(goal) => goal,
            None => self.anywhere(),
        };
        self.goal = Some(goal);
        if self.rng.chance(1, 40 * STEPS_PER_SECOND) {
            self.goal = None;
        }
        towards(own.pos, goal)
    }

    fn spam(&mut self, own: &Player, client: &Client, doing: &mut Vec<Input<'static>>) -> Buttons {
        match self.rng.below(20) {
            0 => doing.push(Input::Act(Action::Fire {
                aim: sim_core::Aim(self.rng.next_u32() as u16),
            })),
            1 => {
                let (cell, kind) = (self.cell_near(own.pos, 6), self.kind());
                doing.push(Input::Act(Action::Place { cell, kind }));
            }
            2 => {
                let structures = client.structures();
                let picked = self.rng.below(structures.len().max(1) as u32) as usize;
                if let Some(structure) = structures.iter().nth(picked) {
                    doing.push(Input::Act(Action::Remove { id: structure.id }));
                }
            }
            3 => {
                let shown = Preview {
                    cell: self.cell_near(own.pos, 6),
                    kind: self.kind(),
                };
                doing.push(Input::Preview(self.rng.chance(3, 4).then_some(shown)));
            }
            _ => {}
        }
        if self.rng.chance(1, 4) {
            Buttons::from_bits_truncate(self.rng.below(16) as u8)
        } else {
            self.held
        }
    }

    fn build(
        &mut self,
        own: &Player,
        home: Point,
        client: &Client,
        doing: &mut Vec<Input<'static>>,
    ) {
        if !own.is_alive() {
            self.plan = None;
            return;
        }
        if let Some((preview, wait)) = &mut self.plan {
            if *wait > 0 {
                *wait -= 1;
                return;
            }
            let Preview { cell, kind } = *preview;
            self.plan = None;
            doing.push(Input::Act(Action::Place { cell, kind }));
            return;
        }
        if !self.rng.chance(1, 30) {
            return;
        }
        let mine = || {
            let all = client.structures().iter();
            all.filter(|structure| {
                structure.owner == own.id && !Client::is_provisional(structure.id)
            })
        };
        let standing = mine().count();
        if standing >= FORT_STRUCTURES_MAX || (standing > 4 && self.rng.chance(1, 8)) {
            let picked = self.rng.below(standing as u32) as usize;
            if let Some(structure) = mine().nth(picked) {
                doing.push(Input::Act(Action::Remove { id: structure.id }));
            }
            return;
        }
        let preview = Preview {
            cell: self.cell_near(home, FORT_CELLS),
            kind: self.kind(),
        };
        doing.push(Input::Preview(Some(preview)));
        self.plan = Some((preview, self.rng.below(30)));
    }

    fn shoot(&mut self, own: &Player, target: Option<Point>, doing: &mut Vec<Input<'static>>) {
        if self.until_shot > 0 {
            self.until_shot -= 1;
            return;
        }
        let range = i64::from(SHOOTING_CELLS) << 16;
        let Some(target) = target.filter(|at| distance_squared(own.pos, *at) < range * range)
        else {
            return;
        };
        if own.is_alive() && own.fire_wait.is_zero() {
            // A hand that trembles: up to four degrees to either side.
            let trembling = (self.rng.below(1 << 11) as u16).wrapping_sub(1 << 10);
            let aim = sim_core::Aim(aim_at(own.pos, target).0.wrapping_add(trembling));
            doing.push(Input::Act(Action::Fire { aim }));
            self.until_shot = 12 + self.rng.below(20);
        }
    }

    fn kind(&mut self) -> StructureKind {
        let all = StructureKind::ALL;
        all[self.rng.below(all.len() as u32) as usize]
    }

    fn anywhere(&mut self) -> Point {
        let span = PLAYER_POS_MAX.to_bits() - PLAYER_POS_MIN.to_bits();
        let mut axis = || {
            let along = self.rng.below(span as u32) as i32;
            sim_core::Pos::from_bits(PLAYER_POS_MIN.to_bits() + along)
        };
        Point {
            x: axis(),
            y: axis(),
        }
    }

    /// A cell at most `cells` away on each axis, inside of the arena.
    fn cell_near(&mut self, around: Point, cells: u32) -> Cell {
        let mut axis = |middle: i32| {
            let offset = self.rng.below(2 * cells + 1) as i32 - cells as i32;
            let last = i32::from(sim_core::rules::ARENA_CELLS) - 1;
            (middle + offset).clamp(0, last) as u8
        };
        Cell {
            x: axis(around.x.cell()),
            y: axis(around.y.cell()),
        }
    }
}

/// The buttons that lead from one point to another; none within half a cell of it.
fn towards(from: Point, to: Point) -> Buttons {
    let (right, down) = (
        to.x.to_bits() - from.x.to_bits(),
        to.y.to_bits() - from.y.to_bits(),
    );
    Buttons::new(
        down < -NEAR_BITS,
        down > NEAR_BITS,
        right < -NEAR_BITS,
        right > NEAR_BITS,
    )
}

/// Where the nearest other living player is, as of the newest snapshot.
fn nearest(own: &Player, view: &View) -> Option<Point> {
    view.players
        .iter()
        .filter(|(id, state)| **id != own.id && state.is_alive())
        .map(|(_, state)| state.pos)
        .min_by_key(|pos| distance_squared(own.pos, *pos))
}
