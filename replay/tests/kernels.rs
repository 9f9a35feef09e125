//! Recordings rerun by the kernel that they name, whatever the rules of this build are.
//!
//! What needs the module of the test's own rules is left out by default: `cargo xtask kernel --check` builds it and runs everything.
#![cfg(feature = "engine")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use input_log::{Entry, Kernel as _, Recording, Writer};
use other_rules::{Other, OtherRules};
use replay::{Basis, Exit, Home, Rules, info, inspect, verify};
use sim_core::{Step, World};

const RULES: OtherRules = OtherRules { walks_left: false };

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(format!("../recordings/{name}.rec")).unwrap()
}

/// The module of the other rules.
fn module() -> Rules {
    let file =
        std::env::var_os("OTHER_RULES_MODULE").expect("`cargo xtask kernel --check` sets it");
    Rules::Module(std::fs::read(file).unwrap())
}

/// What a golden session is by other rules: the same frames, and what comes of them. `alter` changes the frame of a step after it
/// was played.
fn by_other_rules(name: &str, alter: Option<Step>) -> Vec<u8> {
    let bytes = golden(name);
    let recording = Recording::open(&bytes).unwrap();
    let header = input_log::Header {
        sim_version: other_rules::SIM_VERSION,
        rules_hash: other_rules::RULES_HASH,
        ..recording.header().clone()
    };
    let mut world = None;
    let mut writer = Writer::with(RULES, &header);
    let mut out = header.encode();
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) => {
                let world = world.get_or_insert_with(|| Other {
                    lefts: 0,
                    world: World::decode(keyframe.encoded).unwrap(),
                });
                writer.push_keyframe(world);
            }
            Entry::Step { step, frame, .. } => {
                let world = world.as_mut().unwrap();
                RULES.step(world, frame);
                let mut frame = frame.clone();
                if alter == Some(step) {
                    let (_, buttons) = frame.buttons.first_mut().unwrap();
                    *buttons = sim_core::Buttons::from_bits(buttons.to_bits() ^ 1).unwrap();
                }
                writer.push_step(step, &frame, RULES.hash(world));
            }
            Entry::Gap { first, steps } => {
                RULES.fast_forward(world.as_mut().unwrap(), steps);
                writer.push_gap(first, steps);
            }
            Entry::Evidence(evidence) => writer.push_evidence(evidence.clone()),
            Entry::Digest { .. } => out.extend(writer.flush()),
            Entry::End => {}
        }
    }
    out.extend(writer.finish());
    out
}

/// A recording of other rules for whoever reruns it elsewhere, such as in a browser. `BITFORT_BLESS=1` writes it anew.
#[test]
fn the_kept_recording_of_other_rules_is_what_they_play() {
    let kept = "../kernel/other-rules/clean.rec";
    let bytes = by_other_rules("clean", None);
    if std::env::var_os("BITFORT_BLESS").is_some() {
        std::fs::write(kept, &bytes).unwrap();
    }
    assert_eq!(std::fs::read(kept).unwrap(), bytes);
}

#[test]
fn goldens_come_to_the_same_by_the_archived_kernel() {
    for name in ["clean", "builders-in-combat", "breaks-and-sleep", "sixteen"] {
        let bytes = golden(name);
        let native = verify(&bytes, &Rules::Named, &mut |_| {}).unwrap();
        let archived = verify(&bytes, &Rules::Archived, &mut |_| {}).unwrap();
        assert_eq!(native.exit(), Exit::Holds);
        assert_eq!(native, archived, "{name}");
        let step = Step(700);
        let both = [Rules::Named, Rules::Archived].map(|rules| inspect(&bytes, step, "", &rules));
        assert_eq!(both[0], both[1]);
        let both = [Rules::Named, Rules::Archived].map(|rules| info(&bytes, &rules));
        assert_eq!(both[0], both[1]);
    }
}

#[test]
fn without_its_kernel_a_recording_is_described_and_not_rerun() {
    let bytes = by_other_rules("clean", None);
    let known = info(&bytes, &Rules::Named).unwrap();
    assert_eq!(known.home, Home::Nowhere);
    let native = info(&golden("clean"), &Rules::Named).unwrap();
    assert_eq!(
        (known.steps, known.last_step),
        (native.steps, native.last_step)
    );
    assert_eq!(known.lost, None);
    for rules in [Rules::Named, Rules::Archived] {
        let failure = verify(&bytes, &rules, &mut |_| {}).unwrap_err();
        assert_eq!(failure.exit(), Exit::Unreadable);
        let told = failure.to_string();
        assert!(
            told.contains("4000000001") && told.contains("--kernel"),
            "{told}"
        );
    }
}

#[test]
#[ignore = "cargo xtask kernel --check builds its module"]
fn a_module_of_other_rules_reruns_what_was_recorded_with_them() {
    for name in ["clean", "breaks-and-sleep"] {
        let bytes = by_other_rules(name, None);
        let verdict = verify(&bytes, &module(), &mut |_| {}).unwrap();
        assert_eq!(verdict.exit(), Exit::Holds, "{verdict:?}");
        let native = verify(&golden(name), &Rules::Named, &mut |_| {}).unwrap();
        assert_eq!(verdict.steps, native.steps);
        assert_eq!(verdict.hashes_compared, native.hashes_compared);
        assert_ne!(verdict.digest, native.digest);
        let known = info(&bytes, &module()).unwrap();
        let native = info(&golden(name), &Rules::Named).unwrap();
        assert_eq!(
            (known.players, known.inputs),
            (native.players, native.inputs)
        );
        let seen = inspect(&bytes, Step(700), "lefts", &module()).unwrap();
        assert!(seen.fields[0].1.parse::<u64>().unwrap() > 0);
    }
}

#[test]
#[ignore = "cargo xtask kernel --check builds its module"]
fn what_was_altered_in_a_recording_of_other_rules_is_named() {
    let clean = golden("clean");
    let recording = Recording::open(&clean).unwrap();
    let mut entries = recording.entries();
    let mut step = None;
    while let Some(entry) = entries.next() {
        if let Entry::Step {
            step: at, frame, ..
        } = entry
            && at > Step(400)
            && !frame.buttons.is_empty()
        {
            step.get_or_insert(at);
        }
    }
    let bytes = by_other_rules("clean", step);
    let verdict = verify(&bytes, &module(), &mut |_| {}).unwrap();
    let found = verdict.divergence.unwrap();
    assert_eq!(
        (Some(found.step), found.basis),
        (step, Basis::Repair),
        "{found:?}"
    );
    assert!(found.repair.unwrap().starts_with("buttons of player"));
}

#[test]
#[ignore = "cargo xtask kernel --check builds its module"]
fn a_module_of_other_rules_than_the_recording_is_refused() {
    let failure = verify(&golden("clean"), &module(), &mut |_| {}).unwrap_err();
    assert_eq!(failure.exit(), Exit::Usage);
    assert!(failure.to_string().contains("4000000001"), "{failure}");
}
