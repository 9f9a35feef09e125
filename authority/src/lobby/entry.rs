//! Admission: whether a user may come in, into which seat and with which token, and the welcome.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use protocol::{CloseCode, ErrorCode, Limits, PROTOCOL_VERSION, Rates, Welcome};
use sim_core::{PlayerId, Step, World};

use crate::input::ConnId;
use crate::limits::{RESUME_TOKEN_MS, USER_ID_BYTES_MAX};
use crate::lobby::characters::Characters;
use crate::lobby::seats::{Place, Seat};
use crate::lobby::users::{Token, User};
use crate::rates::{Bucket, Rate};
use crate::rows::{Persist, TokenRow};
use crate::time::Millis;
use crate::token::ResumeHash;

use super::Lobby;

/// An admission.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Whether the player is already in the world.
    pub(crate) resumed: bool,
    /// The seat to take, which may have to be given up by another player.
    pub(crate) place: Place,
    /// Number of the user's rows that were left out.
    pub(crate) rows_left_out: usize,
}

/// A refused admission: the error to send, if any, and the code to close with.
pub(crate) type TurnedAway = (Option<ErrorCode>, CloseCode);

impl Lobby {
    /// Decides whether a user may come in. It creates a new user's player, and changes nothing else. `slept` is the number of
    /// steps that the world is behind while the room sleeps.
    pub(crate) fn admit(
        &mut self,
        now: Millis,
        user_id: &str,
        resume: Option<ResumeHash>,
        world: &World,
        slept: u64,
        rows: &mut Persist,
    ) -> Result<Entry, TurnedAway> {
        let full = (Some(ErrorCode::RoomFull), CloseCode::RoomFull);
        if !is_user_id(user_id) {
            return Err((Some(ErrorCode::Unauthorized), CloseCode::Unauthorized));
        }
        let user = self.users.get(user_id);
        if let Some(hash) = resume
            && !user.is_some_and(|user| user.admits(hash, now))
        {
            return Err((Some(ErrorCode::BadResumeToken), CloseCode::BadResumeToken));
        }
        let player = user.map(|user| user.player);
        let seat = player.and_then(|player| self.seats.get(player));
        let resumed = seat.is_some_and(|seat| seat.in_world);
        let place = match seat.filter(|seat| !seat.given_up) {
            Some(_) => Some(Place::Free),
            None => {
                let present = world.step_number().after(slept);
                let unused = self.seats.unused();
                unused.or_else(|| self.seats.silent_longest(present))
            }
        };
        let place = place.ok_or(full)?;
        let rows_left_out = match player {
            Some(_) => 0,
            None => self.create_user(now, user_id, world, rows).ok_or(full)?,
        };
        Ok(Entry {
            resumed,
            place,
            rows_left_out,
        })
    }

    /// Creates a user with a player. Returns the number of rows that were left out; none if the room knows as many users as it
    /// may, and each of them owns a structure or has a seat.
    fn create_user(
        &mut self,
        now: Millis,
        user_id: &str,
        world: &World,
        rows: &mut Persist,
    ) -> Option<usize> {
        if !self.users.has_place() {
            let seats = &self.seats;
            let is_in = |player| seats.get(player).is_some();
            let id = self.users.forget_one(is_in, world.structures())?;
            rows.withdraw(&id);
            rows.users_removed.push(id);
        }
        let player = self.users.free_player(world.structures())?;
        let user = User {
            player,
            saved: None,
            next_input_seq: 1,
            seen: world.step_number(),
            token: None,
            characters: Characters::assumed(player),
            is_loaded: false,
            changes: Bucket::full(Rate::CHARACTER_CHANGES, now),
            kept: None,
        };
        let is_new = self.users.insert(user_id.to_owned(), user);
        assert!(is_new, "there was a place, and the player was free");
        // Whoever was just forgotten has rows that are as the room left them: they stay.
        rows.users_removed.retain(|id| id != user_id);
        let awaited = self.awaited.take_if(|(id, _)| id == user_id);
        Some(awaited.map_or(0, |(_, own)| self.take_rows(user_id, &own, rows)))
    }

    /// The seat for a connection that outlived the room's memory; none if every seat is in use.
    pub(crate) fn place_for(&self, player: PlayerId) -> Option<Place> {
        match self.seats.get(player).filter(|seat| !seat.given_up) {
            Some(_) => Some(Place::Free),
            None => self.seats.unused(),
        }
    }

    /// The player's connection.
    pub(crate) fn connection_of(&self, player: PlayerId) -> Option<ConnId> {
        self.seats.get(player).and_then(|seat| seat.conn)
    }

    /// Puts the connection into the admitted user's seat, which it creates if there is none.
    pub(crate) fn take_seat(&mut self, conn: ConnId, user_id: &str, step: Step) {
        let user = self.users.get(user_id).expect("who is admitted is known");
        match self.seats.get_mut(user.player) {
            Some(seat) => seat.take(conn),
            None => {
                let seat = Seat::taken(user_id.to_owned(), conn, user.next_input_seq, step);
                self.seats.insert(user.player, seat);
            }
        }
    }

    /// Restarts the input numbers if they are near their end.
    pub(crate) fn renumber_inputs(&mut self, player: PlayerId) {
        self.seat_mut(player).number_anew();
    }

    /// Replaces the user's resume token.
    pub(crate) fn rotate_token(
        &mut self,
        now: Millis,
        user_id: &str,
        hash: ResumeHash,
        rows: &mut Persist,
    ) {
        let expires_at = Millis(now.0.saturating_add(RESUME_TOKEN_MS));
        let user = self.users.get_mut(user_id);
        let user = user.expect("who is admitted is known");
        user.token = Some(Token { hash, expires_at });
        rows.tokens.retain(|row| row.user_id != user_id);
        rows.tokens.push(TokenRow {
            user_id: user_id.to_owned(),
            hash,
            expires_at,
        });
    }

    /// The welcome of a user with a seat.
    pub(crate) fn welcome(
        &self,
        room: String,
        user_id: String,
        resume_token: String,
        resumed: bool,
    ) -> Welcome {
        let user = self.users.get(&user_id).expect("who is welcome is known");
        let seat = self.seats.get(user.player);
        let seat = seat.expect("who is welcome has a seat");
        Welcome {
            room,
            player_id: user.player,
            profile: user.characters.active(),
            characters: user.characters.all(),
            next_input_seq: seat.input_buffer.next(),
            user_id,
            resume_token,
            resumed,
            sim_version: sim_core::SIM_VERSION,
            rules_hash: sim_core::rules_hash(),
            protocol: PROTOCOL_VERSION,
            rates: Rates::CURRENT,
            limits: Limits::CURRENT,
        }
    }
}

/// Whether an id is valid: not empty, not too long, and without control characters, which no text of a message may have.
fn is_user_id(id: &str) -> bool {
    (1..=USER_ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control)
}
