//! The room: everything it knows, and what each input leads to.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use input_log::Header;
use protocol::{Identity, View};
use sim_core::{PlayerId, Step, World};

use crate::clock::TickClock;
use crate::connection::Connection;
use crate::hydrate::HydratedState;
use crate::input::{ConnId, Hydration, Input, RoomConfig};
use crate::output::{Note, Output, Outputs};
use crate::rates::{Bucket, Rate};
use crate::record::Recorder;
use crate::rows::UserRows;
use crate::scratch::Scratch;
use crate::seats::{Seat, Seats};
use crate::snapshot_stream::{Baselines, next_snapshot};
use crate::stats::{PlayerStats, Stats};
use crate::store::Store;
use crate::time::Millis;
use crate::users::Users;
use crate::visitor::Visitor;

/// What of a player waits for its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Player that it belongs to.
    pub player: PlayerId,
    /// The number that the next new input must have.
    pub next_input_seq: u32,
    /// The newest input that a step has consumed.
    pub consumed: Option<u32>,
    /// Inputs, oldest first.
    pub inputs: Vec<protocol::Input>,
    /// How many commands.
    pub commands: usize,
}

/// One room. Made once; then [`Room::handle`] for every input.
///
/// A room from storage with players in it counts their grace period only once it is awake: give it an
/// [`Input::Wake`] if nobody connects at once.
#[derive(Debug)]
pub struct Room {
    pub(crate) config: RoomConfig,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) world: World,
    pub(crate) users: Users,
    pub(crate) seats: Seats,
    pub(crate) connections: BTreeMap<ConnId, Connection>,
    /// Rows of somebody who is about to come.
    pub(crate) awaited: Option<(String, UserRows)>,
    /// Players in the world of whom no user is known.
    pub(crate) orphans: Vec<PlayerId>,
    pub(crate) scratch: Scratch,
    pub(crate) baselines: Baselines,
    pub(crate) next_snapshot: Step,
    pub(crate) recorder: Recorder,
    pub(crate) store: Store,
    pub(crate) stats: Stats,
    /// Starts when the room is first awake.
    pub(crate) clock: Option<TickClock>,
    pub(crate) asleep: bool,
    /// The last step in which something happened, be it only an input.
    pub(crate) active: Step,
    /// The last step in which something moved.
    pub(crate) stirred: Step,
    /// The wake-up that the driver was asked for.
    pub(crate) armed: Option<Millis>,
    /// Flushes that may still come early.
    pub(crate) early: Bucket,
    /// Somebody has played here.
    pub(crate) played: bool,
    ended: bool,
}

impl Room {
    /// A room that has not begun to count time: that begins with the first input that it is awake for.
    #[must_use]
    pub fn new(config: RoomConfig, hydration: Hydration) -> Self {
        let is_fresh = matches!(hydration, Hydration::Fresh);
        let started = Millis(config.started_at_ms);
        let HydratedState {
            world,
            recording,
            users,
            seats,
            store,
            rows_left_out,
            asleep_since,
        } = HydratedState::of(&config, hydration);
        let step = world.step_number();
        let header = Header::of_this_build(
            config.build_id.clone(),
            config.room_code.clone(),
            config.started_at_ms,
            config.seed,
            config.hash_detail,
        );
        let orphans = world.players().iter().map(|player| player.id);
        let orphans: Vec<PlayerId> = orphans.filter(|id| seats.get(*id).is_none()).collect();
        let mut room = Self {
            asleep: world.is_quiet() && (world.players().is_empty() || asleep_since.is_some()),
            recorder: Recorder::new(header, recording),
            next_snapshot: next_snapshot(step),
            active: step,
            stirred: step,
            config,
            world,
            users,
            seats,
            awaited: None,
            orphans,
            store,
            outputs: VecDeque::new(),
            connections: BTreeMap::new(),
            scratch: Scratch::default(),
            baselines: Baselines::default(),
            stats: Stats::default(),
            clock: asleep_since.map(TickClock::starting),
            armed: None,
            early: Bucket::full(Rate::FLUSHES_EARLY, started),
            played: !is_fresh,
            ended: false,
        };
        if is_fresh {
            room.describe();
        }
        if rows_left_out > 0 {
            let rows = rows_left_out;
            room.outputs
                .push_back(Output::Note(Note::RowsLeftOut { rows }));
        }
        room
    }

