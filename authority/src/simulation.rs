//! The world, and the inputs that its steps consume.

use input_log::Evidence;
use sim_core::{Buttons, PlayerId, Step, World};

use crate::feed::Feed;
use crate::lobby::Lobby;
use crate::lobby::commands::Asked;
use crate::simulation::scratch::Scratch;
use crate::stats::Stats;

pub(crate) mod scratch;

/// The world on its way.
#[derive(Debug)]
pub(crate) struct Simulation {
    world: World,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    steps: u64,
    slept_steps: u64,
    consumed: u64,
    starved: u64,
    dropped: u64,
    matches: u64,
    mismatches: u64,
}

impl Simulation {
    pub(crate) fn new(world: World) -> Self {
        Self {
            world,
            counts: Counts::default(),
        }
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// Steps that the world has done.
    pub(crate) fn step_number(&self) -> Step {
        self.world.step_number()
    }

    /// Does a step.
    pub(crate) fn step(&mut self, scratch: &Scratch) {
        self.world.step(&scratch.frame);
        self.counts.steps += 1;
    }

    /// Makes up for steps that were slept through.
    pub(crate) fn fast_forward(&mut self, steps: u64) {
        self.world.fast_forward(steps);
        self.counts.slept_steps += steps;
    }

    /// Goes on with the same world, whose counters begin anew.
    pub(crate) fn replace_world(&mut self, anew: impl FnOnce(&World) -> World) {
        self.world = anew(&self.world);
    }

    /// Takes an input of each player, and the commands that are due with it.
    pub(crate) fn consume_inputs(
        &mut self,
        lobby: &mut Lobby,
        feed: &mut Feed,
        evidence: &mut Evidence,
        scratch: &mut Scratch,
    ) {
        for (player, seat) in lobby.seats_mut() {
            let input = seat.input_buffer.consume();
            let held = self.world.player(player);
            let held = held.map_or(Buttons::NONE, |player| player.buttons);
            if input.buttons != held {
                scratch.frame.buttons.push((player, input.buttons));
            }
            match input.seq {
                Some(seq) => {
                    self.counts.consumed += 1;
                    scratch.consumed.push((player, seq));
                }
                None => {
                    if feed.count_starved(seat.conn) {
                        self.counts.starved += 1;
                        seat.counts.starved += 1;
                        evidence.starved(player, self.world.step_number().after(1));
                    }
                }
            }
            seat.pending
                .take_due(seat.input_buffer.consumed(), &mut scratch.due);
            for asked in scratch.due.drain(..) {
                scratch.frame.commands.push((player, asked.command));
                scratch.asked.push(asked);
            }
        }
    }

    /// Holds what clients predicted against what came out.
    pub(crate) fn compare_predictions(
        &mut self,
        lobby: &mut Lobby,
        evidence: &mut Evidence,
        consumed: &[(PlayerId, u32)],
    ) {
        let step = self.step_number();
        for &(player, seq) in consumed {
            evidence.consumed(player, step, seq);
            let seat = lobby.seat_mut(player);
            let Some(predicted) = seat.input_buffer.prediction(seq) else {
                continue;
            };
            let actual = self
                .world
                .player(player)
                .expect("who has a seat is in the world")
                .predicted_hash();
            evidence.predicted(player, step, seq, predicted, actual);
            if predicted == actual {
                self.counts.matches += 1;
                seat.counts.matches += 1;
            } else {
                self.counts.mismatches += 1;
                seat.counts.mismatches += 1;
            }
        }
    }

    /// So many inputs of a player found no place.
    pub(crate) fn count_dropped(&mut self, inputs: u32) {
        self.counts.dropped += u64::from(inputs);
    }

    /// What became of each command of the step, in the order in which they were asked for.
    pub(crate) fn results<'s>(
        &'s self,
        asked: &'s [Asked],
    ) -> impl Iterator<Item = (&'s Asked, Result<sim_core::Effect, sim_core::Reject>)> {
        let results = self.world.results();
        assert_eq!(results.len(), asked.len(), "every command has its result");
        asked.iter().zip(results.iter().copied())
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        let Counts {
            steps,
            slept_steps,
            consumed,
            starved,
            dropped,
            matches,
            mismatches,
        } = self.counts;
        *stats = Stats {
            steps,
            slept_steps,
            consumed,
            starved,
            dropped,
            matches,
            mismatches,
            ..*stats
        };
    }
}
