//! The room's host: one life of the room after another, and the disk that outlives them.

use authority::{ConnId, Input, Millis, Output, Room, RoomConfig, Stats};
use netcode::Micros;
use protocol::{Encoding, View};
use sim_core::Rng;

use crate::disk::Disk;
use crate::script::Script;

/// When sessions begin on the room's clock, in milliseconds since 1970: any fixed moment.
const EPOCH_MS: u64 = 1_767_225_600_000;

/// How late a timer fires at most.
const TIMER_LATE_MICROS_MAX: u32 = 2_000;

/// What the room wants done.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) sends: Vec<(ConnId, Vec<u8>, bool)>,
    pub(crate) closes: Vec<(ConnId, u16)>,
    /// What clients may know at this moment, if something was sent.
    pub(crate) view: Option<View>,
}

/// The room, if it is in memory, and what it is made from.
#[derive(Debug)]
pub(crate) struct Host {
    config: RoomConfig,
    pub(crate) disk: Disk,
    room: Option<Room>,
    rng: Rng,
    /// When the armed timer fires.
    timer: Option<Micros>,
    ended: Vec<Stats>,
}

impl Host {
    pub(crate) fn new(script: &Script, rng: Rng) -> Self {
        Self {
            config: RoomConfig {
                room_code: script.room.clone(),
                seed: script.seed,
                build_id: "harness".to_owned(),
                started_at_ms: EPOCH_MS,
                hash_detail: script.hash_detail,
            },
            disk: Disk::default(),
            room: None,
            rng,
            timer: None,
            ended: Vec::new(),
        }
    }

    /// When to call [`Host::wake`].
    pub(crate) const fn timer(&self) -> Option<Micros> {
        self.timer
    }

    pub(crate) fn wake(&mut self, now: Micros) -> Wishes {
        self.timer = None;
        self.handle(now, Input::Wake)
    }

    /// A connection arrives: the room is brought into memory for it.
    pub(crate) fn connect(
        &mut self,
        now: Micros,
        conn: ConnId,
        encoding: Encoding,
        user_id: &str,
        token: Option<&str>,
    ) -> Wishes {
        if self.room.is_none() {
            let hydration = if self.ended.is_empty() {
                authority::Hydration::Fresh
            } else {
                self.disk.hydration()
            };
            self.room = Some(Room::new(self.config.clone(), hydration));
        }
        let (profiles, active) = self.disk.profiles_of(user_id);
        let loaded = Input::ProfilesLoaded {
            user_id: user_id.to_owned(),
            profiles,
            active,
        };
        let mut wishes = self.handle(now, loaded);
        let mut entropy = [0; 32];
        for bytes in entropy.chunks_exact_mut(8) {
            bytes.copy_from_slice(&self.rng.next_u64().to_le_bytes());
        }
        let connect = Input::Connect {
            conn,
            encoding,
            user_id: user_id.to_owned(),
            resume: token.map(|token| authority::ResumeHash::of(&self.config.room_code, token)),
            entropy,
        };
        let more = self.handle(now, connect);
        wishes.sends.extend(more.sends);
        wishes.closes.extend(more.closes);
        wishes.view = more.view.or(wishes.view);
        wishes
    }

    pub(crate) fn message(&mut self, now: Micros, conn: ConnId, bytes: &[u8]) -> Wishes {
        self.handle(now, Input::Message { conn, bytes })
    }

    pub(crate) fn disconnect(&mut self, now: Micros, conn: ConnId) -> Wishes {
        self.handle(now, Input::Disconnect { conn })
    }

    /// The room ends in order.
    pub(crate) fn close(&mut self, now: Micros) -> Wishes {
        self.handle(now, Input::Close)
    }

    /// The room's memory is gone.
    pub(crate) fn die(&mut self) {
        if let Some(room) = self.room.take() {
            self.ended.push(room.stats());
        }
        self.timer = None;
    }

    /// What each life counted.
    pub(crate) fn into_lives(mut self) -> (Vec<Stats>, Disk) {
        self.die();
        (self.ended, self.disk)
    }

    fn handle(&mut self, now: Micros, input: Input<'_>) -> Wishes {
        let mut wishes = Wishes::default();
        let Some(room) = self.room.as_mut() else {
            return wishes;
        };
        for output in room.handle(Millis(EPOCH_MS + now.0 / 1_000), input) {
            match output {
                Output::Send { conn, bytes, text } => wishes.sends.push((conn, bytes, text)),
                Output::Close { conn, code, .. } => wishes.closes.push((conn, code)),
                Output::WakeAt(at) => {
                    let due = Micros(at.0.saturating_sub(EPOCH_MS) * 1_000).max(now);
                    let late = u64::from(self.rng.below(TIMER_LATE_MICROS_MAX));
                    self.timer = Some(due.after(Micros(late)));
                }
                Output::Sleep => self.timer = None,
                Output::Persist(batch) => self.disk.store(batch),
                Output::LogStart(header) => self.disk.start_log(header),
                Output::Log(block) => self.disk.append_log(&block),
                Output::Note(_) => {}
            }
        }
        wishes.view = (!wishes.sends.is_empty()).then(|| room.view());
        wishes
    }
}
