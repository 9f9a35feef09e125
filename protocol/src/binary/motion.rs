//! How players moved since the base: a guess that both sides make with the rules' own movement, and what it missed by.
//!
//! The guess is that the player held the base's buttons for some steps and the snapshot's since. The writer tries every
//! number of steps and says which; where the player collided with no other change, the guess is exact and costs a bit.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use sim_core::{Body, Buttons, PlayerId, Point, Pos, Steps, Vel, Velocity, player_fields};

use super::bits::{Reader, Writer, sized_bits};
use super::grid::Grid;
use crate::error::DecodeError;
use crate::limits::GLIDE_STEPS_MAX;
use crate::snapshot_delta::PlayerState;

/// Order of the code for waits.
const WAIT: u32 = 4;

/// Where a player was after each step since the base, by the guess; the last is where it is.
pub(super) type Track = Vec<Point>;

/// Where all players were.
pub(super) struct Tracks {
    tracks: BTreeMap<PlayerId, Track>,
}

impl Tracks {
    /// Everybody as in the base, but for those who left.
    pub(super) fn new(
        base: &BTreeMap<PlayerId, PlayerState>,
        removals: &BTreeSet<PlayerId>,
    ) -> Self {
        // A track of one place serves for any number of steps.
        let stays = base.iter().filter(|(id, _)| !removals.contains(id));
        Self {
            tracks: stays.map(|(id, state)| (*id, vec![state.pos])).collect(),
        }
    }

    pub(super) fn insert(&mut self, player: PlayerId, track: Track) {
        self.tracks.insert(player, track);
    }

    /// How many players there are, and how many are before this one.
    pub(super) fn seat(&self, player: PlayerId) -> Option<u32> {
        let seat = self.tracks.keys().position(|id| *id == player)?;
        u32::try_from(seat).ok()
    }

    pub(super) fn player(&self, seat: u32) -> Option<PlayerId> {
        self.tracks.keys().nth(usize::try_from(seat).ok()?).copied()
    }

    /// Bits that every seat fits.
    pub(super) fn seat_bits(&self) -> u32 {
        width(self.tracks.len())
    }

    /// Where the player was this many steps ago, the oldest known place if that is longer than known.
    pub(super) fn ago(&self, player: PlayerId, steps: usize) -> Point {
        let Some(track) = self.tracks.get(&player) else {
            return Point::default();
        };
        let last = track.len().saturating_sub(1);
        track
            .get(last.saturating_sub(steps))
            .copied()
            .unwrap_or_default()
    }
}

/// Bits that every number below `count` fits.
fn width(count: usize) -> u32 {
    count
        .saturating_sub(1)
        .checked_ilog2()
        .map_or(0, |place| place + 1)
}

/// How far the guess can be made: not for the dead, who do not walk, nor for too long a time.
fn guessed_steps(base: &PlayerState, elapsed: u64) -> usize {
    if base.is_alive() && elapsed <= GLIDE_STEPS_MAX {
        elapsed as usize
    } else {
        0
    }
}

fn path(start: Body, steps: usize, buttons: Buttons, player: PlayerId, grid: &Grid) -> Vec<Body> {
    let mut bodies = Vec::with_capacity(steps + 1);
    let mut body = start;
    bodies.push(body);
    for _ in 0..steps {
        grid.walk(&mut body, buttons, player);
        bodies.push(body);
    }
    bodies
}

/// The part of the guess in which nothing changes, the step from which on the snapshot's buttons are held, and the rest.
struct Guess {
    before: Vec<Body>,
    after: Vec<Body>,
    switch: usize,
}

impl Guess {
    fn end(&self) -> Body {
        *self.after.last().expect("a path has its start")
    }

    fn track(self) -> Track {
        let before = self.before.iter().take(self.switch);
        before.chain(&self.after).map(|body| body.pos).collect()
    }
}

fn body(state: &PlayerState) -> Body {
    Body {
        pos: state.pos,
        vel: state.vel,
    }
}

/// What must be added to `from` to get `to`, on each axis: position, then velocity.
fn missed(from: &Body, to: &Body) -> [i32; 4] {
    let less = |to: i32, from: i32| to.wrapping_sub(from);
    [
        less(to.pos.x.to_bits(), from.pos.x.to_bits()),
        less(to.pos.y.to_bits(), from.pos.y.to_bits()),
        less(to.vel.x.to_bits(), from.vel.x.to_bits()),
        less(to.vel.y.to_bits(), from.vel.y.to_bits()),
    ]
}

fn added(from: &Body, missed: [i32; 4]) -> Body {
    let [x, y, right, down] = missed;
    Body {
        pos: Point {
            x: Pos::from_bits(from.pos.x.to_bits().wrapping_add(x)),
            y: Pos::from_bits(from.pos.y.to_bits().wrapping_add(y)),
        },
        vel: Velocity {
            x: Vel::from_bits(from.vel.x.to_bits().wrapping_add(right)),
            y: Vel::from_bits(from.vel.y.to_bits().wrapping_add(down)),
        },
    }
}

