//! How the entries of a snapshot's channels look in JSON: each whole, with its id.

use alloc::string::String;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Preview, Projectile, ProjectileId, Steps, Structure,
    StructureId, StructureKind, Velocity, player_fields,
};

use crate::features::{PlayerState, Presence};
use crate::limits::NAME_CHARS_MAX;
use crate::shape::{CellShape, KindShape, LookShape, PointShape, Shaped};

/// A player as the others know it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Presence")]
pub(crate) struct PresenceRecord {
    #[schemars(with = "u16")]
    player_id: PlayerId,
    /// What others read.
    #[schemars(length(max = NAME_CHARS_MAX))]
    name: String,
    /// What others see.
    #[serde(with = "LookShape")]
    look: Look,
    /// Whether a connection steers the player at the moment.
    connected: bool,
    /// Others shot down.
    score: u16,
    /// Times shot down.
    deaths: u16,
}

impl From<(PlayerId, Presence)> for PresenceRecord {
    fn from((player_id, presence): (PlayerId, Presence)) -> Self {
        let Presence {
            name,
            look,
            connected,
            score,
            deaths,
        } = presence;
        Self {
            player_id,
            name,
            look,
            connected,
            score,
            deaths,
        }
    }
}

impl From<PresenceRecord> for (PlayerId, Presence) {
    fn from(record: PresenceRecord) -> Self {
        let PresenceRecord {
            player_id,
            name,
            look,
            connected,
            score,
            deaths,
        } = record;
        (
            player_id,
            Presence {
                name,
                look,
                connected,
                score,
                deaths,
            },
        )
    }
}

macro_rules! movement_record {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*) => {
        /// Where a player is, and everything else that the rules change from step to step.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(rename = "PlayerState")]
        pub(crate) struct MovementRecord {
            #[schemars(with = "u16")]
            player_id: PlayerId,
            $($(#[$doc])* $name: Shaped<$type>,)*
        }

        impl From<(PlayerId, PlayerState)> for MovementRecord {
            fn from((player_id, state): (PlayerId, PlayerState)) -> Self {
                Self { player_id, $($name: Shaped(state.$name),)* }
            }
        }

        impl From<MovementRecord> for (PlayerId, PlayerState) {
            fn from(record: MovementRecord) -> Self {
                (record.player_id, PlayerState { $($name: record.$name.0,)* })
            }
        }
    };
}
player_fields!(in movement: movement_record);

/// What stands in a cell.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Structure")]
pub(crate) struct StructureRecord {
    #[schemars(with = "u32")]
    structure_id: StructureId,
    /// Player who built it; may have left.
    #[schemars(with = "u16")]
    owner: PlayerId,
    /// What it is.
    #[serde(with = "KindShape")]
    structure: StructureKind,
    /// Where it is.
    #[serde(with = "CellShape")]
    cell: Cell,
    /// Hit points left.
    hp: u8,
}

impl From<(StructureId, Structure)> for StructureRecord {
    fn from((structure_id, entry): (StructureId, Structure)) -> Self {
        let Structure {
            id: _,
            owner,
            kind,
            cell,
            hp,
        } = entry;
        Self {
            structure_id,
            owner,
            structure: kind,
            cell,
            hp,
        }
    }
}

impl From<StructureRecord> for (StructureId, Structure) {
    fn from(record: StructureRecord) -> Self {
        let StructureRecord {
            structure_id: id,
            owner,
            structure: kind,
            cell,
            hp,
        } = record;
        (
            id,
            Structure {
                id,
                owner,
                kind,
                cell,
                hp,
            },
        )
    }
}

/// What a player is about to build.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Preview")]
pub(crate) struct PreviewRecord {
    #[schemars(with = "u16")]
    player_id: PlayerId,
    /// Where.
    #[serde(with = "CellShape")]
    cell: Cell,
    /// What.
    #[serde(with = "KindShape")]
    structure: StructureKind,
}

impl From<(PlayerId, Preview)> for PreviewRecord {
    fn from((player_id, preview): (PlayerId, Preview)) -> Self {
        let Preview {
            cell,
            kind: structure,
        } = preview;
        Self {
            player_id,
            cell,
            structure,
        }
    }
}

impl From<PreviewRecord> for (PlayerId, Preview) {
    fn from(record: PreviewRecord) -> Self {
        let PreviewRecord {
            player_id,
            cell,
            structure: kind,
        } = record;
        (player_id, Preview { cell, kind })
    }
}

/// A shot in flight.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Projectile")]
pub(crate) struct ProjectileRecord {
    #[schemars(with = "u32")]
    projectile_id: ProjectileId,
    /// Player who fired it; may have left.
    #[schemars(with = "u16")]
    owner: PlayerId,
    /// Its direction: 65536 are a turn, 0 is to the right, 16384 downwards.
    #[schemars(with = "u16")]
    aim: Aim,
    /// Where it is.
    #[serde(with = "PointShape")]
    pos: Point,
    /// Steps that it still flies.
    #[schemars(with = "u16")]
    life: Steps,
}

impl From<(ProjectileId, Projectile)> for ProjectileRecord {
    fn from((projectile_id, shot): (ProjectileId, Projectile)) -> Self {
        let Projectile {
            id: _,
            owner,
            aim,
            pos,
            life,
        } = shot;
        Self {
            projectile_id,
            owner,
            aim,
            pos,
            life,
        }
    }
}

impl From<ProjectileRecord> for (ProjectileId, Projectile) {
    fn from(record: ProjectileRecord) -> Self {
        let ProjectileRecord {
            projectile_id: id,
            owner,
            aim,
            pos,
            life,
        } = record;
        (
            id,
            Projectile {
                id,
                owner,
                aim,
                pos,
                life,
            },
        )
    }
}
