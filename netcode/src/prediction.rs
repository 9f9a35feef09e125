//! The own player ahead of the authority: steps that are predicted, sent, compared with its word, and run again.

use alloc::vec::Vec;

use protocol::limits::INPUTS_PER_BATCH_MAX;
use sim_core::{Player, PlayerId, Point, ProjectileId, Shift, Structures};

use crate::correction::Cause;
use crate::link::{DueSteps, Link};
use crate::presentation::{OwnSide, between_steps};
use crate::scene::{DrawnShot, ShotKey};
use crate::seq::ahead;
use crate::stats::Stats;
use crate::time::Micros;

mod history;
mod own_shots;
mod reconcile;
mod state;
mod steps;

use history::History;
use own_shots::OwnShots;
use state::PredictedState;
pub(crate) use state::is_provisional;

/// Inputs that are sent again after a reconnect: what the authority has room for.
const RESEND_MAX: usize = INPUTS_PER_BATCH_MAX;

/// What is predicted, and everything that it takes to compare it.
#[derive(Debug)]
pub(crate) struct Prediction {
    me: Option<PlayerId>,
    /// The structures of the newest view.
    authoritative: Structures,
    /// What is predicted; none until the authority has shown the own player.
    local: Option<Local>,
    shots: OwnShots,
    /// Inputs of the next batch.
    unsent: Vec<protocol::Input>,
    /// The seq of the next local step.
    next_seq: u32,
    /// Whether time was skipped before the next local step.
    slipped: bool,
    /// Whether the stall that the client is in was reported as a correction.
    stall_told: bool,
    /// Snapshots in a row that consumed nothing of a full history.
    unanswered: u32,
    /// Since when the history has been full.
    full_since: Option<Micros>,
    /// Up to this input some may have found no place at the authority.
    dropped_until: Option<u32>,
    counts: Counts,
}

/// What is predicted, and what of.
#[derive(Debug)]
struct Local {
    history: History,
    predicted: PredictedState,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    steps: u64,
    corrections_by_cause: [u64; Cause::ALL.len()],
    correction_max: Shift,
    retimed: u64,
    replayed_steps: u64,
    resyncs: u64,
    inputs_resent: u64,
}

impl Prediction {
    /// Of nobody.
    pub(crate) fn new() -> Self {
        Self {
            me: None,
            authoritative: Structures::new(),
            local: None,
            shots: OwnShots::default(),
            unsent: Vec::with_capacity(INPUTS_PER_BATCH_MAX),
            next_seq: 0,
            slipped: false,
            stall_told: false,
            unanswered: 0,
            full_since: None,
            dropped_until: None,
            counts: Counts::default(),
        }
    }

    /// Whose player it is; none before the first welcome.
    pub(crate) fn me(&self) -> Option<PlayerId> {
        self.me
    }

    /// The own player in the predicted present.
    pub(crate) fn player(&self) -> Option<&Player> {
        self.local.as_ref().map(|local| &local.predicted.player)
    }

    /// The own player as the authority last showed it.
    pub(crate) fn confirmed(&self) -> Option<&Player> {
        self.local.as_ref().map(|local| local.history.base())
    }

    /// The own player as predicted after this input, if the history holds it.
    pub(crate) fn after(&self, seq: u32) -> Option<&Player> {
        self.local.as_ref()?.history.at(seq)
    }

    /// Structures in the predicted present.
    pub(crate) fn structures(&self) -> &Structures {
        self.local.as_ref().map_or(&self.authoritative, |local| {
            &local.predicted.known.structures
        })
    }

    /// The seq that the next local step consumes.
    pub(crate) fn next_seq(&self) -> u32 {
        self.next_seq
    }

