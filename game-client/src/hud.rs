//! What the screen says in words and numbers, read from the client a few times a second.

use std::collections::VecDeque;

use netcode::{Client, Event, Micros};
use protocol::{Profile, ServerEvent};
use serde::Serialize;
use sim_core::{PlayerId, StructureKind};

use crate::play::Happened;

/// Corrections are counted over so long.
const CORRECTIONS_OVER: Micros = Micros::from_millis(60_000);
/// Frames are counted over so long.
const FRAMES_OVER: Micros = Micros::from_millis(1_000);
/// Who shot whom is shown for so long.
const FEED_FOR: Micros = Micros::from_millis(6_000);
/// Lines of that at most.
const FEED_MAX: usize = 6;
/// More corrections or frames than these are not counted.
const COUNTED_MAX: usize = 4_096;

/// How the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Connection {
    /// The room has let the player in.
    Playing,
    /// An attempt is made, or the next one is waited for.
    Connecting,
    /// There will be no further attempt.
    Over,
}

/// A player in the list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The player's number.
    pub id: u16,
    /// What others read.
    pub name: String,
    /// Of the colours to choose from.
    pub colour: u8,
    /// Others shot down.
    pub score: u16,
    /// Times shot down.
    pub deaths: u16,
    /// Whether a connection steers the player at the moment.
    pub connected: bool,
    /// Whether it is the own player.
    pub own: bool,
}

/// One of the player's characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CharacterEntry {
    /// What it is called among them.
    pub character_id: String,
    /// What others read.
    pub name: String,
    /// Its body.
    pub body: u8,
    /// Its colour.
    pub colour: u8,
}

/// A line about who shot whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shooting {
    /// Who shot.
    pub by: String,
    /// Who was shot down.
    pub whom: String,
    /// Whether one of them is the own player.
    pub own: bool,
}

/// Everything that is said.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// How the connection is.
    pub connection: Connection,
    /// Milliseconds to the room and back; none before that is known.
    pub ping: Option<u32>,
    /// Frames in the last second.
    pub fps: u32,
    /// Corrections in the last minute.
    pub corrections: u32,
    /// Inputs that wait at the room.
    pub buffer: u16,
    /// Inputs that should wait there.
    pub buffer_target: u16,
    /// Milliseconds that others are drawn in the past.
    pub interpolation: u32,
    /// Milliseconds by which snapshots come at different times.
    pub jitter: u32,
    /// The own player's health; none while there is none.
    pub health: Option<u8>,
    /// Milliseconds until the own player is back; none while it is alive.
    pub respawn: Option<u32>,
    /// What is built next.
    pub building: &'static str,
    /// The player's characters.
    pub characters: Vec<CharacterEntry>,
    /// The one that is played.
    pub character: Option<String>,
    /// Who is in the room, most points first.
    pub players: Vec<Entry>,
    /// Who shot whom lately, oldest first.
    pub feed: Vec<Shooting>,
}

/// What is counted from reading to reading.
#[derive(Clone, Debug, Default)]
pub struct Hud {
    frames: VecDeque<Micros>,
    corrections: VecDeque<Micros>,
    feed: VecDeque<(Micros, Shooting)>,
    over: bool,
}

impl Hud {
    /// A frame was drawn.
    pub fn frame(&mut self, now: Micros) {
        count(&mut self.frames, now, FRAMES_OVER);
    }

