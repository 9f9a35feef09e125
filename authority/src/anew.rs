//! Counters of the world that come to their end: the room counts anew, while it plays.
//!
//! * It happens between two steps and never within a recording: the one that is ends in order, and the next begins with the
//!   world that counts anew.
//! * When ids come to their end, structures and projectiles keep everything but those. Connections see that in their next delta.
//! * When steps do, which snapshots are numbered by, everybody connects again. Ids stay: what is still drawn from before is
//!   not taken for something else.
//! * The world of before, and the one that counts anew, are each stored whole, so a crash leaves one of them.

use alloc::vec::Vec;

use protocol::CloseCode;
use protocol::limits::ENTITY_ID_LAST;
use sim_core::Step;

use crate::input::ConnId;
use crate::limits::{COUNTED_STEPS_MAX, IDS_PER_FLUSH_MAX};
use crate::output::{Note, Output};
use crate::room::Room;
use crate::snapshot_stream::{Baselines, next_snapshot};
use crate::time::Millis;

impl Room {
    /// Counts anew what is near its end. Everything before has just been stored.
    pub(crate) fn count_anew(&mut self, now: Millis) {
        let far = ENTITY_ID_LAST - IDS_PER_FLUSH_MAX;
        let ids = self.world.next_structure().0 > far || self.world.next_projectile().0 > far;
        let steps = self.world.step_number() > COUNTED_STEPS_MAX;
        if !ids && !steps {
            return;
        }
        let bytes = self.recorder.begin_another(&mut self.outputs);
        self.stats.log_bytes += bytes as u64;
        if steps {
            self.begin_steps(now, self.world.step_number());
            self.world = self.world.at_step(Step(0));
        }
        if ids {
            self.world = self.world.renumbered();
        }
        let step = self.world.step_number();
        let note = Note::CountedAnew { step };
        self.outputs.push_back(Output::Note(note));
        self.recorder.prepare(&self.world, &mut self.outputs);
        self.flush();
    }

    /// Everything that says when it is, says it from step 0 on.
    fn begin_steps(&mut self, now: Millis, before: Step) {
        let conns: Vec<ConnId> = self.connections.keys().copied().collect();
        for conn in conns {
            self.close(now, conn, None, CloseCode::GoingAway);
        }
        for (_, seat) in self.seats.iter_mut() {
            seat.absence = seat
                .absence
                .map(|absence| absence.at(|step| Step(step.since(before))));
            seat.heard = Step(0);
        }
        self.users.all_seen_at(Step(0));
        self.baselines = Baselines::default();
        self.next_snapshot = next_snapshot(Step(0));
        self.active = Step(0);
        self.stirred = Step(0);
    }
}
