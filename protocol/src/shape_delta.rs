//! How a snapshot's channels look in JSON: lists of whole entries that carry their id, and lists of ids that are gone.

use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{PlayerId, Preview, Projectile, ProjectileId, Structure, StructureId};

use crate::limits::{SNAPSHOT_PLAYERS_MAX, SNAPSHOT_PROJECTILES_MAX, SNAPSHOT_STRUCTURES_MAX};
use crate::shape::serialised;
use crate::shape_entries::{
    MovementRecord, PresenceRecord, PreviewRecord, ProjectileRecord, StructureRecord,
};
use crate::snapshot_delta::{BuildChanges, Changes, PlayerState, Presence, SnapshotDelta};

/// What a snapshot holds, by feature.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Features")]
pub(crate) struct SnapshotDeltaShape {
    /// Who is in the room.
    presence: PresenceShape,
    /// Where they are.
    movement: MovementShape,
    /// What they built and are about to build.
    build: BuildShape,
    /// What they fired.
    projectile: ProjectileShape,
}

macro_rules! channel {
    ($(#[$doc:meta])* $shape:ident, $record:ident, $id:ident as $bits:literal, $entry:ident, $max:ident, $title:literal) => {
        $(#[$doc])*
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[schemars(rename = $title)]
        pub(crate) struct $shape {
            /// New or different, whole.
            #[schemars(length(max = $max))]
            upserts: Vec<$record>,
            /// Gone.
            #[schemars(with = $bits)]
            #[schemars(length(max = $max))]
            removals: Vec<$id>,
        }

        impl From<Changes<$id, $entry>> for $shape {
            fn from(changes: Changes<$id, $entry>) -> Self {
                Self {
                    upserts: changes.upserts.into_iter().map($record::from).collect(),
                    removals: changes.removals.into_iter().collect(),
                }
            }
        }

        impl From<$shape> for Changes<$id, $entry> {
            fn from(shape: $shape) -> Self {
                Self {
                    upserts: shape.upserts.into_iter().map(<($id, $entry)>::from).collect(),
                    removals: shape.removals.into_iter().collect(),
                }
            }
        }
    };
}
channel! {
    /// Changes of who is in the room.
    PresenceShape, PresenceRecord, PlayerId as "Vec<u16>", Presence, SNAPSHOT_PLAYERS_MAX,
    "PresenceChanges"
}
channel! {
    /// Changes of where players are.
    MovementShape, MovementRecord, PlayerId as "Vec<u16>", PlayerState, SNAPSHOT_PLAYERS_MAX,
    "MovementChanges"
}
channel! {
    /// Changes of previews.
    PreviewShape, PreviewRecord, PlayerId as "Vec<u16>", Preview, SNAPSHOT_PLAYERS_MAX,
    "PreviewChanges"
}
channel! {
    /// Changes of projectiles.
    ProjectileShape, ProjectileRecord, ProjectileId as "Vec<u32>", Projectile, SNAPSHOT_PROJECTILES_MAX,
    "ProjectileChanges"
}
channel! {
    /// Changes of structures.
    StructureShape, StructureRecord, StructureId as "Vec<u32>", Structure, SNAPSHOT_STRUCTURES_MAX,
    "StructureChanges"
}

/// Changes of what is built and about to be built.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BuildChanges")]
pub(crate) struct BuildShape {
    /// What stands.
    structures: StructureShape,
    /// What players are about to build.
    previews: PreviewShape,
}

serialised!(SnapshotDelta as SnapshotDeltaShape);

impl From<SnapshotDelta> for SnapshotDeltaShape {
    fn from(features: SnapshotDelta) -> Self {
        let SnapshotDelta {
            presence,
            movement,
            build,
            projectile,
        } = features;
        let BuildChanges {
            structures,
            previews,
        } = build;
        Self {
            presence: presence.into(),
            movement: movement.into(),
            build: BuildShape {
                structures: structures.into(),
                previews: previews.into(),
            },
            projectile: projectile.into(),
        }
    }
}

impl From<SnapshotDeltaShape> for SnapshotDelta {
    fn from(shape: SnapshotDeltaShape) -> Self {
        let SnapshotDeltaShape {
            presence,
            movement,
            build,
            projectile,
        } = shape;
        Self {
            presence: presence.into(),
            movement: movement.into(),
            build: BuildChanges {
                structures: build.structures.into(),
                previews: build.previews.into(),
            },
            projectile: projectile.into(),
        }
    }
}
