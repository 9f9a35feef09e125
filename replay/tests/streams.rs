//! Standard streams that are closed or full, command lines that make no sense, and files that never end.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::fs::File;
use std::io::pipe;
use std::process::{Command, Stdio};

use tool::{Folder, answer, replay};

/// A pipe that nobody reads from.
fn closed() -> Stdio {
    let (_, writer) = pipe().unwrap();
    writer.into()
}

fn code(args: &[&str], stdout: Stdio, stderr: Stdio) -> Option<i32> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replay"));
    let child = command.args(args).stdout(stdout).stderr(stderr);
    child.status().unwrap().code()
}

#[test]
fn the_exit_code_is_the_same_when_nobody_reads() {
    let folder = Folder::new("unread");
    let file = folder.recorded();
    let text = folder.file("text.rec");
    std::fs::write(&text, "not a recording at all").unwrap();
    for (args, exit) in [
        (&["info", "no-such-file"][..], 2),
        (&["info", "no-such-file", "--json"], 2),
        (&["info"], 2),
        (&["info", "--json"], 2),
        (&["verify", &text], 3),
        (&["verify", &file], 0),
        (&["verify", &file, "--json"], 0),
        (&["--help"], 0),
        (&["--version"], 0),
        (&[], 2),
    ] {
        assert_eq!(code(args, Stdio::piped(), closed()), Some(exit), "{args:?}");
        assert_eq!(code(args, closed(), Stdio::piped()), Some(exit), "{args:?}");
        assert_eq!(code(args, closed(), closed()), Some(exit), "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_exit_code_is_the_same_without_streams() {
    let folder = Folder::new("no-streams");
    let file = folder.recorded();
    for (args, exit) in [(["info", "no-such-file"], 2), (["verify", &file], 0)] {
        let script = r#"exec "$0" "$@" <&- >&- 2>&-"#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_replay")]);
        assert_eq!(shell.args(args).status().unwrap().code(), Some(exit));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_does_not_fit_ends_with_2() {
    let folder = Folder::new("full-stream");
    let file = folder.recorded();
    for args in [
        &["verify", &file][..],
        &["info", &file, "--json"],
        &["--help"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(code(args, full.into(), Stdio::piped()), Some(2), "{args:?}");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_answered_in_json_as_well() {
    for args in [
        &["verify", "--json"][..],
        &["info", "--json", "a.rec", "b.rec"],
        &["inspect", "a.rec", "--json", "--step", "many"],
        &["predictions", "--json"],
        &["record", "--players", "0", "--json", "--out", "a.rec"],
        &["simulate", "--json", "--jobs", "x"],
        &["simulate", "--json", "--jobs", "100000000"],
        &["corpus", "--json"],
        &["fetch", "--json"],
        &["verify", "absent.rec", "--json"],
        &["nothing", "--json"],
    ] {
        let (code, failure) = answer(args);
        assert_eq!(code, Some(2), "{args:?}");
        assert_eq!(
            (&failure["ok"], &failure["exit"]),
            (&false.into(), &2.into())
        );
        assert!(failure["error"].as_str().unwrap().len() > 10, "{failure}");
        assert!(!replay(args).stderr.is_empty(), "{args:?}");
    }
    assert!(replay(&["verify"]).stdout.is_empty());
    assert!(replay(&["info", "a", "--", "--json"]).stdout.is_empty());
}

/// The tool with so little memory that a long file does not fit in, and its exit code.
#[cfg(unix)]
fn in_little_memory(args: &[&str]) -> Option<i32> {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"ulimit -v 400000; exec "$0" "$@""#]);
    shell.arg(env!("CARGO_BIN_EXE_replay")).args(args);
    shell.output().unwrap().status.code()
}

#[cfg(unix)]
#[test]
fn of_what_is_no_recording_only_the_beginning_is_read() {
    let folder = Folder::new("endless");
    let holes = folder.file("holes.rec");
    File::create(&holes).unwrap().set_len(8 << 30).unwrap();
    for file in [&holes, "/dev/zero"] {
        for command in ["info", "verify"] {
            assert_eq!(in_little_memory(&[command, file]), Some(3), "{file}");
        }
        assert_eq!(in_little_memory(&["inspect", file, "--step", "3"]), Some(3));
        let out = folder.file("corpus");
        assert_eq!(in_little_memory(&["corpus", file, "--out", &out]), Some(3));
        assert_eq!(in_little_memory(&["simulate", "--script", file]), Some(2));
        let recording = folder.recorded();
        let args = ["predictions", &recording, file, "--player", "1"];
        assert_eq!(in_little_memory(&args), Some(2));
    }
}

#[cfg(unix)]
#[test]
fn of_a_damaged_recording_nothing_behind_the_damage_is_read() {
    let folder = Folder::new("holes-behind");
    let file = folder.recorded();
    let whole = std::fs::metadata(&file).unwrap().len();
    let holes = File::options().append(true).open(&file).unwrap();
    holes.set_len(whole * 3 / 4).unwrap();
    let all = 1 << 40;
    holes.set_len(all).unwrap();
    for command in ["info", "verify"] {
        assert_eq!(in_little_memory(&[command, &file]), Some(4), "{command}");
        let (_, said) = answer(&[command, &file, "--json"]);
        let lost = &said["lost"];
        let bytes = lost["atByte"].as_u64().unwrap() + lost["bytes"].as_u64().unwrap();
        assert_eq!(bytes, all, "{said}");
    }
}
