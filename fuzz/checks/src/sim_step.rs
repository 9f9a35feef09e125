//! Target `sim_step`: whatever the frames, every step leaves a world of the rules.
//!
//! First byte: where the world comes from, a seed (0) or an encoded world (1). Then records of [`frames`], and two more:
//! one restores the second of two worlds that must stay the same from the bytes of the first, one lets a quiet world
//! sleep.

use std::collections::BTreeSet;

use sim_core::movement::overlaps;
use sim_core::rules::ARENA_CELLS;
use sim_core::{Cell, Event, Frame, Player, Structures, World, diff};

use crate::bytes::{Fields, Seed};
use crate::frames::{self, Record, STEPS_MAX};

const SEEDED: u8 = 0;
const ENCODED: u8 = 1;

const RESTORE: u8 = frames::CODES;
const SLEEP: u8 = frames::CODES + 1;
const CODES: u8 = frames::CODES + 2;

/// Checks it.
pub fn sim_step(bytes: &[u8]) {
    let mut from = Fields::of(bytes);
    let Some(mut pair) = Pair::begin(&mut from) else {
        return;
    };
    let mut frame = Frame::default();
    while !from.is_empty() && pair.steps < STEPS_MAX {
        match from.u8() % CODES {
            RESTORE => pair.restore(),
            SLEEP => pair.sleep(from.u16().into()),
            code => {
                if let Record::Steps { empty } =
                    frames::read(code, &mut from, &pair.linear, &mut frame)
                {
                    pair.step(&frame);
                    frame.clear();
                    (0..empty).for_each(|_| pair.step(&frame));
                }
            }
        }
    }
    pair.step(&frame);
    pair.restore();
}

/// An input that plays these frames in a world.
pub(crate) fn seed<'f>(world: &World, played: impl IntoIterator<Item = &'f Frame>) -> Vec<u8> {
    let mut to = Seed::default();
    to.u8(ENCODED);
    to.block(&world.encode());
    for frame in played {
        frames::write(&mut to, frame);
    }
    to.into_bytes()
}

/// A world that was never interrupted, and one that was.
struct Pair {
    linear: World,
    restored: World,
    steps: u32,
}

impl Pair {
    fn begin(from: &mut Fields<'_>) -> Option<Self> {
        let world = match from.u8() % 2 {
            SEEDED => World::new(from.u64()),
            _ => {
                let bytes = from.block();
                let world = World::decode(bytes).ok()?;
                assert_eq!(world.encode(), bytes, "what is decoded encodes to the same");
                world
            }
        };
        Some(Self {
            restored: world.clone(),
            linear: world,
            steps: 0,
        })
    }

    fn restore(&mut self) {
        self.restored =
            World::decode(&self.linear.encode()).expect("a world decodes its own bytes");
        self.compare();
    }

    fn sleep(&mut self, steps: u64) {
        if !self.linear.is_quiet() {
            return;
        }
        self.linear.fast_forward(steps);
        if steps < u64::from(STEPS_MAX - self.steps) {
            let nothing = Frame::default();
            (0..steps).for_each(|_| self.restored.step(&nothing));
            self.steps += steps as u32;
        } else {
            self.restored.fast_forward(steps);
        }
        self.compare();
    }

    fn step(&mut self, frame: &Frame) {
        if self.steps >= STEPS_MAX {
            return;
        }
        self.steps += 1;
        let before = self.linear.clone();
        self.linear.step(frame);
        self.restored.step(frame);
        assert_eq!(
            self.linear.hash(),
            self.restored.hash(),
            "seek equals linear"
        );
        assert_eq!(self.linear.events(), self.restored.events());
        if !frame.is_empty() || self.steps.is_multiple_of(16) {
            self.compare();
            holds(&self.linear);
        }
        nobody_entered_what_blocks(&before, &self.linear);
        if !frame.commands.is_empty() {
            what_is_rejected_changes_nothing(before, frame, &self.linear);
        }
    }

    fn compare(&self) {
        assert_eq!(diff(&self.linear, &self.restored), None);
        assert_eq!(self.linear.hash(), self.restored.hash());
    }
}

/// What decoding checks, and what it takes for granted.
fn holds(world: &World) {
    let decoded = World::decode(&world.encode());
    assert_eq!(decoded.as_ref(), Ok(world), "every world can be restored");
    let mut anew = Structures::new();
    for structure in world.structures().iter() {
        anew.insert(*structure).expect("it stands there");
        assert_eq!(world.structures().at(structure.cell), Some(structure));
    }
    assert_eq!(anew.digest(), world.structures().digest());
    for player in world.players() {
        assert_eq!(world.player(player.id), Some(player));
        let owned = world.structures().iter();
        let owned = owned
            .filter(|structure| structure.owner == player.id)
            .count();
        assert_eq!(owned, world.structures().owned_by(player.id));
    }
}

fn overlapped(player: &Player) -> BTreeSet<Cell> {
    let near =
        |axis: i32| (axis - 1).max(0) as u8..=(axis + 1).clamp(0, i32::from(ARENA_CELLS) - 1) as u8;
    let rows = near(player.pos.y.cell());
    near(player.pos.x.cell())
        .flat_map(|x| rows.clone().map(move |y| Cell { x, y }))
        .filter(|&cell| overlaps(player.pos, cell))
        .collect()
}

fn nobody_entered_what_blocks(before: &World, after: &World) {
    for player in after.players().iter().filter(|player| player.is_alive()) {
        let came = |event: &Event| matches!(event, Event::Joined { player: id } | Event::Respawned { player: id } if *id == player.id);
        let Some(was) = before.player(player.id) else {
            continue;
        };
        if was.pos == player.pos || after.events().iter().any(came) {
            continue;
        }
        let was_in = overlapped(was);
        for cell in overlapped(player).difference(&was_in) {
            for structures in [before.structures(), after.structures()] {
                let wall = structures.at(*cell).filter(|wall| wall.blocks(player.id));
                assert_eq!(wall, None, "{player:?} entered it");
            }
        }
    }
}

fn what_is_rejected_changes_nothing(mut before: World, frame: &Frame, after: &World) {
    let rejected: BTreeSet<usize> = after
        .events()
        .iter()
        .filter_map(|event| {
            if let Event::Rejected { command_index, .. } = event {
                Some(usize::from(*command_index))
            } else {
                None
            }
        })
        .collect();
    if rejected.is_empty() {
        return;
    }
    let mut allowed = frame.clone();
    let mut place = 0;
    allowed.commands.retain(|_| {
        place += 1;
        !rejected.contains(&(place - 1))
    });
    before.step(&allowed);
    assert_eq!(diff(&before, after), None, "the rejected has no effect");
}
