//! The session: when to connect, how messages are numbered, and when the connection counts as lost.
//!
//! * After a loss the client reconnects with the resume token. The wait doubles up to a bound, and has random jitter.
//! * An error that a reconnect cannot repair ends the session.

use alloc::collections::VecDeque;
use alloc::string::String;

use protocol::limits::NUMBER_LAST;
use protocol::{
    ClientCommand, ClientMessage, CloseCode, Encoding, Envelope, ErrorCode, KEEPALIVE,
    encode_client,
};
use sim_core::Rng;

use crate::output::{Event, Output};
use crate::time::Micros;

/// Wait before the first attempt to connect again.
pub(crate) const BACKOFF_MIN: Micros = Micros::from_millis(250);
/// Longest wait between attempts.
pub(crate) const BACKOFF_MAX: Micros = Micros::from_millis(8_000);
/// Attempts after which the wait has its largest value. A client that was closed for its rate starts there.
const ATTEMPTS_TO_BACKOFF_MAX: u32 = 5;
const _: () = assert!(BACKOFF_MIN.0 << ATTEMPTS_TO_BACKOFF_MAX == BACKOFF_MAX.0);
/// How long a connection may take to be open, and then to be welcome.
const GREETING_MAX: Micros = Micros::from_millis(10_000);
/// How long the authority may be silent, or leave pings unanswered, before the connection counts as lost. It answers pings
/// even when it sleeps.
const SILENCE_MAX: Micros = Micros::from_millis(7_000);
/// From one ping to the next: often enough to tell silence from loss, rarely enough to cost nothing.
const PING_INTERVAL: Micros = Micros::from_millis(2_000);

/// State of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionState {
    /// Not connected yet.
    Idle,
    /// Waits for the socket to open.
    Connecting { until: Micros },
    /// Waits for the welcome.
    Greeting { until: Micros },
    /// In the room.
    Playing,
    /// Waits for the next attempt.
    Waiting { until: Micros },
    /// Ended for good.
    Ended,
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) state: ConnectionState,
    pub(crate) token: Option<String>,
    pub(crate) rtt: Option<Micros>,
    encoding: Encoding,
    rng: Rng,
    attempt: u32,
    /// A connection was given up before it was answered. It may still reach the authority, which then takes it for the newer one.
    abandoned: bool,
    /// Number of the next message on this connection.
    next: u32,
    ping: Option<(u32, Micros)>,
    /// Time of the oldest unanswered ping. Messages may still arrive while nothing is sent any more.
    unanswered: Option<Micros>,
    next_ping: Micros,
    heard: Micros,
    pub(crate) connects: u64,
}

impl Session {
    pub(crate) fn new(seed: u64, encoding: Encoding, token: Option<String>) -> Self {
        Self {
            state: ConnectionState::Idle,
            token,
            rtt: None,
            encoding,
            rng: Rng::new(seed),
            attempt: 0,
            abandoned: false,
            next: 1,
            ping: None,
            unanswered: None,
            next_ping: Micros(0),
            heard: Micros(0),
            connects: 0,
        }
    }

    pub(crate) fn is_playing(&self) -> bool {
        self.state == ConnectionState::Playing
    }

    /// When something happens without a message; `None` if nothing ever will.
    pub(crate) fn due(&self) -> Option<Micros> {
        match self.state {
            ConnectionState::Idle => Some(Micros(0)),
            ConnectionState::Connecting { until }
            | ConnectionState::Greeting { until }
            | ConnectionState::Waiting { until } => Some(until),
            ConnectionState::Playing => Some(self.next_ping.min(self.lost_at())),
            ConnectionState::Ended => None,
        }
    }

    /// When the connection counts as lost if nothing changes.
    fn lost_at(&self) -> Micros {
        let silent = self
            .unanswered
            .map_or(self.heard, |since| since.min(self.heard));
        silent.after(SILENCE_MAX)
    }

