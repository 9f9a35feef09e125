//! The golden sessions of `recordings/`: they are what their scripts play, they rerun, and a world of any of their steps
//! can be stored and read back.
//!
//! After a change of the rules that is meant, `BITFORT_BLESS=1 cargo test -p replay --test goldens` writes them anew.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use harness::goldens::{Golden, all};
use input_log::{Entry, Recording};
use replay::{Exit, Options, inspect, verify};
use sim_core::World;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../recordings")
}

fn kept(golden: &Golden) -> Vec<u8> {
    let path = folder().join(format!("{}.rec", golden.name));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_script_plays_its_recording() {
    let bless = std::env::var_os("BITFORT_BLESS").is_some();
    for golden in all() {
        let outcome = harness::run(&golden.script);
        assert_eq!(outcome.violations, [], "{}", golden.name);
        assert_eq!(outcome.recordings.len(), 1, "{}", golden.name);
        if bless {
            let path = folder().join(format!("{}.rec", golden.name));
            std::fs::write(path, outcome.recording()).unwrap();
        }
        assert!(
            outcome.recording() == kept(&golden),
            "{0}: the session is another one now. If the rules changed on purpose, raise SIM_VERSION and run: \
             BITFORT_BLESS=1 cargo test -p replay --test goldens; otherwise: replay verify recordings/{0}.rec",
            golden.name
        );
    }
}

#[test]
fn every_golden_session_reruns() {
    for golden in all() {
        let bytes = kept(&golden);
        let verdict = verify(&bytes, Options::default(), &mut |_| {}).unwrap();
        assert_eq!(verdict.exit(), Exit::Holds, "{}: {verdict:?}", golden.name);
        assert_eq!(verdict.lost, None, "{}", golden.name);
        assert_eq!(verdict.steps, verdict.hashes_compared, "{}", golden.name);
        assert!(verdict.steps > 0);
    }
}

#[test]
fn a_world_stored_and_read_back_at_every_step_goes_on_the_same() {
    for golden in all() {
        let bytes = kept(&golden);
        let recording = Recording::open(&bytes).unwrap();
        let mut entries = recording.entries();
        let mut world: Option<World> = None;
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Keyframe(keyframe) if world.is_none() => {
                    world = Some(keyframe.world().unwrap());
                }
                Entry::Step { step, frame, check } => {
                    // This world never takes two steps: each begins with what was read back after the one before.
                    let mut stepped = world.take().unwrap();
                    stepped.step(frame);
                    assert!(check.matches(stepped.hash()), "{} step {step}", golden.name);
                    let encoded = stepped.encode();
                    let restored = World::decode(&encoded).unwrap();
                    assert_eq!(restored, stepped, "{} step {step}", golden.name);
                    assert_eq!(restored.encode(), encoded, "{} step {step}", golden.name);
                    world = Some(restored);
                }
                Entry::Gap { steps, .. } => world.as_mut().unwrap().fast_forward(steps),
                Entry::Keyframe(_) | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
            }
        }
    }
}

#[test]
fn seeking_leads_to_the_world_that_a_whole_rerun_passes() {
    for golden in all() {
        let bytes = kept(&golden);
        let recording = Recording::open(&bytes).unwrap();
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            if let Entry::Step { step, check, .. } = entry
                && step.0.is_multiple_of(97)
            {
                let hash = inspect(&bytes, step, "step", false).unwrap().hash;
                assert_eq!(check.whole(), Some(hash), "{} step {step}", golden.name);
            }
        }
    }
}

#[test]
fn the_folder_holds_the_golden_sessions_and_a_line_on_each() {
    let expected: BTreeSet<String> = all()
        .iter()
        .map(|golden| format!("{}.rec", golden.name))
        .collect();
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".rec")).collect();
    assert_eq!(found, expected);
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for name in &expected {
        assert!(readme.contains(name), "README.md says nothing of {name}");
    }
}
