//! How the entries of a snapshot's channels look in JSON: each whole, with its id, and with the fields of its table.

use alloc::string::String;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Preview, Projectile, ProjectileId, Steps, Structure,
    StructureId, StructureKind, Velocity, player_fields, preview_fields, projectile_fields,
    structure_fields,
};

use crate::limits::NAME_CHARS_MAX;
use crate::shape::Shaped;
use crate::snapshot_delta::{PlayerState, Presence};

macro_rules! presence_record {
    (
        $(#[$doc:meta])* $first:ident: $first_type:ty, $_:ident, $first_known:ident, [$($first_bound:tt)*];
        $($(#[$docs:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        /// A player as the others know it.
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(rename = "Presence")]
        pub(crate) struct PresenceRecord {
            player_id: Shaped<PlayerId>,
            /// What others read.
            #[schemars(length(max = NAME_CHARS_MAX))]
            name: String,
            $(#[$doc])* $first: Shaped<$first_type>,
            /// Whether a connection steers the player at the moment.
            connected: bool,
            $($(#[$docs])* $name: Shaped<$type>,)*
        }

        impl From<(PlayerId, Presence)> for PresenceRecord {
            fn from((player_id, entry): (PlayerId, Presence)) -> Self {
                let Presence { name, $first, connected, $($name,)* } = entry;
                Self {
                    player_id: Shaped(player_id),
                    name,
                    $first: Shaped($first),
                    connected,
                    $($name: Shaped($name),)*
                }
            }
        }

        impl From<PresenceRecord> for (PlayerId, Presence) {
            fn from(record: PresenceRecord) -> Self {
                let PresenceRecord { player_id, name, $first, connected, $($name,)* } = record;
                (player_id.0, Presence { name, $first: $first.0, connected, $($name: $name.0,)* })
            }
        }
    };
}
player_fields!(in presence: presence_record);

/// The record of an entry, and what leads there and back. What is handed over in front of the rows: its meaning, its name and that of
/// its schema, its id, and its entry, with `id` behind it if the entry names itself.
macro_rules! record {
    // A kind of structure has this name on the wire.
    (@ $head:tt [$($kept:tt)*]
        $(#[$doc:meta])* kind: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*]; $($rest:tt)*
    ) => {
        record! { @ $head [$($kept)* [$(#[$doc])*] structure kind: $type;] $($rest)* }
    };
    (@ $head:tt [$($kept:tt)*]
        $(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*]; $($rest:tt)*
    ) => {
        record! { @ $head [$($kept)* [$(#[$doc])*] $name $name: $type;] $($rest)* }
    };
    (@ [$(#[$about:meta])* $record:ident $schema:literal $id:ident: $id_type:ty => $entry:ident $($own:ident)?]
        [$([$(#[$doc:meta])*] $wire:ident $name:ident: $type:ty;)*]
    ) => {
        $(#[$about])*
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(rename = $schema)]
        pub(crate) struct $record {
            $id: Shaped<$id_type>,
            $($(#[$doc])* $wire: Shaped<$type>,)*
        }

        impl From<($id_type, $entry)> for $record {
            fn from((id, entry): ($id_type, $entry)) -> Self {
                Self { $id: Shaped(id), $($wire: Shaped(entry.$name),)* }
            }
        }

        impl From<$record> for ($id_type, $entry) {
            fn from(record: $record) -> Self {
                let id = record.$id.0;
                (id, $entry { $($own: id,)? $($name: record.$wire.0,)* })
            }
        }
    };
    ($head:tt $($rows:tt)*) => {
        record! { @ $head [] $($rows)* }
    };
}

player_fields! { in movement: record [
    /// Where a player is, and everything else that the rules change from step to step.
    MovementRecord "PlayerState" player_id: PlayerId => PlayerState
]}
structure_fields! { record [
    /// What stands in a cell.
    StructureRecord "Structure" structure_id: StructureId => Structure id
]}
preview_fields! { record [
    /// What a player is about to build.
    PreviewRecord "Preview" player_id: PlayerId => Preview
]}
projectile_fields! { record [
    /// A shot in flight.
    ProjectileRecord "Projectile" projectile_id: ProjectileId => Projectile id
]}
