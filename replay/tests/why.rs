//! What is rebuilt of corrections, held against what the clients themselves counted.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};

use analysis::Corrected;
use harness::{Behaviour, LinkProfile, Script};
use protocol::Encoding;
use replay::{Rules, why};
use sim_core::Step;

/// What was found of all corrections of sessions.
#[derive(Default)]
struct Compared {
    /// By the client's cause and the rebuilt one; without one where only one of both has the correction.
    matrix: BTreeMap<(String, String), u64>,
    same_size: u64,
    both: u64,
}

fn name(cause: impl std::fmt::Debug) -> String {
    format!("{cause:?}")
}

impl Compared {
    fn session(&mut self, script: &Script) {
        let outcome = harness::run(script);
        assert_eq!(outcome.violations, []);
        assert_eq!(outcome.recordings.len(), 1);
        for seat in &outcome.seats {
            let Some(player) = seat.player else { continue };
            let told = why(outcome.recording(), player, &Rules::Named).unwrap();
            let rebuilt: BTreeMap<Step, Corrected> = told
                .told
                .moments
                .iter()
                .filter_map(|moment| moment.corrected())
                .map(|found| (found.step, *found))
                .collect();
            let counted: BTreeMap<Step, _> =
                seat.corrections.iter().map(|one| (one.step, one)).collect();
            // What a client acknowledges after the end is not recorded.
            let known = |step: &Step| *step <= told.told.known_to;
            let steps: BTreeSet<Step> = rebuilt
                .keys()
                .chain(counted.keys())
                .copied()
                .filter(known)
                .collect();
            for step in steps {
                let (is, was) = (rebuilt.get(&step), counted.get(&step));
                let pair = (
                    was.map_or("-".to_owned(), |was| name(was.cause)),
                    is.map_or("-".to_owned(), |is| name(is.cause)),
                );
                if let (Some(is), Some(was)) = (is, was) {
                    self.both += 1;
                    self.same_size += u64::from(is.distance == was.distance.to_bits());
                }
                if std::env::var_os("WHY_VERBOSE").is_some() && pair.0 != pair.1 {
                    println!(
                        "seed {} player {player} step {step}: {pair:?} {is:?}",
                        script.seed
                    );
                }
                *self.matrix.entry(pair).or_default() += 1;
            }
        }
    }

    fn on_diagonal(&self) -> f64 {
        let all: u64 = self.matrix.values().sum();
        let same = self.matrix.iter().filter(|((was, is), _)| was == is);
        same.map(|(_, count)| count).sum::<u64>() as f64 / all.max(1) as f64
    }

    fn tell(&self) {
        for ((was, is), count) in &self.matrix {
            println!("{was:>16} {is:>16} {count:>6}");
        }
        println!(
            "{:.4} on the diagonal; size equal in {} of {}",
            self.on_diagonal(),
            self.same_size,
            self.both
        );
    }
}

/// How many sessions a line.
fn sessions() -> u64 {
    let asked = std::env::var("WHY_SESSIONS");
    asked.map_or(2, |asked| asked.parse().unwrap())
}

fn on_lines(names: &[&str]) -> Compared {
    let mut compared = Compared::default();
    let who = [
        Behaviour::Walker,
        Behaviour::Wanderer,
        Behaviour::Builder,
        Behaviour::Fighter,
    ];
    for nth in 0..sessions() {
        for (index, name) in names.iter().enumerate() {
            let seed = 1_000 + nth * 100 + index as u64;
            let link = LinkProfile::named(name).unwrap();
            compared.session(&Script::new(seed, 60, &who, link, Encoding::Binary));
        }
    }
    compared.tell();
    compared
}

#[test]
fn on_lines_that_only_delay_every_correction_is_rebuilt_with_its_cause() {
    let compared = on_lines(&["clean", "distant", "jitter"]);
    assert!(compared.both > 20, "{}", compared.both);
    // Of a few dozen that is each; of thousands one may show in the very step that is not known to have been predicted yet.
    assert!(
        compared.on_diagonal() >= 0.999,
        "{}",
        compared.on_diagonal()
    );
}

/// What a connection carried before it broke, and was not acknowledged on it, is not known to have come.
#[test]
fn on_lines_that_break_nearly_every_correction_is_rebuilt() {
    let compared = on_lines(&["lossy", "stalls", "breaks", "awful"]);
    assert!(compared.both > 100, "{}", compared.both);
    assert!(compared.on_diagonal() >= 0.99, "{}", compared.on_diagonal());
}
