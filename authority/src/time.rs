//! The driver's time.

/// The driver's clock, in milliseconds since 1970. It may stand still or jump, but what jumps back counts as no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);
