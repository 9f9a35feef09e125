//! What a room was left with: the tables and the recording, read once when the object comes to life.
//!
//! * A row that stands for nothing is left out and counted. One bad row must not keep a room from opening.

use authority::{
    ActiveProfileRow, Checkpoint, CheckpointRow, Hydration, Millis, PartialProfileRow, PresenceRow,
    ProfileRow, ResumeHash, RoomCheckpoint, StructureRow, Tables, TokenRow, recover,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sim_core::{Cell, Look, PlayerId, Step, StructureId, StructureKind};
use worker::{Result, SqlStorage, State, console_warn};

use crate::recording;
use crate::rows::{CHECKPOINT, LogEnd, ROOM_CODE};

/// Where the room comes from, and where its log goes on.
pub(crate) fn hydrate(state: &State, now: Millis) -> Result<(Hydration, Option<LogEnd>)> {
    let (tables, left_out) = tables(&state.storage().sql(), now)?;
    if left_out > 0 {
        console_warn!("{left_out} rows stand for nothing and are left out");
    }
    let Some((bytes, end)) = recording::newest(state)? else {
        return Ok((Hydration::Tables(tables), None));
    };
    Ok(match recover(&bytes) {
        Ok(recovered) => (Hydration::Log { recovered, tables }, Some(end)),
        Err(error) => {
            console_warn!(
                "the room goes on from its tables, its recording cannot be used: {error}"
            );
            (Hydration::Tables(tables), None)
        }
    })
}

/// The code under which the room was made.
pub(crate) fn room_code(sql: &SqlStorage) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Row {
        value: String,
    }
    let query = "SELECT value FROM room_meta WHERE name = ?";
    let rows: Vec<Row> = sql.exec(query, vec![ROOM_CODE.into()])?.to_array()?;
    Ok(rows.into_iter().next().map(|row| row.value))
}

/// The room's own checkpoint, if it can be read.
pub(crate) fn checkpoint(sql: &SqlStorage) -> Result<Option<RoomCheckpoint>> {
    newest_checkpoint(sql, &mut 0)
}

/// That of `room_meta` is newer than any beside the log: it goes when one is put there.
fn newest_checkpoint(sql: &SqlStorage, left_out: &mut usize) -> Result<Option<RoomCheckpoint>> {
    let mut found = None;
    for query in [
        &format!("SELECT value FROM room_meta WHERE name = '{CHECKPOINT}'"),
        "SELECT checkpoint AS value FROM log_blocks WHERE checkpoint IS NOT NULL
            ORDER BY session_id DESC, block DESC LIMIT 1",
    ] {
        if found.is_none() {
            read(
                sql,
                query,
                |row: Blob| {
                    found = Some(RoomCheckpoint::decode(&row.value).ok()?);
                    Some(())
                },
                left_out,
            )?;
        }
    }
    Ok(found)
}

fn tables(sql: &SqlStorage, now: Millis) -> Result<(Tables, usize)> {
    let mut left_out = 0;
    let mut tables = Tables::default();

    read(
        sql,
        "SELECT structure_id, owner, kind, x, y, hp FROM structures",
        |row: StoredStructure| {
            tables.structures.push(row.structure()?);
            Some(())
        },
        &mut left_out,
    )?;
    tables.room = newest_checkpoint(sql, &mut left_out)?;
    read(
        sql,
        "SELECT user_id, player_id, step, connected, checkpoint FROM player_checkpoints",
        |row: StoredCheckpoint| {
            tables.checkpoints.push(CheckpointRow {
                checkpoint: Checkpoint::decode(&row.checkpoint).ok()?,
                user_id: row.user_id,
                player_id: PlayerId(row.player_id),
                step: Step(row.step),
                connected: row.connected != 0,
            });
            Some(())
        },
        &mut left_out,
    )?;
    read(
        sql,
        // What no look has is as if it were missing, and the platform cannot give back every integer.
        "SELECT user_id, character_id, name, iif(body BETWEEN 0 AND 255, body, NULL) AS body,
            iif(colour BETWEEN 0 AND 255, colour, NULL) AS colour FROM character_profiles",
        |row: StoredProfile| {
            match row.whole() {
                Ok(profile) => tables.profiles.push(profile),
                Err(partial) => tables.partial_profiles.push(partial),
            }
            Some(())
        },
        &mut left_out,
    )?;
    read(
        sql,
        "SELECT user_id, name FROM presence_players",
        |row: StoredPresence| {
            tables.presence.push(PresenceRow {
                user_id: row.user_id,
                name: row.name,
            });
            Some(())
        },
        &mut left_out,
    )?;
    read(
        sql,
        "SELECT user_id, character_id FROM active_character_profiles",
        |row: StoredActive| {
            tables.active.push(ActiveProfileRow {
                user_id: row.user_id,
                character_id: row.character_id,
            });
            Some(())
        },
        &mut left_out,
    )?;
    read(
        sql,
        "SELECT token_hash, user_id, expires_at FROM session_tokens",
        |row: StoredToken| {
            let token = TokenRow {
                hash: ResumeHash(row.token_hash.try_into().ok()?),
                user_id: row.user_id,
                expires_at: Millis(row.expires_at),
            };
            if token.expires_at > now {
                tables.tokens.push(token);
            }
            Some(())
        },
        &mut left_out,
    )?;
    Ok((tables, left_out))
}

