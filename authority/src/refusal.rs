//! Why a message had no effect: one variant a check.

use alloc::borrow::ToOwned as _;
use alloc::string::ToString as _;

use protocol::{DecodeError, ErrorBody, ErrorCode};
use sim_core::Reject;

/// Why a message had no effect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Decode(#[from] DecodeError),
    #[error("messages come faster than {per_second} a second")]
    RateLimited { per_second: u64 },
    #[error("characters change more often than {per_minute} times a minute")]
    CharactersTooOften { per_minute: u64 },
    #[error("seq {seq} is not above {last}")]
    SeqNotIncreasing { seq: u32, last: u32 },
    #[error("input {first} does not follow, {expected} is expected")]
    InputSeqGap { expected: u32, first: u32 },
    #[error("snapshot {ack} was never sent")]
    UnknownSnapshot { ack: u32 },
    #[error("nothing proves that snapshot {ack} was read")]
    UnprovenSnapshot { ack: u32 },
    #[error("input {seq} is not in the batch")]
    PredictedOutside { seq: u32 },
    #[error("input {input_seq} was consumed already, {next} is next")]
    LateCommand { input_seq: u32, next: u32 },
    #[error("input {input_seq} is too far ahead, {newest} is the newest")]
    InputSeqFuture { input_seq: u32, newest: u32 },
    #[error("{max} commands wait already")]
    TooManyPending { max: usize },
    #[error("the user has no such character")]
    UnknownCharacter,
    #[error("the user has {max} characters already")]
    TooManyCharacters { max: usize },
    #[error("{0}")]
    Rejected(Reject),
}

impl Refusal {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Decode(error) => error.code(),
            Self::RateLimited { .. } | Self::CharactersTooOften { .. } => ErrorCode::RateLimited,
            Self::SeqNotIncreasing { .. } => ErrorCode::SeqNotIncreasing,
            Self::InputSeqGap { .. } => ErrorCode::InputSeqGap,
            Self::UnknownSnapshot { .. }
            | Self::UnprovenSnapshot { .. }
            | Self::PredictedOutside { .. } => ErrorCode::OutOfRange,
            Self::LateCommand { .. } => ErrorCode::LateCommand,
            Self::InputSeqFuture { .. } => ErrorCode::InputSeqFuture,
            Self::TooManyPending { .. } => ErrorCode::TooManyPending,
            Self::UnknownCharacter => ErrorCode::UnknownCharacter,
            Self::TooManyCharacters { .. } => ErrorCode::TooManyCharacters,
            Self::Rejected(reject) => ErrorCode::Rejected(*reject),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Decode(error) => error.field(),
            Self::RateLimited { .. }
            | Self::CharactersTooOften { .. }
            | Self::TooManyPending { .. } => None,
            Self::SeqNotIncreasing { .. } => Some("seq"),
            Self::InputSeqGap { .. } => Some("payload.inputs[0].seq"),
            Self::UnknownSnapshot { .. } => Some("payload.snapshotAck"),
            Self::UnprovenSnapshot { .. } => Some("payload.snapshotProof"),
            Self::PredictedOutside { .. } => Some("payload.predicted.seq"),
            Self::LateCommand { .. } | Self::InputSeqFuture { .. } => Some("payload.inputSeq"),
            Self::UnknownCharacter | Self::TooManyCharacters { .. } => Some("payload.characterId"),
            Self::Rejected(reject) => field_of(*reject),
        }
    }

    /// Whether no correct client sends such a message.
    pub(crate) fn is_nonsense(&self) -> bool {
        matches!(
            self,
            Self::Decode(_) | Self::UnknownSnapshot { .. } | Self::UnprovenSnapshot { .. }
        )
    }

    /// The error that the client gets. The connection goes on.
    pub(crate) fn body(&self, seq: Option<u32>) -> ErrorBody {
        ErrorBody {
            code: self.code(),
            message: self.to_string(),
            field: self.field().map(str::to_owned),
            seq,
            fatal: false,
        }
    }
}

/// The field of a command that is wrong, if it is one field.
fn field_of(reject: Reject) -> Option<&'static str> {
    if reject == Reject::UnknownLook {
        return Some("payload.look");
    }
    if matches!(reject, Reject::UnknownStructure | Reject::NotOwner) {
        return Some("payload.structureId");
    }
    let of_cell = matches!(
        reject,
        Reject::OutsideArena | Reject::OutOfReach | Reject::CellTaken | Reject::CellOccupied
    );
    of_cell.then_some("payload.cell")
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn a_command_that_the_rules_reject_names_the_field_that_is_wrong_if_it_is_one() {
        let wrong = |field: &str| {
            let codes = ErrorCode::ALL.iter();
            let rejects = codes.filter_map(|code| {
                if let ErrorCode::Rejected(reject) = code {
                    Some(*reject)
                } else {
                    None
                }
            });
            let names = |reject: &Reject| {
                let error = Refusal::Rejected(*reject).body(Some(3));
                error.field.as_deref() == Some(field)
            };
            rejects.filter(names).collect::<Vec<_>>()
        };
        assert_eq!(wrong("payload.look"), [Reject::UnknownLook]);
        assert_eq!(
            wrong("payload.structureId"),
            [Reject::UnknownStructure, Reject::NotOwner]
        );
        assert_eq!(
            wrong("payload.cell"),
            [
                Reject::OutsideArena,
                Reject::OutOfReach,
                Reject::CellTaken,
                Reject::CellOccupied
            ]
        );
    }
}
