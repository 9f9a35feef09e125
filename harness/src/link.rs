//! One client's way to the room and back: latency, jitter, loss, stalls and a narrow line, in order like a TCP connection.
//!
//! Nothing that is sent on a link that holds is lost or overtaken for good: what is lost is sent again, and holds back
//! what is behind it.

use std::collections::VecDeque;

use netcode::Micros;
use sim_core::Rng;

use crate::profile::{LinkProfile, Loss};

/// How long a sender waits before it sends a lost packet again, at least (RFC 6298 says a second, Linux does a fifth).
const RETRANSMIT_MS: u64 = 200;
/// How often the wait doubles at most.
const BACKOFF_MAX: u32 = 5;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// The state of one client's link. It outlives its connections.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedLink {
    profile: LinkProfile,
    rng: Rng,
    /// When the newest message arrives, up and down: nothing sent later arrives earlier.
    newest: [Micros; 2],
    is_bad: bool,
    next_stall: Option<Micros>,
    stalled_until: Micros,
    narrow: Narrow,
}

/// A line from the room that takes only so much.
#[derive(Clone, Debug, Default)]
struct Narrow {
    until: Micros,
    bytes_per_second: u32,
    /// When the last of what was sent has left.
    busy_until: Micros,
    /// What has not left yet: when it will have, and its size.
    waiting: VecDeque<(Micros, usize)>,
}

impl SimulatedLink {
    pub(crate) fn new(profile: LinkProfile, seed: u64) -> Self {
        let mut link = Self {
            profile,
            rng: Rng::new(seed),
            newest: [Micros(0); 2],
            is_bad: false,
            next_stall: None,
            stalled_until: Micros(0),
            narrow: Narrow::default(),
        };
        link.next_stall = link.stall_after(Micros(0));
        link
    }

    /// When a message sent now arrives.
    pub(crate) fn arrival(&mut self, now: Micros, way: Way, bytes: usize) -> Micros {
        while let (Some(start), Some(stalls)) = (self.next_stall, self.profile.stalls)
            && start <= now
        {
            let length = self.up_to(millis(stalls.longest_ms));
            self.stall(start, length);
            self.next_stall = self.stall_after(start);
        }
        let jitter = self.up_to(millis(self.profile.jitter_ms));
        let mut delay = millis(self.profile.one_way_ms).after(jitter);
        if let Some(loss) = self.profile.loss {
            delay = delay.after(self.sent_again(loss));
        }
        let leaves = match way {
            Way::Up => now,
            Way::Down => self.narrow.leaves(now, bytes),
        };
        let newest = &mut self.newest[way as usize];
        *newest = leaves.max(self.stalled_until).after(delay).max(*newest);
        *newest
    }

    /// A new connection does not wait for what the one before still carries.
    pub(crate) fn connects(&mut self, now: Micros) {
        self.newest = [now; 2];
        self.narrow.waiting.clear();
        self.narrow.busy_until = now;
    }

    /// Nothing arrives for this long.
    pub(crate) fn stall(&mut self, now: Micros, length: Micros) {
        self.stalled_until = self.stalled_until.max(now.after(length));
    }

    /// For this long, only so much leaves the room.
    pub(crate) fn throttle(&mut self, now: Micros, length: Micros, bytes_per_second: u32) {
        self.narrow.until = now.after(length);
        self.narrow.bytes_per_second = bytes_per_second.max(1);
    }

