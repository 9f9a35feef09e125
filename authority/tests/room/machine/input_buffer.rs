//! What of one player waits for its step, in the reference model: lists, and the rules that the documentation states.

use protocol::{ErrorCode, Input};
use sim_core::{Buttons, Command};

/// Inputs that may wait, commands that may wait, and how far ahead a command may be: what `docs/PROTOCOL.md` tells
/// whoever writes a client.
const INPUTS_MAX: usize = 12;
const COMMANDS_MAX: usize = 16;
const AHEAD_MAX: u32 = 12;
/// Steps after which buttons are let go that nobody repeats.
const HELD_STEPS_MAX: u32 = 60;

/// A command and whom to tell of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) conn: u64,
    pub(crate) seq: u32,
    pub(crate) command: Command,
}

#[derive(Clone, Debug)]
pub(crate) struct InputBuffer {
    inputs: Vec<Input>,
    pub(crate) next: u32,
    /// 0 if none was.
    pub(crate) consumed: u32,
    held: Buttons,
    starved: u32,
    at_input: Vec<(u32, Asked)>,
    at_next_step: Vec<Asked>,
}

impl InputBuffer {
    pub(crate) fn starting(next: u32) -> Self {
        Self {
            inputs: Vec::new(),
            next,
            consumed: next - 1,
            held: Buttons::NONE,
            starved: 0,
            at_input: Vec::new(),
            at_next_step: Vec::new(),
        }
    }

    /// How many found no place, or why nothing was taken.
    pub(crate) fn receive(&mut self, batch: &[Input]) -> Result<u32, ErrorCode> {
        if batch[0].seq > self.next {
            return Err(ErrorCode::InputSeqGap);
        }
        let mut dropped = 0;
        for input in batch {
            if input.seq < self.next {
                continue;
            }
            self.next += 1;
            if self.inputs.len() < INPUTS_MAX {
                self.inputs.push(*input);
            } else {
                dropped += 1;
            }
        }
        Ok(dropped)
    }

    pub(crate) fn ask_at_input(&mut self, input_seq: u32, asked: Asked) -> Result<(), ErrorCode> {
        if input_seq <= self.consumed {
            return Err(ErrorCode::LateCommand);
        }
        if input_seq > self.next - 1 + AHEAD_MAX {
            return Err(ErrorCode::InputSeqFuture);
        }
        if self.at_input.len() == COMMANDS_MAX {
            return Err(ErrorCode::TooManyPending);
        }
        self.at_input.push((input_seq, asked));
        Ok(())
    }

    pub(crate) fn check_next_step(&self) -> Result<(), ErrorCode> {
        if self.at_next_step.len() == COMMANDS_MAX {
            return Err(ErrorCode::TooManyPending);
        }
        Ok(())
    }

    pub(crate) fn ask_at_next_step(&mut self, asked: Asked) -> Result<(), ErrorCode> {
        self.check_next_step()?;
        self.at_next_step.push(asked);
        Ok(())
    }

    /// A step: what is held, whether an input said so, and what is to be done.
    pub(crate) fn consume(&mut self) -> (Buttons, bool, Vec<Asked>) {
        let has_input = !self.inputs.is_empty();
        if has_input {
            let input = self.inputs.remove(0);
            self.consumed = input.seq;
            self.held = input.buttons;
            self.starved = 0;
        } else {
            self.starved += 1;
            if self.starved > HELD_STEPS_MAX {
                self.held = Buttons::NONE;
            }
        }
        let mut due = std::mem::take(&mut self.at_next_step);
        let (now, later) = std::mem::take(&mut self.at_input)
            .into_iter()
            .partition::<Vec<_>, _>(|(input_seq, _)| *input_seq <= self.consumed);
        due.extend(now.into_iter().map(|(_, asked)| asked));
        self.at_input = later;
        (self.held, has_input, due)
    }

    /// The connection is gone: nobody holds the buttons, and what belongs to inputs that did not come never happens.
    pub(crate) fn let_go(&mut self) {
        self.starved = self.starved.max(HELD_STEPS_MAX);
        let next = self.next;
        self.at_input.retain(|(input_seq, _)| *input_seq < next);
    }

    pub(crate) fn next_unconsumed(&self) -> u32 {
        self.inputs.first().map_or(self.next, |input| input.seq)
    }

    pub(crate) fn depth(&self) -> usize {
        self.inputs.len()
    }

    /// The number of the next input, what waits, and how many commands.
    pub(crate) fn waiting(&self) -> (u32, Vec<Input>, usize) {
        let commands = self.at_input.len() + self.at_next_step.len();
        (self.next, self.inputs.clone(), commands)
    }
}
