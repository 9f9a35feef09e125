//! A recording in memory: decoded once, and then read from any step on.
//!
//! * A step is an index into flat lists: most steps change a few buttons, and an hour of them must fit into a page.
//! * What is held is bounded, whatever the bytes say. What finds no place is left out, and so is all that follows it.

use input_log::{Check, Entry, Kind, Recording};
use kernel::Translate;
use sim_core::{Buttons, Command, Frame, Join, Player, PlayerId, Step};

use crate::viewer::seen::Seen;

/// Bytes of decoded entries, roughly. An hour of a full room takes a tenth of it.
const HELD_BYTES_MAX: usize = 256 << 20;

/// A part of the recording that is played in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Steps with a frame each; `at` is the index of the first.
    Played {
        first: Step,
        steps: usize,
        at: usize,
        /// Over the hash after each of them.
        digest: Option<u64>,
    },
    /// Steps that the room slept through.
    Slept { first: Step, steps: u64 },
}

/// A whole world that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) step: Step,
    pub(super) encoded: Vec<u8>,
}

impl Key {
    /// # Panics
    /// Never for a key of a [`Log`]: each was decoded when it was read.
    pub(super) fn world<K: Translate>(&self, kernel: &K) -> K::World {
        let world = kernel.restore(&self.encoded);
        world.expect("the log holds no keyframe that is no world")
    }
}

/// A player's time in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) player: PlayerId,
    pub(super) look: sim_core::Look,
    /// The step that it entered in; none if it was there already.
    pub(super) joined: Option<Step>,
    pub(super) left: Option<Step>,
}

/// Who came and who went in a step.
#[derive(Clone, Debug, Default)]
struct Doors {
    index: usize,
    joins: Vec<Join>,
    leaves: Vec<PlayerId>,
}

/// What one step did besides joins and leaves: where its entries end in the flat lists.
#[derive(Clone, Copy, Debug)]
struct Row {
    check: Check,
    buttons_end: u32,
    commands_end: u32,
}

/// A recording in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    parts: Vec<Part>,
    /// Ascending; the first is where everything begins.
    keys: Vec<Key>,
    rows: Vec<Row>,
    buttons: Vec<(PlayerId, Buttons)>,
    commands: Vec<(PlayerId, Command)>,
    doors: Vec<Doors>,
    stays: Vec<Stay>,
    seen: Seen,
    last: Step,
    held_bytes: usize,
    /// From which step on there was no place.
    left_out_from: Option<Step>,
}

