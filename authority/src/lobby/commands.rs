//! The commands of one player that wait for their step.
//!
//! * A command that names an input is applied on the step that consumes it, or, if the input was passed over, on the
//!   step that consumes the next.
//! * The others are applied on the next step.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use sim_core::Command;

use crate::input::ConnId;
use crate::limits::{COMMAND_AHEAD_MAX, COMMANDS_PENDING_MAX};
use crate::lobby::input_buffer::InputBuffer;
use crate::refusal::Refusal;

/// A command, and whom to tell what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) conn: ConnId,
    pub(crate) seq: u32,
    pub(crate) command: Command,
}

/// The commands of one player.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pending {
    by_input: VecDeque<(u32, Asked)>,
    next_step: VecDeque<Asked>,
}

impl Pending {
    /// Takes a command for the step that consumes an input.
    pub(crate) fn at_input(
        &mut self,
        input_buffer: &InputBuffer,
        input_seq: u32,
        asked: Asked,
    ) -> Result<(), Refusal> {
        if input_buffer.consumed().is_some_and(|seq| input_seq <= seq) || input_seq == 0 {
            return Err(Refusal::LateCommand {
                input_seq,
                next: input_buffer.next_unconsumed(),
            });
        }
        let newest = input_buffer.next() - 1;
        if input_seq.saturating_sub(newest) > COMMAND_AHEAD_MAX {
            return Err(Refusal::InputSeqFuture { input_seq, newest });
        }
        if self.by_input.len() >= COMMANDS_PENDING_MAX {
            return Err(Refusal::TooManyPending {
                max: COMMANDS_PENDING_MAX,
            });
        }
        self.by_input.push_back((input_seq, asked));
        Ok(())
    }

    /// Takes a command for the next step.
    pub(crate) fn at_next_step(&mut self, asked: Asked) -> Result<(), Refusal> {
        self.check_next_step()?;
        self.next_step.push_back(asked);
        Ok(())
    }

    /// Whether a command for the next step would be taken.
    pub(crate) fn check_next_step(&self) -> Result<(), Refusal> {
        if self.next_step.len() >= COMMANDS_PENDING_MAX {
            return Err(Refusal::TooManyPending {
                max: COMMANDS_PENDING_MAX,
            });
        }
        Ok(())
    }

    /// Moves what is due to `due`, in the order of arrival. `consumed` is the newest input consumed, this step included.
    pub(crate) fn take_due(&mut self, consumed: Option<u32>, due: &mut Vec<Asked>) {
        due.extend(self.next_step.drain(..));
        let Some(consumed) = consumed else { return };
        self.by_input.retain(|&(input_seq, asked)| {
            let is_due = input_seq <= consumed;
            if is_due {
                due.push(asked);
            }
            !is_due
        });
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.by_input.len() + self.next_step.len()
    }

    /// Forgets what belongs to inputs that have not come: the connection that would bring them is gone.
    pub(crate) fn forget_from(&mut self, next_input: u32) {
        self.by_input
            .retain(|&(input_seq, _)| input_seq < next_input);
    }
}