    /// Bytes that wait to leave the room, if the line is narrow.
    pub(crate) fn waiting(&mut self, now: Micros) -> Option<usize> {
        self.narrow.waiting(now)
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm_down(&mut self, now: Micros) {
        self.profile = self.profile.calmed();
        self.is_bad = false;
        self.next_stall = None;
        self.stalled_until = self.stalled_until.min(now);
        self.narrow.until = self.narrow.until.min(now);
    }

    /// How long a connection made now holds.
    pub(crate) fn holds_for(&mut self) -> Option<Micros> {
        let mean = millis(self.profile.break_after_ms?);
        Some(self.around(mean))
    }

    /// How long one side takes to notice that the connection broke: up to a second.
    pub(crate) fn unnoticed_for(&mut self) -> Micros {
        self.up_to(Micros::from_millis(1_000))
    }

    /// How long it takes until the message gets through: nothing if it is not lost.
    fn sent_again(&mut self, loss: Loss) -> Micros {
        let turns = if self.is_bad {
            loss.recovers_permille
        } else {
            loss.worsens_permille
        };
        self.is_bad ^= self.rng.chance(turns, 1_000);
        let mut waits = Micros(0);
        let first = RETRANSMIT_MS.max(3 * u64::from(self.profile.one_way_ms));
        for attempt in 0..=BACKOFF_MAX {
            if !self.is_bad || !self.rng.chance(loss.lost_permille, 1_000) {
                break;
            }
            waits = waits.after(Micros::from_millis(first << attempt));
            // By the time it is sent again the weather is another one.
            self.is_bad = !self.rng.chance(loss.recovers_permille, 1_000);
        }
        waits
    }

    fn stall_after(&mut self, now: Micros) -> Option<Micros> {
        let every = millis(self.profile.stalls?.every_ms);
        Some(now.after(self.around(every)))
    }

    /// Something from half of it to half more.
    fn around(&mut self, mean: Micros) -> Micros {
        Micros(mean.0 / 2).after(self.up_to(mean))
    }

    fn up_to(&mut self, most: Micros) -> Micros {
        let bound = u32::try_from(most.0 + 1).unwrap_or(u32::MAX);
        Micros(u64::from(self.rng.below(bound)))
    }
}

impl Narrow {
    fn leaves(&mut self, now: Micros, bytes: usize) -> Micros {
        if now >= self.until {
            // What still waits leaves at once when the line is wide again, and this behind it.
            self.waiting.clear();
            self.busy_until = self.busy_until.min(self.until);
            return now;
        }
        let takes = bytes as u64 * 1_000_000 / u64::from(self.bytes_per_second);
        self.busy_until = self.busy_until.max(now).after(Micros(takes));
        let leaves = self.busy_until.min(self.until);
        self.waiting.push_back((leaves, bytes));
        leaves
    }

    fn waiting(&mut self, now: Micros) -> Option<usize> {
        if self.bytes_per_second == 0 {
            return None;
        }
        while self
            .waiting
            .front()
            .is_some_and(|(leaves, _)| *leaves <= now)
        {
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() && now >= self.until {
            self.bytes_per_second = 0;
        }
        Some(self.waiting.iter().map(|(_, bytes)| bytes).sum())
    }
}

fn millis(ms: u32) -> Micros {
    Micros::from_millis(u64::from(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_order_and_in_time() {
        let mut link = SimulatedLink::new(LinkProfile::DISTANT, 5);
        let mut before = Micros(0);
        for sent in (0..5_000_000).step_by(16_667).map(Micros) {
            let arrives = link.arrival(sent, Way::Up, 100);
            assert!(arrives >= before, "sent at {sent:?}");
            let taken = arrives.since(sent);
            let most = Micros::from_millis(150);
            assert!(
                (Micros::from_millis(100)..=most).contains(&taken),
                "{taken:?}"
            );
            before = arrives;
        }
    }

    #[test]
    fn a_stall_holds_everything_back() {
        let mut link = SimulatedLink::new(LinkProfile::CLEAN, 5);
        link.stall(Micros(0), Micros::from_millis(700));
        let held = link.arrival(Micros::from_millis(10), Way::Down, 100);
        assert!(held >= Micros::from_millis(720), "{held:?}");
        let after = link.arrival(Micros::from_millis(800), Way::Down, 100);
        assert!(after.since(Micros::from_millis(800)) <= Micros::from_millis(25));
    }

    #[test]
    fn losses_come_together_and_hold_back_what_follows() {
        let mut link = SimulatedLink::new(LinkProfile::LOSSY, 6);
        let sent = |at: u64| Micros(at * 16_667);
        let takes: Vec<u64> = (0..20_000)
            .map(|at| link.arrival(sent(at), Way::Up, 100).since(sent(at)).0)
            .collect();
        let late = |takes: &u64| *takes > 60_000;
        let all = takes.iter().filter(|takes| late(takes)).count();
        let after_late = takes.windows(2).filter(|two| late(&two[0]));
        let again = after_late.filter(|two| late(&two[1])).count();
        assert!((100..4_000).contains(&all), "{all} of 20000 are late");
        assert!(2 * again > all, "{again} of {all} follow one that is late");
    }

    #[test]
    fn a_narrow_line_keeps_count_of_what_waits() {
        let mut link = SimulatedLink::new(LinkProfile::CLEAN, 7);
        assert_eq!(link.waiting(Micros(0)), None);
        link.throttle(Micros(0), Micros::from_millis(10_000), 1_000);
        for _ in 0..5 {
            link.arrival(Micros(0), Way::Down, 1_000);
        }
        assert_eq!(link.waiting(Micros(0)), Some(5_000));
        assert_eq!(link.waiting(Micros::from_millis(2_500)), Some(3_000));
        let last = link.arrival(Micros::from_millis(2_500), Way::Down, 1_000);
        assert!(last >= Micros::from_millis(6_000), "{last:?}");
        assert_eq!(link.waiting(Micros::from_millis(10_000)), Some(0));
        assert_eq!(link.waiting(Micros::from_millis(10_001)), None);
    }
}