impl Log {
    /// Everything that the recording holds intact; none without a first keyframe.
    pub(super) fn read<K: Translate>(kernel: &K, recording: &Recording<'_, K>) -> Option<Self> {
        let mut log = Self::default();
        let mut windows = recording
            .blocks()
            .iter()
            .filter(|block| block.kind == Kind::Evidence)
            .map(|block| (block.first_step, block.steps));
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            if log.held_bytes > HELD_BYTES_MAX {
                log.left_out_from = Some(log.last.after(1));
                break;
            }
            match entry {
                Entry::Keyframe(key) => {
                    let Ok(world) = kernel.restore(key.encoded) else {
                        break;
                    };
                    let players = || kernel.moment(&world).players;
                    log.keyframe(key.step, key.encoded, players);
                }
                Entry::Step { step, frame, check } => {
                    log.step(step, &kernel.frame(frame), check);
                }
                Entry::Digest { digest: over, .. } => {
                    if let Some(Part::Played { digest, .. }) = log.parts.last_mut() {
                        *digest = Some(over);
                    }
                }
                Entry::Gap { first, steps } => {
                    log.parts.push(Part::Slept { first, steps });
                    log.last = first.after(steps - 1);
                }
                Entry::Evidence(evidence) => {
                    if let Some((first, steps)) = windows.next() {
                        log.held_bytes += log.seen.take(first, steps, &kernel.evidence(evidence));
                    }
                }
                Entry::End => {}
            }
        }
        (!log.keys.is_empty()).then_some(log)
    }

    fn keyframe(&mut self, step: Step, encoded: &[u8], players: impl FnOnce() -> Vec<Player>) {
        // A room that comes back where it just wrote a keyframe writes it again.
        if self.keys.last().is_some_and(|key| key.step == step) {
            return;
        }
        if self.keys.is_empty() {
            self.stays = players()
                .iter()
                .map(|player| Stay {
                    player: player.id,
                    look: player.look,
                    joined: None,
                    left: None,
                })
                .collect();
        }
        self.held_bytes += encoded.len();
        self.keys.push(Key {
            step,
            encoded: encoded.to_vec(),
        });
        self.last = step;
    }

    fn step(&mut self, step: Step, frame: &Frame, check: Check) {
        match self.parts.last_mut() {
            Some(Part::Played {
                steps,
                digest: None,
                ..
            }) => *steps += 1,
            Some(Part::Played { .. } | Part::Slept { .. }) | None => {
                self.parts.push(Part::Played {
                    first: step,
                    steps: 1,
                    at: self.rows.len(),
                    digest: None,
                });
            }
        }
        if !frame.joins.is_empty() || !frame.leaves.is_empty() {
            self.pass_doors(step, frame);
        }
        self.buttons.extend(&frame.buttons);
        self.commands.extend(&frame.commands);
        self.held_bytes += size_of::<Row>()
            + size_of_val(&*frame.buttons)
            + size_of_val(&*frame.commands)
            + size_of_val(&*frame.joins)
            + size_of_val(&*frame.leaves);
        self.rows.push(Row {
            check,
            buttons_end: self.buttons.len() as u32,
            commands_end: self.commands.len() as u32,
        });
        self.last = step;
    }

    fn pass_doors(&mut self, step: Step, frame: &Frame) {
        for &player in &frame.leaves {
            if let Some(stay) = self.open_stay(player) {
                stay.left = Some(step);
            }
        }
        for join in &frame.joins {
            if self.open_stay(join.player).is_none() {
                self.held_bytes += size_of::<Stay>();
                self.stays.push(Stay {
                    player: join.player,
                    look: join.look,
                    joined: Some(step),
                    left: None,
                });
            }
        }
        self.held_bytes += size_of::<Doors>();
        self.doors.push(Doors {
            index: self.rows.len(),
            joins: frame.joins.clone(),
            leaves: frame.leaves.clone(),
        });
    }

    fn open_stay(&mut self, player: PlayerId) -> Option<&mut Stay> {
        self.stays
            .iter_mut()
            .rev()
            .find(|stay| stay.player == player && stay.left.is_none())
    }

    /// Where everything begins.
    pub(super) fn first_step(&self) -> Step {
        self.keys.first().map_or(Step(0), |key| key.step)
    }

    /// The last step that it holds, those slept through included.
    pub(super) fn last_step(&self) -> Step {
        self.last
    }

    /// Steps with a frame.
    pub(super) fn played(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(super) fn stays(&self) -> &[Stay] {
        &self.stays
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }

    pub(super) fn left_out_from(&self) -> Option<Step> {
        self.left_out_from
    }

    /// The stay of a player that the world after this step is in.
    pub(super) fn stay(&self, player: PlayerId, step: Step) -> Option<&Stay> {
        self.stays.iter().rev().find(|stay| {
            stay.player == player
                && stay.joined.is_none_or(|joined| joined <= step)
                && stay.left.is_none_or(|left| step < left)
        })
    }

    /// The part that this step is in, with its index.
    pub(super) fn part(&self, step: Step) -> Option<(usize, Part)> {
        let behind = self.parts.partition_point(|part| part.first() <= step);
        let index = behind.checked_sub(1)?;
        let part = *self.parts.get(index)?;
        (step <= part.last()).then_some((index, part))
    }

    /// The keyframe of exactly this step.
    pub(super) fn key_at(&self, step: Step) -> Option<&Key> {
        let index = self.keys.binary_search_by_key(&step, |key| key.step).ok()?;
        self.keys.get(index)
    }

    /// The last keyframe that is not behind this step; the first if there is none.
    pub(super) fn key_before(&self, step: Step) -> &Key {
        let behind = self.keys.partition_point(|key| key.step <= step);
        &self.keys[behind.saturating_sub(1)]
    }

    /// The first keyframe that is not before this step.
    pub(super) fn key_from(&self, step: Step) -> Option<&Key> {
        self.keys
            .get(self.keys.partition_point(|key| key.step < step))
    }

    /// What is known of the hash after the step with this index.
    pub(super) fn check(&self, index: usize) -> Check {
        self.rows[index].check
    }

    /// What happened in the step with this index; the memory of `frame` is used again.
    pub(super) fn frame(&self, index: usize, frame: &mut Frame) {
        frame.clear();
        frame.buttons.extend_from_slice(self.buttons_of(index));
        frame.commands.extend_from_slice(self.commands_of(index));
        let doors = self
            .doors
            .binary_search_by_key(&index, |doors| doors.index)
            .ok()
            .and_then(|at| self.doors.get(at));
        if let Some(doors) = doors {
            frame.joins.extend_from_slice(&doors.joins);
            frame.leaves.extend_from_slice(&doors.leaves);
        }
    }

    /// What players did in this step; nothing if it was slept through.
    pub(super) fn commands(&self, step: Step) -> &[(PlayerId, Command)] {
        match self.part(step) {
            Some((_, Part::Played { first, at, .. })) => {
                self.commands_of(at + step.since(first) as usize)
            }
            Some((_, Part::Slept { .. })) | None => &[],
        }
    }

    /// What a player holds in this step, if it held `before` in the one before.
    pub(super) fn held(&self, player: PlayerId, before: Buttons, step: Step) -> Buttons {
        let Some((_, Part::Played { first, at, .. })) = self.part(step) else {
            return before;
        };
        let changes = self.buttons_of(at + step.since(first) as usize).iter();
        let mut own = changes.filter(|(of, _)| *of == player);
        own.next_back().map_or(before, |(_, buttons)| *buttons)
    }

    fn buttons_of(&self, index: usize) -> &[(PlayerId, Buttons)] {
        let before = index.checked_sub(1);
        let start = before.map_or(0, |before| self.rows[before].buttons_end);
        &self.buttons[start as usize..self.rows[index].buttons_end as usize]
    }

    fn commands_of(&self, index: usize) -> &[(PlayerId, Command)] {
        let before = index.checked_sub(1);
        let start = before.map_or(0, |before| self.rows[before].commands_end);
        &self.commands[start as usize..self.rows[index].commands_end as usize]
    }
}

impl Part {
    /// The first step of it.
    pub(super) const fn first(&self) -> Step {
        match *self {
            Self::Played { first, .. } | Self::Slept { first, .. } => first,
        }
    }

    /// Whether it ends with a digest.
    pub(super) const fn has_digest(&self) -> bool {
        matches!(
            self,
            Self::Played {
                digest: Some(_),
                ..
            }
        )
    }

    /// The last step of it.
    pub(super) const fn last(&self) -> Step {
        match *self {
            Self::Played { first, steps, .. } => first.after(steps as u64 - 1),
            Self::Slept { first, steps } => first.after(steps - 1),
        }
    }
}
