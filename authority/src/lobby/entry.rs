//! How somebody comes in: into which seat, with which token, and what is said first.

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

/// How a visitor may come in.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Whether the player is in the world.
    pub(crate) resumed: bool,
    /// What is to be emptied for it.
    pub(crate) place: Place,
    /// The visitor's rows that were no good.
    pub(crate) rows_left_out: usize,
}

/// Why a visitor may not come in: what to say, if anything, and what to close with.
pub(crate) type TurnedAway = (Option<ErrorCode>, CloseCode);

impl Lobby {
    /// Whether a visitor may come in, and where, or what to answer. Makes a player for somebody new, and changes nothing
    /// else. `slept` are the steps that the world is behind while the room sleeps.
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

    /// Makes a player for somebody new. Returns how many of the rows were no good; none if there are as many users as there
    /// can be, and each of them owns something or is in.
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

    /// Where a user sits whose connection outlived the room before; none if there is no place that nobody uses.
    pub(crate) fn place_for(&self, player: PlayerId) -> Option<Place> {
        match self.seats.get(player).filter(|seat| !seat.given_up) {
            Some(_) => Some(Place::Free),
            None => self.seats.unused(),
        }
    }

    /// The connection that steers the player.
    pub(crate) fn connection_of(&self, player: PlayerId) -> Option<ConnId> {
        self.seats.get(player).and_then(|seat| seat.conn)
    }

    /// An admitted user sits down, in the seat of before or a new one, which nobody else steers.
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

    /// Begins the numbers of inputs again, if they are near to their end.
    pub(crate) fn renumber_inputs(&mut self, player: PlayerId) {
        self.seat_mut(player).number_anew();
    }

    /// Gives the user this token, and no other is good any more.
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

    /// What a user who sits is told first.
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

/// Whether a user may have this id. A welcome names the user, and no text of a message has control characters.
fn is_user_id(id: &str) -> bool {
    (1..=USER_ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control)
}
