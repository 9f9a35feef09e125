//! Counters of the world that come to their end: the room counts anew, while it plays.
//!
//! * It happens between two steps and never within a recording: the one that is ends in order, and the next begins with the
//!   world that counts anew.
//! * When ids come to their end, structures and projectiles keep everything but those. Connections see that in their next delta.
//! * When steps do, which snapshots are numbered by, everybody connects again. Ids stay: what is still drawn from before is
//!   not taken for something else.
//! * The world of before, and the one that counts anew, are each stored whole, so a crash leaves one of them.

use protocol::CloseCode;
use protocol::limits::ENTITY_ID_LAST;
use sim_core::Step;

use crate::limits::{COUNTED_STEPS_MAX, IDS_PER_FLUSH_MAX};
use crate::output::{Note, Output};
use crate::room::Room;
use crate::time::Millis;

impl Room {
    /// Counts anew what is near its end. Everything before has just been stored.
    pub(super) fn count_anew(&mut self, now: Millis) {
        let far = ENTITY_ID_LAST - IDS_PER_FLUSH_MAX;
        let world = self.world();
        let ids = world.next_structure().0 > far || world.next_projectile().0 > far;
        let before = world.step_number();
        let steps = before > COUNTED_STEPS_MAX;
        if !ids && !steps {
            return;
        }
        self.archive.begin_another(&mut self.outputs);
        if steps {
            self.begin_steps(now, before);
            self.simulation
                .replace_world(|world| world.at_step(Step(0)));
        }
        if ids {
            self.simulation.replace_world(sim_core::World::renumbered);
        }
        let step = self.world().step_number();
        let note = Note::CountedAnew { step };
        self.outputs.push_back(Output::Note(note));
        let world = self.simulation.world();
        self.archive.prepare(world, &mut self.outputs);
        self.flush();
    }

    /// Everything that says when it is, says it from step 0 on.
    fn begin_steps(&mut self, now: Millis, before: Step) {
        for conn in self.feed.conns() {
            self.close(now, conn, None, CloseCode::GoingAway);
        }
        self.lobby.restart_step_count(before);
        self.feed.restart_step_count();
        self.schedule.restart_step_count();
    }
}
