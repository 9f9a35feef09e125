//! One player at its machine: who it is, its link, its clock, and when it is there.

use authority::ConnId;
use netcode::Micros;
use protocol::{Encoding, KEEPALIVE};
use sim_core::Rng;

use crate::client_action::{ClientAction, Reaches};
use crate::clock::LocalClock;
use crate::honest::Honest;
use crate::intruder::Intruder;
use crate::link::SimulatedLink;
use crate::script::{PlayerScript, SeatScript};
use crate::violation::Violation;

/// How late the machine wakes its client at most.
const WAKE_LATE_MICROS_MAX: u32 = 1_500;
/// How often a hidden tab is woken.
const HIDDEN_WAKES: Micros = Micros::from_millis(1_000);

#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) user_id: String,
    pub(crate) encoding: Encoding,
    pub(crate) link: SimulatedLink,
    /// The newest connection, from asking for it until it is gone.
    pub(crate) conn: Option<ConnId>,
    /// When the client is woken next.
    pub(crate) timer: Option<Micros>,
    /// Nothing reaches the machine before this.
    pub(crate) frozen_until: Micros,
    pub(crate) player: Player,
    /// When the client last said something that the platform does not answer by itself.
    pub(crate) spoke: Micros,
    hidden_until: Micros,
    frame: Micros,
    clock: LocalClock,
    rng: Rng,
    here: bool,
}

/// Who plays.
#[derive(Debug)]
pub(crate) enum Player {
    Honest(Box<Honest>),
    Hostile(Box<Intruder>),
}

impl Seat {
    pub(crate) fn new(number: usize, script: &SeatScript, mut rng: Rng) -> Self {
        let of_client = rng.next_u64();
        let of_link = rng.next_u64();
        let of_player = rng.next_u64();
        let player = match script.player {
            PlayerScript::Bot(behaviour) => Player::Honest(Box::new(Honest::new(
                behaviour,
                script.encoding,
                of_client,
                of_player,
            ))),
            PlayerScript::Hostile(hostility) => Player::Hostile(Box::new(Intruder::new(
                hostility,
                script.encoding,
                of_player,
            ))),
        };
        Self {
            user_id: format!("bot-{number}"),
            encoding: script.encoding,
            link: SimulatedLink::new(script.link, of_link),
            conn: None,
            timer: None,
            frozen_until: Micros(0),
            player,
            spoke: Micros(0),
            hidden_until: Micros(0),
            frame: Micros::from_millis(u64::from(script.frame_ms)),
            clock: LocalClock {
                start: Micros(u64::from(rng.next_u32())),
                drift_ppm: script.drift_ppm,
            },
            rng,
            here: true,
        }
    }

    /// The player leaves for good.
    pub(crate) fn leave(&mut self) {
        self.here = false;
        self.timer = None;
    }

    /// Whether the player's client reads what it is sent.
    pub(crate) fn reads(&self) -> bool {
        match &self.player {
            Player::Honest(_) => true,
            Player::Hostile(intruder) => intruder.reads(),
        }
    }

    pub(crate) const fn is_here(&self) -> bool {
        self.here
    }

    /// What the machine's clock shows.
    pub(crate) fn shown(&self, now: Micros) -> Micros {
        self.clock.shows(now)
    }

    /// A new client takes the place of the old one.
    pub(crate) fn reload(&mut self, seat: usize, keeps_token: bool) -> Option<Violation> {
        match &mut self.player {
            Player::Honest(honest) => honest.reload(seat, keeps_token),
            Player::Hostile(_) => None,
        }
    }

    pub(crate) fn hide(&mut self, now: Micros, length: Micros) {
        self.hidden_until = self.hidden_until.max(now.after(length));
    }

    pub(crate) fn freeze(&mut self, now: Micros, length: Micros) {
        // What comes meanwhile waits for one moment, in order; a longer wait in between would stir it.
        if self.frozen_until <= now {
            self.frozen_until = now.after(length);
        }
    }

    /// The player does nothing for a while, or goes on.
    pub(crate) fn pause(&mut self, paused: bool) {
        match &mut self.player {
            Player::Honest(honest) => honest.pause(paused),
            Player::Hostile(intruder) => intruder.pause(paused),
        }
    }

    /// From now on the machine is a good one and its player at rest.
    pub(crate) fn calm_down(&mut self, now: Micros) {
        self.link.calm_down(now);
        self.frame = self.frame.min(Micros::from_millis(17));
        match &mut self.player {
            Player::Honest(honest) => honest.rest(),
            Player::Hostile(intruder) => intruder.rest(),
        }
    }

    /// Something reaches the client. What it wants done, and what was found about it.
    pub(crate) fn handle(
        &mut self,
        seat: usize,
        now: Micros,
        what: Reaches<'_>,
    ) -> (Vec<ClientAction>, Vec<Violation>) {
        let mut wishes = Vec::new();
        let mut found = Vec::new();
        match what {
            Reaches::Closed { .. } => self.conn = None,
            Reaches::Time => self.timer = None,
            Reaches::Opened | Reaches::Message { .. } => {}
        }
        if !self.here {
            return (wishes, found);
        }
        let shown = self.clock.shows(now);
        let due = match &mut self.player {
            Player::Honest(honest) => {
                found = honest.handle(seat, shown, what, &mut wishes);
                honest.due()
            }
            Player::Hostile(intruder) => {
                intruder.handle(shown, what, &mut wishes);
                intruder.due()
            }
        };
        let speaks = |wish: &ClientAction| matches!(wish, ClientAction::Send { bytes } if bytes != KEEPALIVE.as_bytes());
        if wishes.iter().any(speaks) {
            self.spoke = now;
        }
        // A wake-up that is on its way comes, whatever else reaches the client before it.
        let coming = self.timer.unwrap_or(Micros(u64::MAX));
        self.timer = due.map(|due| self.woken(now, due).min(coming));
        (wishes, found)
    }

    /// When the machine wakes its client that asked for a moment of its own clock.
    fn woken(&mut self, now: Micros, due: Micros) -> Micros {
        let late = Micros(u64::from(self.rng.below(WAKE_LATE_MICROS_MAX)));
        let mut at = self.clock.when(due).max(now);
        if self.frame.0 > 0 {
            at = Micros(at.0.next_multiple_of(self.frame.0));
        }
        if at < self.hidden_until {
            at = at.max(Micros(now.0.next_multiple_of(HIDDEN_WAKES.0)).min(self.hidden_until));
        }
        at.max(self.frozen_until).after(late)
    }
}
