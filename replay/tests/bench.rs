//! What steps cost: what is told of it, kept of it and compared with it. No test here says how fast a machine is.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::fs;

use input_log::forge::doctor;
use serde_json::{Value, json};
use sim_core::{Buttons, PlayerId};
use tool::{Folder, answer, replay};

#[test]
fn every_step_is_measured_and_the_dearest_is_explained() {
    let file = Folder::new("bench").recorded();
    let (code, found) = answer(&["bench", &file, "--reruns", "2", "--worst", "3", "--json"]);
    assert_eq!((code, &found["ok"]), (Some(0), &json!(true)), "{found}");
    let (_, verdict) = answer(&["verify", &file, "--json"]);
    let of = &found["files"][0];
    assert_eq!(of["steps"], verdict["steps"]);
    assert_eq!(of["reruns"], json!(2));
    for part in ["stepNs", "hashNs", "bothNs"] {
        let cost = |name: &str| of[part][name].as_u64().unwrap();
        let [p50, p90, p99, max] = ["p50", "p90", "p99", "max"].map(cost);
        assert!(
            0 < p50 && p50 <= p90 && p90 <= p99 && p99 <= max,
            "{part}: {of}"
        );
    }
    let worst = of["worst"].as_array().unwrap();
    assert_eq!(worst.len(), 3);
    assert_eq!(worst[0]["ns"], of["bothNs"]["max"]);
    let dear = worst.iter().map(|step| step["ns"].as_u64().unwrap());
    assert!(dear.rev().is_sorted());
    // What there was in it is what `inspect` finds there.
    let step = worst[0]["step"].to_string();
    let inspect = [
        "inspect", &file, "--step", &step, "--field", "players", "--json",
    ];
    let (_, world) = answer(&inspect);
    let fields = world["fields"].as_object().unwrap();
    let players: std::collections::BTreeSet<&str> = fields
        .keys()
        .filter_map(|path| path.split(']').next())
        .collect();
    assert_eq!(worst[0]["players"], json!(players.len()), "{world}");
    // The same for people.
    let told = replay(&["bench", &file, "--reruns", "1"]);
    let told = String::from_utf8(told.stdout).unwrap();
    for part in ["p50", "step", "hash", "both", "structures", "yardstick"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let table = replay(&["bench", &file, "--reruns", "1", "--markdown"]);
    let table = String::from_utf8(table.stdout).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.lines().all(|line| line.starts_with('|')), "{table}");
}

#[test]
fn costs_are_kept_and_a_step_that_has_become_dearer_ends_with_1() {
    let folder = Folder::new("bench-against");
    let file = folder.recorded();
    let kept = folder.file("kept.json");
    let bench =
        |more: &[&str]| answer(&[&["bench", &file, "--reruns", "3", "--json"], more].concat());
    let (code, _) = bench(&["--save", &kept]);
    assert_eq!(code, Some(0));
    // A machine may do other things between two runs, but not a thousand times as many.
    let (code, found) = bench(&["--against", &kept, "--slower-max", "100000"]);
    assert_eq!((code, &found["ok"]), (Some(0), &json!(true)), "{found}");
    assert!(found["files"][0]["against"]["p50"].as_f64().unwrap() > 0.0);
    let change = |of: &str, by: f64| {
        let mut all: Value = serde_json::from_slice(&fs::read(&kept).unwrap()).unwrap();
        for one in all["files"].as_object_mut().unwrap().values_mut() {
            one[of] = json!(one[of].as_f64().unwrap() * by);
        }
        fs::write(&kept, all.to_string()).unwrap();
    };
    for of in ["p50", "p99"] {
        change(of, 1e-4);
        let (code, found) = bench(&["--against", &kept]);
        assert_eq!((code, &found["ok"]), (Some(1), &json!(false)), "{of}");
        assert_eq!(found["files"][0]["against"]["ok"], json!(false));
        change(of, 1e4);
    }
}

#[test]
fn what_cannot_be_compared_or_written_is_said_and_nothing_is_lost() {
    let folder = Folder::new("bench-bad");
    let file = folder.recorded();
    let other = folder.file("other.json");
    let error = |args: &[&str]| {
        let (code, found) = answer(&[&["bench", &file, "--reruns", "1", "--json"], args].concat());
        (code, found["error"].as_str().unwrap_or_default().to_owned())
    };
    for (text, why) in [
        ("nothing", "not what `replay bench --save` writes"),
        (r#"{"format":"replay bench 9","files":{}}"#, "its format is"),
        (r#"{"format":"replay bench 1","files":{}}"#, "none of these"),
        (
            r#"{"format":"replay bench 1","files":{"a.rec":{"steps":1,"p50":0.0,"p99":1.0}}}"#,
            "costs nothing",
        ),
    ] {
        fs::write(&other, text).unwrap();
        let (code, said) = error(&["--against", &other]);
        assert_eq!(code, Some(2), "{text}");
        assert!(said.contains(why), "{text}: {said}");
        assert_eq!(fs::read_to_string(&other).unwrap(), text);
    }
    let nowhere = folder.file("no/folder.json");
    assert_eq!(error(&["--save", &nowhere]).0, Some(2));
    assert_eq!(error(&[&file, "--svg", &other]).0, Some(2));
    assert_eq!(error(&["--against", &nowhere]).0, Some(2));
}

#[test]
fn a_recording_that_diverges_is_not_measured() {
    let folder = Folder::new("bench-diverges");
    let file = folder.recorded();
    let bytes = fs::read(&file).unwrap();
    let doctored = doctor(&bytes, |step, frame| {
        if step.0 == 100 {
            frame.buttons = vec![(PlayerId(1), Buttons::UP)];
        }
    });
    fs::write(&file, doctored.unwrap()).unwrap();
    let (code, found) = answer(&["bench", &file, "--json"]);
    assert_eq!(code, Some(1), "{found}");
    assert!(
        found["error"].as_str().unwrap().contains("replay verify"),
        "{found}"
    );
}

#[test]
fn a_damaged_recording_is_measured_as_far_as_it_is_intact() {
    let folder = Folder::new("bench-damaged");
    let file = folder.recorded();
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.len() * 9 / 10;
    bytes[at] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let (code, found) = answer(&["bench", &file, "--json"]);
    assert_eq!((code, &found["ok"]), (Some(4), &json!(false)), "{found}");
    assert_eq!(found["files"][0]["lost"]["damage"], json!(true));
    assert!(found["files"][0]["steps"].as_u64().unwrap() > 0);
}

#[test]
fn the_picture_is_one_file_that_needs_nothing() {
    let folder = Folder::new("bench-picture");
    let file = folder.recorded();
    let svg = folder.file("cost.svg");
    let done = replay(&["bench", &file, "--reruns", "1", "--svg", &svg]);
    assert!(done.status.success());
    let text = fs::read_to_string(&svg).unwrap();
    assert!(text.starts_with("<svg ") && text.trim_end().ends_with("</svg>"));
    assert!(!text.contains("<script") && !text.contains("href"));
    let columns = text.matches('V').count();
    assert!(columns > 100, "{columns} columns");
}
