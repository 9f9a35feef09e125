//! What happened to the players of a recording, and why: corrections, steps without input, lost inputs, refused actions, hits and
//! deaths.
//!
//! Everything is rebuilt from the recording by the kernel that it names. What a client had predicted follows from the snapshots
//! that it acknowledged and the inputs that were consumed. Nothing here reads a file or prints.
#![forbid(unsafe_code)]

mod client;
mod corrections;
mod journey;
mod moments;
mod origin;
mod seen;
mod sentence;
mod shots;

use std::collections::BTreeMap;

use input_log::{Diverged, Recording, Rerun, Stall, Verified};
use kernel::Translate;
use sim_core::{Buttons, PlayerId, Step};

use corrections::Follower;
use moments::{join_starved, starving, what};
use seen::Evidence;

pub use corrections::Corrected;
pub use journey::{Arrival, Fate, Journey, Showing, consumed, journey};
pub use moments::{Moment, What};
pub use origin::Origin;
pub use seen::{Applied, Seen, Window};
pub use sentence::{name, names, sentence};

/// What happened in a recording.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The step of the world that it begins with.
    pub first_step: Step,
    /// Last step.
    pub last_step: Step,
    /// When the room itself was late.
    pub stalls: Vec<Stall>,
    /// Players who were in it and were asked for.
    pub players: BTreeMap<PlayerId, Told>,
}

/// What happened to a player.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// The last snapshot that the client is known to have applied: corrections behind it cannot be known.
    pub known_to: Step,
    /// Everything that happened, in the order of its steps.
    pub moments: Vec<Moment>,
    /// What the player held, where it changed.
    pub held: Vec<(Step, Buttons)>,
    /// What the room saw of the client.
    pub seen: Seen,
}

impl Analysis {
    /// The step of the world that a recording begins with: times count from there.
    #[must_use]
    pub fn first_step<K: Translate>(recording: &Recording<'_, K>) -> Step {
        let first = recording.blocks().first();
        first.map_or(Step(0), |block| block.first_step)
    }
}

/// What happened to these players; to all, if none is named.
///
/// # Errors
/// Where the recording cannot be rerun by this kernel.
pub fn analyse<K: Translate>(
    kernel: &K,
    recording: &Recording<'_, K>,
    players: &[PlayerId],
) -> Result<Analysis, Box<Diverged>> {
    let Evidence {
        players: seen,
        stalls,
    } = Evidence::of(kernel, recording, players);
    let mut analysis = Analysis {
        first_step: Analysis::first_step(recording),
        ..Analysis::default()
    };
    let mut tracks: Vec<Track<'_, K>> = seen
        .iter()
        .map(|(player, seen)| Track::of(kernel, *player, seen, &stalls))
        .collect();
    let mut rerun = Rerun::of(recording).unchecked();
    while let Some(verified) = rerun.next() {
        let Verified::Step { step, frame, .. } = verified? else {
            continue;
        };
        let frame = kernel.frame(frame);
        let Some(world) = rerun.world() else { continue };
        analysis.last_step = step;
        let events = kernel.events(world);
        for track in &mut tracks {
            let held = kernel.held_in(world, track.player);
            track.is_there |= held.is_some();
            track.hold(step, held.unwrap_or_default());
            track.follower.stepped(step, world, &frame, &events);
            for event in &events {
                if let Some(what) = what(event, track.player) {
                    track.moments.push(Moment { step, what });
                }
            }
            track
                .shots
                .stepped(kernel, step, world, &events, &mut track.moments);
            track.moments.extend(starving(track.seen, step));
        }
    }
    let told: Vec<_> = tracks.into_iter().map(Track::end).collect();
    for ((player, seen), told) in seen.into_iter().zip(told) {
        let Some(End { moments, held }) = told else {
            continue;
        };
        let known_to = seen
            .applied()
            .iter()
            .rfind(|one| one.is_certain)
            .map_or(Step(0), |last| last.step);
        analysis.players.insert(
            player,
            Told {
                known_to,
                moments,
                held,
                seen,
            },
        );
    }
    analysis.stalls = stalls;
    Ok(analysis)
}

/// What a rerun says of one player.
struct End {
    moments: Vec<Moment>,
    held: Vec<(Step, Buttons)>,
}

/// One player on the way through the rerun.
struct Track<'s, K: Translate> {
    player: PlayerId,
    seen: &'s Seen,
    stalls: &'s [Stall],
    follower: Follower<'s, K>,
    shots: shots::Shots,
    moments: Vec<Moment>,
    held: Vec<(Step, Buttons)>,
    is_there: bool,
}

impl<'s, K: Translate> Track<'s, K> {
    fn of(kernel: &K, player: PlayerId, seen: &'s Seen, stalls: &'s [Stall]) -> Self {
        Self {
            player,
            seen,
            stalls,
            follower: Follower::of(kernel.clone(), player, seen, stalls),
            shots: shots::Shots::of(player),
            moments: Vec::new(),
            held: Vec::new(),
            is_there: false,
        }
    }

    fn hold(&mut self, step: Step, buttons: Buttons) {
        let before = self.held.last().map_or(Buttons::NONE, |(_, held)| *held);
        if before != buttons {
            self.held.push((step, buttons));
        }
    }

    /// Everything that happened to the player; none if nobody of that number was there.
    fn end(self) -> Option<End> {
        let mut moments = self.moments;
        moments.extend(self.follower.end().into_iter().map(|found| Moment {
            step: found.step,
            what: What::Corrected(found),
        }));
        moments.extend(moments::of_evidence(self.seen, self.stalls));
        join_starved(&mut moments);
        moments.sort_by_key(|moment| moment.step);
        self.is_there.then_some(End {
            moments,
            held: self.held,
        })
    }
}
