//! What happened to a player, each in a sentence.

use netcode::Cause;
use sim_core::Buttons;
use sim_core::rules::STEPS_PER_SECOND;

use crate::corrections::Corrected;
use crate::moments::What;
use crate::origin::Origin;

/// What it is called in JSON.
#[must_use]
pub const fn name(what: &What) -> &'static str {
    match what {
        What::Entered => "entered",
        What::Left => "left",
        What::Corrected(_) => "corrected",
        What::Starved { .. } => "starved",
        What::Dropped { .. } => "dropped",
        What::Refused(_) => "refused",
        What::Hit { .. } => "hit",
        What::Died { .. } => "died",
        What::Respawned => "respawned",
        What::Hits { .. } => "hits",
        What::Missed { .. } => "missed",
        What::Marked => "marked",
        What::RoomStalled { .. } => "roomStalled",
    }
}

/// What it was, for people.
#[must_use]
pub fn sentence(what: &What) -> String {
    match what {
        What::Entered => "The player entered the room.".to_owned(),
        What::Left => "The player left the room.".to_owned(),
        What::Corrected(found) => corrected(found),
        What::Starved { steps, late } => {
            let late = late.map_or_else(String::new, |late| {
                format!(
                    " In the second around it the latest input came {} too late.",
                    ms(late)
                )
            });
            format!(
                "{} found no input, and the room repeated the last one.{late}",
                count(*steps, "step")
            )
        }
        What::Dropped { inputs } => format!(
            "{} found the room's buffer full and were lost: more came at once than it keeps.",
            count(*inputs, "input")
        ),
        What::Marked => "The player marked this moment.".to_owned(),
        What::RoomStalled { late_ms } => {
            format!("The room itself was late: it ran a tick {late_ms} ms after it was due.")
        }
        What::Refused(reason) => format!("An action was refused: {reason}."),
        What::Hit { by, damage, health } => {
            format!("Player {by} hit the player: {damage} health lost, {health} left.")
        }
        What::Died { by } => format!("Player {by} shot the player down."),
        What::Respawned => "The player came back into play.".to_owned(),
        What::Hits { whom, health } => {
            format!("A shot of the player hit player {whom}, who has {health} health left.")
        }
        What::Missed {
            fired,
            nearest,
            destroyed,
        } => {
            let end = if *destroyed {
                "ended at a structure and destroyed it"
            } else {
                "ended without a hit"
            };
            let near = nearest.map_or_else(String::new, |(cells, whom)| {
                format!(" It came within {cells:.2} cells of player {whom}.")
            });
            format!("The shot of step {fired} {end}.{near}")
        }
    }
}

fn corrected(found: &Corrected) -> String {
    let moved = if found.distance == 0 {
        "The client was corrected without being moved".to_owned()
    } else if found.cells() < 0.005 {
        "The client was moved by less than 0.01 cells".to_owned()
    } else {
        format!("The client was moved by {:.2} cells", found.cells())
    };
    let lost = || {
        let were = if found.lost == 1 { "was" } else { "were" };
        format!(
            "{} before input {} {were} lost",
            count(found.lost, "input"),
            found.seq
        )
    };
    let starved = || {
        let held = found.repeated.map_or_else(String::new, |held| {
            format!(" and repeated {}", quoted(held))
        });
        format!(
            "the room had no input for {}{held}",
            count(found.starved, "step")
        )
    };
    let what = match found.cause {
        Cause::Starved | Cause::ClockSlip if found.starved == 0 => {
            "The inputs of before were still on their way".to_owned()
        }
        Cause::Starved | Cause::ClockSlip => capital(&starved()),
        Cause::Dropped if found.lost == 0 => {
            "Late inputs came in one go, and more than the room keeps".to_owned()
        }
        Cause::Dropped => capital(&lost()),
        Cause::UnseenStructure => {
            "A structure had changed that the client had not been shown".to_owned()
        }
        Cause::Hit => "The player was shot down".to_owned(),
        Cause::Respawn => "The room decides when and where a player comes back".to_owned(),
        Cause::Unknown => "Nothing of what the room saw explains it".to_owned(),
    };
    let origin = match (found.cause, found.origin) {
        (Cause::Dropped, Origin::Line) => "the player's line: the room's buffer was full",
        (Cause::Starved, Origin::Line) => "the player's line: inputs came too late",
        (_, Origin::Room) => "the room, which was late itself",
        (_, Origin::Client) => "the client, which stood still and skipped time",
        (_, Origin::Unknown) => "unknown; other rules or an altered client",
        (_, origin) => origin.name(),
    };
    let why = format!("{what}. Cause: {origin}");
    format!("{moved}. {why}.")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn count(number: u32, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {of}{plural}")
}

fn ms(steps: u32) -> String {
    format!(
        "{} ms",
        u64::from(steps) * 1_000 / u64::from(STEPS_PER_SECOND)
    )
}

/// What is held, by name.
#[must_use]
pub fn names(held: Buttons) -> Vec<&'static str> {
    let all = [
        (Buttons::UP, "up"),
        (Buttons::DOWN, "down"),
        (Buttons::LEFT, "left"),
        (Buttons::RIGHT, "right"),
    ];
    let held = all.into_iter().filter(|(button, _)| held.holds(*button));
    held.map(|(_, name)| name).collect()
}

/// What is held, as a part of a sentence.
fn quoted(held: Buttons) -> String {
    let names = names(held);
    if names.is_empty() {
        "no button".to_owned()
    } else {
        format!("'{}'", names.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use sim_core::{PlayerId, Step};

    use super::*;

    #[test]
    fn every_sentence_has_a_subject_and_its_proof() {
        let found = |cause, starved, lost| Corrected {
            step: Step(11_052),
            seq: 268,
            distance: 20_316,
            cause,
            origin: if cause == Cause::Unknown {
                Origin::Unknown
            } else {
                Origin::Line
            },
            starved,
            lost,
            repeated: Some(Buttons::RIGHT),
        };
        for (found, told) in [
            (
                found(Cause::Starved, 4, 0),
                "The client was moved by 0.31 cells. The room had no input for 4 steps and repeated 'right'. Cause: the player's line: inputs came too late.",
            ),
            (
                found(Cause::Dropped, 0, 1),
                "The client was moved by 0.31 cells. 1 input before input 268 was lost. Cause: the player's line: the room's buffer was full.",
            ),
            (
                found(Cause::Unknown, 0, 0),
                "The client was moved by 0.31 cells. Nothing of what the room saw explains it. Cause: unknown; other rules or an altered client.",
            ),
        ] {
            assert_eq!(corrected(&found), told);
        }
        let died = What::Died { by: PlayerId(2) };
        assert_eq!(sentence(&died), "Player 2 shot the player down.");
    }
}
