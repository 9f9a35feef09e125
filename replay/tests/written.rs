//! Files that the tool writes: what cannot be written is refused before the work, and a path has its old file or the new
//! one, however the process ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use serde_json::Value;
use tool::{Folder, answer, replay};

/// A session of so many seconds of three bots, recorded to there.
fn record<'a>(out: &'a str, seconds: &'a str) -> Vec<&'a str> {
    let mut args = vec!["record", "--players", "3", "--seed", "5"];
    args.extend(["--seconds", seconds, "--out", out]);
    args
}

/// If it were played, it would take an hour.
const DAY: &str = "86400";

/// The tool, after a shell has done that.
fn after(script: &str, args: &[&str]) -> Output {
    let script = format!(r#"{script}; exec "$0" "$@""#);
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_replay")]);
    shell.args(args).output().unwrap()
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(&folder.0).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn what_cannot_be_written_is_refused_before_the_session_is_played() {
    let folder = Folder::new("refused");
    let file = folder.file("file");
    fs::write(&file, "old").unwrap();
    let loop_ = folder.file("loop");
    symlink(&loop_, &loop_).unwrap();
    let dangling = folder.file("dangling");
    symlink(folder.file("absent/a.rec"), &dangling).unwrap();
    for (out, why) in [
        (
            "/no-such-folder/a.rec",
            "there is no folder /no-such-folder",
        ),
        (&folder.file("absent/a.rec"), "there is no folder"),
        (&folder.file(""), "it is a folder"),
        (&folder.file("absent/"), "it names a folder"),
        (&format!("{file}/a.rec"), "cannot be written"),
        (&folder.file(&"a".repeat(300)), "cannot be written"),
        (&loop_, "cannot be written"),
        (&dangling, "there is no folder"),
        ("/dev/stdout", "standard output has the answer"),
    ] {
        let output = replay(&record(out, DAY));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{out:?}: {told}");
        assert!(told.contains(why), "{out:?}: {told}");
    }
    let here = after(&format!("exec >{file}"), &record(&file, DAY));
    assert_eq!(here.status.code(), Some(2));
    assert_eq!(names(&folder), ["dangling", "file", "loop"]);
}

#[test]
fn every_command_that_writes_refuses_first() {
    let folder = Folder::new("all-refuse");
    let file = folder.file("file");
    fs::write(&file, "old").unwrap();
    let inside = format!("{file}/out");
    let recording = folder.recorded();
    for args in [
        &["fetch", "http://127.0.0.1:9/x", "--out", &inside, "--json"][..],
        &[
            "record",
            "--live",
            "ws://127.0.0.1:9/den/ws",
            "--seconds",
            DAY,
            "--out",
            &inside,
            "--json",
        ],
        &["simulate", "--hours", "1000000", "--out", &inside, "--json"],
        &["simulate", "--hours", "1000000", "--out", &file, "--json"],
        &["corpus", &recording, "--out", &inside, "--json"],
    ] {
        let (code, failure) = answer(args);
        assert_eq!(code, Some(2), "{args:?}");
        let told = failure["error"].as_str().unwrap();
        assert!(told.contains(&file) && !told.contains("fetched"), "{told}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"old");
}

#[test]
fn a_folder_or_a_file_without_rights_is_refused() {
    let folder = Folder::new("no-rights");
    let shut = folder.file("shut");
    fs::create_dir(&shut).unwrap();
    let file = folder.file("read-only.rec");
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    if fs::write(&file, "old").is_ok() {
        // A superuser has every right.
        return;
    }
    let inside = folder.file("shut/a.rec");
    for (out, why) in [
        (&inside, "no new file can be made"),
        (&file, "Make the file writable"),
    ] {
        let output = replay(&record(out, DAY));
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn a_disk_that_is_full_leaves_the_old_file() {
    let folder = Folder::new("full");
    let out = folder.file("a.rec");
    fs::write(&out, "old").unwrap();
    // Files of more than a block are refused.
    let mut args = record(&out, "6");
    args.push("--json");
    let output = after("trap '' XFSZ; ulimit -f 1", &args);
    let told = String::from_utf8(output.stdout).unwrap();
    let failure: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        failure["error"].as_str().unwrap().contains("as it was"),
        "{told}"
    );
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert_eq!(names(&folder), ["a.rec"]);
}

#[test]
fn a_process_killed_while_it_writes_leaves_the_old_file() {
    let folder = Folder::new("killed");
    let out = folder.file("a.rec");
    fs::write(&out, "old").unwrap();
    let output = after("ulimit -f 1", &record(&out, "6"));
    assert!(output.status.signal().is_some(), "{output:?}");
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert_eq!(names(&folder).len(), 2, "{:?}", names(&folder));
    assert_eq!(replay(&record(&out, "6")).status.code(), Some(0));
    assert_eq!(answer(&["verify", &out, "--json"]).0, Some(0));
}

#[test]
fn links_stay_and_rights_are_kept() {
    let folder = Folder::new("links");
    let (real, link, new) = (
        folder.file("real.rec"),
        folder.file("link"),
        folder.file("new"),
    );
    fs::write(&real, "old").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.rec", &link).unwrap();
    symlink("new.rec", &new).unwrap();
    for out in [&link, &new] {
        assert_eq!(replay(&record(out, "6")).status.code(), Some(0));
        assert!(fs::symlink_metadata(out).unwrap().is_symlink());
        assert_eq!(answer(&["verify", out, "--json"]).0, Some(0));
    }
    assert_eq!(fs::metadata(&real).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(names(&folder), ["link", "new", "new.rec", "real.rec"]);
    let old = fs::File::open(&real).unwrap();
    assert_eq!(replay(&record(&real, "1")).status.code(), Some(0));
    assert_eq!(
        old.metadata().unwrap().nlink(),
        0,
        "the old file was written to"
    );
}

#[test]
fn devices_and_pipes_get_the_bytes() {
    let folder = Folder::new("devices");
    let file = folder.recorded();
    assert_eq!(replay(&record("/dev/null", "6")).status.code(), Some(0));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let piped = after("exec 3>&1 >/dev/null", &record("/dev/fd/3", "6"));
    assert_eq!(piped.status.code(), Some(0));
    assert!(piped.stdout == fs::read(&file).unwrap());
    if fs::exists("/dev/full").unwrap() {
        let full = replay(&record("/dev/full", "6"));
        let told = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(2));
        assert!(told.contains("Only a part of it was taken"), "{told}");
    }
}
