//! What a host can ask of a module.

/// A call of a module's `call(number, a, b, c, d) -> result`, all but the number 64 bits wide.
///
/// * A module exports `memory`, `reserve`, `output` and `call`, and imports nothing. `reserve(bytes)` gives the address of the
///   input, where the host writes what a call is about; `output()` gives what the last call that answers with bytes left: the
///   address in the upper 32 bits, the length in the lower.
/// * A thing (a world, a frame, evidence, a codec, frames that are being read, a prediction) is a handle, never 0. It lives
///   until it is dropped.
/// * Numbers and meanings stay for as long as a module is kept that has them: new calls come last, and a host that may meet an
///   older module asks [`Call::Count`] first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Call {
    /// `() -> calls`: how many calls the module knows.
    Count,
    /// `() -> SIM_VERSION`.
    SimVersion,
    /// `() -> hash` over the constants of the rules.
    RulesHash,
    /// `(thing) -> thing` that is equal.
    Clone,
    /// `(thing)`: it is gone.
    Drop,
    /// `(input bytes) -> codec`, or 0 if no writer writes such a payload. Output: the world's encoding.
    ReadKeyframe,
    /// `(input bytes) -> frames`.
    BeginFrames,
    /// `(codec, frames, frame or 0) -> frame`, or 0 if no writer writes such a payload. A frame that is given is overwritten.
    ReadFrame,
    /// `(frames) -> 1` if the payload ends here, else 0.
    EndFrames,
    /// `(codec, input bytes, first step, steps) -> evidence`, or 0 if no writer writes such a payload.
    ReadEvidence,
    /// `(input bytes) -> world`, or 0 and the reason as output.
    Restore,
    /// `(world)`. Output: its encoding.
    Encode,
    /// `(world) -> step`.
    StepNumber,
    /// `(world, frame)`: one step.
    Step,
    /// `(world) -> 1` if nothing but the number of steps changes while nothing happens.
    IsQuiet,
    /// `(world, steps)`: so many steps in which nothing happens.
    FastForward,
    /// `(world) -> hash`.
    Hash,
    /// `(world)`. Output: `[["path","value"],…]`.
    Fields,
    /// `(expected, actual) -> 1` if they differ. Output: `["path","expected","actual"]`.
    Difference,
    /// `(world)`. Output: [`Moment`](crate::Moment).
    Moment,
    /// `(world)`. Output: `[sim_core::Event,…]`, what the last step did.
    Events,
    /// `(world, player) -> 1 << 32 | buttons` that the player holds, or 0 if the player is not in it.
    Held,
    /// `(frame)`. Output: `sim_core::Frame`.
    Frame,
    /// `(input bytes) -> frame` of a `sim_core::Frame`, or 0 and the reason as output.
    FrameOf,
    /// `(evidence)`. Output: `input_log::Evidence`.
    Evidence,
    /// `(world, player) -> 1 << 32 | hash` of what the player's client predicts, or 0 if the player is not in it.
    PredictedHash,
    /// `(world, frame, phase)`: one step. Output: [`Phases`](crate::Phases), with the fields after the phase of that number.
    StepInPhases,
    /// `(world, player) -> prediction` of the player's client that begins with this world, or 0 if the player is not in it.
    Predict,
    /// `(prediction, buttons, input bytes)`: one predicted step; the input is `[command,…]`, of which actions count. The result is
    /// 0 if it is not that, else 1.
    PredictStep,
    /// `(prediction)`. Output: `sim_core::Player`.
    Predicted,
    /// `(prediction) -> hash` of what is predicted.
    PredictionHash,
}

impl Call {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 31] = [
        Self::Count,
        Self::SimVersion,
        Self::RulesHash,
        Self::Clone,
        Self::Drop,
        Self::ReadKeyframe,
        Self::BeginFrames,
        Self::ReadFrame,
        Self::EndFrames,
        Self::ReadEvidence,
        Self::Restore,
        Self::Encode,
        Self::StepNumber,
        Self::Step,
        Self::IsQuiet,
        Self::FastForward,
        Self::Hash,
        Self::Fields,
        Self::Difference,
        Self::Moment,
        Self::Events,
        Self::Held,
        Self::Frame,
        Self::FrameOf,
        Self::Evidence,
        Self::PredictedHash,
        Self::StepInPhases,
        Self::Predict,
        Self::PredictStep,
        Self::Predicted,
        Self::PredictionHash,
    ];

    /// The call with this number.
    #[must_use]
    pub fn of(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_at_its_number() {
        for (number, call) in (0..).zip(Call::ALL) {
            assert_eq!(call as u32, number);
            assert_eq!(Call::of(number), Some(call));
        }
        assert_eq!(Call::of(31), None);
    }
}
