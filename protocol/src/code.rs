//! Why a room answers `error`, for programs: every code there is, from one list.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sim_core::Reject;

macro_rules! codes {
    (
        { $( $(#[$doc:meta])* $variant:ident = $name:literal, )* }
        rejected { $( $reject:ident = $rejected:literal, )* }
    ) => {
        /// Why something that was asked for did not happen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $( $(#[$doc])* $variant, )*
            /// The rules do not allow it; `rejected_` and the rules' reason.
            Rejected(Reject),
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[
                $( Self::$variant, )*
                $( Self::Rejected(Reject::$reject), )*
            ];

            /// The code as it is sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $name, )*
                    $( Self::Rejected(Reject::$reject) => $rejected, )*
                }
            }
        }
    };
}

codes! {
    {
    /// More bytes than a message may have.
    MessageTooLong = "message_too_long",
    /// Not JSON, or not the layout of the binary encoding.
    Malformed = "malformed",
    /// Objects and lists nested too deep.
    TooDeep = "too_deep",
    /// More values or entries than there may be.
    TooMany = "too_many",
    /// A protocol version that is not spoken.
    UnsupportedVersion = "unsupported_version",
    /// No such `kind`.
    UnknownKind = "unknown_kind",
    /// No such `feature`.
    UnknownFeature = "unknown_feature",
    /// The feature has no such `action`, or no such event.
    UnknownAction = "unknown_action",
    /// A required field is not there.
    MissingField = "missing_field",
    /// A field is there twice.
    DuplicateField = "duplicate_field",
    /// A field's value is of another type.
    WrongType = "wrong_type",
    /// A field's value is of the right type, but outside of what it may be.
    OutOfRange = "out_of_range",
    /// A field's value is none of the names that it may be.
    UnknownValue = "unknown_value",
    /// A delta is against a snapshot that is not there.
    UnknownBase = "unknown_base",
    /// The message's `seq` is not above the one before.
    SeqNotIncreasing = "seq_not_increasing",
    /// Inputs are missing between the last and this one.
    InputSeqGap = "input_seq_gap",
    /// The input that a command names is too far ahead.
    InputSeqFuture = "input_seq_future",
    /// The input that a command names was consumed already.
    LateCommand = "late_command",
    /// Too many commands wait for their step.
    TooManyPending = "too_many_pending",
    /// Messages faster than allowed.
    RateLimited = "rate_limited",
    /// No seat is free.
    RoomFull = "room_full",
    /// The room ends.
    RoomClosed = "room_closed",
    /// The same player connected again.
    ReplacedByNewerConnection = "replaced_by_newer_connection",
    /// The resume token is unknown, used or expired.
    BadResumeToken = "bad_resume_token",
    /// No valid proof of who the user is.
    Unauthorized = "unauthorized",
    /// The proof of who the user is cannot be checked right now.
    IdentityUnavailable = "identity_unavailable",
    /// The page's origin is not on the list.
    OriginNotAllowed = "origin_not_allowed",
    /// The user has no such character.
    UnknownCharacter = "unknown_character",
    /// The user has as many characters as allowed.
    TooManyCharacters = "too_many_characters",
    /// The client did not take what was sent to it.
    SlowConsumer = "slow_consumer",
    /// No input came for too long.
    IdleTimeout = "idle_timeout",
    /// A fault of the room.
    Internal = "internal",
    /// A code of a newer room than this build knows; never sent.
    Unrecognised = "unrecognised",
    }
    rejected {
    UnknownPlayer = "rejected_unknown_player",
    AlreadyJoined = "rejected_already_joined",
    RoomFull = "rejected_room_full",
    UnknownLook = "rejected_unknown_look",
    Dead = "rejected_dead",
    FireCooldown = "rejected_fire_cooldown",
    ProjectileLimit = "rejected_projectile_limit",
    BuildCooldown = "rejected_build_cooldown",
    OutsideArena = "rejected_outside_arena",
    OutOfReach = "rejected_out_of_reach",
    CellTaken = "rejected_cell_taken",
    CellOccupied = "rejected_cell_occupied",
    PlayerStructureLimit = "rejected_player_structure_limit",
    RoomStructureLimit = "rejected_room_structure_limit",
    UnknownStructure = "rejected_unknown_structure",
    NotOwner = "rejected_not_owner",
    IdsExhausted = "rejected_ids_exhausted",
    }
}

impl ErrorCode {
    /// The code of this name; [`ErrorCode::Unrecognised`] if this build has none.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == name)
            .unwrap_or(Self::Unrecognised)
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|name| Self::from_name(&name))
    }
}

impl JsonSchema for ErrorCode {
    fn schema_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({
            "description": "Why, for programs. A newer room may send others.",
            "type": "string",
            "examples": names,
        })
    }
}
