//! What went wrong, in words for a player, with what to do next.

use netcode::Event;
use protocol::ErrorCode;
use serde::Serialize;
use sim_core::Reject;

/// What the player can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Next {
    /// Nothing: it goes on by itself.
    Wait,
    /// Load the page again.
    Reload,
    /// Sign in.
    SignIn,
    /// Go to another room.
    OtherRoom,
}

/// A sentence for a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What it says.
    pub text: &'static str,
    /// What to do.
    pub next: Next,
    /// Whether it is over, and this is why.
    pub lasting: bool,
}

const fn notice(text: &'static str, next: Next) -> Option<Notice> {
    Some(Notice {
        text,
        next,
        lasting: false,
    })
}

/// What a player should be told of this; none if it is nothing to worry about.
#[must_use]
pub fn about(event: &Event) -> Option<Notice> {
    match event {
        Event::Outdated => notice(
            "This page is older than the room. Load it again to get the new one.",
            Next::Reload,
        ),
        Event::Failed { code, .. } => of_code(*code),
        Event::Refused(reject) => of_reject(*reject),
        Event::Disconnected { retry_at: Some(_) } => notice(
            "The connection is lost. Your player waits while it is made again.",
            Next::Wait,
        ),
        Event::Disconnected { retry_at: None }
        | Event::Welcomed { .. }
        | Event::Placed { .. }
        | Event::Stored { .. }
        | Event::Room(_) => None,
    }
}

fn of_code(code: ErrorCode) -> Option<Notice> {
    match code {
        ErrorCode::RoomFull => notice(
            "This room is full. Try again when somebody has left, or go to another room.",
            Next::OtherRoom,
        ),
        ErrorCode::RoomClosed => notice(
            "This room has been closed. Go to another one.",
            Next::OtherRoom,
        ),
        ErrorCode::IdleTimeout => notice(
            "You have not moved for so long that your place was given up. Load this page again to come back.",
            Next::Reload,
        ),
        ErrorCode::ReplacedByNewerConnection => notice(
            "You play this player somewhere else now. To play here instead, load this page again.",
            Next::Reload,
        ),
        ErrorCode::Unauthorized => notice(
            "You are signed out, or your session has ended. Sign in to go on.",
            Next::SignIn,
        ),
        ErrorCode::IdentityUnavailable => notice(
            "Signing in does not work at the moment. It is tried again by itself.",
            Next::Wait,
        ),
        ErrorCode::OriginNotAllowed => notice(
            "This room does not let pages of this address in. Open the game at its own address.",
            Next::OtherRoom,
        ),
        ErrorCode::UnsupportedVersion => notice(
            "This page is older than the room. Load it again to get the new one.",
            Next::Reload,
        ),
        ErrorCode::SlowConsumer => notice(
            "Your connection was too slow to follow the room. It is made again.",
            Next::Wait,
        ),
        ErrorCode::Internal => notice(
            "Something broke in the room. It comes back in a moment, with your player.",
            Next::Wait,
        ),
        ErrorCode::UnknownCharacter => notice(
            "There is no such character any more. Choose another one.",
            Next::Wait,
        ),
        ErrorCode::TooManyCharacters => notice(
            "You have as many characters as there may be. Change one of them instead.",
            Next::Wait,
        ),
        ErrorCode::Rejected(reject) => of_reject(reject),
        // The client gets along with these itself, or has a bug that is no concern of the player's.
        ErrorCode::BadResumeToken
        | ErrorCode::RateLimited
        | ErrorCode::MessageTooLong
        | ErrorCode::Malformed
        | ErrorCode::TooDeep
        | ErrorCode::TooMany
        | ErrorCode::UnknownKind
        | ErrorCode::UnknownFeature
        | ErrorCode::UnknownAction
        | ErrorCode::MissingField
        | ErrorCode::DuplicateField
        | ErrorCode::WrongType
        | ErrorCode::OutOfRange
        | ErrorCode::UnknownValue
        | ErrorCode::UnknownBase
        | ErrorCode::SeqNotIncreasing
        | ErrorCode::InputSeqGap
        | ErrorCode::InputSeqFuture
        | ErrorCode::LateCommand
        | ErrorCode::TooManyPending
        | ErrorCode::Unrecognised => None,
    }
}

/// Short: it stands beside the pointer for a moment.
fn of_reject(reject: Reject) -> Option<Notice> {
    let text = match reject {
        Reject::OutOfReach => "Too far away: walk closer to build there.",
        Reject::CellTaken => "Something stands there already.",
        Reject::CellOccupied => "Somebody stands there.",
        Reject::PlayerStructureLimit => {
            "You have as many structures as there may be. Take one away first."
        }
        Reject::RoomStructureLimit => "The room has as many structures as there may be.",
        Reject::NotOwner => "That one belongs to somebody else. Shoot it down.",
        Reject::ProjectileLimit => "Too many shots are in the air.",
        Reject::OutsideArena => "The arena ends there.",
        // A held key asks again by itself, and the dead see that they are.
        Reject::FireCooldown
        | Reject::BuildCooldown
        | Reject::Dead
        | Reject::UnknownPlayer
        | Reject::AlreadyJoined
        | Reject::RoomFull
        | Reject::UnknownLook
        | Reject::UnknownStructure
        | Reject::IdsExhausted => return None,
    };
    notice(text, Next::Wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_ends_and_says_what_to_do() {
        let failed = |code: &ErrorCode| Event::Failed {
            code: *code,
            message: String::new(),
        };
        let told: Vec<Notice> = ErrorCode::ALL
            .iter()
            .filter_map(|code| about(&failed(code)))
            .collect();
        assert!(told.len() >= 15, "{}", told.len());
        for notice in told {
            assert!(notice.text.ends_with('.'), "{}", notice.text);
        }
    }

    #[test]
    fn who_is_not_let_in_for_good_is_told_what_to_do() {
        for (code, next) in [
            (ErrorCode::RoomFull, Next::OtherRoom),
            (ErrorCode::Unauthorized, Next::SignIn),
            (ErrorCode::UnsupportedVersion, Next::Reload),
            (ErrorCode::ReplacedByNewerConnection, Next::Reload),
            (ErrorCode::IdleTimeout, Next::Reload),
        ] {
            let told = of_code(code).expect("it is told");
            assert_eq!(told.next, next, "{}", told.text);
        }
    }
}
