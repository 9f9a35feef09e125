//! The inputs of one player that wait for their step.
//!
//! * Inputs are numbered without gaps. A duplicate is ignored; a batch that leaves a gap is refused. Numbers never overflow: a
//!   connection is closed long before their end, and the next one starts them again.
//! * An input that finds the buffer full is dropped, and its number is skipped.
//! * A refused batch changes nothing.

use alloc::collections::VecDeque;

use protocol::limits::{INPUT_SEQ_FIRST_MAX, INPUTS_PER_BATCH_MAX, NUMBER_LAST};
use protocol::{Input, Predicted};
use sim_core::Buttons;

use crate::limits::{INPUT_BUFFER_STEPS_MAX, PREDICTIONS_PENDING_MAX, STARVED_HOLD_STEPS_MAX};
use crate::refusal::Refusal;

/// Whoever is not at the end can always count the next batch.
const _: () = assert!(NUMBER_LAST < u32::MAX - INPUTS_PER_BATCH_MAX as u32);

/// The number that a connection's inputs begin with, if those before it ended in front of this one: far from their end.
pub(crate) const fn first_of_connection(next: u32) -> u32 {
    if next == 0 || next > INPUT_SEQ_FIRST_MAX {
        1
    } else {
        next
    }
}

/// The inputs of one player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InputBuffer {
    queue: VecDeque<Input>,
    /// The number that the next new input must have.
    next: u32,
    /// The newest input that a step consumed.
    consumed: Option<u32>,
    /// The buttons of that input.
    held: Buttons,
    /// Starved steps since then.
    starved_run: u32,
    predictions: VecDeque<Predicted>,
}

/// Result of taking a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// New inputs that wait now.
    pub(crate) taken: u32,
    /// New inputs that found no place.
    pub(crate) dropped: u32,
    /// Inputs that wait in front of the first of those taken. Without any, minus the number of steps that have starved since the
    /// last one.
    pub(crate) first_slack: i16,
}

/// What one step consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Consumed {
    /// Buttons of the step.
    pub(crate) buttons: Buttons,
    /// Number of the consumed input; none if the step starved.
    pub(crate) seq: Option<u32>,
}

impl InputBuffer {
    /// Of a player whose next input has this number.
    pub(crate) fn starting(next: u32) -> Self {
        Self {
            queue: VecDeque::with_capacity(INPUT_BUFFER_STEPS_MAX),
            next,
            consumed: next.checked_sub(1).filter(|&seq| seq > 0),
            held: Buttons::NONE,
            starved_run: 0,
            predictions: VecDeque::with_capacity(PREDICTIONS_PENDING_MAX),
        }
    }

    /// The number that the next new input must have.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// Number of the oldest input that no step has consumed. A crash loses the inputs from here on.
    pub(crate) fn next_unconsumed(&self) -> u32 {
        self.queue.front().map_or(self.next, |input| input.seq)
    }

    /// The newest input that a step consumed.
    pub(crate) fn consumed(&self) -> Option<u32> {
        self.consumed
    }

    /// Whether the connection has used up its numbers.
    pub(crate) fn is_at_end(&self) -> bool {
        self.next > NUMBER_LAST
    }

