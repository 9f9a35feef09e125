//! What can happen to a player.

use input_log::Stall;
use sim_core::{Event, PlayerId, Reject, Step};

use crate::corrections::Corrected;
use crate::seen::Seen;

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
    /// Inputs found the buffer full, behind this step.
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
    /// The player marked the moment.
    Marked,
    /// The room itself was late: every client starves.
    RoomStalled {
        /// How late it ran a tick, in milliseconds.
        late_ms: u32,
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

/// What an event is for a player.
pub(crate) fn what(event: &Event, me: PlayerId) -> Option<What> {
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
pub(crate) fn starving(seen: &Seen, step: Step) -> Option<Moment> {
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
pub(crate) fn join_starved(moments: &mut Vec<Moment>) {
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

/// What the evidence alone says.
pub(crate) fn of_evidence(seen: &Seen, stalls: &[Stall]) -> impl Iterator<Item = Moment> {
    let dropped = seen.dropped_at().map(|(step, inputs)| Moment {
        step,
        what: What::Dropped { inputs },
    });
    let marked = seen.marks.iter().map(|step| Moment {
        step: *step,
        what: What::Marked,
    });
    let stalled = stalls.iter().map(|stall| Moment {
        step: stall.step,
        what: What::RoomStalled {
            late_ms: stall.late_ms,
        },
    });
    dropped.chain(marked).chain(stalled)
}
