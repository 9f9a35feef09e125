//! How a run ends, as its caller sees it.

use std::fmt;

/// What the process says to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; if something was checked, it holds.
    Holds,
    /// The rerun differs from what was recorded.
    Diverges,
    /// The command line makes no sense, or what it names is not there.
    Usage,
    /// The bytes are no recording that this build can rerun.
    Unreadable,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Diverges => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
        }
    }
}

/// Why there is no result. The text says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line makes no sense, or what it names is not there.
    Usage(String),
    /// The bytes are no recording that this build can rerun.
    Unreadable(String),
}

impl Failure {
    /// How the process ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Unreadable(_) => Exit::Unreadable,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Unreadable(text) => out.write_str(text),
        }
    }
}

impl std::error::Error for Failure {}