    /// The inputs that wait, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Input> {
        self.queue.iter().copied()
    }

    /// How many inputs wait.
    pub(crate) fn depth(&self) -> usize {
        self.queue.len()
    }

    /// Checks a batch without taking it.
    pub(crate) fn check(
        &self,
        inputs: &[Input],
        predicted: Option<Predicted>,
    ) -> Result<(), Refusal> {
        let (Some(first), Some(last)) = (inputs.first(), inputs.last()) else {
            return Ok(());
        };
        if first.seq > self.next {
            return Err(Refusal::InputSeqGap {
                expected: self.next,
                first: first.seq,
            });
        }
        assert!(
            !self.is_at_end(),
            "a connection whose numbers are used up is closed"
        );
        if let Some(predicted) = predicted
            && !(first.seq..=last.seq).contains(&predicted.seq)
        {
            return Err(Refusal::PredictedOutside { seq: predicted.seq });
        }
        Ok(())
    }

    /// Takes a batch of consecutive inputs that [`InputBuffer::check`] has let pass.
    pub(crate) fn receive(&mut self, inputs: &[Input], predicted: Option<Predicted>) -> Received {
        let mut received = Received::default();
        for &input in inputs.iter().filter(|input| input.seq >= self.next) {
            if self.queue.len() >= INPUT_BUFFER_STEPS_MAX {
                received.dropped += 1;
                continue;
            }
            if received.taken == 0 {
                let waits = self.queue.len() as i16;
                let starved = self.starved_run.min(STARVED_HOLD_STEPS_MAX) as i16;
                received.first_slack = if waits == 0 { -starved } else { waits };
            }
            received.taken += 1;
            self.queue.push_back(input);
        }
        if let Some(last) = inputs.last() {
            self.next = self.next.max(last.seq + 1);
        }
        if let Some(predicted) = predicted
            && self.queue.iter().any(|input| input.seq == predicted.seq)
            && self
                .predictions
                .back()
                .is_none_or(|newest| newest.seq < predicted.seq)
        {
            if self.predictions.len() >= PREDICTIONS_PENDING_MAX {
                self.predictions.pop_front();
            }
            self.predictions.push_back(predicted);
        }
        assert!(self.queue.len() <= INPUT_BUFFER_STEPS_MAX);
        received
    }

    /// Consumes the input of the next step.
    pub(crate) fn consume(&mut self) -> Consumed {
        if let Some(input) = self.queue.pop_front() {
            assert!(self.consumed.is_none_or(|before| before < input.seq));
            self.consumed = Some(input.seq);
            self.held = input.buttons;
            self.starved_run = 0;
            return Consumed {
                buttons: self.held,
                seq: Some(input.seq),
            };
        }
        self.starved_run = self.starved_run.saturating_add(1);
        if self.starved_run > STARVED_HOLD_STEPS_MAX {
            self.held = Buttons::NONE;
        }
        Consumed {
            buttons: self.held,
            seq: None,
        }
    }

    /// Releases the buttons once no input waits, because the connection is gone.
    pub(crate) fn let_go(&mut self) {
        self.starved_run = self.starved_run.max(STARVED_HOLD_STEPS_MAX);
    }

    /// What the client predicted after this input.
    pub(crate) fn prediction(&mut self, seq: u32) -> Option<u32> {
        while self
            .predictions
            .front()
            .is_some_and(|first| first.seq < seq)
        {
            self.predictions.pop_front();
        }
        let first = self.predictions.front().filter(|first| first.seq == seq)?;
        let hash = first.hash;
        self.predictions.pop_front();
        Some(hash)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use alloc::vec::Vec;

    use super::*;

    fn batch(from: u32, count: u32) -> Vec<Input> {
        (from..from + count)
            .map(|seq| Input {
                seq,
                buttons: Buttons::RIGHT,
            })
            .collect()
    }

    #[test]
    fn what_comes_twice_is_taken_once() {
        let mut input_buffer = InputBuffer::starting(1);
        assert_eq!(input_buffer.receive(&batch(1, 3), None).taken, 3);
        assert_eq!(input_buffer.receive(&batch(1, 3), None).taken, 0);
        assert_eq!(input_buffer.receive(&batch(2, 4), None).taken, 2);
        let consumed: Vec<_> = (0..6).map(|_| input_buffer.consume().seq).collect();
        assert_eq!(
            consumed,
            [Some(1), Some(2), Some(3), Some(4), Some(5), None]
        );
    }

    #[test]
    fn a_hole_is_refused() {
        let input_buffer = InputBuffer::starting(5);
        assert_eq!(
            input_buffer.check(&batch(6, 1), None),
            Err(Refusal::InputSeqGap {
                expected: 5,
                first: 6
            })
        );
        assert_eq!(input_buffer.check(&batch(4, 2), None), Ok(()));
    }

    #[test]
    fn what_finds_no_place_is_passed_over() {
        let mut input_buffer = InputBuffer::starting(1);
        input_buffer.receive(&batch(1, 12), None);
        let received = input_buffer.receive(&batch(13, 4), None);
        assert_eq!((received.taken, received.dropped), (0, 4));
        assert_eq!(input_buffer.next(), 17);
        for _ in 0..12 {
            input_buffer.consume();
        }
        input_buffer.receive(&batch(17, 1), None);
        assert_eq!(input_buffer.consume().seq, Some(17));
    }

    #[test]
    fn buttons_are_repeated_for_a_second_and_then_let_go() {
        let mut input_buffer = InputBuffer::starting(1);
        input_buffer.receive(&batch(1, 1), None);
        input_buffer.consume();
        for _ in 0..STARVED_HOLD_STEPS_MAX {
            assert_eq!(input_buffer.consume().buttons, Buttons::RIGHT);
        }
        assert_eq!(input_buffer.consume().buttons, Buttons::NONE);
    }

    #[test]
    fn a_prediction_meets_its_input_and_no_other() {
        let mut input_buffer = InputBuffer::starting(1);
        input_buffer.receive(&batch(1, 2), Some(Predicted { seq: 2, hash: 7 }));
        input_buffer.receive(&batch(3, 2), Some(Predicted { seq: 4, hash: 9 }));
        assert_eq!(input_buffer.prediction(1), None);
        assert_eq!(input_buffer.prediction(2), Some(7));
        assert_eq!(input_buffer.prediction(3), None);
        assert_eq!(input_buffer.prediction(4), Some(9));
    }
}
