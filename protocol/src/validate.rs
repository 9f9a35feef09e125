//! Checks that types cannot express, the same after both encodings.

use alloc::format;
use alloc::string::ToString;

use sim_core::rules::ARENA_CELLS;
use sim_core::{Action, Cell, Look, Preview, Structure};

use crate::changes::Changes;
use crate::client::{ClientMessage, Envelope};
use crate::command::{ClientCommand, Input};
use crate::error::{DecodeError, Reason};
use crate::event::ServerEvent;
use crate::limits::{
    CHARACTER_ID_BYTES_MAX, CHARACTERS_PER_USER_MAX, CLOCK_MS_MAX, ERROR_TEXT_BYTES_MAX,
    INPUTS_PER_BATCH_MAX, NAME_CHARS_MAX, SNAPSHOT_PLAYERS_MAX, SNAPSHOT_PROJECTILES_MAX,
    SNAPSHOT_STRUCTURES_MAX, TOKEN_BYTES_MAX,
};
use crate::name::check_name;
use crate::server::{Mode, Profile, ServerBody, ServerMessage, Snapshot, Welcome};

type Checked = Result<(), DecodeError>;

pub(crate) fn client(message: &ClientMessage) -> Checked {
    match message {
        ClientMessage::Command(Envelope {
            seq: _,
            client_time,
            command: asked,
        }) => {
            clock("clientTime", *client_time)?;
            command(asked).map_err(|error| error.under("payload"))
        }
        ClientMessage::Ping {
            seq: _,
            client_time,
        } => clock("clientTime", *client_time),
    }
}

fn command(command: &ClientCommand) -> Checked {
    match command {
        ClientCommand::InputBatch {
            inputs,
            snapshot_ack,
            snapshot_proof,
            predicted: _,
        } => {
            if snapshot_proof.is_some() && snapshot_ack.is_none() {
                return Err(contradiction("snapshotProof", "snapshotAck"));
            }
            if inputs.is_empty() {
                return Err(Reason::Empty.of("inputs"));
            }
            count("inputs", inputs.len(), INPUTS_PER_BATCH_MAX)?;
            consecutive(inputs)
        }
        ClientCommand::Act {
            action: Action::Place { cell, .. },
            ..
        } => arena(*cell),
        ClientCommand::Preview(Some(preview)) => arena(preview.cell),
        ClientCommand::Act { .. } | ClientCommand::Preview(None) => Ok(()),
        ClientCommand::SelectCharacter { character_id: id } => character_id(id),
        ClientCommand::SaveCharacter {
            character_id: id,
            name,
            look,
        } => {
            character_id(id)?;
            check_name(name).map_err(|why| Reason::Name { why }.of("name"))?;
            exists(*look)
        }
    }
}

pub(crate) fn server(message: &ServerMessage) -> Checked {
    clock("serverTime", message.server_time)?;
    match &message.body {
        ServerBody::Welcome(body) => welcome(body),
        ServerBody::Ack(_) => Ok(()),
        ServerBody::Snapshot(body) => snapshot(body),
        ServerBody::Pong { client_time, .. } => clock("clientTime", *client_time),
        ServerBody::Error(body) => {
            text("message", &body.message, ERROR_TEXT_BYTES_MAX)?;
            text(
                "field",
                body.field.as_deref().unwrap_or_default(),
                ERROR_TEXT_BYTES_MAX,
            )
        }
        ServerBody::Event(body) => match body {
            ServerEvent::Placed { cell, .. } | ServerEvent::Destroyed { cell, .. } => {
                arena(*cell).map_err(|error| error.under("payload"))
            }
            ServerEvent::Joined { .. }
            | ServerEvent::Left { .. }
            | ServerEvent::Removed { .. }
            | ServerEvent::Fired { .. }
            | ServerEvent::Hit { .. }
            | ServerEvent::Died { .. }
            | ServerEvent::Respawned { .. } => Ok(()),
        },
    }
}

fn welcome(welcome: &Welcome) -> Checked {
    text("room", &welcome.room, TOKEN_BYTES_MAX)?;
    text("userId", &welcome.user_id, TOKEN_BYTES_MAX)?;
    text("resumeToken", &welcome.resume_token, TOKEN_BYTES_MAX)?;
    profile(&welcome.profile).map_err(|error| error.under("profile"))?;
    let characters = &welcome.characters;
    count("characters", characters.len(), CHARACTERS_PER_USER_MAX)?;
    each("characters", characters.iter(), profile)
}

fn profile(profile: &Profile) -> Checked {
    let Profile {
        character_id: id,
        name,
        look,
    } = profile;
    character_id(id)
        .and_then(|()| character_name(name))
        .and_then(|()| exists(*look))
}

