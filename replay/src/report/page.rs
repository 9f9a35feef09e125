//! The report as one page: its markup, style and script stand beside this file, and its data is JSON in it.

use std::collections::BTreeMap;
use std::path::Path;

use analysis::{Moment, Origin, Told, What, sentence};
use netcode::Cause;
use serde::Serialize;
use sim_core::PlayerId;
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_SNAPSHOT};

use super::measured::Measured;
use super::series;
use super::shapes::{PlayerShape, RecordingShape, cells};
use crate::plain;
use crate::why::time;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// The script, in the order of its parts.
const SCRIPT: [&str; 4] = [
    include_str!("data.js"),
    include_str!("lanes.js"),
    include_str!("list.js"),
    include_str!("page.js"),
];

/// What the script draws.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    recording: RecordingShape<'a>,
    viewer: Option<&'a str>,
    steps_per_second: u32,
    steps_per_snapshot: u32,
    causes: [&'static str; Cause::ALL.len()],
    origins: [&'static str; Origin::ALL.len()],
    costs: Series<u64>,
    /// Step, and milliseconds.
    stalls: Vec<(u64, u32)>,
    players: Vec<Player<'a>>,
    /// What sentences are made of.
    phrases: Vec<String>,
}

/// Numbers of pieces of so many steps.
#[derive(Serialize)]
struct Series<T> {
    steps: u64,
    numbers: Vec<T>,
}

/// What the script draws of a player.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Player<'a> {
    sum: PlayerShape<'a>,
    present: Vec<[u64; 2]>,
    /// Step, cause, origin, cells, and the phrases of its sentence.
    corrections: Vec<(u64, usize, usize, f64, Vec<usize>)>,
    /// First step, steps, and the phrases.
    starved: Vec<(u64, u32, Vec<usize>)>,
    /// Step, inputs, and the phrases.
    lost: Vec<(u64, u32, Vec<usize>)>,
    marks: Vec<u64>,
    /// Connections that began.
    connected: Vec<u64>,
    snapshots: Vec<u64>,
    slack: Vec<i64>,
    round_trips: Series<u64>,
}

