//! What a recording says of itself and how its bytes are spent, without rerunning it.

use std::collections::{BTreeMap, BTreeSet};

use input_log::{Entry, HashDetail, Header, Kind, Recording};
use sim_core::rules::STEPS_PER_SECOND;
use sim_core::{PlayerId, Step};

use crate::exit::{Exit, Failure};
use crate::loss::Loss;
use crate::rerun::open;

/// What is known of a recording without rerunning it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Where it comes from.
    pub header: Header,
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
/// If the bytes are no recording. One of other rules can still be described.
pub fn info(bytes: &[u8]) -> Result<Info, Failure> {
    let recording = open(bytes, true)?;
    let mut info = Info {
        header: recording.header().clone(),
        bytes: bytes.len() as u64,
        first_step: Step(0),
        last_step: recording.last_step().unwrap_or_default(),
        steps: 0,
        slept: 0,
        blocks: BTreeMap::new(),
        players: BTreeSet::new(),
        inputs: 0,
        entries: 0,
        lost: Loss::of(&recording, bytes.len()),
    };
    for kind in Kind::ALL {
        let of_kind = recording.blocks().iter().filter(|block| block.kind == kind);
        let counts = of_kind.fold((0, 0), |(blocks, bytes), block| {
            (blocks + 1, bytes + block.bytes as u64)
        });
        info.blocks.insert(kind.name(), counts);
    }
    count(&recording, &mut info);
    Ok(info)
}

fn count(recording: &Recording<'_>, info: &mut Info) {
    let mut present: BTreeSet<PlayerId> = BTreeSet::new();
    let mut first = None;
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) => {
                first.get_or_insert(keyframe.step);
                // A keyframe of other rules cannot be read; then only who joins later is known.
                if let Ok(world) = keyframe.world() {
                    present = world.players().iter().map(|player| player.id).collect();
                    info.players.extend(&present);
                }
            }
            Entry::Step { frame, .. } => {
                for player in &frame.leaves {
                    present.remove(player);
                }
                let joined = frame.joins.iter().map(|join| join.player);
                present.extend(joined.clone());
                info.players.extend(joined);
                info.steps += 1;
                info.inputs += present.len() as u64;
                let changes = frame.leaves.len()
                    + frame.joins.len()
                    + frame.buttons.len()
                    + frame.commands.len();
                info.entries += changes as u64;
            }
            Entry::Gap { steps, .. } => info.slept = info.slept.saturating_add(steps),
            Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
        }
    }
    info.first_step = first.unwrap_or_default();
}
