//! The same message again and again at a fixed rate, and a close changes nothing.

use std::time::Duration;

use super::attackers::Attacker;
use super::bombs::deflated_zeros;
use super::line::{Line, masked};
use crate::bot::Room;

/// What a bomb inflates to.
const INFLATED_BYTES: usize = 30_000_000;
/// How much of a second one turn makes up for, so that a turn that comes late does not become a second attack.
const TURN_MAX: Duration = Duration::from_millis(100);
/// What may wait to be sent: beyond that the server does not take more, and the attacker waits like anybody.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// The first byte of a frame: a whole message of text, of bytes, of compressed bytes (RFC 6455, RFC 7692).
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const DEFLATED: u8 = 0xc2;

pub(super) struct Barrage {
    room: Room,
    player: &'static str,
    /// Extensions that are offered.
    offer: Option<&'static str>,
    agreed: bool,
    frame: Vec<u8>,
    per_second: u64,
    /// None while the server does not let it in again.
    line: Option<Line>,
    /// Messages that were due, whether they could be sent or not.
    due: u64,
    /// Bytes taken by the lines before this one.
    bytes_before: u64,
    connections: u32,
    closes: Vec<(u16, Duration)>,
}

impl Barrage {
    /// 40,000 pings a second.
    pub(super) fn of_messages(room: &Room) -> anyhow::Result<Self> {
        let mut barrage = Self::begin(room, "flood", None, 40_000)?;
        let ping = br#"{"v":2,"kind":"ping","seq":1,"clientTime":0}"#;
        barrage.frame = masked(TEXT, ping);
        Ok(barrage)
    }

    /// 20 messages a second that inflate to a thousand times their size, if the server agrees on compression. If not, a
    /// compressed frame would be an error, and the same bytes are sent as they are.
    pub(super) fn of_bombs(room: &Room) -> anyhow::Result<Self> {
        let mut barrage = Self::begin(room, "bombs", Some("permessage-deflate"), 20)?;
        let first = if barrage.agreed { DEFLATED } else { BINARY };
        barrage.frame = masked(first, &deflated_zeros(INFLATED_BYTES));
        Ok(barrage)
    }

    fn begin(
        room: &Room,
        player: &'static str,
        offer: Option<&'static str>,
        per_second: u64,
    ) -> anyhow::Result<Self> {
        let line = Line::open(room, player, offer)?;
        Ok(Self {
            room: room.clone(),
            player,
            offer,
            agreed: line.extensions().is_some(),
            frame: Vec::new(),
            per_second,
            line: Some(line),
            due: 0,
            bytes_before: 0,
            connections: 1,
            closes: Vec::new(),
        })
    }

    fn sent(&self) -> u64 {
        let now = self.line.as_ref().map_or(0, |line| line.bytes_up);
        (self.bytes_before + now) / self.frame.len() as u64
    }

    /// Whose line was ended comes back at once.
    fn come_back(&mut self) {
        if let Ok(line) = Line::open(&self.room, self.player, self.offer) {
            self.line = Some(line);
            self.connections += 1;
        }
    }

    fn lost(&mut self) {
        if let Some(line) = self.line.take() {
            self.bytes_before += line.bytes_up;
            self.closes.extend(line.closed());
        }
    }
}

impl Attacker for Barrage {
    fn turn(&mut self, elapsed: Duration) -> anyhow::Result<()> {
        let count = |time: Duration| time.as_micros() as u64 * self.per_second / 1_000_000;
        let all = count(elapsed);
        let now = (all - self.due).min(count(TURN_MAX).max(1));
        self.due = all;
        let Some(line) = &mut self.line else {
            self.come_back();
            return Ok(());
        };
        let bytes = if line.waiting() < WAITING_BYTES_MAX {
            self.frame.repeat(now as usize)
        } else {
            Vec::new()
        };
        let sends = line.send(&bytes).is_ok();
        if !line.hear()? || !sends {
            self.lost();
        }
        Ok(())
    }

    fn account(&mut self, elapsed: Duration) -> anyhow::Result<String> {
        let open = self.line.as_ref().and_then(Line::closed);
        let closes: Vec<_> = self.closes.iter().chain(&open).collect();
        let first = closes.first().map_or_else(
            || "no close came".to_owned(),
            |(code, after)| {
                format!(
                    "the first close, {code}, came after {} ms",
                    after.as_millis()
                )
            },
        );
        let compression = match (self.offer, self.agreed) {
            (None, _) => "was not asked for",
            (Some(_), true) => "was agreed on",
            (Some(_), false) => "was refused",
        };
        Ok(format!(
            "{}: {} messages of {} bytes were taken in {:.1} s, {:.1} a second of {}, on {} connections; {first}; compression \
             {compression}",
            self.player,
            self.sent(),
            self.frame.len(),
            elapsed.as_secs_f64(),
            self.sent() as f64 / elapsed.as_secs_f64(),
            self.per_second,
            self.connections
        ))
    }
}
