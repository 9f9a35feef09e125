//! The golden sessions of `recordings/`: what each of them is, and what it protects.
//!
//! The scripts are the source, the files their result: a test plays every script again and compares the bytes.

use input_log::HashDetail;
use protocol::Encoding;

use crate::bot::Behaviour::{self, Builder, Camper, Fighter, Spammer, Walker, Wanderer};
use crate::fault::{CrashPoint, Fault, Storage};
use crate::profile::LinkProfile;
use crate::script::Script;

/// A session whose recording is kept in the repository.
#[derive(Clone, Debug)]
pub struct Golden {
    /// The file's name, without its ending.
    pub name: &'static str,
    /// The session.
    pub script: Script,
}

/// Every golden session.
#[must_use]
pub fn all() -> Vec<Golden> {
    vec![
        golden("clean", clean()),
        golden("jitter-and-stalls", jitter_and_stalls()),
        golden("late-joiner", late_joiner()),
        golden("builders-in-combat", builders_in_combat()),
        golden("restart", restart()),
        golden("sixteen", sixteen()),
        golden("breaks-and-sleep", breaks_and_sleep()),
    ]
}

fn golden(name: &'static str, script: Script) -> Golden {
    Golden {
        name,
        script: Script {
            room: name.to_owned(),
            hash_detail: HashDetail::EveryStep,
            ..script
        },
    }
}

/// Walking and shooting on good lines.
fn clean() -> Script {
    let who = [Walker, Wanderer, Wanderer, Fighter, Camper];
    Script::new(101, 30, &who, LinkProfile::CLEAN, Encoding::Binary)
}

/// Inputs that come late, in bursts, or too many at once.
fn jitter_and_stalls() -> Script {
    let who = [Walker, Walker, Wanderer, Fighter, Builder, Spammer];
    let mut script = Script::new(102, 30, &who, LinkProfile::JITTER, Encoding::Binary);
    for seat in script.seats.iter_mut().skip(2) {
        seat.link = LinkProfile::STALLS;
    }
    let stall = Fault::Stall { seat: 0, ms: 3_000 };
    script.with(12_000, stall).mixed()
}

/// Who comes late sees the same match, and who leaves early leaves structures behind.
fn late_joiner() -> Script {
    let who = [Builder, Wanderer, Builder, Fighter];
    let mut script = Script::new(103, 30, &who, LinkProfile::CLEAN, Encoding::Binary);
    script.seats[0].leaves_ms = Some(20_000);
    script.seats[3].enters_ms = 15_000;
    script.mixed()
}

/// Structures that are placed, shot at, destroyed and taken away; deaths and respawns among them.
fn builders_in_combat() -> Script {
    let who = [
        Builder, Builder, Builder, Fighter, Fighter, Fighter, Spammer,
    ];
    Script::new(104, 40, &who, LinkProfile::CLEAN, Encoding::Binary)
}

/// The host dies in the middle of a fight, and the room goes on from its last flush.
fn restart() -> Script {
    let who = [Builder, Fighter, Fighter, Walker];
    let script = Script::new(105, 30, &who, LinkProfile::CLEAN, Encoding::Binary);
    let crash = Fault::Crash {
        point: CrashPoint::Now,
        storage: Storage::Whole,
    };
    script.with(14_321, crash).mixed()
}

/// As many as the busiest room is measured with, everything at once.
fn sixteen() -> Script {
    let who: Vec<Behaviour> = (0..16)
        .map(|seat| Behaviour::ALL[seat % Behaviour::ALL.len()])
        .collect();
    Script::new(106, 20, &who, LinkProfile::DISTANT, Encoding::Binary).mixed()
}

/// Connections that break and come back with their resume token; then everybody leaves and the room sleeps until
/// somebody comes again.
fn breaks_and_sleep() -> Script {
    let who = [Wanderer, Fighter, Builder, Walker];
    let mut script = Script::new(107, 58, &who, LinkProfile::BREAKS, Encoding::Binary);
    for seat in &mut script.seats[..3] {
        seat.leaves_ms = Some(14_000);
    }
    script.seats[3].enters_ms = 54_000;
    script.mixed()
}
