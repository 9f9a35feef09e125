//! The users that a room knows, with their players and characters, and the seats of the players who are in the world.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::limits::NUMBER_LAST;
use protocol::{Identity, Profile};
use sim_core::{Buttons, Frame, Join, Look, Player, PlayerId, SavedPlayer, Step, World};

use crate::checkpoint::Checkpoint;
use crate::input::ConnId;
use crate::limits::CHECKPOINT_OLD_STEPS_MAX;
use crate::lobby::characters::Characters;
use crate::lobby::seats::{Absence, Seat, Seats};
use crate::lobby::users::{Token, User, Users};
use crate::refusal::Refusal;
use crate::rows::{CheckpointRow, Persist, UserRows};
use crate::time::Millis;

mod backfill;
pub(crate) mod characters;
pub(crate) mod commands;
mod entry;
pub(crate) mod input_buffer;
pub(crate) mod seats;
pub(crate) mod users;

pub(crate) use entry::TurnedAway;

/// Users and seats.
#[derive(Debug)]
pub(crate) struct Lobby {
    users: Users,
    seats: Seats,
    /// Rows of a user who is about to connect.
    awaited: Option<(String, UserRows)>,
    /// Players in the world that belong to no known user. They leave with the first step.
    orphans: Vec<PlayerId>,
}

impl Lobby {
    /// The lobby of a room with this world.
    pub(crate) fn new(users: Users, seats: Seats, world: &World) -> Self {
        let players = world.players().iter().map(|player| player.id);
        Self {
            orphans: players.filter(|id| seats.get(*id).is_none()).collect(),
            users,
            seats,
            awaited: None,
        }
    }

    // Users.

    /// Whether the user has a player in this room, present or not.
    pub(crate) fn remembers(&self, user_id: &str) -> bool {
        self.users.get(user_id).is_some()
    }

    /// The user's player.
    pub(crate) fn player_of(&self, user_id: &str) -> Option<PlayerId> {
        self.users.get(user_id).map(|user| user.player)
    }

    /// Whether the user's rows must be loaded before the user may connect.
    pub(crate) fn lacks_rows_of(&self, user_id: &str) -> bool {
        self.users.get(user_id).is_none_or(|user| !user.is_loaded)
    }

    /// Users with a seat whose rows are not loaded.
    pub(crate) fn lacking(&self) -> Vec<String> {
        let users = self.seats.iter().map(|(_, seat)| &seat.user_id);
        users.filter(|id| self.lacks_rows_of(id)).cloned().collect()
    }

    /// Takes a user's rows: at once if the user is known, otherwise when the user connects next. Returns the number of rows that
    /// were left out.
    pub(crate) fn user_loaded(
        &mut self,
        user_id: String,
        rows: UserRows,
        repaired: &mut Persist,
    ) -> usize {
        match self.users.get(&user_id) {
            Some(user) if user.is_loaded => 0,
            Some(_) => self.take_rows(&user_id, &rows, repaired),
            None => {
                self.awaited = Some((user_id, rows));
                0
            }
        }
    }

    /// Replaces what is known of the user by these rows. A token that the room has issued meanwhile is newer than theirs and stays.
    fn take_rows(&mut self, user_id: &str, rows: &UserRows, repaired: &mut Persist) -> usize {
        let Some(user) = self.users.get_mut(user_id) else {
            return 0;
        };
        user.is_loaded = true;
        let token = rows.token.as_ref().filter(|row| row.user_id == user_id);
        user.token = user.token.or(token.map(Token::of));
        // A default that nobody has changed needs no row.
        if !rows.has_characters() {
            return 0;
        }
        let (characters, left_out) = Characters::loaded(user_id, user.player, rows, repaired);
        user.characters = characters;
        left_out
    }

    /// Name and connection of each player with a seat, for the snapshots.
    pub(crate) fn identities(&self) -> BTreeMap<PlayerId, Identity> {
        let of = |(player, seat): (PlayerId, &Seat)| {
            let user = self.users.get(&seat.user_id)?;
            let identity = Identity {
                name: user.characters.active().name,
                connected: seat.conn.is_some(),
            };
            Some((player, identity))
        };
        self.seats.iter().filter_map(of).collect()
    }