    /// Does what is due. Returns whether the connection was lost now. With `needs_no_room` pings are keepalives, which the host
    /// answers alone, so that the room may leave memory.
    pub(crate) fn advance(
        &mut self,
        now: Micros,
        needs_no_room: bool,
        outputs: &mut VecDeque<Output>,
    ) -> bool {
        match self.state {
            ConnectionState::Idle => self.connect(now, outputs),
            ConnectionState::Waiting { until } if until <= now => self.connect(now, outputs),
            ConnectionState::Connecting { until } | ConnectionState::Greeting { until }
                if until <= now =>
            {
                self.give_up(now, outputs);
                return true;
            }
            ConnectionState::Playing if self.lost_at() <= now => {
                self.give_up(now, outputs);
                return true;
            }
            ConnectionState::Playing if self.next_ping <= now => {
                self.next_ping = now.after(PING_INTERVAL);
                self.unanswered.get_or_insert(now);
                if needs_no_room {
                    outputs.push_back(Output::Send {
                        bytes: KEEPALIVE.into(),
                        text: true,
                    });
                    return false;
                }
                let seq = self.number();
                self.ping = Some((seq, now));
                self.post(
                    &ClientMessage::Ping {
                        seq,
                        client_time: millis(now),
                    },
                    outputs,
                );
            }
            ConnectionState::Connecting { .. }
            | ConnectionState::Greeting { .. }
            | ConnectionState::Waiting { .. }
            | ConnectionState::Playing
            | ConnectionState::Ended => {}
        }
        false
    }

    fn connect(&mut self, now: Micros, outputs: &mut VecDeque<Output>) {
        self.connects += 1;
        self.state = ConnectionState::Connecting {
            until: now.after(GREETING_MAX),
        };
        outputs.push_back(Output::Connect {
            resume_token: self.token.clone(),
            attempt: self.attempt,
        });
    }

    /// Closes the connection, to make it again later.
    pub(crate) fn give_up(&mut self, now: Micros, outputs: &mut VecDeque<Output>) {
        outputs.push_back(Output::Close {
            code: CloseCode::Normal,
        });
        self.abandoned = true;
        self.wait(now, outputs);
    }

    /// Whether the newer connection that replaced this one must be one that was given up before. It is true once for each.
    fn replaced_itself(&mut self) -> bool {
        core::mem::take(&mut self.abandoned)
    }

    /// The player leaves the room.
    pub(crate) fn leave(&mut self, outputs: &mut VecDeque<Output>) {
        if self.state == ConnectionState::Ended {
            return;
        }
        outputs.push_back(Output::Close {
            code: CloseCode::Left,
        });
        self.end(outputs);
    }

    /// Closes the connection for good.
    pub(crate) fn end(&mut self, outputs: &mut VecDeque<Output>) {
        self.state = ConnectionState::Ended;
        outputs.push_back(Output::Event(Event::Disconnected { retry_at: None }));
    }

    fn wait(&mut self, now: Micros, outputs: &mut VecDeque<Output>) {
        let wait = BACKOFF_MIN
            .0
            .saturating_mul(1 << self.attempt.min(16))
            .min(BACKOFF_MAX.0);
        let half = wait / 2;
        let until = now.after(Micros(half + u64::from(self.rng.below(half as u32 + 1))));
        self.attempt = self.attempt.saturating_add(1);
        self.ping = None;
        self.unanswered = None;
        self.state = ConnectionState::Waiting { until };
        outputs.push_back(Output::Event(Event::Disconnected {
            retry_at: Some(until),
        }));
    }

    pub(crate) fn opened(&mut self, now: Micros) {
        if let ConnectionState::Connecting { .. } = self.state {
            self.next = 1;
            self.state = ConnectionState::Greeting {
                until: now.after(GREETING_MAX),
            };
        }
    }

    /// The driver says that the connection is gone.
    pub(crate) fn closed(
        &mut self,
        now: Micros,
        code: Option<CloseCode>,
        outputs: &mut VecDeque<Output>,
    ) {
        match self.state {
            ConnectionState::Idle | ConnectionState::Waiting { .. } | ConnectionState::Ended => {
                return;
            }
            ConnectionState::Connecting { .. }
            | ConnectionState::Greeting { .. }
            | ConnectionState::Playing => {}
        }
        if code == Some(CloseCode::BadResumeToken) {
            self.token = None;
        }
        if code == Some(CloseCode::RateLimited) {
            self.attempt = self.attempt.max(ATTEMPTS_TO_BACKOFF_MAX);
        }
        let itself = code == Some(CloseCode::ReplacedByNewerConnection) && self.replaced_itself();
        if code.is_some_and(|code| !code.may_reconnect()) && !itself {
            self.end(outputs);
        } else {
            self.wait(now, outputs);
        }
    }

