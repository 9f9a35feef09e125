//! The tool as its callers see it: exit codes, and the JSON of the last line.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::collections::BTreeMap;
use std::process::Command;

use input_log::forge::doctor;
use input_log::{Entry, Recording};
use replay::Exit;
use serde_json::{Value, json};
use sim_core::{Buttons, PlayerId, Step, World};
use tool::{Folder, answer, replay};

#[test]
fn what_holds_ends_with_0_and_one_line_of_json() {
    let file = Folder::new("holds").recorded();
    let (code, verdict) = answer(&["verify", &file, "--json"]);
    assert_eq!(
        (code, &verdict["ok"]),
        (Some(0), &Value::Bool(true)),
        "{verdict}"
    );
    assert_eq!(verdict["steps"], verdict["hashesCompared"]);
    assert!(verdict["steps"].as_u64().unwrap() > 250, "{verdict}");
    assert_eq!(verdict["digest"].as_str().unwrap().len(), 16);
    assert!(verdict["realTimeMultiple"].as_f64().unwrap() > 1.0);
    assert!(verdict["divergence"].is_null() && verdict["lost"].is_null());
    let (code, info) = answer(&["info", &file, "--json"]);
    assert_eq!(
        (code, info["players"].as_array().unwrap().len()),
        (Some(0), 3)
    );
    assert_eq!(info["steps"], verdict["steps"]);
    let fields = [
        "inspect",
        &file,
        "--step",
        "200",
        "--field",
        "players[2]",
        "--json",
    ];
    let (code, step) = answer(&fields);
    assert_eq!((code, &step["step"]), (Some(0), &Value::from(200)));
    let names: Vec<&String> = step["fields"].as_object().unwrap().keys().collect();
    assert!(names.len() > 10 && names.iter().all(|name| name.starts_with("players[2].")));
}

/// What a client writes down whose every prediction comes true.
fn predictions(bytes: &[u8], player: PlayerId) -> Vec<Value> {
    let recording = Recording::open(bytes).unwrap();
    let mut after = BTreeMap::new();
    let mut inputs = BTreeMap::new();
    let mut world: Option<World> = None;
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match (entry, &mut world) {
            (Entry::Keyframe(key), None) => world = Some(key.world().unwrap()),
            (Entry::Step { step, frame, .. }, Some(world)) => {
                world.step(frame);
                after.insert(step, world.player(player).copied());
            }
            (Entry::Evidence(evidence), _) => {
                for run in evidence
                    .players
                    .get(&player)
                    .into_iter()
                    .flat_map(|of| &of.consumed)
                {
                    inputs.extend(
                        (0..run.steps).map(|more| (run.step.after(more.into()), run.seq + more)),
                    );
                }
            }
            _ => {}
        }
    }
    inputs
        .into_iter()
        .filter_map(|(step, seq)| {
            let is = after.get(&step).copied()??;
            let (x, y) = (is.pos.x.to_bits(), is.pos.y.to_bits());
            Some(json!({ "seq": seq, "x": x, "y": y, "hash": is.predicted_hash() }))
        })
        .collect()
}

