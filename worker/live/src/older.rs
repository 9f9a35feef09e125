//! Older databases: rooms whose storage was made before this build come up correct, and keep what they had.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::bot::Room;
use crate::raw::Raw;
use crate::stage::{Stage, asleep, run_sql};

/// A room as it was left, and what comes of it.
struct Case {
    room: &'static str,
    /// How its storage was made.
    made: &'static [&'static str],
    /// Who comes, and which character they must find active; no name means that any will do.
    users: &'static [(&'static str, &'static str, Option<&'static str>)],
    /// Users who must have a default profile and an active selection afterwards, though they did not come.
    absent: &'static [&'static str],
}

const CASES: [Case; 4] = [
    // Users and nothing else, in a table with more columns than are read.
    Case {
        room: "presence-only",
        made: &[
            "CREATE TABLE presence_players (user_id TEXT PRIMARY KEY, name TEXT, x REAL, y REAL, seen INTEGER)",
            "INSERT INTO presence_players VALUES ('with-name', 'Northwind', 3.5, 4.5, 1700000000)",
            "INSERT INTO presence_players VALUES ('without-name', NULL, 1.0, 2.0, 1700000000)",
            "INSERT INTO presence_players VALUES ('stays-away', 'Elsewhere', 1.0, 2.0, 1700000000)",
            "INSERT INTO presence_players VALUES ('', 'Nobody', 0.0, 0.0, 0)",
        ],
        users: &[
            ("with-name", "default", Some("Northwind")),
            ("without-name", "default", None),
        ],
        absent: &["stays-away"],
    },
    // Users in a table with fewer columns.
    Case {
        room: "presence-bare",
        made: &[
            "CREATE TABLE presence_players (user_id TEXT)",
            "INSERT INTO presence_players VALUES ('bare')",
            "INSERT INTO presence_players VALUES (NULL)",
        ],
        users: &[("bare", "default", None)],
        absent: &[],
    },
    // Profiles of which half is missing, by column and by value.
    Case {
        room: "half-profiles",
        made: &[
            "CREATE TABLE character_profiles (user_id TEXT, character_id TEXT, name TEXT, body INTEGER, PRIMARY KEY (user_id, character_id))",
            "INSERT INTO character_profiles VALUES ('no-body', 'default', 'Halfway', NULL)",
            "INSERT INTO character_profiles VALUES ('no-name', 'knight', NULL, 2)",
            "INSERT INTO character_profiles VALUES ('no-sense', 'default', 'Sensible', 999)",
            "INSERT INTO character_profiles VALUES (NULL, 'default', 'Orphan', 1)",
            "CREATE TABLE active_character_profiles (user_id TEXT PRIMARY KEY, character_id TEXT)",
            "INSERT INTO active_character_profiles VALUES ('no-name', 'knight')",
            "INSERT INTO active_character_profiles VALUES ('no-sense', NULL)",
        ],
        users: &[
            ("no-body", "default", Some("Halfway")),
            ("no-name", "knight", None),
            ("no-sense", "default", Some("Sensible")),
        ],
        absent: &[],
    },
    // A selection that points nowhere, beside a whole profile.
    Case {
        room: "nowhere",
        made: &[
            "CREATE TABLE character_profiles (user_id TEXT NOT NULL, character_id TEXT NOT NULL, name TEXT NOT NULL, body INTEGER NOT NULL, colour INTEGER NOT NULL, PRIMARY KEY (user_id, character_id)) STRICT, WITHOUT ROWID",
            "INSERT INTO character_profiles VALUES ('lost', 'default', 'Compass', 1, 1)",
            "CREATE TABLE active_character_profiles (user_id TEXT PRIMARY KEY, character_id TEXT NOT NULL) STRICT, WITHOUT ROWID",
            "INSERT INTO active_character_profiles VALUES ('lost', 'gone')",
        ],
        users: &[("lost", "default", Some("Compass"))],
        absent: &[],
    },
];

pub(crate) fn scene(stage: &Stage) -> anyhow::Result<String> {
    let stage = stage.scene("older")?;
    let storage = stage.storage();
    {
        let server = storage.start()?;
        for case in &CASES {
            run_sql(server.port(), case.room, case.made)
                .with_context(|| format!("making {}", case.room))?;
        }
    }
    // Twice: what was repaired must be whole when it is read again.
    for time in ["first", "second"] {
        let server = stage.serve(&[])?.start()?;
        for case in &CASES {
            let room = Room {
                port: server.port(),
                code: case.room.into(),
            };
            visit(&room, case)
                .with_context(|| format!("{}, {time} start\n{}", case.room, server.log()))?;
        }
        for case in &CASES {
            let room = Room {
                port: server.port(),
                code: case.room.into(),
            };
            asleep(&server, &room)?;
        }
    }
    let server = storage.start()?;
    for case in &CASES {
        let answers = run_sql(
            server.port(),
            case.room,
            &[
                "SELECT user_id, character_id, name, body, colour FROM character_profiles",
                "SELECT user_id, character_id FROM active_character_profiles",
            ],
        )?;
        let come = case.users.iter().map(|(user, active, _)| (*user, *active));
        let absent = case.absent.iter().map(|user| (*user, "default"));
        for (user, active) in come.chain(absent) {
            is_whole(&answers, user, active)
                .with_context(|| format!("{} in {}: {answers}", user, case.room))?;
        }
    }
    Ok(format!(
        "{} databases of an older shape: everybody has a whole profile and a selection, and keeps the name",
        CASES.len()
    ))
}

fn visit(room: &Room, case: &Case) -> anyhow::Result<()> {
    let mut sockets = Vec::new();
    for (user, character, name) in case.users {
        let (mut raw, welcome) = Raw::welcomed(room, user)?;
        let profile = &welcome["profile"];
        ensure!(profile["characterId"] == *character, "{user}: {profile}");
        match name {
            Some(name) => ensure!(profile["name"] == *name, "{user}: {profile}"),
            None => ensure!(
                profile["name"]
                    .as_str()
                    .is_some_and(|name| !name.is_empty()),
                "{user}: {profile}"
            ),
        }
        let snapshot = raw.hear("snapshot")?;
        ensure!(snapshot["mode"] == "full", "{snapshot}");
        sockets.push(raw);
    }
    Ok(())
}

/// Whether the user's rows need no repair any more.
fn is_whole(answers: &Value, user: &str, active: &str) -> anyhow::Result<()> {
    let rows = |at: usize| {
        let all = answers[at].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().filter(|row| row["user_id"] == user)
    };
    for character in ["default", active] {
        let whole = rows(0).any(|row| {
            row["character_id"] == character
                && row["name"].is_string()
                && row["body"].is_u64()
                && row["colour"].is_u64()
        });
        ensure!(whole, "no whole profile {character}");
    }
    let selected: Vec<_> = rows(1).map(|row| &row["character_id"]).collect();
    ensure!(selected == [&json!(active)], "selected: {selected:?}");
    Ok(())
}
