//! What a kernel knows, in the types of this build.

use std::sync::Arc;

use input_log::{Evidence, Kernel, Native};
use serde::{Deserialize, Serialize};
use sim_core::{
    Action, Buttons, Event, Frame, Player, PlayerId, Projectile, Step, Structure, World, rules_hash,
};

use crate::prediction::Prediction;

/// Who and what is in a world, as it is shown. Whatever the rules know besides, such as their generator, is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moment {
    /// Steps that the world has done.
    pub step: Step,
    /// Players, ids ascending.
    pub players: Vec<Player>,
    /// Structures, ids ascending.
    pub structures: Vec<Structure>,
    /// Shots in flight, ids ascending.
    pub projectiles: Vec<Projectile>,
    /// What the last step did.
    pub events: Vec<Event>,
}

/// What a world was between the phases of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// The phases in their order, with the hash after each.
    pub hashes: Vec<(String, u64)>,
    /// Every field with its value after one of them.
    pub fields: Vec<(String, String)>,
}

impl Moment {
    /// The player with this id.
    #[must_use]
    pub fn player(&self, id: PlayerId) -> Option<&Player> {
        let seat = self.players.binary_search_by_key(&id, |player| player.id);
        self.players.get(seat.ok()?)
    }
}

impl From<&World> for Moment {
    fn from(world: &World) -> Self {
        Self {
            step: world.step_number(),
            players: world.players().to_vec(),
            structures: world.structures().iter().copied().collect(),
            projectiles: world.projectiles().to_vec(),
            events: world.events().to_vec(),
        }
    }
}

/// A kernel whose worlds, frames and evidence can be read with the types of this build, whatever its own are.
///
/// What this build knows and the kernel does not has its default; what the kernel knows and this build does not is left out.
pub trait Translate: Kernel {
    /// A client's prediction by these rules.
    type Prediction: Clone + core::fmt::Debug;

    /// The hash over the constants of its rules.
    fn rules_hash(&self) -> u64;

    /// Who and what is in a world.
    fn moment(&self, world: &Self::World) -> Moment;

    /// What happens in a frame.
    fn frame(&self, frame: &Self::Frame) -> Frame;

    /// The kernel's frame in which this happens.
    ///
    /// # Errors
    /// If these rules do not know what happens in it.
    fn frame_of(&self, frame: &Frame) -> Result<Self::Frame, String>;

    /// What was seen of the clients.
    fn evidence(&self, evidence: &Self::Evidence) -> Evidence;

    /// The hash of what a player's client predicts; none if the player is not in the world.
    fn predicted_hash(&self, world: &Self::World, player: PlayerId) -> Option<u32>;

    /// Does a step, and says what was between its phases; the fields are those after the phase of this number.
    fn step_in_phases(&self, world: &mut Self::World, frame: &Self::Frame, phase: usize) -> Phases;

    /// The prediction of a player's client that begins with a snapshot of this world; none if the player is not in it.
    fn predict(&self, world: &Self::World, player: PlayerId) -> Option<Self::Prediction>;

    /// Predicts one step.
    fn predict_step(&self, prediction: &mut Self::Prediction, buttons: Buttons, actions: &[Action]);

    /// The predicted player.
    fn predicted(&self, prediction: &Self::Prediction) -> Player;

    /// Why nothing that it says holds any more; none while it works.
    fn failure(&self) -> Option<String>;
}

impl Translate for Native {
    type Prediction = Prediction;

    fn rules_hash(&self) -> u64 {
        rules_hash()
    }

    fn moment(&self, world: &World) -> Moment {
        world.into()
    }

    fn frame(&self, frame: &Frame) -> Frame {
        frame.clone()
    }

    fn frame_of(&self, frame: &Frame) -> Result<Frame, String> {
        Ok(frame.clone())
    }

    fn evidence(&self, evidence: &Evidence) -> Evidence {
        evidence.clone()
    }

    fn predicted_hash(&self, world: &World, player: PlayerId) -> Option<u32> {
        world.player(player).map(Player::predicted_hash)
    }

    fn step_in_phases(&self, world: &mut World, frame: &Frame, phase: usize) -> Phases {
        let mut phases = Phases::default();
        world.step_in_phases(frame, |after, world| {
            if phases.hashes.len() == phase {
                phases.fields = sim_core::fields(world);
            }
            phases.hashes.push((after.name().to_owned(), world.hash()));
        });
        phases
    }

    fn predict(&self, world: &World, player: PlayerId) -> Option<Prediction> {
        let own = *world.player(player)?;
        let structures = Arc::new(world.structures().clone());
        Some(Prediction::of(own, structures, world.players()))
    }

    fn predict_step(&self, prediction: &mut Prediction, buttons: Buttons, actions: &[Action]) {
        prediction.step(buttons, actions.iter().copied());
    }

    fn predicted(&self, prediction: &Prediction) -> Player {
        prediction.player
    }

    fn failure(&self) -> Option<String> {
        None
    }
}
