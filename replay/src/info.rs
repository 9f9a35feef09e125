//! What a recording says of itself and how its bytes are spent, without rerunning it.

use std::collections::{BTreeMap, BTreeSet};

use input_log::{Entry, EntryOf, HashDetail, Header, Kernel, Kind, Recording};
use kernel::Translate;
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{Frame, PlayerId, Step};

use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::rerun::{Home, Job, Rules, header, open, with_kernel};
use crate::unread::Unread;

/// What is known of a recording without rerunning it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Where it comes from.
    pub header: Header,
    /// Where the kernel is that it names.
    pub home: Home,
    /// All its bytes.
    pub bytes: u64,
    /// The world's step number at its beginning and at its end.
    pub first_step: Step,
    /// The last step that it holds.
    pub last_step: Step,
    /// Steps with a frame.
    pub steps: u64,
    /// Steps that the room slept through.
    pub slept: u64,
    /// Blocks and their bytes, by kind.
    pub blocks: BTreeMap<&'static str, (u64, u64)>,
    /// Everybody who was in.
    pub players: BTreeSet<PlayerId>,
    /// Steps times players who were in: how many inputs it holds.
    pub inputs: u64,
    /// Button changes, commands, joins and leaves.
    pub entries: u64,
    /// What it no longer holds.
    pub lost: Option<Loss>,
}

impl Info {
    /// How long it lasts without sleep, in milliseconds.
    #[must_use]
    pub const fn millis(&self) -> u64 {
        self.steps * 1_000 / STEPS_PER_SECOND as u64
    }

    /// How the process ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        Exit::of_intact(self.lost.as_ref())
    }

    /// Whether every step's whole hash is kept.
    #[must_use]
    pub fn hash_detail(&self) -> &'static str {
        match self.header.hash_detail {
            HashDetail::EveryStep => "every-step",
            HashDetail::Check => "check",
        }
    }
}

/// Reads a recording's own account of itself.
///
/// # Errors
/// If the bytes are no recording. One of rules that there is no kernel for is described as far as that goes without: players
/// and what they did are not known.
pub fn info(bytes: &[u8], rules: &Rules) -> Result<Info, Failure> {
    let header = header(bytes)?;
    if *rules == Rules::Named && Home::of(&header) == Home::Nowhere {
        let recording = Recording::open_with(Unread, bytes);
        let recording = recording.map_err(|error| Failure::no_recording(&error))?;
        let mut info = describe(&recording, bytes.len());
        count(&recording, &mut info, |_, _| {});
        return Ok(info);
    }
    with_kernel(bytes, rules, Describe(bytes))
}

struct Describe<'a>(&'a [u8]);

impl Job for Describe<'_> {
    type Answer = Info;

    fn run<K: Translate>(self, kernel: K) -> Result<Info, Failure> {
        let recording = open(kernel.clone(), self.0)?;
        let mut info = describe(&recording, self.0.len());
        let mut present = BTreeSet::new();
        count(&recording, &mut info, |info, seen| match seen {
            Entry::Keyframe(keyframe) => {
                if let Ok(world) = kernel.restore(keyframe.encoded) {
                    let players = kernel.moment(&world).players;
                    present = players.iter().map(|player| player.id).collect();
                    info.players.extend(&present);
                }
            }
            Entry::Step { frame, .. } => enter(info, &mut present, &kernel.frame(frame)),
            Entry::Gap { .. } | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
        });
        Ok(info)
    }
}

fn describe<K: Kernel>(recording: &Recording<'_, K>, bytes: usize) -> Info {
    let header = recording.header().clone();
    let mut info = Info {
        home: Home::of(&header),
        header,
        bytes: bytes as u64,
        first_step: Step(0),
        last_step: recording.last_step().unwrap_or_default(),
        steps: 0,
        slept: 0,
        blocks: BTreeMap::new(),
        players: BTreeSet::new(),
        inputs: 0,
        entries: 0,
        lost: Loss::of(recording, bytes),
    };
    for kind in Kind::ALL {
        let of_kind = recording.blocks().iter().filter(|block| block.kind == kind);
        let counts = of_kind.fold((0, 0), |(blocks, bytes), block| {
            (blocks + 1, bytes + block.bytes as u64)
        });
        info.blocks.insert(kind.name(), counts);
    }
    info
}

/// Counts what every kernel counts alike, and shows each entry to `see`.
fn count<K: Kernel>(
    recording: &Recording<'_, K>,
    info: &mut Info,
    mut see: impl FnMut(&mut Info, EntryOf<'_, K>),
) {
    let mut first = None;
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) => {
                first.get_or_insert(keyframe.step);
            }
            Entry::Step { .. } => info.steps += 1,
            Entry::Gap { steps, .. } => info.slept = info.slept.saturating_add(steps),
            Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
        }
        see(info, entry);
    }
    info.first_step = first.unwrap_or_default();
}

/// Counts who is in and what was done in a step.
fn enter(info: &mut Info, present: &mut BTreeSet<PlayerId>, frame: &Frame) {
    for player in &frame.leaves {
        present.remove(player);
    }
    let joined = frame.joins.iter().map(|join| join.player);
    present.extend(joined.clone());
    info.players.extend(joined);
    info.inputs += present.len() as u64;
    let changes =
        frame.leaves.len() + frame.joins.len() + frame.buttons.len() + frame.commands.len();
    info.entries += changes as u64;
}
