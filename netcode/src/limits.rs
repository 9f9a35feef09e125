//! What a client allows itself at most.

use sim_core::rules::STEPS_PER_SECOND;

/// Steps that may be caught up with at once: what a driver of 10 Hz needs, and a little. When more are due, time is
/// skipped.
pub const CATCH_UP_STEPS_MAX: u64 = 8;
/// Inputs that may be unconsumed. Two seconds: whoever hears nothing for so long waits instead of guessing on.
pub const HISTORY_STEPS_MAX: usize = 2 * STEPS_PER_SECOND as usize;
/// Snapshots without a consumed input after which a full history counts as lost: a second, in which anything that is on
/// its way arrives.
pub const UNANSWERED_MAX: u32 = 10;

/// Things that a player can do in one step. The cooldowns allow one of each; the rest is for removals.
pub const ACTIONS_PER_STEP_MAX: usize = 4;