    /// Something happened. `client` knows who players are.
    pub fn note(&mut self, at: Micros, what: &Happened, client: &Client) {
        match what {
            Happened::Corrected { .. } => count(&mut self.corrections, at, CORRECTIONS_OVER),
            Happened::Event(Event::Room(ServerEvent::Died { player_id, by })) => {
                if self.feed.len() >= FEED_MAX {
                    self.feed.pop_front();
                }
                let own = |id: &PlayerId| client.player_id() == Some(*id);
                let line = Shooting {
                    by: name(client, *by),
                    whom: name(client, *player_id),
                    own: own(by) || own(player_id),
                };
                self.feed.push_back((at, line));
            }
            Happened::Event(Event::Disconnected { retry_at }) => self.over = retry_at.is_none(),
            Happened::Event(Event::Outdated) => self.over = true,
            Happened::Event(Event::Welcomed { .. }) => self.over = false,
            Happened::Event(
                Event::Refused(_)
                | Event::Placed { .. }
                | Event::Stored { .. }
                | Event::Failed { .. }
                | Event::Room(_),
            ) => {}
        }
    }

    /// What there is to say now.
    pub fn read(&mut self, now: Micros, client: &Client, building: StructureKind) -> Reading {
        forget(&mut self.frames, now, FRAMES_OVER);
        forget(&mut self.corrections, now, CORRECTIONS_OVER);
        while let Some((at, _)) = self.feed.front()
            && now.since(*at) >= FEED_FOR
        {
            self.feed.pop_front();
        }
        let stats = client.stats();
        let own = client.predicted();
        let waits = own.filter(|player| !player.is_alive());
        Reading {
            connection: match (client.is_playing(), self.over) {
                (true, _) => Connection::Playing,
                (false, false) => Connection::Connecting,
                (false, true) => Connection::Over,
            },
            ping: stats.rtt.map(millis),
            fps: self.frames.len() as u32,
            corrections: self.corrections.len() as u32,
            buffer: stats.buffer_depth,
            buffer_target: stats.buffer_target,
            interpolation: millis(stats.interpolation_delay),
            jitter: millis(stats.jitter),
            health: own.map(|player| player.health),
            respawn: waits.map(|player| u32::from(player.respawn_wait.0) * 1_000 / 60),
            building: word(building),
            characters: characters(client),
            character: client.active_character().map(str::to_owned),
            players: players(client),
            feed: self.feed.iter().map(|(_, line)| line.clone()).collect(),
        }
    }
}

fn count(moments: &mut VecDeque<Micros>, now: Micros, over: Micros) {
    forget(moments, now, over);
    if moments.len() >= COUNTED_MAX {
        moments.pop_front();
    }
    moments.push_back(now);
}

fn forget(moments: &mut VecDeque<Micros>, now: Micros, over: Micros) {
    while moments.front().is_some_and(|at| now.since(*at) >= over) {
        moments.pop_front();
    }
}

fn millis(time: Micros) -> u32 {
    u32::try_from((time.0 + 500) / 1_000).unwrap_or(u32::MAX)
}

fn name(client: &Client, id: PlayerId) -> String {
    let known = client.view().and_then(|view| view.presence.get(&id));
    known.map_or_else(|| format!("player {}", id.0), |known| known.name.clone())
}

/// What the page calls a kind of structure.
#[must_use]
pub const fn word(kind: StructureKind) -> &'static str {
    match kind {
        StructureKind::Wall => "wall",
        StructureKind::Gate => "gate",
        StructureKind::Fence => "fence",
    }
}

fn characters(client: &Client) -> Vec<CharacterEntry> {
    let entry = |profile: &Profile| CharacterEntry {
        character_id: profile.character_id.clone(),
        name: profile.name.clone(),
        body: profile.look.body,
        colour: profile.look.colour,
    };
    client.characters().iter().map(entry).collect()
}

fn players(client: &Client) -> Vec<Entry> {
    let Some(view) = client.view() else {
        return Vec::new();
    };
    let mut players: Vec<Entry> = view
        .presence
        .iter()
        .map(|(id, known)| Entry {
            id: id.0,
            name: known.name.clone(),
            colour: known.look.colour,
            score: known.score,
            deaths: known.deaths,
            connected: known.connected,
            own: client.player_id() == Some(*id),
        })
        .collect();
    players.sort_by_key(|one| (std::cmp::Reverse(one.score), one.deaths, one.id));
    players
}
