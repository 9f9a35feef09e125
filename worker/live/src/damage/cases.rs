//! The ways in which a room is damaged, and what becomes of it then.

use std::collections::BTreeSet;

use anyhow::ensure;

use super::database::Database;
use crate::stage::{Stage, run_sql};

/// What a room is made of.
pub(super) const TABLES: [&str; 9] = [
    "room_meta",
    "structures",
    "player_checkpoints",
    "character_profiles",
    "active_character_profiles",
    "session_tokens",
    "log_sessions",
    "log_blocks",
    "migrations",
];

/// Rows that no room can have: numbers beyond what it counts with.
pub(super) const BEYOND: [(&str, &str); 7] = [
    (
        "structure-id",
        "INSERT INTO structures VALUES (1099511627776, 1, 1, 5, 5, 100)",
    ),
    (
        "structure-hp",
        "INSERT INTO structures VALUES (77, -1, 300, 70000, -70000, 9007199254740993)",
    ),
    (
        "player-id",
        "UPDATE player_checkpoints SET player_id = 70000",
    ),
    ("player-step", "UPDATE player_checkpoints SET step = -1"),
    (
        "session-id",
        "UPDATE log_sessions SET session_id = 9223372036854775807",
    ),
    (
        "block",
        "UPDATE log_blocks SET block = 9223372036854775807 WHERE block = (SELECT max(block) FROM log_blocks)",
    ),
    (
        "expires-at",
        "UPDATE session_tokens SET expires_at = 9223372036854775807",
    ),
];

/// Leaves pages that are free: one that lists the others, and those.
const FREED: [&str; 3] = [
    "CREATE TABLE large (bytes BLOB)",
    "INSERT INTO large VALUES (zeroblob(20000))",
    "DROP TABLE large",
];
/// Which pages the tables of the room begin on, and those that the platform keeps for itself.
const ROOTS: &str =
    "SELECT rootpage, name GLOB '_cf_*' AS platform FROM sqlite_master WHERE type = 'table'";

/// A room with something wrong.
pub(super) struct Case {
    pub(super) room: String,
    pub(super) copy: Database,
    /// What is done to it before it is opened.
    pub(super) made: Vec<String>,
    pub(super) expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// It opens, and nobody need know why.
    Opens,
    /// It opens, and the log names it.
    Named,
    /// It opens, the log names it, and the damaged table stays beside the new one.
    SetAside,
    /// It does not open, and the log names it.
    Shut,
}

/// Every way in which the room is damaged.
pub(super) fn cases(stage: &Stage) -> anyhow::Result<Vec<Case>> {
    let (file, roots);
    {
        let server = stage.storage().start()?;
        run_sql(server.port(), super::WHOLE, &FREED)?;
        file = super::database_file(stage, &server, super::WHOLE)?;
        roots = run_sql(server.port(), super::WHOLE, &[ROOTS])?;
    }
    let whole = Database::read(&file)?;
    let roots = |platform: u64| -> BTreeSet<u64> {
        let rows = roots[0].as_array().into_iter().flatten();
        let some = rows.filter(|row| row["platform"] == platform);
        some.filter_map(|row| row["rootpage"].as_u64()).collect()
    };
    let (ours, platforms) = (roots(0), roots(1));
    ensure!(ours.len() >= TABLES.len() && !platforms.is_empty());
    let mut cases = Vec::new();
    for page in 1..=whole.pages() {
        let number = page as u64;
        let expected = if page == 1 || platforms.contains(&number) {
            Expected::Shut
        } else if ours.contains(&number) {
            Expected::SetAside
        } else {
            Expected::Opens
        };
        cases.push(Case {
            room: format!("page-{page}"),
            copy: whole.damaged(page),
            made: Vec::new(),
            expected,
        });
    }
    for table in TABLES {
        cases.push(Case {
            room: format!("no-{}", table.replace('_', "-")),
            copy: whole.clone(),
            made: vec![format!("DROP TABLE {table}")],
            expected: match table {
                // What was applied is plain to see.
                "migrations" => Expected::Opens,
                _ => Expected::Named,
            },
        });
    }
    for (name, statement) in BEYOND {
        cases.push(Case {
            room: format!("beyond-{name}"),
            copy: whole.clone(),
            made: vec![statement.to_owned()],
            expected: match name {
                "expires-at" => Expected::Opens,
                _ => Expected::Named,
            },
        });
    }
    cases.push(Case {
        room: super::FULL.to_owned(),
        copy: whole,
        made: super::full::fill(),
        expected: Expected::Named,
    });
    Ok(cases)
}