/// The page of a recording, named without its folder.
pub(super) fn html(file: &str, report: &Measured, viewer: Option<&str>) -> String {
    let name = Path::new(file).file_name();
    let name = name.map_or_else(
        || file.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let title = format!("{name}: players and their room");
    filled(
        PAGE,
        &[
            ("title", &escaped(&title)),
            ("facts", &facts(report)),
            ("style", STYLE),
            ("script", &SCRIPT.concat()),
            ("data", &data(&name, report, viewer)),
        ],
    )
}

fn facts(report: &Measured) -> String {
    let header = &report.header;
    let length = time(report.last_step, report.first_step);
    let mut facts = vec![
        ("Room", header.room.clone()),
        ("Build", header.build_id.clone()),
        ("Rules", format!("version {}", header.sim_version)),
        (
            "Steps",
            format!("{} to {} ({length})", report.first_step, report.last_step),
        ),
        ("Players", report.players.len().to_string()),
        ("Corrections", report.sum().corrected().to_string()),
    ];
    if let Some(lost) = &report.lost {
        let from = lost.from_step;
        let text = format!("everything from step {from} on: {}", lost.reason);
        facts.push((
            if lost.is_damage {
                "Lost to damage"
            } else {
                "Not ended"
            },
            text,
        ));
    }
    let facts = facts.iter();
    facts
        .map(|(what, text)| format!("<div><dt>{what}</dt><dd>{}</dd></div>", escaped(text)))
        .collect()
}

/// JSON that stands in the page: no markup begins in it.
fn data(name: &str, report: &Measured, viewer: Option<&str>) -> String {
    let mut phrases = Phrases::default();
    let players = report.players.iter();
    let players = players.map(|(id, (told, _))| player(name, report, *id, told, &mut phrases));
    let players = players.collect();
    let (pieces, numbers) = series::costs(report);
    let data = Data {
        recording: RecordingShape::of(name, report),
        viewer,
        steps_per_second: STEPS_PER_SECOND,
        steps_per_snapshot: STEPS_PER_SNAPSHOT,
        causes: Cause::ALL.map(Cause::name),
        origins: Origin::ALL.map(Origin::name),
        costs: Series {
            steps: pieces.steps,
            numbers,
        },
        stalls: report
            .stalls
            .iter()
            .map(|stall| (stall.step.0, stall.late_ms))
            .collect(),
        players,
        phrases: phrases.list,
    };
    let text = serde_json::to_string(&data).expect("the shapes here have string keys only");
    // In JSON these stand in strings only, where an escape sequence is the same.
    plain::json(&text)
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn player<'a>(
    name: &'a str,
    report: &Measured,
    id: PlayerId,
    told: &Told,
    phrases: &mut Phrases,
) -> Player<'a> {
    let seen = &told.seen;
    let (pieces, numbers) = series::round_trips(report, seen);
    let mut player = Player {
        sum: PlayerShape::of(name, report, id),
        present: series::present(report, &told.moments),
        corrections: Vec::new(),
        starved: Vec::new(),
        lost: Vec::new(),
        marks: seen.marks.iter().map(|step| step.0).collect(),
        connected: seen.connected.iter().map(|one| one.step.0).collect(),
        snapshots: series::snapshots(report, seen),
        slack: series::slack(report, seen),
        round_trips: Series {
            steps: pieces.steps,
            numbers,
        },
    };
    for Moment { step, what } in &told.moments {
        if let What::Corrected(found) = what {
            player.corrections.push((
                step.0,
                place(&Cause::ALL, &found.cause),
                place(&Origin::ALL, &found.origin),
                cells(found.cells()),
                phrases.of(what),
            ));
        } else if let What::Starved { steps, .. } = what {
            player.starved.push((step.0, *steps, phrases.of(what)));
        } else if let What::Dropped { inputs } = what {
            player.lost.push((step.0, *inputs, phrases.of(what)));
        }
    }
    player
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    let found = all.iter().position(|other| other == one);
    found.expect("the list has all of them")
}

/// Parts of sentences, each of them once.
#[derive(Default)]
struct Phrases {
    list: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Phrases {
    /// Where the parts of a sentence are, which a stop and a space join.
    fn of(&mut self, what: &What) -> Vec<usize> {
        let sentence = sentence(what);
        let parts = sentence.split(". ");
        parts.map(|part| self.place(part)).collect()
    }

    fn place(&mut self, part: &str) -> usize {
        if let Some(place) = self.places.get(part) {
            return *place;
        }
        let place = self.list.len();
        self.list.push(part.to_owned());
        self.places.insert(part.to_owned(), place);
        place
    }
}

/// The template, with a text for each `{{name}}`. What a text holds is not looked at again.
fn filled(template: &str, texts: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut page = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("the template ends each name");
        let text = texts.iter().find(|(of, _)| *of == name);
        page.push_str(text.expect("every name of the template has a text").1);
        page.push_str(rest);
    }
    page
}

/// Text that is no markup and shows itself.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in plain::line(text).chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_names_a_part_of_the_page_stays_a_text() {
        let texts = [("one", "{{two}}"), ("two", "2")];
        assert_eq!(filled("a {{one}} b {{two}}", &texts), "a {{two}} b 2");
    }

    #[test]
    fn no_text_begins_markup_or_turns_what_stands_beside_it() {
        assert_eq!(
            escaped("</script>&\"\u{202e}"),
            "&lt;/script&gt;&amp;&quot;\\u{202e}"
        );
    }

    #[test]
    fn a_phrase_is_kept_once() {
        let mut phrases = Phrases::default();
        let starved = |late| What::Starved { steps: 3, late };
        assert_eq!(phrases.of(&starved(None)), [0]);
        assert_eq!(phrases.of(&starved(Some(60))), [1, 2]);
        assert_eq!(phrases.of(&starved(Some(30))), [1, 3]);
    }
}
