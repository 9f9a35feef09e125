//! The room's host: one life of the room after another, and the disk that outlives them.

mod handle;

use authority::{ConnId, Hydration, Input, Room, RoomConfig, Stats};
use netcode::Micros;
use protocol::{Encoding, KEEPALIVE, KEEPALIVE_ANSWER, View};
use sim_core::{Rng, Step};

use crate::aged::Worn;
use crate::disk::Disk;
use crate::entropy::entropy;
use crate::fault::{CrashPoint, Storage};
use crate::listed::Connections;
use crate::oracle::durable::Told;
use crate::oracle::room as oracle;
use crate::oracle::watch::Watch;
use crate::script::Script;
use crate::violation::Violation;

/// When sessions begin on the room's clock, in milliseconds since 1970: any fixed moment.
const EPOCH_MS: u64 = 1_767_225_600_000;

/// What the room wants done.
#[derive(Debug, Default)]
pub(crate) struct ClientActions {
    pub(crate) sends: Vec<(ConnId, Vec<u8>, bool)>,
    pub(crate) closes: Vec<(ConnId, u16)>,
    /// What clients may know at the moments at which something was sent.
    pub(crate) views: Vec<View>,
    /// The host died over it.
    pub(crate) died: bool,
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
    /// What it was armed for.
    due: Option<Micros>,
    ended: Vec<Stats>,
    doom: Option<(CrashPoint, Storage)>,
    /// When the platform's alarm rings. It outlives the room's memory.
    alarm: Option<Micros>,
    /// Connections that the platform lists: what it remembers of a room that left the memory.
    listed: Connections,
    /// The room left the memory in its sleep.
    evicted: Option<u64>,
    /// Steps that the room had slept through when it last stored its log.
    slept_when_stored: u64,
    /// Where the last life ended.
    before: Option<Step>,
    /// For how many milliseconds the host did nothing.
    stalled_ms: u64,
    watch: Watch,
    told: Told,
    pub(crate) worn: Worn,
    pub(crate) violations: Vec<Violation>,
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
            due: None,
            ended: Vec::new(),
            doom: None,
            alarm: None,
            listed: Connections::default(),
            evicted: None,
            slept_when_stored: 0,
            before: None,
            stalled_ms: 0,
            watch: Watch::default(),
            told: Told::default(),
            worn: Worn::default(),
            violations: Vec::new(),
        }
    }

    /// When to call [`Host::wake`].
    pub(crate) fn timer(&self) -> Option<Micros> {
        self.timer.or(self.alarm)
    }

    /// The room, if it is in memory.
    pub(crate) const fn room(&self) -> Option<&Room> {
        self.room.as_ref()
    }

    /// How many lives of the room have ended.
    pub(crate) fn lives(&self) -> usize {
        self.ended.len()
    }

    pub(crate) fn wake(&mut self, now: Micros) -> ClientActions {
        if self.timer.take().is_some() {
            return self.handle(now, Input::Wake);
        }
        self.alarm = None;
        let mut wishes = self.come_back(now);
        wishes.add(self.handle(now, Input::Alarm));
        wishes
    }

    /// A connection arrives: the room is brought into memory for it.
    pub(crate) fn connect(
        &mut self,
        now: Micros,
        conn: ConnId,
        encoding: Encoding,
        user_id: &str,
        token: Option<&str>,
    ) -> ClientActions {
        let mut wishes = ClientActions::default();
        if self.room.is_none() {
            wishes = self.bring_in(now);
        }
        self.load(now, user_id, &mut wishes);
        let entropy = entropy(&mut self.rng);
        let connect = Input::Connect {
            conn,
            encoding,
            user_id: user_id.to_owned(),
            resume: token.map(|token| authority::ResumeHash::of(&self.config.room_code, token)),
            entropy,
        };
        self.listed.accept(conn, encoding, user_id);
        self.worn.opens(conn, encoding);
        wishes.add(self.handle(now, connect));
        wishes
    }

    pub(crate) fn message(&mut self, now: Micros, conn: ConnId, bytes: &[u8]) -> ClientActions {
        // The platform answers it in the room's place, and a room that is out of memory stays there.
        if bytes == KEEPALIVE.as_bytes() && self.listed.is_open(conn) {
            self.watch(now);
            return ClientActions {
                sends: vec![(conn, KEEPALIVE_ANSWER.into(), true)],
                ..ClientActions::default()
            };
        }
        let mut wishes = self.come_back(now);
        let worn = self.worn.up(conn, bytes);
        let bytes = worn.as_deref().unwrap_or(bytes);
        wishes.add(self.handle(now, Input::Message { conn, bytes }));
        wishes
    }

    pub(crate) fn disconnect(
        &mut self,
        now: Micros,
        conn: ConnId,
        on_purpose: bool,
    ) -> ClientActions {
        let mut wishes = self.come_back(now);
        self.listed.forget(conn);
        wishes.add(self.handle(now, Input::Disconnect { conn, on_purpose }));
        wishes
    }

    /// Both sides of a connection have ended it.
    pub(crate) fn forgets(&mut self, conn: ConnId) {
        self.listed.forget(conn);
    }

    /// The room ends in order.
    pub(crate) fn close(&mut self, now: Micros) -> ClientActions {
        let mut wishes = self.come_back(now);
        wishes.add(self.handle(now, Input::Close));
        wishes
    }

    /// The host will die at this point, and find its storage like this.
    pub(crate) fn doom(&mut self, point: CrashPoint, storage: Storage) {
        self.doom = Some((point, storage));
    }

    /// The host does not die after all.
    pub(crate) fn spare(&mut self) {
        self.doom = None;
        self.worn.end();
    }

    /// The host did nothing for so long.
    pub(crate) fn stalled(&mut self, length: Micros) {
        self.stalled_ms += length.0 / 1_000 + 1;
        self.watch.excuse(length);
    }

    /// The room's memory is gone.
    pub(crate) fn die(&mut self, storage: Storage) {
        self.doom = None;
        self.evicted = None;
        self.listed.clear();
        if let Some(room) = self.room.take() {
            // Steps slept through are no loss: the room that comes back sleeps through them again.
            let slept = room.stats().slept_steps - self.slept_when_stored;
            self.before = Some(Step(room.world().step_number().0.saturating_sub(slept)));
            self.ended.push(room.stats());
        }
        match storage {
            Storage::Whole => {}
            Storage::Torn(bytes) => self.disk.tear(usize::from(bytes)),
            Storage::Upgraded => self.disk.upgrade(),
        }
        (self.timer, self.due) = (None, None);
    }

    /// The host dies, and what the room has counted is near its ends. False if the room has stored nothing.
    pub(crate) fn age(&mut self) -> bool {
        let Some(step) = self.disk.age() else {
            return false;
        };
        self.die(Storage::Whole);
        // The room that was left is another one now.
        self.before = Some(step);
        self.worn.begin();
        // What stands has other names now.
        self.told = Told::default();
        true
    }

    /// The room's memory goes, if it sleeps; its connections stay.
    pub(crate) fn evict(&mut self) {
        if self.timer.is_none()
            && let Some(room) = self.room.take_if(|room| room.is_asleep())
        {
            self.evicted = Some(room.world().hash());
            self.before = Some(room.world().step_number());
            self.ended.push(room.stats());
        }
    }

    /// What each life counted.
    pub(crate) fn into_lives(mut self) -> (Vec<Stats>, Disk) {
        self.die(Storage::Whole);
        (self.ended, self.disk)
    }

    /// A room that was evicted comes back with its connections.
    pub(crate) fn come_back(&mut self, now: Micros) -> ClientActions {
        if self.evicted.is_some() {
            self.bring_in(now)
        } else {
            ClientActions::default()
        }
    }

    fn bring_in(&mut self, now: Micros) -> ClientActions {
        let hydration = match self.before {
            None => Hydration::Fresh,
            Some(_) => self.hydration(),
        };
        let is_exact = matches!(hydration, Hydration::Log { .. });
        let room = Room::new(self.config.clone(), hydration);
        if let Some(left) = self.before {
            self.violations
                .extend(oracle::came_back(&room, &self.disk, left, is_exact));
            self.violations.extend(self.told.came_back(room.world()));
        }
        let evicted = self.evicted.take();
        if evicted.is_some_and(|hash| hash != room.world().hash()) {
            let step = room.world().step_number();
            self.violations
                .push(Violation::EvictedWorldDiffers { step });
        }
        self.room = Some(room);
        self.slept_when_stored = 0;
        let mut wishes = ClientActions::default();
        let lacking = self.room.as_ref().map(Room::lacking);
        for user_id in lacking.unwrap_or_default() {
            self.load(now, &user_id, &mut wishes);
        }
        if evicted.is_none() {
            self.watch = Watch::default();
        } else {
            for restore in self.listed.found(&mut self.rng, self.config.seed) {
                if let Input::Restore { user_id, .. } = &restore {
                    self.load(now, user_id, &mut wishes);
                }
                wishes.add(self.handle(now, restore));
            }
        }
        wishes
    }

    /// Reads a user's rows, if the room needs them.
    fn load(&mut self, now: Micros, user_id: &str, wishes: &mut ClientActions) {
        let mut room = self.room.iter();
        if room.any(|room| room.lacks_rows_of(user_id)) {
            let loaded = Input::UserLoaded {
                user_id: user_id.to_owned(),
                rows: self.disk.rows_of(user_id),
            };
            wishes.add(self.handle(now, loaded));
        }
    }

    /// Nobody holds a seat in silence.
    fn watch(&mut self, now: Micros) {
        if let Some(room) = &self.room {
            self.violations.extend(self.watch.look(room, now));
        }
    }

    fn hydration(&mut self) -> Hydration {
        let (hydration, error) = self.disk.hydration();
        if let Some(error) = error {
            let error = error.to_string();
            self.violations.push(Violation::LogNotRecovered { error });
        }
        hydration
    }
}

impl ClientActions {
    fn add(&mut self, later: Self) {
        self.sends.extend(later.sends);
        self.closes.extend(later.closes);
        self.views.extend(later.views);
        self.died |= later.died;
    }
}
