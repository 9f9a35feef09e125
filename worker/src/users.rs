//! What is stored of one user, read by key when the user comes.

use authority::{Millis, PartialProfileRow, ProfileRow, ResumeHash, TokenRow, UserRows};
use protocol::limits::CHARACTERS_PER_USER_MAX;
use sim_core::Look;
use worker::{Result, SqlStorage, console_error};

use crate::sql::{Row, first, select};

/// Reads a user's rows. What cannot be read is as if it were not there.
pub(crate) fn rows_of(sql: &SqlStorage, room: &str, user_id: &str) -> UserRows {
    let (profiles, partial_profiles) = profiles(sql, user_id).unwrap_or_else(|error| {
        console_error!("room {room} cannot read a user's characters: {error}");
        Default::default()
    });
    let active = active(sql, user_id).unwrap_or_else(|error| {
        console_error!("room {room} cannot read which character a user plays: {error}");
        None
    });
    let token = token(sql, user_id).unwrap_or_else(|error| {
        console_error!("room {room} cannot read a user's resume token: {error}");
        None
    });
    UserRows {
        profiles,
        partial_profiles,
        active,
        token,
    }
}

fn active(sql: &SqlStorage, user_id: &str) -> Result<Option<String>> {
    let query = "SELECT character_id FROM active_character_profiles WHERE user_id = ?";
    let row = first(sql, query, vec![user_id.into()])?;
    Ok(row.and_then(|mut row| row.text()))
}

fn token(sql: &SqlStorage, user_id: &str) -> Result<Option<TokenRow>> {
    let query = "SELECT token_hash, expires_at FROM session_tokens WHERE user_id = ?";
    let row = first(sql, query, vec![user_id.into()])?;
    Ok(row.and_then(|row| token_row(user_id, row)))
}

fn profiles(sql: &SqlStorage, user_id: &str) -> Result<(Vec<ProfileRow>, Vec<PartialProfileRow>)> {
    let (mut whole, mut partial) = (Vec::new(), Vec::new());
    // No more than a user may have are of use; the default one is among them.
    let query = format!(
        "SELECT character_id, name, body, colour FROM character_profiles WHERE user_id = ?
            ORDER BY character_id <> 'default' LIMIT {CHARACTERS_PER_USER_MAX}"
    );
    for row in select(sql, &query, vec![user_id.into()])? {
        let mut row = row?;
        let Some(character_id) = row.text() else {
            continue;
        };
        let (name, body, colour) = (row.text(), row.whole(), row.whole());
        match profile(user_id, character_id, name, body, colour) {
            Ok(row) => whole.push(row),
            Err(row) => partial.push(row),
        }
    }
    Ok((whole, partial))
}

/// The row if nothing of it is missing, or what is there of it.
fn profile(
    user_id: &str,
    character_id: String,
    name: Option<String>,
    body: Option<i64>,
    colour: Option<i64>,
) -> std::result::Result<ProfileRow, PartialProfileRow> {
    let part = |value: Option<i64>| value.and_then(|value| u8::try_from(value).ok());
    match (name, part(body), part(colour)) {
        (Some(name), Some(body), Some(colour)) => Ok(ProfileRow {
            user_id: user_id.into(),
            character_id,
            name,
            look: Look { body, colour },
        }),
        (name, ..) => Err(PartialProfileRow {
            user_id: user_id.into(),
            character_id,
            name,
            body,
            colour,
        }),
    }
}

fn token_row(user_id: &str, mut row: Row) -> Option<TokenRow> {
    Some(TokenRow {
        user_id: user_id.into(),
        hash: ResumeHash(row.bytes()?.try_into().ok()?),
        expires_at: Millis(row.whole()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_whole_or_keeps_what_it_has() {
        let of = |name: Option<&str>, body, colour| {
            profile(
                "ann",
                "knight".into(),
                name.map(str::to_owned),
                body,
                colour,
            )
        };
        let whole = ProfileRow {
            user_id: "ann".into(),
            character_id: "knight".into(),
            name: "Ann".into(),
            look: Look { body: 3, colour: 2 },
        };
        assert_eq!(of(Some("Ann"), Some(3), Some(2)), Ok(whole));
        for (name, body, colour) in [
            (None, Some(3), Some(2)),
            (Some("Ann"), None, Some(2)),
            (Some("Ann"), Some(3), None),
            (Some("Ann"), Some(3), Some(999)),
            (None, None, None),
        ] {
            let partial = PartialProfileRow {
                user_id: "ann".into(),
                character_id: "knight".into(),
                name: name.map(str::to_owned),
                body,
                colour,
            };
            assert_eq!(of(name, body, colour), Err(partial));
        }
    }
}
