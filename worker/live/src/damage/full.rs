//! Tables with far more rows than a room can have.

use anyhow::Context as _;

use crate::stage::run_sql;

pub(super) const ROWS: u64 = 100_000;

/// A table, and what its rows are made from; `i` counts from 1. They are older than what is there.
const FILLED: [(&str, &str); 8] = [
    ("room_meta", "'of another build ' || i, i"),
    ("structures", "i + 100000, 1, 1, i % 64, i / 64 % 64, 1"),
    (
        "player_checkpoints",
        "'user-' || i, i % 60000, 0, 0, (SELECT checkpoint FROM player_checkpoints LIMIT 1)",
    ),
    (
        "character_profiles",
        "'user-' || i, 'default', 'Somebody ' || i, 1, 1",
    ),
    ("active_character_profiles", "'user-' || i, 'default'"),
    (
        "session_tokens",
        "'user-' || i, randomblob(32), 4000000000000",
    ),
    (
        "log_sessions",
        "i, 1700000000000, (SELECT header FROM log_sessions LIMIT 1), NULL",
    ),
    ("log_blocks", "i, 0, zeroblob(200), NULL"),
];
/// The recording is made a later one than those that are put before it.
const LATER: [&str; 2] = [
    "UPDATE log_sessions SET session_id = session_id + 1000000",
    "UPDATE log_blocks SET session_id = session_id + 1000000",
];

/// What fills every table of a room that was played in.
pub(super) fn fill() -> Vec<String> {
    let inserts = FILLED.map(|(table, values)| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
                INSERT OR IGNORE INTO {table} SELECT {values} FROM n"
        )
    });
    let statements = LATER.into_iter().map(str::to_owned).chain(inserts);
    statements.collect()
}

/// How many rows each table has.
pub(super) fn counted(port: u16, room: &str) -> anyhow::Result<Vec<(&'static str, u64)>> {
    let counts = FILLED.map(|(table, _)| format!("SELECT count(*) AS n FROM {table}"));
    let statements: Vec<&str> = counts.iter().map(String::as_str).collect();
    let answers = run_sql(port, room, &statements)?;
    let rows = |at: usize| answers[at][0]["n"].as_u64();
    FILLED
        .iter()
        .enumerate()
        .map(|(at, (table, _))| Ok((*table, rows(at).context("no count")?)))
        .collect()
}
