//! A line that is worse than it is: what passes it waits, so that a player sees what others have to live with.
//!
//! * Nothing is lost and nothing overtakes, as on a connection over TCP.
//! * Without disturbance everything passes at once.

use std::collections::VecDeque;

use netcode::Micros;
use sim_core::Rng;

/// What is done to a line, in each direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Disturbance {
    /// Everything takes so much longer.
    pub latency: Micros,
    /// And up to so much more, each message another time.
    pub jitter: Micros,
}

/// One direction of a line.
#[derive(Clone, Debug)]
pub struct DelayLine<T> {
    disturbance: Disturbance,
    stalled_until: Micros,
    rng: Rng,
    /// With when each of them has passed, ascending.
    waiting: VecDeque<(Micros, T)>,
}

impl<T> DelayLine<T> {
    /// A line without disturbance.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            disturbance: Disturbance::default(),
            stalled_until: Micros(0),
            rng: Rng::new(seed),
            waiting: VecDeque::new(),
        }
    }

    /// Disturbs what is put in from now on.
    pub fn disturb(&mut self, disturbance: Disturbance) {
        self.disturbance = disturbance;
    }

    /// Lets nothing through before then.
    pub fn stall(&mut self, until: Micros) {
        self.stalled_until = self.stalled_until.max(until);
        for (passes, _) in &mut self.waiting {
            *passes = (*passes).max(until);
        }
    }

    /// Puts something in.
    pub fn put(&mut self, now: Micros, what: T) {
        let Disturbance { latency, jitter } = self.disturbance;
        let jitter = match u32::try_from(jitter.0) {
            Ok(0) => 0,
            Ok(jitter) => self.rng.below(jitter),
            Err(_) => u32::MAX,
        };
        let passes = now.after(latency).after(Micros(u64::from(jitter)));
        let last = self.waiting.back().map_or(now, |(last, _)| *last);
        let passes = passes.max(last).max(self.stalled_until);
        self.waiting.push_back((passes, what));
    }

    /// What has passed by now, the oldest of it, with when it did.
    pub fn take(&mut self, now: Micros) -> Option<(Micros, T)> {
        self.waiting.pop_front_if(|(passes, _)| *passes <= now)
    }

    /// When something passes next.
    #[must_use]
    pub fn due(&self) -> Option<Micros> {
        self.waiting.front().map(|(passes, _)| *passes)
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Micros {
        Micros::from_millis(ms)
    }

    #[test]
    fn without_disturbance_everything_passes_at_once() {
        let mut line = DelayLine::new(1);
        line.put(ms(5), 'a');
        assert_eq!(line.due(), Some(ms(5)));
        assert_eq!(line.take(ms(5)), Some((ms(5), 'a')));
        assert_eq!(line.take(ms(5)), None);
    }

    #[test]
    fn what_is_put_in_later_passes_later_and_within_bounds() {
        let mut line = DelayLine::new(1);
        line.disturb(Disturbance {
            latency: ms(100),
            jitter: ms(30),
        });
        for at in 0..1_000 {
            line.put(ms(at), at);
        }
        let mut before = Micros(0);
        for at in 0..1_000 {
            let (passed, what) = line.take(ms(10_000)).expect("nothing is lost");
            assert_eq!(what, at);
            assert!(passed >= before, "{at} overtakes");
            assert!(
                (ms(at + 100)..ms(at + 130)).contains(&passed),
                "{at} passes at {passed:?}"
            );
            before = passed;
        }
    }

    #[test]
    fn a_stall_holds_back_what_is_there_and_what_comes() {
        let mut line = DelayLine::new(1);
        line.put(ms(0), 'a');
        line.stall(ms(500));
        line.put(ms(100), 'b');
        line.put(ms(600), 'c');
        assert_eq!(line.take(ms(499)), None);
        assert_eq!(line.take(ms(700)), Some((ms(500), 'a')));
        assert_eq!(line.take(ms(700)), Some((ms(500), 'b')));
        assert_eq!(line.take(ms(700)), Some((ms(600), 'c')));
    }
}
