//! The session's end: the last looks at everybody, and what it came to.

use netcode::Micros;

use super::Session;
use crate::oracle::silence::SILENT;
use crate::oracle::{client, honest, learned, quiet, rerun};
use crate::outcome::{Outcome, SeatOutcome};
use crate::script::{PlayerScript, Script};
use crate::seat::{Player, Seat};

/// Damages that are done to each recording.
const DAMAGES: u32 = 2;

impl Session {
    pub(super) fn end(mut self, script: &Script) -> Outcome {
        // Clients at rest do not bring it back.
        let _ = self.host.come_back(self.now);
        for seat in 0..self.seats.len() {
            self.judges(seat, script);
        }
        let _ = self.host.close(self.now);
        let found = std::mem::take(&mut self.host.violations);
        self.found(found);
        let (rooms, disk) = self.host.into_lives();
        let mut violations = self.violations;
        for (number, recording) in disk.recordings().iter().enumerate() {
            violations.extend(rerun::reruns(number, recording, disk.is_torn(number)));
            for _ in 0..DAMAGES {
                violations.extend(rerun::salvages(number, recording, &mut self.rng));
            }
        }
        let seats: Vec<SeatOutcome> = self.seats.into_iter().map(into_outcome).collect();
        for (seat, outcome) in seats.iter().enumerate() {
            violations.extend(client::refused(seat, outcome));
        }
        for seat in honest::untroubled(script) {
            violations.extend(honest::judge(seat, &seats[seat]));
        }
        for seat in learned::steady(script) {
            violations.extend(learned::judge(seat, script, &seats[seat]));
        }
        Outcome {
            recordings: disk.recordings().to_vec(),
            seats,
            rooms,
            rows_written: disk.rows_written(),
            views_compared: self.views.compared,
            violations,
        }
    }

    /// What must hold of a client at the end.
    fn judges(&mut self, seat: usize, script: &Script) {
        let of = &self.seats[seat];
        let Player::Honest(honest) = &of.player else {
            return;
        };
        let mut found: Vec<_> = client::ends(seat, &honest.client).into_iter().collect();
        let quiet = Micros::from_millis(u64::from(script.quiet_seconds) * 1_000);
        let entered = script.seats[seat].enters_ms <= script.quiet_from_ms();
        // Whoever has said nothing for so long is sent away, as people are who went for a walk.
        let was_silent = honest.was_silent() && self.now.since(of.spoke) >= SILENT;
        if of.is_here() && entered && !was_silent && quiet >= quiet::COMES_BACK {
            match self.host.room().filter(|_| honest.client.is_playing()) {
                None => found.push(crate::Violation::NotPlaying { seat }),
                Some(room) => {
                    let shown = of.shown(self.now);
                    found.extend(quiet::converged(seat, &honest.client, shown, room));
                    if let Some(Some(then)) = self.settled.get(seat) {
                        found.extend(quiet::settled(seat, then, &honest.client.stats()));
                    }
                }
            }
        }
        debug_assert!(matches!(script.seats[seat].player, PlayerScript::Bot(_)));
        self.found(found);
    }
}

fn into_outcome(seat: Seat) -> SeatOutcome {
    match seat.player {
        Player::Honest(honest) => honest.into_outcome(),
        Player::Hostile(_) => SeatOutcome::default(),
    }
}
