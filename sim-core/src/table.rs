//! What the things of a world consist of: one row a field, from which everything follows that is the same for all fields.
//!
//! A row is the field's meaning, name and type, how others come to know it, and what bounds it when bytes are decoded: a condition
//! and the error of a field that does not meet it, or `any`. The order of
//! the rows is that of the canonical encoding, of differences and of lists of fields. A macro that is handed the rows makes of
//! them what its crate needs:
//!
//! ```
//! macro_rules! names {
//!     ($($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*) => {
//!         const NAMES: &[&str] = &[$(stringify!($name)),*];
//!     };
//! }
//! sim_core::player_fields!(names);
//! assert_eq!(NAMES[1], "pos");
//! ```

/// The fields of a player, behind its id. `player_fields!(in movement: then)` hands over those of one channel alone, as does `presence`
/// in its place.
///
/// The first word behind the type is the channel of a snapshot that shows the field: `presence`, `movement` or `previews`. The second
/// says how a client comes to the field of its own player:
///
/// * `predicted`: it computes the field itself; where the authority has another value, it is corrected;
/// * `wait`: a duration that runs down by itself, which it computes as well; until it is over, something is not possible;
/// * `respawn`: a wait whose end the authority decides;
/// * `told`: it takes what the authority says.
#[macro_export]
macro_rules! player_fields {
    (in $channel:ident: $then:ident $($with:tt)*) => {
        $crate::player_fields! { @ {$crate::channel_fields} {$channel $then [$($with)*] []} }
    };
    ($then:ident $($with:tt)*) => {
        $crate::player_fields! { @ {$then} {$($with)*} }
    };
    (@ {$($then:tt)*} {$($with:tt)*}) => {
        $($then)*! { $($with)*
            /// What others see.
            look: Look, presence, told, [look.exists() => PlayerLook];
            /// Middle of the box.
            pos: Point, movement, predicted, [can_stand(pos) => PlayerPosition];
            /// Velocity.
            vel: Velocity, movement, predicted, [vel.is_walkable() => PlayerVelocity];
            /// Held buttons.
            buttons: Buttons, movement, predicted, [any];
            /// Health points, 0 only while dead.
            health: u8, movement, told, [health <= rules::HEALTH_MAX => PlayerHealth];
            /// Others shot down.
            score: u16, presence, told, [any];
            /// Times shot down.
            deaths: u16, presence, told, [any];
            /// Steps until the next shot is possible.
            fire_wait: Steps, movement, wait, [fire_wait <= rules::FIRE_COOLDOWN => PlayerWait];
            /// Steps until the next structure is possible.
            build_wait: Steps, movement, wait, [build_wait <= rules::BUILD_COOLDOWN => PlayerWait];
            /// Steps until respawn; zero while alive.
            respawn_wait: Steps, movement, respawn, [respawn_wait <= rules::RESPAWN_WAIT => PlayerWait];
            /// Steps for which shots still do not hurt.
            protected: Steps, movement, wait, [protected <= rules::SPAWN_PROTECTION => PlayerWait];
            /// What the player is about to build.
            preview: Option<Preview>, previews, told, [preview.is_none_or(|preview| preview.cell.in_arena()) => PlayerPreview];
        }
    };
}

/// Picks the rows of a channel.
#[doc(hidden)]
#[macro_export]
macro_rules! channel_fields {
    ($of:ident $then:ident [$($with:tt)*] [$($kept:tt)*]) => {
        $then! { $($with)* $($kept)* }
    };
    (movement $then:ident $with:tt [$($kept:tt)*]
        $(#[$doc:meta])* $name:ident: $type:ty, movement, $known:ident, [$($bound:tt)*]; $($rest:tt)*
    ) => {
        $crate::channel_fields! { movement $then $with [$($kept)* $(#[$doc])* $name: $type, movement, $known, [$($bound)*];] $($rest)* }
    };
    (presence $then:ident $with:tt [$($kept:tt)*]
        $(#[$doc:meta])* $name:ident: $type:ty, presence, $known:ident, [$($bound:tt)*]; $($rest:tt)*
    ) => {
        $crate::channel_fields! { presence $then $with [$($kept)* $(#[$doc])* $name: $type, presence, $known, [$($bound)*];] $($rest)* }
    };
    ($of:ident $then:ident $with:tt $kept:tt
        $(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*]; $($rest:tt)*
    ) => {
        $crate::channel_fields! { $of $then $with $kept $($rest)* }
    };
}

/// The fields of a structure, behind its id. Whether it can stand says [`Structures::insert`](crate::Structures::insert).
#[macro_export]
macro_rules! structure_fields {
    ($then:ident $($with:tt)*) => {
        $then! { $($with)*
            /// Player who built it; may have left.
            owner: PlayerId, build, told, [any];
            /// What it is.
            kind: StructureKind, build, told, [any];
            /// Where it is.
            cell: Cell, build, told, [any];
            /// Hit points left.
            hp: u8, build, told, [any];
        }
    };
}

/// The fields of a projectile, behind its id.
#[macro_export]
macro_rules! projectile_fields {
    ($then:ident $($with:tt)*) => {
        $then! { $($with)*
            /// Player who fired it; may have left.
            owner: PlayerId, projectile, told, [any];
            /// Its direction: 65536 are a turn, 0 is to the right, 16384 downwards.
            aim: Aim, projectile, told, [any];
            /// Where it is.
            pos: Point, projectile, predicted, [pos.in_arena() => ProjectilePosition];
            /// Steps that it still flies.
            life: Steps, projectile, wait, [!life.is_zero() && life <= rules::SHOT_LIFE => ProjectileLife];
        }
    };
}

/// The fields of a preview. It has the id of its player.
#[macro_export]
macro_rules! preview_fields {
    ($then:ident $($with:tt)*) => {
        $then! { $($with)*
            /// Cell that it stands in.
            cell: Cell, previews, told, [any];
            /// Kind of structure.
            kind: StructureKind, previews, told, [any];
        }
    };
}

/// A macro that makes a thing's struct of its rows.
macro_rules! thing {
    ([$(#[$about:meta])* $thing:ident]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        $(#[$about])*
        pub struct $thing {
            $($(#[$doc])* pub $name: $type,)*
        }
    };
    ([$(#[$about:meta])* $thing:ident($id:ident)]
        $($(#[$doc:meta])* $name:ident: $type:ty, $channel:ident, $known:ident, [$($bound:tt)*];)*
    ) => {
        $(#[$about])*
        pub struct $thing {
            /// Name in the room.
            pub id: $id,
            $($(#[$doc])* pub $name: $type,)*
        }
    };
}
pub(crate) use thing;
