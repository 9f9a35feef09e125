//! What a module knows, read into the types of this build.

use input_log::Evidence;
use sim_core::{Action, Buttons, Command, Event, Frame, Player, PlayerId};

use super::{Archived, Instance, Thing};
use crate::calls::Call;
use crate::translate::{Moment, Phases, Translate};

impl<I: Instance> Translate for Archived<I> {
    /// A copy of the world.
    type Snapshot = Thing<I>;
    type Prediction = Thing<I>;

    fn rules_hash(&self) -> u64 {
        self.0.rules_hash
    }

    fn moment(&self, world: &Thing<I>) -> Moment {
        self.ask(Call::Moment, world);
        self.told()
    }

    fn events(&self, world: &Thing<I>) -> Vec<Event> {
        self.ask(Call::Events, world);
        self.told()
    }

    fn frame(&self, frame: &Self::Frame) -> Frame {
        let Some(frame) = frame else {
            return Frame::default();
        };
        self.ask(Call::Frame, frame);
        self.told()
    }

    fn frame_of(&self, frame: &Frame) -> Result<Self::Frame, String> {
        let json = serde_json::to_vec(frame).map_err(|why| why.to_string())?;
        let bytes = self.input(&json);
        let made = self.some(self.call(Call::FrameOf, [bytes, 0, 0, 0]));
        match made {
            Some(frame) => Ok(Some(frame)),
            None => Err(self.failure().unwrap_or_else(|| self.text())),
        }
    }

    fn evidence(&self, evidence: &Self::Evidence) -> Evidence {
        let Some(evidence) = evidence else {
            return Evidence::default();
        };
        self.ask(Call::Evidence, evidence);
        self.told()
    }

    fn predicted_hash(&self, world: &Thing<I>, player: PlayerId) -> Option<u32> {
        let args = [world.handle, u64::from(player.0), 0, 0];
        let answer = self.call(Call::PredictedHash, args);
        (answer >> 32 == 1).then_some(answer as u32)
    }

    fn step_in_phases(&self, world: &mut Thing<I>, frame: &Self::Frame, phase: usize) -> Phases {
        let Some(frame) = frame else {
            return Phases::default();
        };
        let args = [world.handle, frame.handle, phase as u64, 0];
        self.call(Call::StepInPhases, args);
        self.told()
    }

    fn snapshot(&self, world: &Thing<I>, _: Option<&Thing<I>>) -> Thing<I> {
        world.clone()
    }

    fn held(&self, snapshot: &Thing<I>, player: PlayerId) -> Option<Buttons> {
        let args = [snapshot.handle, u64::from(player.0), 0, 0];
        let answer = self.call(Call::Held, args);
        (answer >> 32 == 1).then(|| Buttons::from_bits_truncate(answer as u8))
    }

    fn held_in(&self, world: &Thing<I>, player: PlayerId) -> Option<Buttons> {
        self.held(world, player)
    }

    fn predict(&self, snapshot: &Thing<I>, player: PlayerId) -> Option<Thing<I>> {
        let args = [snapshot.handle, u64::from(player.0), 0, 0];
        self.some(self.call(Call::Predict, args))
    }

    fn predict_step(&self, prediction: &mut Thing<I>, buttons: Buttons, actions: &[Action]) {
        let commands: Vec<Command> = actions.iter().map(|action| (*action).into()).collect();
        let json = serde_json::to_vec(&commands).expect("commands have names for keys only");
        let bytes = self.input(&json);
        let args = [prediction.handle, u64::from(buttons.to_bits()), bytes, 0];
        if self.call(Call::PredictStep, args) == 0 {
            self.fail("it does not know what was done in a step".to_owned());
        }
    }

    fn predicted(&self, prediction: &Thing<I>) -> Player {
        self.ask(Call::Predicted, prediction);
        self.told()
    }

    fn prediction_hash(&self, prediction: &Thing<I>) -> u32 {
        self.ask(Call::PredictionHash, prediction) as u32
    }

    fn failure(&self) -> Option<String> {
        self.0.failure.borrow().clone()
    }
}