/// Reads every row of a query. What `take` or the row's type refuses is counted.
fn read<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &str,
    mut take: impl FnMut(T) -> Option<()>,
    left_out: &mut usize,
) -> Result<()> {
    for row in sql.exec(query, None)?.next::<T>() {
        if row.ok().and_then(&mut take).is_none() {
            *left_out += 1;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Blob {
    #[serde(with = "serde_bytes")]
    value: Vec<u8>,
}

#[derive(Deserialize)]
struct StoredStructure {
    structure_id: u32,
    owner: u16,
    kind: u8,
    x: u8,
    y: u8,
    hp: u8,
}

impl StoredStructure {
    fn structure(&self) -> Option<StructureRow> {
        let cell = Cell {
            x: self.x,
            y: self.y,
        };
        cell.in_arena().then_some(())?;
        Some(StructureRow {
            id: StructureId(self.structure_id),
            owner: PlayerId(self.owner),
            kind: StructureKind::from_code(self.kind)?,
            cell,
            hp: self.hp,
        })
    }
}

#[derive(Deserialize)]
struct StoredCheckpoint {
    user_id: String,
    player_id: u16,
    step: u64,
    connected: u8,
    #[serde(with = "serde_bytes")]
    checkpoint: Vec<u8>,
}

#[derive(Deserialize)]
struct StoredProfile {
    user_id: String,
    character_id: String,
    name: Option<String>,
    body: Option<u8>,
    colour: Option<u8>,
}

impl StoredProfile {
    /// The row if nothing of it is missing, or what is there of it.
    fn whole(self) -> std::result::Result<ProfileRow, PartialProfileRow> {
        let Self {
            user_id,
            character_id,
            name,
            body,
            colour,
        } = self;
        match (name, body, colour) {
            (Some(name), Some(body), Some(colour)) => Ok(ProfileRow {
                user_id,
                character_id,
                name,
                look: Look { body, colour },
            }),
            (name, body, colour) => Err(PartialProfileRow {
                user_id,
                character_id,
                name,
                body: body.map(i64::from),
                colour: colour.map(i64::from),
            }),
        }
    }
}

#[derive(Deserialize)]
struct StoredPresence {
    user_id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct StoredActive {
    user_id: String,
    character_id: String,
}

#[derive(Deserialize)]
struct StoredToken {
    #[serde(with = "serde_bytes")]
    token_hash: Vec<u8>,
    user_id: String,
    expires_at: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(name: Option<&str>, body: Option<u8>, colour: Option<u8>) -> StoredProfile {
        StoredProfile {
            user_id: "ann".into(),
            character_id: "knight".into(),
            name: name.map(str::to_owned),
            body,
            colour,
        }
    }

    #[test]
    fn a_profile_is_whole_or_keeps_what_it_has() {
        let whole = ProfileRow {
            user_id: "ann".into(),
            character_id: "knight".into(),
            name: "Ann".into(),
            look: Look { body: 3, colour: 2 },
        };
        assert_eq!(stored(Some("Ann"), Some(3), Some(2)).whole(), Ok(whole));
        for (name, body, colour) in [
            (None, Some(3), Some(2)),
            (Some("Ann"), None, Some(2)),
            (Some("Ann"), Some(3), None),
            (None, None, None),
        ] {
            let partial = PartialProfileRow {
                user_id: "ann".into(),
                character_id: "knight".into(),
                name: name.map(str::to_owned),
                body: body.map(i64::from),
                colour: colour.map(i64::from),
            };
            assert_eq!(stored(name, body, colour).whole(), Err(partial));
        }
    }
}
