//! What a kernel knows, in the types of this build.

use std::sync::Arc;

use input_log::{Evidence, Kernel, Native};
use serde::{Deserialize, Serialize};
use sim_core::{
    Action, Buttons, Event, Frame, Player, PlayerId, Projectile, Step, Structure, Structures,
    World, rules_hash,
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
    /// What a snapshot shows a client of a world.
    type Snapshot: Clone + core::fmt::Debug;
    /// A client's prediction by these rules.
    type Prediction: Clone + core::fmt::Debug;

    /// The hash over the constants of its rules.
    fn rules_hash(&self) -> u64;

    /// Who and what is in a world.
    fn moment(&self, world: &Self::World) -> Moment;

    /// What the last step of a world did.
    fn events(&self, world: &Self::World) -> Vec<Event>;

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

    /// A snapshot of a world. It shares the memory of an earlier one as far as it shows the same.
    fn snapshot(&self, world: &Self::World, earlier: Option<&Self::Snapshot>) -> Self::Snapshot;

    /// What a player in a snapshot holds; none if the player is not in it.
    fn held(&self, snapshot: &Self::Snapshot, player: PlayerId) -> Option<Buttons>;

    /// What a player in a world holds; none if the player is not in it.
    fn held_in(&self, world: &Self::World, player: PlayerId) -> Option<Buttons> {
        self.held(&self.snapshot(world, None), player)
    }

    /// The prediction of a player's client that begins with this snapshot; none if the player is not in it.
    fn predict(&self, snapshot: &Self::Snapshot, player: PlayerId) -> Option<Self::Prediction>;

    /// Predicts one step.
    fn predict_step(&self, prediction: &mut Self::Prediction, buttons: Buttons, actions: &[Action]);

    /// The predicted player.
    fn predicted(&self, prediction: &Self::Prediction) -> Player;

    /// The hash of what is predicted, as the client reports it.
    fn prediction_hash(&self, prediction: &Self::Prediction) -> u32;

    /// Why nothing that it says holds any more; none while it works.
    fn failure(&self) -> Option<String>;
}

/// Players and structures of a world of this build.
#[derive(Clone, Debug)]
pub struct Snapshot {
    players: Vec<Player>,
    structures: Arc<Structures>,
}

impl Snapshot {
    fn player(&self, id: PlayerId) -> Option<&Player> {
        let seat = self.players.binary_search_by_key(&id, |player| player.id);
        self.players.get(seat.ok()?)
    }
}

impl Translate for Native {
    type Snapshot = Snapshot;
    type Prediction = Prediction;

    fn rules_hash(&self) -> u64 {
        rules_hash()
    }

    fn moment(&self, world: &World) -> Moment {
        world.into()
    }

    fn events(&self, world: &World) -> Vec<Event> {
        world.events().to_vec()
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

    fn snapshot(&self, world: &World, earlier: Option<&Snapshot>) -> Snapshot {
        let structures = world.structures();
        let same = earlier.filter(|earlier| earlier.structures.digest() == structures.digest());
        let shared = same.map(|earlier| Arc::clone(&earlier.structures));
        Snapshot {
            players: world.players().to_vec(),
            structures: shared.unwrap_or_else(|| Arc::new(structures.clone())),
        }
    }

    fn held(&self, snapshot: &Snapshot, player: PlayerId) -> Option<Buttons> {
        snapshot.player(player).map(|player| player.buttons)
    }

    fn held_in(&self, world: &World, player: PlayerId) -> Option<Buttons> {
        world.player(player).map(|player| player.buttons)
    }

    fn predict(&self, snapshot: &Snapshot, player: PlayerId) -> Option<Prediction> {
        let own = *snapshot.player(player)?;
        let structures = Arc::clone(&snapshot.structures);
        Some(Prediction::of(own, structures, &snapshot.players))
    }

    fn predict_step(&self, prediction: &mut Prediction, buttons: Buttons, actions: &[Action]) {
        prediction.step(buttons, actions.iter().copied());
    }

    fn predicted(&self, prediction: &Prediction) -> Player {
        prediction.player
    }

    fn prediction_hash(&self, prediction: &Prediction) -> u32 {
        prediction.player.predicted_hash()
    }

    fn failure(&self) -> Option<String> {
        None
    }
}
