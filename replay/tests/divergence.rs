//! The report of `divergence`: held against what clients counted, and against `why`.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod tool;

use std::collections::BTreeMap;

use harness::{Behaviour, LinkProfile, Outcome, Script};
use input_log::forge::doctor;
use input_log::{HashDetail, Header, Writer};
use netcode::Cause;
use protocol::Encoding;
use serde_json::Value;
use sim_core::{Frame, PlayerId, Step, World};
use tool::{Folder, answer, replay};

const WHO: [Behaviour; 4] = [
    Behaviour::Walker,
    Behaviour::Builder,
    Behaviour::Fighter,
    Behaviour::Fighter,
];
/// What `--json` calls the causes, in the order of [`Cause::ALL`].
const CAUSES: [&str; Cause::ALL.len()] = [
    "starved",
    "dropped",
    "unseenStructure",
    "hit",
    "respawn",
    "clockSlip",
    "unknown",
];

fn script(seed: u64, link: &str) -> Script {
    let link = LinkProfile::named(link).unwrap();
    Script::new(seed, 60, &WHO, link, Encoding::Binary)
}

fn played(folder: &Folder, name: &str, script: &Script) -> (String, Outcome) {
    let outcome = harness::run(script);
    assert_eq!(outcome.violations, []);
    let file = folder.file(name);
    std::fs::write(&file, outcome.recording()).unwrap();
    (file, outcome)
}

/// The exit code and every line.
fn lines(args: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = replay(args);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (output.status.code(), lines.collect())
}

fn of_players(lines: &[Value]) -> BTreeMap<u64, &Value> {
    let players = lines.iter().filter(|line| line["what"] == "player");
    players
        .map(|line| (line["player"].as_u64().unwrap(), line))
        .collect()
}

/// The data that stands in a page, and what is around it.
fn data_of(page: &str) -> (Value, String) {
    let begin = "<script id=\"data\" type=\"application/json\">";
    let (before, rest) = page.split_once(begin).unwrap();
    let (data, after) = rest.split_once("</script>").unwrap();
    (
        serde_json::from_str(data).unwrap(),
        [before, after].concat(),
    )
}

#[test]
fn on_lines_that_only_delay_every_player_has_the_corrections_that_its_client_counted() {
    let folder = Folder::new("counted");
    let mut corrected = 0;
    for (nth, link) in ["clean", "distant"].into_iter().enumerate() {
        let (file, outcome) = played(
            &folder,
            &format!("{link}.rec"),
            &script(2_000 + nth as u64, link),
        );
        let (code, lines) = lines(&["divergence", &file, "--json"]);
        assert_eq!(code, Some(0));
        let players = of_players(&lines);
        assert_eq!(players.len(), WHO.len());
        for seat in &outcome.seats {
            let told = players[&u64::from(seat.player.unwrap().0)];
            let known_to = told["knownTo"].as_u64().unwrap();
            let known = || seat.corrections.iter().filter(|one| one.step.0 <= known_to);
            for (cause, name) in Cause::ALL.into_iter().zip(CAUSES) {
                let counted = known().filter(|one| one.cause == cause).count();
                assert_eq!(told["corrections"][name], counted, "{link} {name}: {told}");
            }
            assert_eq!(told["corrections"]["all"], known().count());
            corrected += known().count();
        }
    }
    assert!(corrected > 10, "{corrected}");
}

#[test]
fn lines_of_several_recordings_add_up_to_the_last_one_and_agree_with_why() {
    let folder = Folder::new("added");
    played(&folder, "1.rec", &script(2_100, "stalls"));
    let (second, _) = played(&folder, "2.rec", &script(2_101, "awful"));
    let (code, lines) = lines(&["divergence", folder.0.to_str().unwrap(), "--json"]);
    assert_eq!(code, Some(0));
    let (last, each) = lines.split_last().unwrap();
    assert_eq!(
        (&last["ok"], &last["recordings"]),
        (&true.into(), &2.into())
    );
    let players: Vec<&Value> = each
        .iter()
        .filter(|line| line["what"] == "player")
        .collect();
    assert_eq!(last["players"], players.len());
    let sum = |of: &dyn Fn(&Value) -> &Value| -> u64 {
        players.iter().map(|line| of(line).as_u64().unwrap()).sum()
    };
    for name in CAUSES.into_iter().chain(["all"]) {
        let all = sum(&|line| &line["corrections"][name]);
        assert_eq!(last["corrections"][name], all, "{name}");
    }
    for name in ["inputs", "starvedSteps", "lostInputs", "marks"] {
        assert_eq!(last[name], sum(&|line| &line[name]), "{name}");
    }
    let causes = CAUSES
        .into_iter()
        .map(|name| last["corrections"][name].as_u64().unwrap());
    assert_eq!(last["corrections"]["all"], causes.sum::<u64>());

    let of_second = players
        .iter()
        .filter(|line| line["file"] == second.as_str());
    for line in of_second {
        let player = line["player"].to_string();
        let (_, why) = answer(&["why", &second, "--player", &player, "--json"]);
        let moments = why["moments"].as_array().unwrap();
        let corrected = || moments.iter().filter(|one| one["what"] == "corrected");
        assert_eq!(line["corrections"]["all"], corrected().count());
        let largest = corrected().map(|one| one["cells"].as_f64().unwrap());
        assert_eq!(line["largestCells"], largest.fold(0.0, f64::max));
    }
}