fn best_guess(
    base: &PlayerState,
    now: &PlayerState,
    steps: usize,
    player: PlayerId,
    grid: &Grid,
) -> Guess {
    let before = path(body(base), steps, base.buttons, player, grid);
    let target = body(now);
    let guess = |switch: usize| {
        let after = path(before[switch], steps - switch, now.buttons, player, grid);
        let end = *after.last().expect("a path has its start");
        let cost: u32 = missed(&end, &target).into_iter().map(sized_bits).sum();
        (cost, switch, after)
    };
    let candidates = if base.buttons == now.buttons {
        steps..steps + 1
    } else {
        0..steps.max(1)
    };
    let (_, switch, after) = candidates
        .map(guess)
        .min_by_key(|(cost, ..)| *cost)
        .expect("there is a candidate");
    Guess {
        before,
        after,
        switch,
    }
}

pub(super) fn write(
    out: &mut Writer,
    player: PlayerId,
    base: Option<&PlayerState>,
    now: &PlayerState,
    elapsed: u64,
    grid: &Grid,
) -> Track {
    let newcomer = PlayerState::default();
    let (known, base) = (base.is_some(), base.unwrap_or(&newcomer));
    out.flag(now.buttons != base.buttons);
    if now.buttons != base.buttons {
        out.bits(now.buttons.to_bits().into(), 4);
    }
    let steps = if known {
        guessed_steps(base, elapsed)
    } else {
        0
    };
    let guess = best_guess(base, now, steps, player, grid);
    if now.buttons != base.buttons {
        out.bits(
            u32::try_from(guess.switch).expect("few steps are guessed"),
            width(steps),
        );
    }
    let missed = missed(&guess.end(), &body(now));
    out.flag(missed == [0; 4]);
    if missed != [0; 4] {
        missed.into_iter().for_each(|by| out.sized(by));
    }
    write_vitals(out, &base.after(elapsed), now);
    let mut track = guess.track();
    if let Some(last) = track.last_mut() {
        *last = now.pos;
    }
    track
}

pub(super) fn read(
    from: &mut Reader<'_>,
    player: PlayerId,
    base: Option<&PlayerState>,
    elapsed: u64,
    grid: &Grid,
) -> Result<(PlayerState, Track), DecodeError> {
    let newcomer = PlayerState::default();
    let (known, base) = (base.is_some(), base.unwrap_or(&newcomer));
    let changed = from.flag()?;
    let buttons = if changed {
        from.bits(4)? as u8
    } else {
        base.buttons.to_bits()
    };
    let buttons = Buttons::from_bits(buttons).ok_or_else(|| from.wrong())?;
    let steps = if known {
        guessed_steps(base, elapsed)
    } else {
        0
    };
    let switch = if changed {
        from.bits(width(steps))? as usize
    } else {
        steps
    };
    if switch > steps {
        return Err(from.wrong());
    }
    let before = path(body(base), switch, base.buttons, player, grid);
    let after = path(before[switch], steps - switch, buttons, player, grid);
    let guess = Guess {
        before,
        after,
        switch,
    };
    let mut missed = [0; 4];
    if !from.flag()? {
        for by in &mut missed {
            *by = from.sized()?;
        }
    }
    let Body { pos, vel } = added(&guess.end(), missed);
    let mut state = PlayerState {
        pos,
        vel,
        buttons,
        ..base.after(elapsed)
    };
    read_vitals(from, &mut state)?;
    let mut track = guess.track();
    if let Some(last) = track.last_mut() {
        *last = pos;
    }
    Ok((state, track))
}

macro_rules! vitals {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*) => {
        /// What is expected of a player's fields that are not guessed, and what is.
        fn write_vitals(out: &mut Writer, expected: &PlayerState, now: &PlayerState) {
            let same = true $(&& plain!($known, expected.$name == now.$name, true))*;
            out.flag(same);
            if !same {
                $(plain!($known, changed(out, expected.$name, now.$name), ());)*
            }
        }

        fn read_vitals(from: &mut Reader<'_>, state: &mut PlayerState) -> Result<(), DecodeError> {
            if !from.flag()? {
                $(plain!($known, take_changed(from, &mut state.$name)?, ());)*
            }
            Ok(())
        }
    };
}

/// One of two expressions, by whether a field is written plainly: what walking changes is guessed instead.
macro_rules! plain {
    (predicted, $plain:expr, $guessed:expr) => {
        $guessed
    };
    ($known:ident, $plain:expr, $guessed:expr) => {
        $plain
    };
}

player_fields!(in movement: vitals);

/// A field that is written if it is not as expected.
trait Plain: Copy + PartialEq {
    fn write(self, out: &mut Writer);
    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

impl Plain for u8 {
    fn write(self, out: &mut Writer) {
        out.bits(self.into(), 8);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.byte()
    }
}

impl Plain for Steps {
    fn write(self, out: &mut Writer) {
        out.number(self.0.into(), WAIT);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        from.small(WAIT).map(Self)
    }
}

fn changed<T: Plain>(out: &mut Writer, expected: T, now: T) {
    out.flag(expected == now);
    if expected != now {
        now.write(out);
    }
}

fn take_changed<T: Plain>(from: &mut Reader<'_>, field: &mut T) -> Result<(), DecodeError> {
    if !from.flag()? {
        *field = T::read(from)?;
    }
    Ok(())
}
