//! What snapshots show of a world, and how one view becomes a later one.

use alloc::collections::BTreeMap;
use alloc::string::String;

use sim_core::{
    Player, PlayerId, Preview, Projectile, ProjectileId, Step, Structure, StructureId, World,
};

use crate::changes::Changes;
use crate::limits::DELTA_STEPS_MAX;
use crate::snapshot_delta::{BuildChanges, PlayerState, Presence, SnapshotDelta};

/// Everything of a world that clients may know, after `step`.
///
/// Two views are equal exactly if every replicated bit is: "a merged delta equals the full snapshot" is `==`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Steps that the world has done.
    pub step: Step,
    /// Who is in the room.
    pub presence: BTreeMap<PlayerId, Presence>,
    /// Where they are.
    pub players: BTreeMap<PlayerId, PlayerState>,
    /// What stands.
    pub structures: BTreeMap<StructureId, Structure>,
    /// What players are about to build.
    pub previews: BTreeMap<PlayerId, Preview>,
    /// What flies.
    pub projectiles: BTreeMap<ProjectileId, Projectile>,
}

/// What the authority knows of a player and the world does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// What others read.
    pub name: String,
    /// Whether a connection steers the player at the moment.
    pub connected: bool,
}

/// Why changes do not belong to a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// The changes are from before the view.
    #[error("changes of step {step} cannot follow the view of step {view}")]
    Backwards {
        /// The view's.
        view: Step,
        /// The changes'.
        step: Step,
    },
    /// The changes are too far from the view.
    #[error("changes of step {step} are too far from the view of step {view}")]
    TooFar {
        /// The view's.
        view: Step,
        /// The changes'.
        step: Step,
    },
    /// They remove what is not there.
    #[error("changes of {channel} remove {id}, which is not there")]
    UnknownRemoval {
        /// The channel.
        channel: &'static str,
        /// The entry.
        id: u32,
    },
}

impl View {
    /// What there is to see. A player without an identity has an empty name and is not connected.
    #[must_use]
    pub fn capture(world: &World, identities: &BTreeMap<PlayerId, Identity>) -> Self {
        let presence = |player: &Player| {
            let Identity { name, connected } =
                identities.get(&player.id).cloned().unwrap_or_default();
            Presence::of(player, name, connected)
        };
        let players = world.players();
        Self {
            step: world.step_number(),
            presence: players
                .iter()
                .map(|player| (player.id, presence(player)))
                .collect(),
            players: players
                .iter()
                .map(|player| (player.id, player.into()))
                .collect(),
            structures: world.structures().iter().map(|at| (at.id, *at)).collect(),
            previews: players
                .iter()
                .filter_map(|player| Some((player.id, player.preview?)))
                .collect(),
            projectiles: world
                .projectiles()
                .iter()
                .map(|shot| (shot.id, *shot))
                .collect(),
        }
    }

    /// What changed from `base` to `now`, or everything if there is no base.
    #[must_use]
    pub fn diff(base: Option<&Self>, now: &Self) -> SnapshotDelta {
        let nothing = Self::default();
        let base = base.unwrap_or(&nothing);
        // Only what dead-reckoning changes is copied: the rest is most of a view.
        let mut moving = Self {
            step: base.step,
            players: base.players.clone(),
            projectiles: base.projectiles.clone(),
            ..Self::default()
        };
        moving.dead_reckon(now.step);
        SnapshotDelta {
            presence: changes(&base.presence, &now.presence),
            movement: changes(&moving.players, &now.players),
            build: BuildChanges {
                structures: changes(&base.structures, &now.structures),
                previews: changes(&base.previews, &now.previews),
            },
            projectile: changes(&moving.projectiles, &now.projectiles),
        }
    }

    /// The view of `step` that a full snapshot holds.
    ///
    /// # Errors
    /// If it removes something: nothing was there.
    pub fn from_full(features: &SnapshotDelta, step: Step) -> Result<Self, ApplyError> {
        let mut view = Self {
            step,
            ..Self::default()
        };
        view.apply(features, step)?;
        Ok(view)
    }

    /// Becomes the view of `step`: dead-reckons to it, then removes, then upserts. The view is unusable after an error.
    ///
    /// # Errors
    /// If the changes were made against another view.
    pub fn apply(&mut self, features: &SnapshotDelta, step: Step) -> Result<(), ApplyError> {
        if step < self.step {
            return Err(ApplyError::Backwards {
                view: self.step,
                step,
            });
        }
        if step.since(self.step) > DELTA_STEPS_MAX {
            return Err(ApplyError::TooFar {
                view: self.step,
                step,
            });
        }
        self.dead_reckon(step);
        let SnapshotDelta {
            presence,
            movement,
            build,
            projectile,
        } = features;
        merge(&mut self.presence, presence, "presence", |id| id.0.into())?;
        merge(&mut self.players, movement, "movement", |id| id.0.into())?;
        merge(&mut self.structures, &build.structures, "build", |id| id.0)?;
        merge(
            &mut self.previews,
            &build.previews,
            "build.previews",
            |id| id.0.into(),
        )?;
        merge(&mut self.projectiles, projectile, "projectile", |id| id.0)
    }

    /// What is expected of `step` by whoever knows no more: shots fly straight until their lifetime ends, waits run out,
    /// and everybody stays where they are. An earlier `step` only changes the number.
    pub fn dead_reckon(&mut self, step: Step) {
        let elapsed = step.since(self.step);
        self.step = step;
        if elapsed == 0 {
            return;
        }
        self.projectiles.retain(|_, shot| shot.coast(elapsed));
        for player in self.players.values_mut() {
            *player = player.after(elapsed);
        }
    }
}

fn changes<Id: Ord + Copy, Entry: PartialEq + Clone>(
    expected: &BTreeMap<Id, Entry>,
    now: &BTreeMap<Id, Entry>,
) -> Changes<Id, Entry> {
    Changes {
        upserts: now
            .iter()
            .filter(|(id, entry)| expected.get(id) != Some(entry))
            .map(|(id, entry)| (*id, entry.clone()))
            .collect(),
        removals: expected
            .keys()
            .filter(|id| !now.contains_key(id))
            .copied()
            .collect(),
    }
}

fn merge<Id: Ord + Copy, Entry: Clone>(
    entries: &mut BTreeMap<Id, Entry>,
    changes: &Changes<Id, Entry>,
    channel: &'static str,
    number: impl Fn(Id) -> u32,
) -> Result<(), ApplyError> {
    for id in &changes.removals {
        if entries.remove(id).is_none() {
            return Err(ApplyError::UnknownRemoval {
                channel,
                id: number(*id),
            });
        }
    }
    for (id, entry) in &changes.upserts {
        entries.insert(*id, entry.clone());
    }
    Ok(())
}
