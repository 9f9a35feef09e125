//! Ends: a connection that both sides have closed comes to an end, and one user holds only so many of the others.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::attack::{Line, masked};
use crate::bot::Room;

/// How long an end, or a close, may take in a busy room.
const END_MAX: Duration = Duration::from_secs(5);
/// What one user may hold, and the connection that is open.
const HELD_MAX: usize = 16 + 1;
/// First bytes of frames (RFC 6455, 5.2).
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

pub(super) fn ends(room: &Room) -> anyhow::Result<()> {
    let goodbye = masked(CLOSE, &1_000_u16.to_be_bytes());
    let mut polite = Line::open(room, "polite", None)?;
    polite.send(&goodbye)?;
    ends_soon(&mut polite).context("who said goodbye")?;

    let mut older = Line::open(room, "replaced", None)?;
    older.send(&masked(
        TEXT,
        br#"{"v":2,"kind":"ping","seq":1,"clientTime":0}"#,
    ))?;
    let _newer = Line::open(room, "replaced", None)?;
    is_closed_soon(&mut older)?;
    older.send(&goodbye)?;
    ends_soon(&mut older).context("who was replaced, and answered")?;

    let mut held = Vec::new();
    let refused = loop {
        ensure!(
            held.len() <= HELD_MAX,
            "one user holds {} connections",
            held.len()
        );
        match Line::open(room, "holder", None) {
            Ok(line) => held.push(line),
            Err(error) => break format!("{error:#}"),
        }
    };
    ensure!(
        held.len() == HELD_MAX && refused.contains(" 429 "),
        "after {} connections: {refused}",
        held.len()
    );
    Line::open(room, "somebody-else", None).context("who holds nothing")?;
    Ok(())
}

fn is_closed_soon(line: &mut Line) -> anyhow::Result<()> {
    let start = Instant::now();
    while line.closed().is_none() {
        ensure!(line.hear()?, "it ended before it was closed");
        ensure!(start.elapsed() < END_MAX, "no close came");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn ends_soon(line: &mut Line) -> anyhow::Result<()> {
    let start = Instant::now();
    while start.elapsed() < END_MAX {
        if !line.hear()? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    bail!("the connection is still there after {END_MAX:?}")
}