    // Seats.

    pub(crate) fn seats(&self) -> impl Iterator<Item = (PlayerId, &Seat)> {
        self.seats.iter()
    }

    pub(crate) fn seats_mut(&mut self) -> impl Iterator<Item = (PlayerId, &mut Seat)> {
        self.seats.iter_mut()
    }

    /// The seat of a connected player.
    pub(crate) fn seat(&self, player: PlayerId) -> &Seat {
        self.seats.get(player).expect("a connection has a seat")
    }

    /// The same, to change it.
    pub(crate) fn seat_mut(&mut self, player: PlayerId) -> &mut Seat {
        self.seats.get_mut(player).expect("a connection has a seat")
    }

    /// Whether the numbers of the player's inputs are used up.
    pub(crate) fn is_out_of_numbers(&self, player: PlayerId, seq: u32) -> bool {
        seq >= NUMBER_LAST || self.seat(player).input_buffer.is_at_end()
    }

    /// Removes the connection from its seat, and keeps the seat for the next one. Returns the user.
    pub(crate) fn unseat(&mut self, player: PlayerId, conn: ConnId, absence: Absence) -> String {
        let seat = self.seat_mut(player);
        assert_eq!(seat.conn, Some(conn), "a seat has one connection");
        seat.let_go(absence);
        seat.user_id.clone()
    }

    /// Gives the seat up: the player leaves with the next step.
    pub(crate) fn give_up_seat(&mut self, player: PlayerId) {
        self.seat_mut(player).given_up = true;
    }

    /// Players whose connection has been silent for too long.
    pub(crate) fn silent_players(&self, step: Step) -> Vec<PlayerId> {
        let over = self.seats.iter().filter(|(_, seat)| seat.is_silent(step));
        over.map(|(player, _)| player).collect()
    }

    /// Restarts the silence of a seat if it is too long already when a connection takes the seat.
    pub(crate) fn forgive_silence(&mut self, player: PlayerId, step: Step) {
        let seat = self.seat_mut(player);
        if seat.is_silent(step) {
            seat.heard = step;
        }
    }

    /// Step of the last input of the connection that has been silent longest.
    pub(crate) fn longest_silence_since(&self) -> Option<Step> {
        let connected = self.seats.iter().filter(|(_, seat)| seat.conn.is_some());
        connected.map(|(_, seat)| seat.heard).min()
    }

    /// Extends all grace periods by the steps that the room slept.
    pub(crate) fn extend_absences(&mut self, steps: u64) {
        self.seats.slept(steps);
    }

    /// Whether a player is in the world without a connection.
    pub(crate) fn has_absent_player(&self) -> bool {
        self.seats.iter().any(|(_, seat)| seat.conn.is_none())
    }

    /// Restarts the step count, which had reached `before`, at 0.
    pub(crate) fn restart_step_count(&mut self, before: Step) {
        for (_, seat) in self.seats.iter_mut() {
            seat.absence = seat
                .absence
                .map(|absence| absence.at(|step| Step(step.since(before))));
            seat.heard = Step(0);
        }
        self.users.all_seen_at(Step(0));
    }

    // Steps.

