//! How links behave.

use serde::{Deserialize, Serialize};

/// How a link behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkProfile {
    /// Least time one way.
    pub one_way_ms: u32,
    /// On top of it, anything from nothing to this.
    pub jitter_ms: u32,
    /// Packets that are lost; the transport sends them again and holds back what is behind them.
    pub loss: Option<Loss>,
    /// Times in which nothing arrives.
    pub stalls: Option<Stalls>,
    /// Mean time after which the connection breaks.
    pub break_after_ms: Option<u32>,
}

/// Bursts of loss: the link is good or bad, and only a bad one loses packets (Gilbert 1960, Elliott 1963).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Loss {
    /// In a thousand messages on a good link, how often it turns bad.
    pub worsens_permille: u32,
    /// In a thousand messages on a bad link, how often it turns good.
    pub recovers_permille: u32,
    /// In a thousand messages on a bad link, how many are lost.
    pub lost_permille: u32,
}

/// Times in which nothing arrives in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stalls {
    /// Mean time from one to the next.
    pub every_ms: u32,
    /// The longest.
    pub longest_ms: u32,
}

impl LinkProfile {
    /// Names of the profiles that a command line knows.
    pub const NAMES: [&'static str; 7] = [
        "clean", "distant", "jitter", "lossy", "stalls", "breaks", "awful",
    ];

    /// A good connection: 40 ms round trip, 5 ms jitter.
    pub const CLEAN: Self = Self {
        one_way_ms: 20,
        jitter_ms: 5,
        loss: None,
        stalls: None,
        break_after_ms: None,
    };

    /// The other side of an ocean: 200 ms round trip and up to 50 ms of jitter each way.
    pub const DISTANT: Self = Self {
        one_way_ms: 100,
        jitter_ms: 50,
        ..Self::CLEAN
    };

    /// A busy wireless network: 60 ms round trip, up to 120 ms of jitter each way.
    pub const JITTER: Self = Self {
        one_way_ms: 30,
        jitter_ms: 120,
        ..Self::CLEAN
    };

    /// The edge of a wireless network's reach: about one message in a hundred is lost, and losses come together.
    pub const LOSSY: Self = Self {
        one_way_ms: 30,
        jitter_ms: 20,
        loss: Some(Loss {
            worsens_permille: 5,
            recovers_permille: 150,
            lost_permille: 300,
        }),
        ..Self::CLEAN
    };

    /// A train: every few seconds nothing arrives for up to a second.
    pub const STALLS: Self = Self {
        one_way_ms: 35,
        jitter_ms: 30,
        stalls: Some(Stalls {
            every_ms: 5_000,
            longest_ms: 1_000,
        }),
        ..Self::CLEAN
    };

    /// A phone that changes cells: the connection breaks about every ten seconds.
    pub const BREAKS: Self = Self {
        break_after_ms: Some(10_000),
        ..Self::CLEAN
    };

    /// All of it.
    pub const AWFUL: Self = Self {
        jitter_ms: 100,
        loss: Self::LOSSY.loss,
        break_after_ms: Some(15_000),
        ..Self::STALLS
    };

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "clean" => Some(Self::CLEAN),
            "distant" => Some(Self::DISTANT),
            "jitter" => Some(Self::JITTER),
            "lossy" => Some(Self::LOSSY),
            "stalls" => Some(Self::STALLS),
            "breaks" => Some(Self::BREAKS),
            "awful" => Some(Self::AWFUL),
            _ => None,
        }
    }

    /// Whether a client on it must never run out of inputs or have too many.
    #[must_use]
    pub const fn is_calm(&self) -> bool {
        self.jitter_ms <= Self::DISTANT.jitter_ms && self.only_jitters()
    }

    /// Whether it is late at most, and nothing on it is lost, stalls or breaks.
    #[must_use]
    pub const fn only_jitters(&self) -> bool {
        self.loss.is_none() && self.stalls.is_none() && self.break_after_ms.is_none()
    }

    /// The same with nothing but its latency and its jitter.
    #[must_use]
    pub fn only_jittering(self) -> Self {
        Self {
            one_way_ms: self.one_way_ms,
            jitter_ms: self.jitter_ms,
            ..Self::CLEAN
        }
    }

    /// The same without everything that is not calm.
    #[must_use]
    pub fn calmed(self) -> Self {
        Self {
            jitter_ms: self.jitter_ms.min(Self::DISTANT.jitter_ms),
            ..self.only_jittering()
        }
    }
}
