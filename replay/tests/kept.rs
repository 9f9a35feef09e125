//! The kept recordings of every version: each reruns by the kernel that it names, for ever.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use input_log::Recording;
use replay::{Exit, Home, Rules, info, verify};
use sim_core::{SIM_VERSION, rules_hash};

/// The kept recordings, by name.
fn kept() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir("../recordings/kept")
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rec"))
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read(path).unwrap())
    };
    files.iter().map(read).collect()
}

/// Which kernels can be run by this build of the tool.
fn ways(home: Home) -> Vec<Rules> {
    let mut ways = Vec::new();
    if home == Home::Native {
        ways.push(Rules::Named);
    }
    if cfg!(feature = "engine") {
        ways.push(Rules::Archived);
    }
    ways
}

#[test]
fn every_kept_recording_reruns_by_the_kernel_that_it_names() {
    for (name, bytes) in kept() {
        // Without the engine, recordings of other rules can only be described.
        let home = info(&bytes, &Rules::Named).map(|known| known.home);
        let home = home.unwrap_or(Home::Archive);
        assert_ne!(home, Home::Nowhere, "{name}: its kernel is missing");
        for rules in ways(home) {
            let verdict = verify(&bytes, &rules, &mut |_| {}).unwrap();
            assert_eq!(verdict.exit(), Exit::Holds, "{name} {rules:?}: {verdict:?}");
            assert_eq!(verdict.lost, None, "{name}");
        }
    }
}

#[test]
fn the_version_of_this_build_is_kept() {
    let advice = "see recordings/kept/README.md";
    assert!(
        kernels::find(SIM_VERSION, rules_hash()).is_some(),
        "no kernel of SIM_VERSION {SIM_VERSION} with constants {:016x} is archived: {advice}",
        rules_hash()
    );
    let mut versions = BTreeSet::new();
    for (name, bytes) in kept() {
        let header = Recording::open(&bytes).unwrap().header().clone();
        let named = name.split('-').next().unwrap();
        assert_eq!(named, header.sim_version.to_string(), "{name}");
        versions.insert((header.sim_version, header.rules_hash));
    }
    assert!(
        versions.contains(&(SIM_VERSION, rules_hash())),
        "no recording of SIM_VERSION {SIM_VERSION} with these constants is kept: {advice}"
    );
    for version in 1..=SIM_VERSION {
        let is_kept = versions.iter().any(|(kept, _)| *kept == version);
        assert!(
            is_kept,
            "no recording of SIM_VERSION {version} is kept: {advice}"
        );
    }
}