    /// The authority let the client in.
    pub(crate) fn welcomed(&mut self, now: Micros, token: String) {
        self.state = ConnectionState::Playing;
        self.token = Some(token);
        self.attempt = 0;
        self.heard = now;
        self.next_ping = now;
    }

    /// Something came.
    pub(crate) fn heard(&mut self, now: Micros) {
        self.heard = now;
    }

    /// Takes a fatal error. The close that follows decides whether to reconnect; for `unauthorized` only its reason tells
    /// whether another token would do.
    pub(crate) fn fatal(&mut self, code: ErrorCode, outputs: &mut VecDeque<Output>) {
        if code == ErrorCode::BadResumeToken {
            self.token = None;
        }
        let hopeless = matches!(
            code,
            ErrorCode::UnsupportedVersion
                | ErrorCode::RoomFull
                | ErrorCode::RoomClosed
                | ErrorCode::IdleTimeout
                | ErrorCode::OriginNotAllowed
        );
        let replaced = code == ErrorCode::ReplacedByNewerConnection && !self.abandoned;
        if hopeless || replaced {
            outputs.push_back(Output::Close {
                code: CloseCode::Normal,
            });
            self.end(outputs);
        }
    }

    /// The host has answered: the line is open.
    pub(crate) fn kept_alive(&mut self, now: Micros) {
        self.heard = now;
        self.unanswered = None;
    }

    pub(crate) fn pong(&mut self, now: Micros, seq: u32) {
        self.unanswered = None;
        if let Some((asked, at)) = self.ping
            && asked == seq
        {
            self.rtt = Some(now.since(at));
            self.ping = None;
        }
    }

    /// Sends a command; returns its number.
    pub(crate) fn command(
        &mut self,
        now: Micros,
        command: ClientCommand,
        outputs: &mut VecDeque<Output>,
    ) -> u32 {
        let seq = self.number();
        self.post(
            &ClientMessage::Command(Envelope {
                seq,
                client_time: millis(now),
                command,
            }),
            outputs,
        );
        seq
    }

    /// Whether the numbers of this connection are used up.
    pub(crate) fn is_used_up(&self) -> bool {
        self.next > NUMBER_LAST
    }

    /// Number of the next message. Behind [`NUMBER_LAST`] the authority refuses messages.
    fn number(&mut self) -> u32 {
        let seq = self.next;
        self.next = self.next.saturating_add(1);
        seq
    }

    fn post(&self, message: &ClientMessage, outputs: &mut VecDeque<Output>) {
        outputs.push_back(Output::Send {
            bytes: encode_client(message, self.encoding),
            text: self.encoding.is_text(),
        });
    }
}

/// A moment as the protocol writes it: one division, which rounds the same way everywhere.
fn millis(now: Micros) -> f64 {
    now.0 as f64 / 1000.0
}

/// A moment of the authority's clock.
pub(crate) fn micros(millis: f64) -> Micros {
    Micros((millis * 1000.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_up_behind_the_last_one() {
        let mut session = Session::new(1, Encoding::Json, None);
        session.next = NUMBER_LAST;
        assert!(!session.is_used_up());
        assert_eq!(session.number(), NUMBER_LAST);
        assert!(session.is_used_up());
        assert!(session.number() > NUMBER_LAST);
        assert!(session.is_used_up());
    }

    #[test]
    fn only_the_answer_to_the_newest_ping_measures_and_only_once() {
        let mut session = Session::new(1, Encoding::Json, None);
        let mut outputs = VecDeque::new();
        session.welcomed(Micros(0), "token".into());
        assert!(!session.advance(Micros(1_000), false, &mut outputs));
        let (asked, _) = session.ping.unwrap_or_default();
        session.pong(Micros(5_000), asked + 1);
        assert_eq!(session.rtt, None);
        session.pong(Micros(8_000), asked);
        assert_eq!(session.rtt, Some(Micros(7_000)));
        session.pong(Micros(9_000), asked);
        assert_eq!(session.rtt, Some(Micros(7_000)));
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "a quotient that is exact")]
    fn moments_are_written_in_milliseconds() {
        assert_eq!(millis(Micros(1_500)), 1.5);
        assert_eq!(micros(1.5), Micros(1_500));
    }
}
