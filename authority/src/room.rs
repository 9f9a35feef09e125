//! The room: everything it knows, and what each input leads to.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use input_log::Header;
use protocol::{ServerBody, View};
use sim_core::{PlayerId, World};

use crate::archive::Archive;
use crate::feed::{Feed, Moment};
use crate::hydrate::HydratedState;
use crate::input::{ConnId, Hydration, Input, RoomConfig};
use crate::lobby::Lobby;
use crate::lobby::seats::Seat;
use crate::output::{Note, Output, Outputs};
use crate::room::visitor::Visitor;
use crate::schedule::Schedule;
use crate::simulation::Simulation;
use crate::simulation::scratch::Scratch;
use crate::stats::{PlayerStats, Stats};
use crate::time::Millis;

mod anew;
mod enter;
mod flush;
mod message;
mod silence;
mod step;
mod tick;
mod visitor;

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
    config: RoomConfig,
    lobby: Lobby,
    simulation: Simulation,
    feed: Feed,
    archive: Archive,
    schedule: Schedule,
    scratch: Scratch,
    outputs: VecDeque<Output>,
    /// Somebody has played here.
    played: bool,
    ended: bool,
}

impl Room {
    /// A room that has not begun to count time: that begins with the first input that it is awake for.
    #[must_use]
    pub fn new(config: RoomConfig, hydration: Hydration) -> Self {
        let is_fresh = matches!(hydration, Hydration::Fresh);
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
        let asleep = world.is_quiet() && (world.players().is_empty() || asleep_since.is_some());
        let mut room = Self {
            config,
            lobby: Lobby::new(users, seats, &world),
            feed: Feed::new(step),
            archive: Archive::new(header, recording, store, step),
            schedule: Schedule::new(asleep, asleep_since, step),
            simulation: Simulation::new(world),
            scratch: Scratch::default(),
            outputs: VecDeque::new(),
            played: !is_fresh,
            ended: false,
        };
        if is_fresh {
            room.archive.put_meta(room.config.seed);
        }
        room.note_left_out(rows_left_out);
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
        self.archive.set_time(now);
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
            Input::UserLoaded { user_id, rows } => {
                let repaired = self.archive.rows();
                let left_out = self.lobby.user_loaded(user_id, rows, repaired);
                self.note_left_out(left_out);
            }
            Input::Flush => self.flush(),
            Input::Close => {
                self.close_all(now);
                self.flush();
                self.archive.finish(&mut self.outputs);
                self.ended = true;
                return;
            }
        }
        if let Some(at) = self.schedule.arm(now) {
            self.outputs.push_back(Output::WakeAt(at));
        }
    }

    /// Rows that were no good are told of.
    fn note_left_out(&mut self, rows: usize) {
        if rows > 0 {
            self.outputs
                .push_back(Output::Note(Note::RowsLeftOut { rows }));
        }
    }

    /// What is said at this time is said in this step.
    fn at(&self, time: f64) -> Moment {
        Moment {
            step: self.simulation.step_number(),
            time,
        }
    }

    /// Sends a message that is about now.
    fn tell(&mut self, now: Millis, conn: ConnId, body: ServerBody) {
        let at = self.at(now.0 as f64);
        self.feed.send(at, conn, body, &mut self.outputs);
    }

    /// Whether the room needs a user's rows before it lets the user in.
    #[must_use]
    pub fn lacks_rows_of(&self, user_id: &str) -> bool {
        self.lobby.lacks_rows_of(user_id)
    }

    /// Users in the world whose rows the room needs, so that the others see how they are called.
    #[must_use]
    pub fn lacking(&self) -> Vec<String> {
        self.lobby.lacking()
    }

    /// Whether a user has a player here, be it one who is away. Rows of anybody else are of no use to the room.
    #[must_use]
    pub fn remembers(&self, user_id: &str) -> bool {
        self.lobby.remembers(user_id)
    }

    /// The world as it is.
    #[must_use]
    pub fn world(&self) -> &World {
        self.simulation.world()
    }

    /// What was counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        self.simulation.report(&mut stats);
        self.feed.report(&mut stats);
        self.archive.report(&mut stats);
        self.schedule.report(&mut stats);
        stats
    }

    /// What was counted of everybody who is in.
    #[must_use]
    pub fn player_stats(&self) -> Vec<PlayerStats> {
        let of = |(player, seat): (PlayerId, &Seat)| PlayerStats {
            player,
            connected: seat.conn.is_some(),
            silent_steps: self.simulation.step_number().since(seat.heard),
            buffer_depth: seat.input_buffer.depth(),
            counts: seat.counts,
        };
        self.lobby.seats().map(of).collect()
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
        self.lobby.seats().map(of).collect()
    }

    /// Snapshots that were sent to the player's connection and not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self, player: PlayerId) -> usize {
        let conn = self.lobby.connection_of(player);
        conn.and_then(|conn| self.feed.get(conn))
            .map_or(0, |connection| connection.snapshots.unacknowledged())
    }

    /// Bytes that were sent to a connection and do not count as read; none if the room has no such connection.
    #[must_use]
    pub fn unread(&self, conn: ConnId) -> Option<u64> {
        let connection = self.feed.get(conn)?;
        Some(connection.snapshots.unread.bytes())
    }

    /// Whether it sleeps.
    #[must_use]
    pub fn is_asleep(&self) -> bool {
        self.schedule.is_asleep()
    }

    /// Since when it sleeps. None for a room that is awake, and for one that has never been.
    #[must_use]
    pub fn asleep_since(&self) -> Option<Millis> {
        self.schedule.asleep_since()
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
        self.feed.newest_view()
    }

    /// What clients may know of the room as it is: what a snapshot of this moment shows.
    #[must_use]
    pub fn view(&self) -> View {
        View::capture(self.world(), &self.lobby.identities())
    }
}
