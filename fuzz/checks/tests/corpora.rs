//! Every committed input of every target holds, and so does every seed that is made here.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use fuzz_checks::{TARGETS, Target, seeds};

fn folder(of: &str, target: Target) -> PathBuf {
    Path::new("..").join(of).join(target.name)
}

/// Runs the inputs of a folder; how many there are.
fn replay(of: &str, target: Target) -> usize {
    let folder = folder(of, target);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return 0;
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in &paths {
        let bytes = std::fs::read(path).unwrap();
        if catch_unwind(|| (target.check)(&bytes)).is_err() {
            panic!("{} does not hold", path.display());
        }
    }
    paths.len()
}

fn check_target(name: &str) {
    let target = TARGETS.into_iter().find(|target| target.name == name);
    let target = target.unwrap();
    (target.check)(&[]);
    assert!(replay("corpus", target) > 0, "{name} has no corpus");
    replay("regressions", target);
}

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        $(#[test] fn $name() { check_target(stringify!($name)); })*

        #[test]
        fn every_target_is_tested() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|target| target.name), tested);
        }
    };
}

targets! {
    messages,
    delta_merge,
    input_log,
    sim_step,
    hydrate,
    hostile_room,
    reconcile,
}

#[test]
fn seeds_of_a_recording_hold_and_are_there_for_every_target() {
    let bytes = std::fs::read("../../recordings/breaks-and-sleep.rec").unwrap();
    let mut seeds = seeds::of_recording("breaks", &bytes).unwrap();
    seeds.extend(seeds::of_messages());
    for target in TARGETS.iter().filter(|target| target.name != "reconcile") {
        let own = seeds.iter().filter(|seed| seed.target == target.name);
        assert!(own.clone().count() > 0, "{}", target.name);
        for seed in own.take(40) {
            (target.check)(&seed.bytes);
        }
    }
}
