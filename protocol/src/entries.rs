//! How the entries of a channel look in JSON: each whole, with its id and the fields of its table.

use alloc::string::String;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Preview, Projectile, ProjectileId, Steps, Structure,
    StructureId, StructureKind, Velocity, player_fields, preview_fields, projectile_fields,
    structure_fields,
};

use crate::changes::Entry;
use crate::form::Formed;
use crate::limits::{
    NAME_CHARS_MAX, SNAPSHOT_PLAYERS_MAX, SNAPSHOT_PROJECTILES_MAX, SNAPSHOT_STRUCTURES_MAX,
};
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
        pub struct PresenceRecord {
            player_id: Formed<PlayerId>,
            /// What others read.
            #[schemars(length(max = NAME_CHARS_MAX))]
            name: String,
            $(#[$doc])* $first: Formed<$first_type>,
            /// Whether a connection steers the player at the moment.
            connected: bool,
            $($(#[$docs])* $name: Formed<$type>,)*
        }

        impl Entry for Presence {
            type Id = PlayerId;
            type Record = PresenceRecord;
            const CHANNEL: (&str, &str) = ("PresenceChanges", "Changes of who is in the room.");
            const MAX: usize = SNAPSHOT_PLAYERS_MAX;

            fn record(&self, player_id: PlayerId) -> PresenceRecord {
                let Self { name, $first, connected, $($name,)* } = self.clone();
                PresenceRecord {
                    player_id: Formed(player_id),
                    name,
                    $first: Formed($first),
                    connected,
                    $($name: Formed($name),)*
                }
            }

            fn of(record: PresenceRecord) -> (PlayerId, Self) {
                let PresenceRecord { player_id, name, $first, connected, $($name,)* } = record;
                (player_id.0, Self { name, $first: $first.0, connected, $($name: $name.0,)* })
            }
        }
    };
}
player_fields!(in presence: presence_record);

/// The record of an entry, and what leads there and back. What is handed over in front of the rows: its meaning, its name and that of
/// its schema, its id, and its entry, with `id` behind it if the entry names itself; then its channel, and how many there may be.
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
    (@ [
        $(#[$about:meta])* $record:ident $schema:literal $id:ident: $id_type:ty => $entry:ident $($own:ident)?,
        $channel:literal $holds:literal $max:ident
    ]
        [$([$(#[$doc:meta])*] $wire:ident $name:ident: $type:ty;)*]
    ) => {
        $(#[$about])*
        #[derive(Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[schemars(rename = $schema)]
        pub struct $record {
            $id: Formed<$id_type>,
            $($(#[$doc])* $wire: Formed<$type>,)*
        }

        impl Entry for $entry {
            type Id = $id_type;
            type Record = $record;
            const CHANNEL: (&str, &str) = ($channel, $holds);
            const MAX: usize = $max;

            fn record(&self, id: $id_type) -> $record {
                $record { $id: Formed(id), $($wire: Formed(self.$name),)* }
            }

            fn of(record: $record) -> ($id_type, Self) {
                let id = record.$id.0;
                (id, Self { $($own: id,)? $($name: record.$wire.0,)* })
            }
        }
    };
    ($head:tt $($rows:tt)*) => {
        record! { @ $head [] $($rows)* }
    };
}

player_fields! { in movement: record [
    /// Where a player is, and everything else that the rules change from step to step.
    MovementRecord "PlayerState" player_id: PlayerId => PlayerState,
    "MovementChanges" "Changes of where players are." SNAPSHOT_PLAYERS_MAX
]}
structure_fields! { record [
    /// What stands in a cell.
    StructureRecord "Structure" structure_id: StructureId => Structure id,
    "StructureChanges" "Changes of structures." SNAPSHOT_STRUCTURES_MAX
]}
preview_fields! { record [
    /// What a player is about to build.
    PreviewRecord "Preview" player_id: PlayerId => Preview,
    "PreviewChanges" "Changes of previews." SNAPSHOT_PLAYERS_MAX
]}
projectile_fields! { record [
    /// A shot in flight.
    ProjectileRecord "Projectile" projectile_id: ProjectileId => Projectile id,
    "ProjectileChanges" "Changes of projectiles." SNAPSHOT_PROJECTILES_MAX
]}
