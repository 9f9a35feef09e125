//! A player who means harm, with a client of its own: it connects, says what it should not, and comes back when it is
//! thrown out.

use netcode::Micros;
use protocol::Encoding;

use crate::client_action::{ClientAction, Reaches};
use crate::hostile::{Attacker, Hostility};

/// From one thing it says to the next.
const SPEAKS_EVERY: Micros = Micros::from_millis(20);
/// How long it stays away when it was thrown out.
const STAYS_AWAY: Micros = Micros::from_millis(1_500);

#[derive(Debug)]
pub(crate) struct Intruder {
    attacker: Attacker,
    state: State,
    paused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside { until: Micros },
    Connecting,
    Inside { speaks: Micros },
    Resting,
}

impl Intruder {
    pub(crate) fn new(hostility: Hostility, encoding: Encoding, seed: u64) -> Self {
        Self {
            attacker: Attacker::new(hostility, encoding, seed),
            state: State::Outside { until: Micros(0) },
            paused: false,
        }
    }

    /// Whether it reads what it is sent.
    pub(crate) fn reads(&self) -> bool {
        self.attacker.reads()
    }

    /// It goes, and does not come back.
    pub(crate) fn rest(&mut self) {
        self.state = State::Resting;
    }

    /// It says nothing for a while, or goes on.
    pub(crate) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    pub(crate) const fn due(&self) -> Option<Micros> {
        match self.state {
            State::Outside { until } => Some(until),
            State::Inside { speaks } => Some(speaks),
            State::Connecting | State::Resting => None,
        }
    }

    pub(crate) fn handle(
        &mut self,
        shown: Micros,
        what: Reaches<'_>,
        wishes: &mut Vec<ClientAction>,
    ) {
        match (what, self.state) {
            (_, State::Resting) => {}
            (Reaches::Time, State::Outside { until }) if until <= shown => {
                self.state = State::Connecting;
                wishes.push(ClientAction::Connect { token: None });
            }
            (Reaches::Time, State::Inside { speaks }) if speaks <= shown => {
                if !self.paused {
                    let said = self.attacker.speak(shown);
                    wishes.extend(said.into_iter().map(|bytes| ClientAction::Send { bytes }));
                }
                self.state = State::Inside {
                    speaks: shown.after(SPEAKS_EVERY),
                };
            }
            (Reaches::Time, _) => {}
            (Reaches::Opened, _) => {
                self.attacker.opened();
                self.state = State::Inside { speaks: shown };
            }
            (Reaches::Closed { .. }, _) => {
                self.attacker.closed();
                self.state = State::Outside {
                    until: shown.after(STAYS_AWAY),
                };
            }
            (Reaches::Message { bytes, text }, _) => self.attacker.heard(bytes, text),
        }
    }
}
