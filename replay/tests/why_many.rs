//! `replay why` of all players, of folders, and of what is no recording.

use std::process::{Command, Output};

fn why(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replay"));
    command.arg("why").args(args).current_dir("..");
    command.output().expect("the tool is built")
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}

#[test]
fn without_a_player_everybody_is_told_of_and_the_sum_is_that_of_the_players() {
    let output = why(&["recordings/builders-in-combat.rec", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let mut lines = lines(&output);
    let sum = lines.pop().expect("there is a sum");
    assert_eq!(sum["players"], 7);
    let corrections: usize = lines
        .iter()
        .flat_map(|line| line["moments"].as_array().expect("there are moments"))
        .filter(|moment| moment["what"] == "corrected")
        .count();
    assert!(corrections > 0);
    assert_eq!(sum["corrections"], corrections);
    let of_one = why(&[
        "recordings/builders-in-combat.rec",
        "--player",
        "2",
        "--json",
    ]);
    let of_one = String::from_utf8_lossy(&of_one.stdout).into_owned();
    let of_one: serde_json::Value = serde_json::from_str(&of_one).expect("it is one line");
    let same = lines.iter().find(|line| line["player"] == 2);
    assert_eq!(Some(&of_one["moments"]), same.map(|line| &line["moments"]));
}

#[test]
fn a_folder_is_taken_whole_and_what_is_no_recording_is_told_once() {
    let output = why(&["recordings/kept", "README.md", "--json"]);
    assert_eq!(output.status.code(), Some(3));
    let lines = lines(&output);
    let failed = lines.iter().find(|line| line["file"] == "README.md");
    let error = failed.and_then(|line| line["error"].as_str()).unwrap_or("");
    assert!(error.starts_with("README.md: this is not"), "{error}");
    let sum = lines.last().expect("there is a sum");
    assert_eq!(sum["ok"], false);
    assert_eq!(sum["recordings"], 4);

    let output = why(&["recordings/kept", "--at", "0:03"]);
    assert_eq!(output.status.code(), Some(2));
}