fn snapshot(snapshot: &Snapshot) -> Checked {
    match (snapshot.mode, snapshot.base_id) {
        (Mode::Full, None) => {}
        (Mode::Delta, Some(base_id)) if base_id < snapshot.id => {}
        (Mode::Full, Some(_)) => return Err(contradiction("baseId", "mode")),
        (Mode::Delta, None) => {
            return Err(Reason::MissingField.of("baseId"));
        }
        (Mode::Delta, Some(_)) => return Err(contradiction("baseId", "id")),
    }
    let features = &snapshot.features;
    let channels = || {
        entries(
            "presence",
            &features.presence,
            SNAPSHOT_PLAYERS_MAX,
            |entry| character_name(&entry.name).and_then(|()| exists(entry.look)),
        )?;
        entries("movement", &features.movement, SNAPSHOT_PLAYERS_MAX, |_| {
            Ok(())
        })?;
        let (structures, previews) = (&features.build.structures, &features.build.previews);
        let stands = |entry: &Structure| arena(entry.cell);
        entries(
            "build.structures",
            structures,
            SNAPSHOT_STRUCTURES_MAX,
            stands,
        )?;
        let shows = |entry: &Preview| arena(entry.cell);
        entries("build.previews", previews, SNAPSHOT_PLAYERS_MAX, shows)?;
        entries(
            "projectile",
            &features.projectile,
            SNAPSHOT_PROJECTILES_MAX,
            |_| Ok(()),
        )
    };
    channels().map_err(|error| error.under("features"))
}

fn contradiction(field: &str, with: &'static str) -> DecodeError {
    Reason::Contradiction { with }.of(field)
}

/// Counts a channel, and checks each of its entries.
fn entries<Id, Entry>(
    channel: &str,
    changes: &Changes<Id, Entry>,
    max: usize,
    check: impl Fn(&Entry) -> Checked,
) -> Checked {
    let Changes { upserts, removals } = changes;
    count("upserts", upserts.len(), max)
        .and_then(|()| count("removals", removals.len(), max))
        .and_then(|()| each("upserts", upserts.values(), check))
        .map_err(|error| error.under(channel))
}

fn each<'entry, Entry: 'entry>(
    list: &str,
    entries: impl Iterator<Item = &'entry Entry>,
    check: impl Fn(&Entry) -> Checked,
) -> Checked {
    entries
        .enumerate()
        .try_for_each(|(index, entry)| check(entry).map_err(|error| error.under_index(index)))
        .map_err(|error| error.under(list))
}

fn count(field: &str, count: usize, max: usize) -> Checked {
    if count <= max {
        return Ok(());
    }
    Err(Reason::TooManyEntries { count, max }.of(field))
}

fn clock(field: &str, ms: f64) -> Checked {
    if (0.0..=CLOCK_MS_MAX).contains(&ms) {
        return Ok(());
    }
    Err(Reason::OutOfRange {
        expected: "a time from 0 to 2^53 ms".to_string(),
    }
    .of(field))
}

fn consecutive(inputs: &[Input]) -> Checked {
    let mut pairs = inputs.windows(2).enumerate();
    let Some((before, pair)) =
        pairs.find(|(_, pair)| pair[0].seq.checked_add(1) != Some(pair[1].seq))
    else {
        return Ok(());
    };
    Err(Reason::OutOfRange {
        expected: match pair[0].seq.checked_add(1) {
            Some(next) => next.to_string(),
            None => format!("nothing, because no number follows {}", pair[0].seq),
        },
    }
    .of(&format!("inputs[{}].seq", before + 1)))
}

fn arena(cell: Cell) -> Checked {
    if cell.in_arena() {
        return Ok(());
    }
    let field = if cell.x < ARENA_CELLS {
        "cell.y"
    } else {
        "cell.x"
    };
    Err(Reason::OutOfRange {
        expected: format!("below {ARENA_CELLS}"),
    }
    .of(field))
}

fn exists(look: Look) -> Checked {
    if look.exists() {
        return Ok(());
    }
    Err(Reason::OutOfRange {
        expected: "a look that exists".to_string(),
    }
    .of("look"))
}

fn character_id(id: &str) -> Checked {
    if id.is_empty() {
        return Err(Reason::Empty.of("characterId"));
    }
    text("characterId", id, CHARACTER_ID_BYTES_MAX)
}

/// What a room says of names: one of an older build may have let through what is refused today.
fn character_name(name: &str) -> Checked {
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(too_long("name", NAME_CHARS_MAX));
    }
    no_controls("name", name)
}

fn text(field: &str, value: &str, bytes_max: usize) -> Checked {
    if value.len() > bytes_max {
        return Err(too_long(field, bytes_max));
    }
    no_controls(field, value)
}

fn too_long(field: &str, max: usize) -> DecodeError {
    Reason::TextTooLong { max }.of(field)
}

fn no_controls(field: &str, value: &str) -> Checked {
    if value.chars().any(char::is_control) {
        return Err(Reason::ControlCharacters.of(field));
    }
    Ok(())
}
