//! What a room says.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::rules::{
    ARENA_CELLS, PLAYERS_MAX, PROJECTILES_MAX, STEPS_PER_SECOND, STEPS_PER_SNAPSHOT,
    STEPS_PER_TICK, STRUCTURES_MAX, STRUCTURES_PER_PLAYER_MAX,
};
use sim_core::{Look, PlayerId, ProjectileId, Step, StructureId};

use crate::code::ErrorCode;
use crate::event::ServerEvent;
use crate::form::{Hex, LookForm};
use crate::limits::{
    CHARACTER_ID_BYTES_MAX, CHARACTERS_PER_USER_MAX, CLIENT_MESSAGE_BYTES_MAX,
    ERROR_TEXT_BYTES_MAX, INPUTS_PER_BATCH_MAX, NAME_CHARS_MAX, TOKEN_BYTES_MAX,
};
use crate::receipt::Receipt;
use crate::snapshot_delta::SnapshotDelta;

/// A message from a room.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerMessage {
    /// The room's clock, in milliseconds.
    pub server_time: f64,
    /// Steps that the room's world has done.
    pub step: Step,
    /// What it is about.
    pub body: ServerBody,
}

/// What a room can say.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerBody {
    /// The first message on every connection.
    Welcome(Welcome),
    /// A command took effect.
    Ack(Ack),
    /// The world as this client sees it.
    Snapshot(Snapshot),
    /// The answer to a ping.
    Pong {
        /// The ping's.
        seq: u32,
        /// The ping's.
        client_time: f64,
    },
    /// Something that was asked for did not happen.
    Error(ErrorBody),
    /// Something happened in the world.
    Event(ServerEvent),
}

/// Everything that a client needs to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The room's code.
    #[schemars(length(max = TOKEN_BYTES_MAX))]
    pub room: String,
    /// The player that the connection steers.
    #[schemars(with = "u16")]
    pub player_id: PlayerId,
    /// The user that the player belongs to.
    #[schemars(length(max = TOKEN_BYTES_MAX))]
    pub user_id: String,
    /// Brings a later connection back to this player; good for one use.
    #[schemars(length(max = TOKEN_BYTES_MAX))]
    pub resume_token: String,
    /// Whether the connection came back to a player that was still in the room.
    pub resumed: bool,
    /// The `seq` that the next input must have.
    pub next_input_seq: u32,
    /// Version of the rules' behaviour. A client of another version must not predict.
    pub sim_version: u32,
    /// Hash of the rules' constants.
    #[serde(with = "Hex::<16>")]
    pub rules_hash: u64,
    /// The protocol version that the room speaks.
    pub protocol: u8,
    /// How often things happen.
    pub rates: Rates,
    /// How much of everything there may be.
    pub limits: Limits,
    /// The active character.
    pub profile: Profile,
    /// All characters of the user, the active one among them.
    #[schemars(length(max = CHARACTERS_PER_USER_MAX))]
    pub characters: Vec<Profile>,
}

/// How often things happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rates {
    /// Steps in a second.
    pub steps_per_second: u32,
    /// Steps that the authority does at once.
    pub steps_per_tick: u32,
    /// Steps from one snapshot to the next.
    pub steps_per_snapshot: u32,
}

impl Rates {
    /// Those of this build.
    pub const CURRENT: Self = Self {
        steps_per_second: STEPS_PER_SECOND,
        steps_per_tick: STEPS_PER_TICK,
        steps_per_snapshot: STEPS_PER_SNAPSHOT,
    };
}

/// How much of everything there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Cells on each side of the arena.
    pub arena_cells: u32,
    /// Players in the room.
    pub players: u32,
    /// Structures in the room.
    pub structures: u32,
    /// Structures of one player.
    pub structures_per_player: u32,
    /// Projectiles in flight.
    pub projectiles: u32,
    /// Inputs in one batch.
    pub inputs_per_batch: u32,
    /// Bytes of one message to the room.
    pub message_bytes: u32,
}

impl Limits {
    /// Those of this build.
    pub const CURRENT: Self = Self {
        arena_cells: ARENA_CELLS as u32,
        players: PLAYERS_MAX as u32,
        structures: STRUCTURES_MAX as u32,
        structures_per_player: STRUCTURES_PER_PLAYER_MAX as u32,
        projectiles: PROJECTILES_MAX as u32,
        inputs_per_batch: INPUTS_PER_BATCH_MAX as u32,
        message_bytes: CLIENT_MESSAGE_BYTES_MAX as u32,
    };
}

/// A character of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Which of the user's characters.
    #[schemars(length(min = 1, max = CHARACTER_ID_BYTES_MAX))]
    pub character_id: String,
    /// What others read.
    #[schemars(length(max = NAME_CHARS_MAX))]
    pub name: String,
    /// What others see.
    #[serde(with = "LookForm")]
    pub look: Look,
}

/// A command took effect. What places or removes a structure is acknowledged a second time once that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ack {
    /// The command's.
    pub seq: u32,
    /// The structure that it made.
    #[schemars(with = "Option<u32>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure_id: Option<StructureId>,
    /// The projectile that it made.
    #[schemars(with = "Option<u32>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projectile_id: Option<ProjectileId>,
    /// What it did is stored: no failure of the room undoes it.
    #[serde(default)]
    pub durable: bool,
}

/// Whether a snapshot stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// It holds everything.
    Full,
    /// It holds what changed since `base_id`.
    Delta,
}

/// The world as one client sees it, after the message's `step`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Number of the snapshot on its connection, to be acknowledged.
    pub id: u32,
    /// To be brought back with the acknowledgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Receipt>,
    /// Whether it stands alone.
    pub mode: Mode,
    /// The snapshot that a delta is against; none for a full one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_id: Option<u32>,
    /// The client's newest input that the world has consumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ack_seq: Option<u32>,
    /// How the client's inputs arrive.
    pub timing: Timing,
    /// What is in view, or what changed.
    pub features: SnapshotDelta,
}

/// How a client's inputs arrive, for slewing its step rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// Inputs that wait for their step.
    pub buffer_depth: u16,
    /// Steps that found no input, since the connection began.
    pub starved: u32,
    /// Inputs that found no place, since the connection began.
    pub dropped: u32,
    /// Nothing moves in the room: who has nothing to press need not send inputs, and is not starved without.
    #[serde(default)]
    pub idle: bool,
}

/// Something that was asked for did not happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// Why, for programs.
    pub code: ErrorCode,
    /// Why, for people.
    #[schemars(length(max = ERROR_TEXT_BYTES_MAX))]
    pub message: String,
    /// The field that was refused, such as `payload.inputs[3].seq`.
    #[schemars(length(max = ERROR_TEXT_BYTES_MAX))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The message that was refused, as far as it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// Whether the connection ends.
    pub fatal: bool,
}

impl ServerBody {
    /// Every kind, in the order of the variants.
    pub const KINDS: [&'static str; 6] = ["welcome", "ack", "snapshot", "pong", "error", "event"];

    /// The name of the kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        Self::KINDS[match self {
            Self::Welcome(_) => 0,
            Self::Ack(_) => 1,
            Self::Snapshot(_) => 2,
            Self::Pong { .. } => 3,
            Self::Error(_) => 4,
            Self::Event(_) => 5,
        }]
    }
}