#[test]
fn the_table_has_the_numbers_of_the_lines() {
    let folder = Folder::new("table");
    let (file, _) = played(&folder, "a.rec", &script(2_200, "awful"));
    let (_, lines) = lines(&["divergence", &file, "--json"]);
    let output = replay(&["divergence", &file]);
    assert_eq!(output.status.code(), Some(0));
    let table = String::from_utf8(output.stdout).unwrap();
    for (player, line) in of_players(&lines) {
        let begin = format!("{player} ");
        let row = table
            .lines()
            .find(|row| row.trim_start().starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no player {player} in {table}"));
        let row: Vec<&str> = row.split_whitespace().filter(|cell| *cell != "|").collect();
        let mut expected = vec![line["player"].to_string(), line["inputs"].to_string()];
        let causes = ["all"].into_iter().chain(CAUSES);
        expected.extend(causes.map(|name| line["corrections"][name].to_string()));
        expected.push(format!("{:.2}", line["largestCells"].as_f64().unwrap()));
        expected.extend(["starvedSteps", "lostInputs"].map(|name| line[name].to_string()));
        expected.extend(["p50", "p99"].map(|name| line["roundTripMs"][name].to_string()));
        expected.push(line["slackSteps"]["least"].to_string());
        assert_eq!(row[..row.len() - 1], expected, "{table}");
        let mean: f64 = row.last().unwrap().parse().unwrap();
        let expected = line["slackSteps"]["mean"].as_f64().unwrap();
        assert!((mean - expected).abs() < 0.06, "{mean} is not {expected}");
    }
    let all = &lines.last().unwrap()["corrections"]["all"];
    assert!(table.contains(&format!("{all} corrections (")), "{table}");
}

#[test]
fn the_page_has_what_the_lines_have_and_loads_nothing() {
    let folder = Folder::new("page");
    let (file, _) = played(&folder, "a.rec", &script(2_300, "awful"));
    let out = folder.file("a.html");
    let (code, lines) = lines(&["divergence", &file, "--html", &out, "--json"]);
    assert_eq!(code, Some(0));
    let page = std::fs::read_to_string(&out).unwrap();
    for outside in ["http://", "https://", "src=", "url(", "@import", "import("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let (data, _) = data_of(&page);
    for (player, line) in of_players(&lines) {
        let players = data["players"].as_array().unwrap();
        let drawn = players.iter().find(|one| one["sum"]["player"] == player);
        let drawn = drawn.unwrap();
        let mut sum = drawn["sum"].clone();
        // The page is given away, and the folder is nobody's business.
        assert_eq!(sum["file"], "a.rec");
        sum["file"] = line["file"].clone();
        assert_eq!(&sum, line);
        let corrections = drawn["corrections"].as_array().unwrap();
        assert_eq!(line["corrections"]["all"], corrections.len());
        for (nth, name) in CAUSES.into_iter().enumerate() {
            let of_cause = corrections.iter().filter(|one| one[1] == nth);
            assert_eq!(line["corrections"][name], of_cause.count(), "{name}");
        }
        let starved = drawn["starved"].as_array().unwrap().iter();
        let starved: u64 = starved.map(|run| run[1].as_u64().unwrap()).sum();
        assert_eq!(line["starvedSteps"], starved);

        let (_, why) = answer(&["why", &file, "--player", &player.to_string(), "--json"]);
        let moments = why["moments"].as_array().unwrap().iter();
        let told = moments.filter(|one| one["what"] == "corrected");
        for (told, drawn) in told.zip(corrections) {
            let phrases = drawn[4].as_array().unwrap().iter();
            let phrases = phrases.map(|place| &data["phrases"][place.as_u64().unwrap() as usize]);
            let phrases: Vec<&str> = phrases.map(|phrase| phrase.as_str().unwrap()).collect();
            assert_eq!(told["step"], drawn[0]);
            assert_eq!(told["says"], phrases.join(". "));
        }
    }
}

#[test]
fn a_hostile_room_and_build_are_text_in_the_page() {
    let folder = Folder::new("hostile");
    let hostile = "</script><script>alert(1)</script><!--{{data}}";
    let build = "<img src=x onerror=alert(1)>";
    let header = Header::of_this_build(build.into(), hostile.into(), 0, 9, HashDetail::Check);
    let (mut writer, mut world) = (Writer::new(&header), World::new(9));
    writer.push_keyframe(&world);
    for _ in 0..60 {
        world.step(&Frame::default());
        writer.push_step(world.step_number(), &Frame::default(), world.hash());
    }
    let file = folder.file("a.rec");
    std::fs::write(&file, [header.encode(), writer.finish()].concat()).unwrap();
    let out = folder.file("a.html");
    let (code, _) = answer(&["divergence", &file, "--html", &out, "--json"]);
    assert_eq!(code, Some(0));
    let page = std::fs::read_to_string(&out).unwrap();
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    for markup in ["<img", "<!--"] {
        assert!(!page.contains(markup), "{markup}");
    }
    // As the room among the facts and in the data, and neither was filled.
    assert_eq!(page.matches("{{data}}").count(), 2);
    let (data, around) = data_of(&page);
    assert_eq!(data["recording"]["room"], hostile);
    assert_eq!(data["recording"]["buildId"], build);
    assert!(around.contains("&lt;/script&gt;"), "{around}");
}

#[test]
fn the_viewer_is_linked_by_the_address_that_was_given_and_by_no_script() {
    let folder = Folder::new("linked");
    let file = folder.recorded();
    let out = folder.file("a.html");
    let viewer = "https://game.example/replay?room=den";
    let args = ["divergence", &file, "--html", &out, "--viewer"];
    let (code, _) = answer(&[&args[..], &[viewer, "--json"]].concat());
    assert_eq!(code, Some(0));
    let page = std::fs::read_to_string(&out).unwrap();
    let (data, around) = data_of(&page);
    assert_eq!(data["viewer"], viewer);
    assert!(!around.contains("https://"));
    for wrong in [
        "javascript:alert(1)",
        "/replay",
        "https://game.example/replay#step=1",
    ] {
        let (code, failure) = answer(&[&args[..], &[wrong, "--json"]].concat());
        assert_eq!((code, &failure["ok"]), (Some(2), &false.into()), "{wrong}");
    }
}

#[test]
fn what_cannot_be_reported_ends_as_it_does_elsewhere() {
    let folder = Folder::new("refused");
    let file = folder.recorded();
    let bytes = std::fs::read(&file).unwrap();
    let no_recording = folder.file("none.txt");
    std::fs::write(
        &no_recording,
        "no recording at all, but long enough to be one",
    )
    .unwrap();
    let damaged = folder.file("damaged.rec");
    std::fs::write(&damaged, &bytes[..bytes.len() * 2 / 3]).unwrap();

    let (code, failure) = answer(&["divergence", &no_recording, "--json"]);
    assert_eq!((code, &failure["exit"]), (Some(3), &3.into()));
    let (code, lines) = lines(&["divergence", &damaged, "--json"]);
    assert_eq!(code, Some(4));
    assert_eq!(lines[0]["lost"]["damage"], true);
    assert!(lines[0]["steps"].as_u64().unwrap() > 60, "{}", lines[0]);
    assert_eq!(lines.last().unwrap()["ok"], false);
    let (code, _) = answer(&["divergence", &folder.file("nowhere.rec"), "--json"]);
    assert_eq!(code, Some(2));

    let nowhere = folder.file("no-folder/a.html");
    let output = replay(&["divergence", &no_recording, "--html", &nowhere]);
    assert_eq!(
        output.status.code(),
        Some(2),
        "the target is looked at first"
    );
    let page = folder.file("a.html");
    let output = replay(&["divergence", &file, &damaged, "--html", &page]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!std::path::Path::new(&page).exists());
}

#[test]
fn one_bad_recording_of_several_leaves_the_others_their_report() {
    let folder = Folder::new("among-others");
    let file = folder.recorded();
    let bad = folder.file("b.rec");
    std::fs::write(&bad, "no recording at all, but long enough to be one").unwrap();
    let (code, lines) = lines(&["divergence", &file, &bad, "--json"]);
    assert_eq!(code, Some(3));
    assert_eq!(of_players(&lines).len(), 3);
    let failed: Vec<&Value> = lines.iter().filter(|line| line["exit"] == 3).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["file"], bad.as_str());
    let last = lines.last().unwrap();
    assert_eq!((&last["recordings"], &last["told"]), (&2.into(), &1.into()));
}

#[test]
fn a_recording_that_diverges_has_no_report() {
    let folder = Folder::new("diverging");
    let file = folder.recorded();
    let bytes = std::fs::read(&file).unwrap();
    let doctored = doctor(&bytes, |step, frame| {
        if step == Step(100) {
            frame.leaves = vec![PlayerId(1)];
        }
    });
    std::fs::write(&file, doctored.unwrap()).unwrap();
    let (verified, _) = answer(&["verify", &file, "--json"]);
    let (code, failure) = answer(&["divergence", &file, "--json"]);
    assert_eq!((verified, code), (Some(1), Some(1)));
    assert!(
        failure["error"].as_str().unwrap().contains("replay verify"),
        "{failure}"
    );
}
