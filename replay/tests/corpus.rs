//! Recordings and scripts become inputs for every fuzz target.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::Script;

fn corpus(files: &[&Path], out: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replay"));
    command.arg("corpus").args(files).arg("--out").arg(out);
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), error)
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_recording_and_a_script_become_inputs_of_every_target() {
    let out = folder("corpus");
    let recording = PathBuf::from("../recordings/late-joiner.rec");
    let script = out.join("drawn.json");
    fs::write(&script, Script::random(77).to_json()).unwrap();
    let (code, error) = corpus(&[&recording, &script], &out);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    for (target, name) in [
        ("sim_step", "late-joiner-000"),
        ("delta_merge", "late-joiner-000"),
        ("hydrate", "late-joiner-000"),
        ("input_log", "late-joiner-001"),
        ("hostile_room", "late-joiner-000"),
        ("messages", "late-joiner-000"),
        ("messages", "sample-00"),
        ("reconcile", "drawn"),
    ] {
        let bytes = fs::read(out.join(target).join(name)).unwrap();
        assert!(!bytes.is_empty(), "{target}/{name}");
    }
    let input = fs::read(out.join("reconcile/drawn")).unwrap();
    assert_eq!(input, Script::random(77).to_bytes());
}

#[test]
fn what_is_neither_is_told() {
    let out = folder("no-corpus");
    let other = out.join("other.rec");
    fs::write(&other, b"not a recording").unwrap();
    let (code, error) = corpus(&[&other], &out);
    assert_eq!(code, Some(3), "{error}");
    assert!(error.contains("other.rec"), "{error}");
    let (code, _) = corpus(&[&out.join("missing.rec")], &out);
    assert_eq!(code, Some(2));
}