    /// Handles an input and gives what it leads to. Outputs that are not taken stay, and come first with the next input.
    pub fn handle(&mut self, now: Millis, input: Input<'_>) -> Outputs<'_> {
        if !self.ended {
            self.obey_driver(now, input);
        }
        Outputs(&mut self.outputs)
    }

    fn obey_driver(&mut self, now: Millis, input: Input<'_>) {
        self.recorder.now = now;
        if let Input::Connect { .. } | Input::Message { .. } | Input::Disconnect { .. } = input {
            self.run_overdue(now);
        }
        match input {
            Input::Connect {
                conn,
                encoding,
                user_id,
                resume,
                entropy,
            } => {
                let visitor = Visitor {
                    conn,
                    encoding,
                    user_id,
                };
                self.connect(now, visitor, resume, entropy);
            }
            Input::Restore {
                conn,
                encoding,
                user_id,
                entropy,
            } => {
                let visitor = Visitor {
                    conn,
                    encoding,
                    user_id,
                };
                self.restore(now, visitor, entropy);
            }
            Input::Message { conn, bytes } => self.message(now, conn, bytes),
            Input::Disconnect { conn, on_purpose } => self.disconnect(now, conn, on_purpose),
            Input::Wake => self.run(now),
            Input::Alarm => self.alarm(now),
            Input::UserLoaded { user_id, rows } => self.user_loaded(user_id, rows),
            Input::Flush => self.flush(),
            Input::Close => {
                self.close_all(now);
                self.flush();
                let bytes = self.recorder.finish(&mut self.outputs);
                self.stats.log_bytes += bytes as u64;
                self.ended = true;
                return;
            }
        }
        self.arm(now);
    }

    /// Whether the room needs a user's rows before it lets the user in.
    #[must_use]
    pub fn lacks_rows_of(&self, user_id: &str) -> bool {
        self.users.get(user_id).is_none_or(|user| !user.is_loaded)
    }

    /// Users in the world whose rows the room needs, so that the others see how they are called.
    #[must_use]
    pub fn lacking(&self) -> Vec<String> {
        let users = self.seats.iter().map(|(_, seat)| &seat.user_id);
        users.filter(|id| self.lacks_rows_of(id)).cloned().collect()
    }

    /// Whether a user has a player here, be it one who is away. Rows of anybody else are of no use to the room.
    #[must_use]
    pub fn remembers(&self, user_id: &str) -> bool {
        self.users.get(user_id).is_some()
    }

    /// The world as it is.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What was counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What was counted of everybody who is in.
    #[must_use]
    pub fn player_stats(&self) -> Vec<PlayerStats> {
        let of = |(player, seat): (PlayerId, &Seat)| PlayerStats {
            player,
            connected: seat.conn.is_some(),
            silent_steps: self.world.step_number().since(seat.heard),
            buffer_depth: seat.input_buffer.depth(),
            counts: seat.counts,
        };
        self.seats.iter().map(of).collect()
    }

    /// What waits for its step, by player.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let of = |(player, seat): (PlayerId, &Seat)| Waiting {
            player,
            next_input_seq: seat.input_buffer.next(),
            consumed: seat.input_buffer.consumed(),
            inputs: seat.input_buffer.iter().collect(),
            commands: seat.pending.len(),
        };
        self.seats.iter().map(of).collect()
    }

    /// Snapshots that were sent to the player's connection and not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self, player: PlayerId) -> usize {
        let conn = self.seats.get(player).and_then(|seat| seat.conn);
        conn.and_then(|conn| self.connections.get(&conn))
            .map_or(0, |connection| connection.snapshots.unacknowledged())
    }

    /// Bytes that were sent to a connection and do not count as read; none if the room has no such connection.
    #[must_use]
    pub fn unread(&self, conn: ConnId) -> Option<u64> {
        let connection = self.connections.get(&conn)?;
        Some(connection.snapshots.unread.bytes())
    }

    /// Whether it sleeps.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Since when it sleeps. None for a room that is awake, and for one that has never been.
    #[must_use]
    pub fn asleep_since(&self) -> Option<Millis> {
        self.clock
            .as_ref()
            .filter(|_| self.asleep)
            .map(TickClock::last)
    }

    /// Whether somebody has ever played here: a step has consumed an input, or a character was changed. What a room
    /// gives to be stored before that is of no use to anybody, and its driver may keep it in memory.
    #[must_use]
    pub fn was_played(&self) -> bool {
        self.played
    }

    /// What the newest snapshots showed. It differs from [`Room::view`] when somebody came or went behind the ticks that one input
    /// has run.
    #[must_use]
    pub fn shown(&self) -> Option<&View> {
        self.baselines.newest()
    }

    /// What clients may know of the room as it is: what a snapshot of this moment shows.
    #[must_use]
    pub fn view(&self) -> View {
        let identities = self
            .seats
            .iter()
            .filter_map(|(player, seat)| {
                let user = self.users.get(&seat.user_id)?;
                let identity = Identity {
                    name: user.characters.active().name,
                    connected: seat.conn.is_some(),
                };
                Some((player, identity))
            })
            .collect();
        View::capture(&self.world, &identities)
    }
}
