//! What happened to one player, with its proof: corrections, steps without input, lost inputs, refused actions, hits and deaths.
//!
//! Everything is rebuilt from the recording by the kernel that it names. What a client had predicted follows from the snapshots
//! that it acknowledged and the inputs that were consumed.

mod corrections;
mod seen;
mod shots;
mod tell;

use input_log::{Rerun, Verified};
use kernel::Translate;
use sim_core::{Event, PlayerId, Reject, Step};

use crate::exit::Failure;
use crate::loss::Loss;
use crate::rerun::{Job, Rules, open, stopped, with_kernel};
use corrections::Follower;
use seen::{Seen, Window};

pub use corrections::Corrected;
pub(crate) use tell::{WhyArgs, run};

/// What happened to a player.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// The first step of the recording.
    pub first_step: Step,
    /// The last snapshot that the client is known to have applied: corrections behind it cannot be known.
    pub known_to: Step,
    /// Everything that happened, in the order of its steps.
    pub moments: Vec<Moment>,
    /// What the recording no longer holds.
    pub lost: Option<Loss>,
}

/// Something that happened to a player.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// In this step.
    pub step: Step,
    /// What.
    pub what: What,
}

impl Moment {
    /// The correction that it is, if it is one.
    #[must_use]
    pub fn corrected(&self) -> Option<&Corrected> {
        let What::Corrected(found) = &self.what else {
            return None;
        };
        Some(found)
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// The player entered.
    Entered,
    /// The player left.
    Left,
    /// The client was moved.
    Corrected(Corrected),
    /// Steps from this one on found no input.
    Starved {
        /// How many.
        steps: u32,
        /// How late the latest input came in the second around it, in steps; none if none was late.
        late: Option<u32>,
    },
    /// Inputs found the buffer full, in the second from this step on.
    Dropped {
        /// How many.
        inputs: u32,
    },
    /// An action was refused.
    Refused(Reject),
    /// Somebody hit the player.
    Hit {
        /// Who.
        by: PlayerId,
        /// Health that it took.
        damage: u8,
        /// Health that was left.
        health: u8,
    },
    /// The player was shot down.
    Died {
        /// By whom.
        by: PlayerId,
    },
    /// The player came back into play.
    Respawned,
    /// A shot of the player hit somebody.
    Hits {
        /// Whom.
        whom: PlayerId,
        /// Health that was left.
        health: u8,
    },
    /// A shot of the player was over without hitting anybody.
    Missed {
        /// The step that fired it.
        fired: Step,
        /// How near it came to the middle of a living player, in cells, and to whom.
        nearest: Option<(f64, PlayerId)>,
        /// Whether it destroyed a structure at its end.
        destroyed: bool,
    },
}

/// What happened to a player of a recording.
///
/// # Errors
/// If the bytes are no recording, there is no kernel for it, or the player is not in it.
pub fn why(bytes: &[u8], player: PlayerId, rules: &Rules) -> Result<Why, Failure> {
    with_kernel(bytes, rules, Ask { bytes, player })
}

struct Ask<'a> {
    bytes: &'a [u8],
    player: PlayerId,
}

impl Job for Ask<'_> {
    type Answer = Why;

    fn run<K: Translate>(self, kernel: K) -> Result<Why, Failure> {
        let player = self.player;
        let recording = open(kernel.clone(), self.bytes)?;
        let seen = Seen::of(&kernel, &recording, player);
        let mut why = Why {
            lost: Loss::of(&recording, self.bytes.len()),
            known_to: seen.applied().last().map_or(Step(0), |last| last.step),
            ..Why::default()
        };
        let mut follower = Follower::of(kernel.clone(), player, &seen);
        let mut shots = shots::Shots::of(player);
        let mut is_there = false;
        let mut rerun = Rerun::of(&recording).unchecked();
        while let Some(verified) = rerun.next() {
            let Verified::Step { step, frame, .. } = verified.map_err(|at| stopped(&at))? else {
                continue;
            };
            let frame = kernel.frame(frame);
            let Some(world) = rerun.world() else { continue };
            if why.first_step == Step(0) {
                why.first_step = step;
            }
            let events = kernel.events(world);
            is_there |= kernel.held_in(world, player).is_some();
            follower.stepped(step, world, &frame, &events);
            for event in &events {
                if let Some(what) = what(event, player) {
                    why.moments.push(Moment { step, what });
                }
            }
            shots.stepped(&kernel, step, world, &events, &mut why.moments);
            why.moments.extend(starving(&seen, step));
        }
        if !is_there {
            return Err(Failure::Usage(format!(
                "player {player} is not in the recording. `replay info` lists its players"
            )));
        }
        let corrected = follower.end().into_iter().map(|found| Moment {
            step: found.step,
            what: What::Corrected(found),
        });
        why.moments.extend(corrected);
        let dropped = seen.windows.iter().filter(|seen| seen.dropped > 0);
        why.moments.extend(dropped.map(|seen: &Window| Moment {
            step: seen.first,
            what: What::Dropped {
                inputs: seen.dropped,
            },
        }));
        join_starved(&mut why.moments);
        why.moments.sort_by_key(|moment| moment.step);
        Ok(why)
    }
}

/// What an event is for a player.
fn what(event: &Event, me: PlayerId) -> Option<What> {
    match *event {
        Event::Joined { player } if player == me => Some(What::Entered),
        Event::Left { player } if player == me => Some(What::Left),
        Event::Hit {
            player,
            by,
            damage,
            health,
        } if player == me => Some(What::Hit { by, damage, health }),
        Event::Hit {
            player: whom,
            by,
            health,
            ..
        } if by == me => Some(What::Hits { whom, health }),
        Event::Died { player, by } if player == me => Some(What::Died { by }),
        Event::Respawned { player } if player == me => Some(What::Respawned),
        Event::Rejected { player, reason, .. } if player == me => Some(What::Refused(reason)),
        Event::Joined { .. }
        | Event::Left { .. }
        | Event::Hit { .. }
        | Event::Died { .. }
        | Event::Respawned { .. }
        | Event::Rejected { .. }
        | Event::Placed { .. }
        | Event::Removed { .. }
        | Event::Destroyed { .. }
        | Event::Fired { .. } => None,
    }
}

/// A step that found no input of the player.
fn starving(seen: &Seen, step: Step) -> Option<Moment> {
    if !seen.is_starved(step) {
        return None;
    }
    let slack = seen.window(step).and_then(|window| window.slack);
    let late = slack.filter(|slack| slack.least < 0);
    let what = What::Starved {
        steps: 1,
        late: late.map(|slack| u32::from(slack.least.unsigned_abs())),
    };
    Some(Moment { step, what })
}

/// Steps without an input that follow each other are one moment.
fn join_starved(moments: &mut Vec<Moment>) {
    let mut last: Option<(usize, u64)> = None;
    let mut joined: Vec<Moment> = Vec::with_capacity(moments.len());
    for moment in moments.drain(..) {
        let What::Starved { steps, late } = moment.what else {
            joined.push(moment);
            continue;
        };
        if let Some((at, next)) = last
            && next == moment.step.0
            && let What::Starved {
                steps: all,
                late: latest,
            } = &mut joined[at].what
        {
            *all += steps;
            *latest = (*latest).max(late);
            last = Some((at, next + 1));
            continue;
        }
        last = Some((joined.len(), moment.step.0 + 1));
        joined.push(moment);
    }
    *moments = joined;
}
