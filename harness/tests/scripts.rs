//! Scripts: both encodings, what is refused, and every kept script that once found something.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use harness::{
    Behaviour, CrashPoint, Fault, Hostility, Script, ScriptError, Storage, run_caught, shrink,
};
use proptest::prelude::*;

/// Version 1 as it was first written. It must be readable for ever, and mean the same.
const FIRST: &str = include_str!("scripts/version-1.json");

#[test]
fn the_first_version_still_means_the_same() {
    let script = Script::from_json(FIRST).unwrap();
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(
        value(&script.to_json()),
        value(FIRST),
        "what is written has changed"
    );
    assert_eq!((script.seed, script.seconds), (77, 40));
    let kinds: Vec<Fault> = script.faults.iter().map(|timed| timed.fault).collect();
    assert_eq!(kinds.len(), 13);
    assert_eq!(
        kinds[7],
        Fault::Crash {
            point: CrashPoint::AfterSends(2),
            storage: Storage::Torn(100)
        }
    );
}

/// Every script of the folder found something once; its name says what.
#[test]
fn scripts_that_found_something_hold() {
    let mut played = 0;
    for entry in std::fs::read_dir("tests/scripts").unwrap() {
        let path = entry.unwrap().path();
        let script = Script::from_json(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let outcome = run_caught(&script);
        assert_eq!(outcome.violations, [], "{}", path.display());
        played += 1;
    }
    assert!(played > 0);
}

#[test]
fn random_sessions_hold() {
    for seed in 0..60 {
        let script = Script::random(seed);
        script.check().unwrap();
        let outcome = run_caught(&script);
        assert_eq!(
            outcome.violations,
            [],
            "again: replay simulate --seed {seed} --sessions 1"
        );
    }
}

#[test]
fn bad_files_are_told_apart() {
    let told = |text: &str| Script::from_json(text).unwrap_err().to_string();
    assert!(told("{").starts_with("it is no script:"));
    assert_eq!(told("{}"), ScriptError::NoVersion.to_string());
    assert_eq!(
        told(r#"{"version":2}"#),
        ScriptError::Version(2).to_string()
    );
    let changed = |from: &str, to: &str| told(&FIRST.replacen(from, to, 1));
    assert!(
        changed("\"seconds\": 40", "\"seconds\": 0").contains("seconds is 0; it must be from 1")
    );
    assert!(changed("\"seat\": 0", "\"seat\": 9").contains("must be from 0 to 2"));
    assert!(changed("\"driftPpm\": 0", "\"driftPpm\": 200000").contains("driftPpm"));
    assert!(changed("walker", "sleeper").contains("sleeper"));
}

#[test]
fn a_script_that_holds_is_not_shrunk() {
    let script = Script::random(5);
    let shrunk = shrink(&script, 50);
    assert_eq!(shrunk.script, script, "a script that holds stays as it is");
    assert_eq!(shrunk.sessions, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_a_script_that_can_be_played(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let script = Script::from_bytes(&bytes);
        prop_assert!(script.check().is_ok(), "{:?}", script.check());
        let again = Script::from_bytes(&script.to_bytes());
        prop_assert_eq!(&again, &script);
        let file = Script::from_json(&script.to_json()).unwrap();
        prop_assert_eq!(file, script);
    }

    #[test]
    fn every_random_script_can_be_written_and_read(seed in any::<u64>()) {
        let script = Script::random(seed);
        prop_assert!(script.check().is_ok(), "{:?}", script.check());
        prop_assert_eq!(&Script::from_json(&script.to_json()).unwrap(), &script);
        let near = Script::from_bytes(&script.to_bytes());
        prop_assert_eq!(near.seats.len(), script.seats.len().min(6));
        prop_assert_eq!(near.seed, script.seed);
    }
}

/// Everything that a script can say, once.
#[test]
fn version_1_says_everything() {
    let said = |what: &str| assert!(FIRST.contains(what), "{what}");
    for behaviour in Behaviour::ALL.iter().take(2) {
        said(behaviour.name());
    }
    said(Hostility::ALL[0].name());
    for name in [
        "break",
        "halfOpen",
        "stall",
        "throttle",
        "hide",
        "freeze",
        "reload",
        "crash",
        "hostStall",
        "evict",
    ] {
        said(&format!("\"{name}\""));
    }
}
