//! How a run ends, as its caller sees it.

use std::fmt;

use input_log::OpenError;

use crate::loss::Loss;

/// What the process says to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; if something was checked, it holds.
    Holds,
    /// The rerun differs from what was recorded.
    Diverges,
    /// The command line makes no sense, or what it names is not there.
    Usage,
    /// The bytes are no recording that this build can rerun, or it holds nothing to compare.
    Unreadable,
    /// What is intact holds, but something is lost to damage.
    Damaged,
}

impl Exit {
    /// If nothing that is intact was found wrong.
    pub(crate) const fn of_intact(lost: Option<&Loss>) -> Self {
        match lost {
            Some(lost) if lost.is_damage => Self::Damaged,
            Some(_) | None => Self::Holds,
        }
    }

    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Holds => 0,
            Self::Diverges => 1,
            Self::Usage => 2,
            Self::Unreadable => 3,
            Self::Damaged => 4,
        }
    }
}

/// Why there is no result. The text says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The command line makes no sense, or what it names is not there.
    Usage(String),
    /// The bytes are no recording that this build can rerun, or it holds nothing to compare.
    Unreadable(String),
    /// The rerun is not what was recorded, so that there is no result.
    Diverges(String),
}

impl Failure {
    /// The header of what should be a recording is none.
    pub(crate) fn no_recording(error: &OpenError) -> Self {
        Self::Unreadable(format!(
            "{error}. Check that the file is complete, and fetch it again if it came from a room."
        ))
    }

    /// The same, said of something with a name.
    pub(crate) fn about(self, name: &str) -> Self {
        match self {
            Self::Usage(text) => Self::Usage(format!("{name}: {text}")),
            Self::Unreadable(text) => Self::Unreadable(format!("{name}: {text}")),
            Self::Diverges(text) => Self::Diverges(format!("{name}: {text}")),
        }
    }

    /// How the process ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Unreadable(_) => Exit::Unreadable,
            Self::Diverges(_) => Exit::Diverges,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Unreadable(text) | Self::Diverges(text) => {
                out.write_str(text)
            }
        }
    }
}

impl std::error::Error for Failure {}