#[test]
fn predictions_are_held_against_the_rerun_input_by_input() {
    let folder = Folder::new("predictions");
    let file = folder.recorded();
    let mut list = predictions(&std::fs::read(&file).unwrap(), PlayerId(1));
    assert!(list.len() > 250, "{}", list.len());
    let kept = folder.file("predictions.json");
    let hold = |list: &[Value]| {
        std::fs::write(&kept, json!(list).to_string()).unwrap();
        answer(&["predictions", &file, &kept, "--player", "1", "--json"])
    };
    let (code, found) = hold(&list);
    assert_eq!(
        (code, &found["compared"]),
        (Some(0), &json!(list.len())),
        "{found}"
    );
    assert_eq!(found["notConsumed"], 0);
    let wrong = list[100].as_object_mut().unwrap();
    let x = wrong["x"].as_i64().unwrap();
    wrong.insert("x".into(), json!(x + 32_768));
    wrong.insert("hash".into(), json!(7));
    let (code, found) = hold(&list);
    assert_eq!((code, &found["ok"]), (Some(1), &json!(false)));
    assert_eq!(found["wrong"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["wrong"][0]["seq"], list[100]["seq"]);
    assert_eq!(found["wrong"][0]["distance"], 0.5);
    let (code, _) = answer(&["predictions", &file, &kept, "--player", "9", "--json"]);
    assert_eq!(code, Some(2), "nobody of that number was in");
    std::fs::write(&kept, "{}").unwrap();
    let (code, found) = answer(&["predictions", &file, &kept, "--player", "1", "--json"]);
    assert_eq!(code, Some(2));
    assert!(
        found["error"].as_str().unwrap().contains("predictions()"),
        "{found}"
    );
}

#[test]
fn what_diverges_ends_with_1_and_names_step_field_and_values() {
    let folder = Folder::new("diverges");
    let bytes = std::fs::read(folder.recorded()).unwrap();
    let doctored = doctor(&bytes, |step, frame| {
        if step == Step(222) {
            frame.buttons.retain(|(player, _)| *player != PlayerId(1));
            frame
                .buttons
                .insert(0, (PlayerId(1), Buttons::UP.with(Buttons::LEFT)));
        }
    })
    .unwrap();
    let file = folder.file("doctored.rec");
    std::fs::write(&file, doctored).unwrap();
    let (code, verdict) = answer(&["verify", &file, "--json"]);
    assert_eq!(
        (code, &verdict["ok"]),
        (Some(1), &Value::Bool(false)),
        "{verdict}"
    );
    let divergence = &verdict["divergence"];
    assert_eq!(divergence["step"], 222, "{verdict}");
    assert!(
        divergence["field"]
            .as_str()
            .unwrap()
            .starts_with("players[1]."),
        "{verdict}"
    );
    assert_ne!(divergence["expected"], divergence["actual"]);
    let told = String::from_utf8(replay(&["verify", &file]).stdout).unwrap();
    assert!(told.contains("diverges at step 222"), "{told}");
}

#[test]
fn what_makes_no_sense_ends_with_2() {
    let folder = Folder::new("usage");
    let file = folder.recorded();
    for args in [
        &["verify"][..],
        &["verify", &folder.file("absent.rec")],
        &["inspect", &file, "--step", "99999"],
        &["inspect", &file, "--step", "10", "--field", "nothing"],
        &["record", "--players", "8"],
        &["record", "--profile", "perfect", "--out", &file],
        &["record", "--live", "http://127.0.0.1/"],
        &["fetch", "https://127.0.0.1/", "--out", &file],
    ] {
        let output = replay(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn what_is_no_recording_ends_with_3() {
    let folder = Folder::new("unreadable");
    let file = folder.file("text.rec");
    std::fs::write(&file, "not a recording at all").unwrap();
    for command in ["verify", "info"] {
        let (code, answer) = answer(&[command, &file, "--json"]);
        assert_eq!(
            (code, &answer["ok"]),
            (Some(3), &Value::Bool(false)),
            "{answer}"
        );
        assert!(
            answer["error"].as_str().unwrap().contains("BFRT"),
            "{answer}"
        );
    }
}

#[test]
fn the_same_seed_records_the_same_bytes_and_what_is_cut_off_is_said() {
    let folder = Folder::new("same");
    let (one, other) = (folder.recorded(), folder.file("b.rec"));
    let args = [
        "record",
        "--players",
        "3",
        "--seconds",
        "6",
        "--seed",
        "5",
        "--out",
        &other,
    ];
    assert_eq!(replay(&args).status.code(), Some(0));
    let bytes = std::fs::read(&one).unwrap();
    assert!(bytes == std::fs::read(&other).unwrap());
    std::fs::write(&other, &bytes[..bytes.len() * 3 / 4]).unwrap();
    let (code, verdict) = answer(&["verify", &other, "--json"]);
    assert_eq!((code, &verdict["ok"]), (Some(4), &Value::Bool(false)));
    assert_eq!(verdict["lost"]["damage"], true);
    assert!(
        verdict["lost"]["fromStep"].as_u64().unwrap() > 100,
        "{verdict}"
    );
}

#[test]
fn who_stops_reading_early_changes_nothing() {
    let folder = Folder::new("early");
    let recording = folder.recorded();
    let mut child = Command::new(env!("CARGO_BIN_EXE_replay"))
        .args(["inspect", &recording, "--step", "300"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn every_exit_code_is_in_the_help_and_on_the_page() {
    let page = include_str!("../../docs/REPLAY.md");
    let help = String::from_utf8(replay(&["--help"]).stdout).unwrap();
    let codes = [
        Exit::Holds,
        Exit::Diverges,
        Exit::Usage,
        Exit::Unreadable,
        Exit::Damaged,
    ]
    .map(Exit::code);
    assert_eq!(codes, [0, 1, 2, 3, 4]);
    for code in codes {
        assert!(help.contains(&format!("\n  {code}  ")), "{help}");
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let script = replay(&["completions", "bash"]);
    let script = String::from_utf8(script.stdout).unwrap();
    let folder = Folder::new("man");
    let pages = folder.file("pages");
    assert_eq!(replay(&["man", "--out", &pages]).status.code(), Some(0));
    for command in [
        "verify",
        "why",
        "divergence",
        "inspect",
        "bench",
        "kernels",
        "simulate",
    ] {
        assert!(script.contains(&format!("replay__{command}")) || script.contains(command));
        let page = std::fs::read_to_string(format!("{pages}/replay-{command}.1")).unwrap();
        assert!(
            page.contains("replay\\-") && page.contains("SYNOPSIS"),
            "{page}"
        );
    }
    assert_eq!(replay(&["completions", "cmd.exe"]).status.code(), Some(2));
}
