//! One client's way to the room and back: latency, jitter, stalls and breaks, in order like a TCP connection.
//!
//! Nothing that is sent on a link that holds is lost or overtaken; a stall delays everything behind it.

use netcode::Micros;
use sim_core::Rng;

/// How a link behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkProfile {
    /// Least time one way.
    pub one_way: Micros,
    /// On top of it, anything from nothing to this.
    pub jitter: Micros,
    /// Times in which nothing arrives.
    pub stalls: Option<Stalls>,
    /// Mean time after which the connection breaks.
    pub break_after: Option<Micros>,
}

/// Times in which nothing arrives in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stalls {
    /// Mean time from one to the next.
    pub every: Micros,
    /// The longest.
    pub longest: Micros,
}

impl LinkProfile {
    /// Names of the profiles that a command line knows.
    pub const NAMES: [&'static str; 6] =
        ["clean", "distant", "jitter", "stalls", "breaks", "awful"];

    /// A good connection: 40 ms round trip, 5 ms jitter.
    pub const CLEAN: Self = Self {
        one_way: Micros::from_millis(20),
        jitter: Micros::from_millis(5),
        stalls: None,
        break_after: None,
    };

    /// The other side of an ocean: 200 ms round trip and up to 50 ms of jitter each way.
    pub const DISTANT: Self = Self {
        one_way: Micros::from_millis(100),
        jitter: Micros::from_millis(50),
        ..Self::CLEAN
    };

    /// A busy wireless network: 60 ms round trip, up to 120 ms of jitter each way.
    pub const JITTER: Self = Self {
        one_way: Micros::from_millis(30),
        jitter: Micros::from_millis(120),
        ..Self::CLEAN
    };

    /// A train: every few seconds nothing arrives for up to a second.
    pub const STALLS: Self = Self {
        one_way: Micros::from_millis(35),
        jitter: Micros::from_millis(30),
        stalls: Some(Stalls {
            every: Micros::from_millis(5_000),
            longest: Micros::from_millis(1_000),
        }),
        break_after: None,
    };

    /// A phone that changes cells: the connection breaks about every ten seconds.
    pub const BREAKS: Self = Self {
        break_after: Some(Micros::from_millis(10_000)),
        ..Self::CLEAN
    };

    /// All of it.
    pub const AWFUL: Self = Self {
        jitter: Micros::from_millis(100),
        break_after: Some(Micros::from_millis(15_000)),
        ..Self::STALLS
    };

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "clean" => Some(Self::CLEAN),
            "distant" => Some(Self::DISTANT),
            "jitter" => Some(Self::JITTER),
            "stalls" => Some(Self::STALLS),
            "breaks" => Some(Self::BREAKS),
            "awful" => Some(Self::AWFUL),
            _ => None,
        }
    }
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// The state of one client's link. It outlives its connections.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    profile: LinkProfile,
    rng: Rng,
    /// When the newest message arrives, up and down: nothing sent later arrives earlier.
    newest: [Micros; 2],
    next_stall: Option<Micros>,
    stalled_until: Micros,
}

impl Link {
    pub(crate) fn new(profile: LinkProfile, seed: u64) -> Self {
        let mut link = Self {
            profile,
            rng: Rng::new(seed),
            newest: [Micros(0); 2],
            next_stall: None,
            stalled_until: Micros(0),
        };
        link.next_stall = link.stall_after(Micros(0));
        link
    }

    /// When a message sent now arrives.
    pub(crate) fn arrival(&mut self, now: Micros, way: Way) -> Micros {
        while let (Some(start), Some(stalls)) = (self.next_stall, self.profile.stalls)
            && start <= now
        {
            let length = self.up_to(stalls.longest);
            self.stall(start, length);
            self.next_stall = self.stall_after(start);
        }
        let delay = self.profile.one_way.after(self.up_to(self.profile.jitter));
        let newest = &mut self.newest[way as usize];
        *newest = now.max(self.stalled_until).after(delay).max(*newest);
        *newest
    }

    /// Nothing arrives for this long.
    pub(crate) fn stall(&mut self, now: Micros, length: Micros) {
        self.stalled_until = self.stalled_until.max(now.after(length));
    }

    /// How long a connection made now holds.
    pub(crate) fn holds_for(&mut self) -> Option<Micros> {
        let mean = self.profile.break_after?;
        Some(self.around(mean))
    }

    /// How long one side takes to notice that the connection broke: up to a second.
    pub(crate) fn unnoticed_for(&mut self) -> Micros {
        self.up_to(Micros::from_millis(1_000))
    }

    fn stall_after(&mut self, now: Micros) -> Option<Micros> {
        let every = self.profile.stalls?.every;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_order_and_in_time() {
        let mut link = Link::new(LinkProfile::DISTANT, 5);
        let mut before = Micros(0);
        for sent in (0..5_000_000).step_by(16_667).map(Micros) {
            let arrives = link.arrival(sent, Way::Up);
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
        let mut link = Link::new(LinkProfile::CLEAN, 5);
        link.stall(Micros(0), Micros::from_millis(700));
        let held = link.arrival(Micros::from_millis(10), Way::Down);
        assert!(held >= Micros::from_millis(720), "{held:?}");
        let after = link.arrival(Micros::from_millis(800), Way::Down);
        assert!(after.since(Micros::from_millis(800)) <= Micros::from_millis(25));
    }
}