    /// What of it is drawn, between the last two steps.
    pub(crate) fn own_side(&self, phase: i64) -> OwnSide<'_> {
        let player = self.local.as_ref().map(|local| Player {
            pos: local.position(phase),
            ..local.predicted.player
        });
        OwnSide {
            me: self.me,
            player,
            shots: self.drawn_shots(phase).collect(),
            structures: self.structures(),
        }
    }

    fn drawn_shots(&self, phase: i64) -> impl Iterator<Item = DrawnShot> {
        let shots = self.local.iter();
        let shots = shots.flat_map(|local| &local.predicted.known.shots);
        shots.map(move |shot| {
            let flying = shot.projectile;
            let velocity = flying.velocity();
            let before = Point {
                x: flying.pos.x + -velocity.x,
                y: flying.pos.y + -velocity.y,
            };
            DrawnShot {
                key: shot.fired_by.map_or(ShotKey::Room(flying.id), ShotKey::Own),
                owner: flying.owner,
                pos: between_steps(before, flying.pos, phase),
                projectile: flying,
            }
        })
    }

    /// Whether there is a player whose next step has a place in the history.
    pub(crate) fn has_room(&self) -> bool {
        self.history().is_some_and(|history| !history.is_full())
    }

    /// Whether there is a player of whom no input does anything or is left to send.
    pub(crate) fn rests(&self) -> bool {
        self.history()
            .is_some_and(|history| history.is_idle() && self.unsent.is_empty())
    }

    /// Whether the history is full of inputs that do nothing.
    pub(crate) fn is_full_and_idle(&self) -> bool {
        self.history()
            .is_some_and(|history| history.is_full() && history.is_idle())
    }

    fn is_full(&self) -> bool {
        self.history().is_some_and(History::is_full)
    }

    fn history(&self) -> Option<&History> {
        self.local.as_ref().map(|local| &local.history)
    }

    /// The newest input that was predicted.
    fn newest_seq(&self) -> u32 {
        self.next_seq.wrapping_sub(1)
    }

    /// The room says who the own player is. Whether it is the one of before.
    pub(crate) fn welcomed(&mut self, player: PlayerId) -> bool {
        self.shots.begin();
        self.me.replace(player) == Some(player)
    }

    /// Goes on with this input. If the history leads there, what the authority has not received is sent again, as far as
    /// it has room; otherwise the history is dropped, and the first snapshot begins a new one.
    pub(crate) fn resume(&mut self, now: Micros, next: u32, same_seat: bool, link: &mut Link) {
        let leads_there = same_seat
            && self.local.as_ref().is_some_and(|local| {
                next == self.next_seq || local.history.records().any(|record| record.seq == next)
            });
        if !leads_there {
            self.local = None;
            self.shots.clear();
            self.dropped_until = None;
            self.next_seq = next;
            return;
        }
        let end = next.wrapping_add(RESEND_MAX as u32);
        if ahead(self.next_seq, end) > 0 {
            self.next_seq = end;
            if let Some(local) = &mut self.local {
                local.history.truncate(end);
            }
            self.counts.resyncs += 1;
            self.resimulate(link.newest());
        }
        let waiting = self.send_again(now, next, link);
        link.start_pace(now, waiting);
    }

    /// The connection is gone. Inputs stay in the history.
    pub(crate) fn disconnected(&mut self) {
        self.unsent.clear();
    }

    /// The authority named the shot that a message asked for.
    pub(crate) fn confirm_shot(&mut self, command: u32, id: ProjectileId) {
        self.shots.confirm(command, id);
    }

    /// The authority refused what a message asked for.
    pub(crate) fn refuse_shot(&mut self, command: u32) {
        self.shots.refuse(command);
    }

    /// So many steps come now, perhaps behind time that was skipped.
    pub(crate) fn note_due(&mut self, due: DueSteps) {
        if due.steps > 0 {
            self.stall_told = false;
        }
        self.slipped |= due.skipped;
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        let Counts {
            steps,
            corrections_by_cause,
            correction_max,
            retimed,
            replayed_steps,
            resyncs,
            inputs_resent,
        } = self.counts;
        *stats = Stats {
            steps,
            corrections_by_cause,
            correction_max,
            retimed,
            replayed_steps,
            resyncs,
            inputs_resent,
            unacked: self.history().map_or(0, History::len) as u16,
            ..*stats
        };
    }
}

impl Local {
    /// Where the own player is between its last two steps.
    fn position(&self, phase: i64) -> Point {
        let before = self.history.before_newest();
        let player = &self.predicted.player;
        if before.is_alive() == player.is_alive() {
            between_steps(before.pos, player.pos, phase)
        } else {
            player.pos
        }
    }
}