    /// Removes the seats that end, and adds their players to the leaves of the next frame. Returns their users.
    pub(crate) fn remove_leaving(&mut self, world: &World, frame: &mut Frame) -> Vec<String> {
        frame.leaves.append(&mut self.orphans);
        let step = world.step_number();
        let over: Vec<PlayerId> = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.is_over(step))
            .map(|(player, _)| player)
            .collect();
        let leave = |player| {
            let seat = self.seats.remove(player).expect("it was just found");
            assert!(seat.conn.is_none(), "only seats without connection end");
            let user = self.users.get_mut(&seat.user_id);
            let user = user.expect("who has a seat is known");
            user.next_input_seq = seat.input_buffer.next();
            user.seen = step;
            if seat.in_world {
                let player = world.player(player);
                user.saved = player.map(saved).or(user.saved);
                frame.leaves.extend(player.map(|player| player.id));
            }
            seat.user_id
        };
        over.into_iter().map(leave).collect()
    }

    /// Adds the players of new seats to the joins of the next frame.
    pub(crate) fn add_joining(&mut self, frame: &mut Frame) {
        for (player, seat) in self.seats.iter_mut().filter(|(_, seat)| !seat.in_world) {
            let user = self.users.get(&seat.user_id);
            let user = user.expect("who has a seat is known");
            seat.in_world = true;
            frame.joins.push(Join {
                player,
                look: user.characters.active().look,
                saved: user.saved,
            });
        }
    }

    /// Extends the stay of a player who left and is hit.
    pub(crate) fn note_hit(&mut self, player: PlayerId, step: Step) {
        if let Some(seat) = self.seats.get_mut(player) {
            seat.hit(step);
        }
    }

    /// Asserts that the world's players are exactly those with a seat.
    pub(crate) fn assert_matches(&self, world: &World) {
        let in_world = world.players().iter().map(|player| player.id);
        assert!(
            in_world.eq(self.seats.iter().map(|(player, _)| player)),
            "seats are those of the players in the world"
        );
    }

    // Rows.

    /// The user's checkpoint row, if it differs from the row that is kept.
    pub(crate) fn checkpoint_row(&mut self, user_id: &str, world: &World) -> Option<CheckpointRow> {
        let user = self.users.get_mut(user_id)?;
        let seat = self.seats.get(user.player);
        let in_world = world.player(user.player);
        let row = CheckpointRow {
            user_id: user_id.to_owned(),
            player_id: user.player,
            step: world.step_number(),
            connected: seat.is_some_and(|seat| seat.conn.is_some()),
            checkpoint: Checkpoint {
                saved: in_world.map(saved).or(user.saved),
                buttons: in_world.map_or(Buttons::NONE, |player| player.buttons),
                next_input_seq: seat.map_or(user.next_input_seq, |seat| {
                    seat.input_buffer.next_unconsumed()
                }),
            },
        };
        let is_kept = user.kept.as_ref().is_some_and(|kept| {
            let same = CheckpointRow {
                step: row.step,
                ..kept.clone()
            };
            row == same && row.step.since(kept.step) < CHECKPOINT_OLD_STEPS_MAX
        });
        if is_kept {
            return None;
        }
        user.kept = Some(row.clone());
        Some(row)
    }

    // Characters.

    /// Saves a character. Returns whether it is the one that is played.
    pub(crate) fn save_character(
        &mut self,
        now: Millis,
        player: PlayerId,
        profile: Profile,
        rows: &mut Persist,
    ) -> Result<bool, Refusal> {
        let Profile {
            character_id,
            name,
            look,
        } = profile;
        let (pending, user_id, user) = self.seated_user(player);
        user.characters.check_save(&character_id, look)?;
        pending?;
        if user.characters.save_changes(&character_id, &name, look) {
            user.change_characters(now)?;
        }
        let characters = &mut user.characters;
        Ok(characters.save(&user_id, character_id, name, look, rows))
    }

    /// Plays another character. Returns how it looks.
    pub(crate) fn select_character(
        &mut self,
        now: Millis,
        player: PlayerId,
        character_id: String,
        rows: &mut Persist,
    ) -> Result<Look, Refusal> {
        let (pending, user_id, user) = self.seated_user(player);
        user.characters.check_select(&character_id)?;
        pending?;
        if user.characters.select_changes(&character_id) {
            user.change_characters(now)?;
        }
        user.characters.select(&user_id, character_id, rows);
        Ok(user.characters.active().look)
    }

    /// The user of a player with a seat, and whether another command may wait for the next step.
    fn seated_user(&mut self, player: PlayerId) -> (Result<(), Refusal>, String, &mut User) {
        let seat = self.seat(player);
        let pending = seat.pending.check_next_step();
        let user_id = seat.user_id.clone();
        let user = self.users.get_mut(&user_id);
        (pending, user_id, user.expect("who has a seat is known"))
    }
}

/// The part of a player that is kept when it leaves the world.
pub(crate) fn saved(player: &Player) -> SavedPlayer {
    SavedPlayer {
        pos: player.pos,
        vel: player.vel,
        health: player.health,
        score: player.score,
        deaths: player.deaths,
    }
}
