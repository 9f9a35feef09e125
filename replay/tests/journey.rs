//! The way of inputs: in order for each, and as long as the line was.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use analysis::{Fate, journey};
use harness::{Behaviour, LinkProfile, Script};
use input_log::{Entry, Native, Recording};
use protocol::Encoding;
use sim_core::{PlayerId, Step};

fn session(line: &str) -> Vec<u8> {
    let who = [Behaviour::Walker, Behaviour::Fighter, Behaviour::Builder];
    let link = LinkProfile::named(line).unwrap();
    let outcome = harness::run(&Script::new(77, 30, &who, link, Encoding::Binary));
    assert_eq!(outcome.violations, []);
    outcome.recording().to_vec()
}

/// Inputs of a player that were consumed, and such that found the buffer full.
fn inputs(recording: &Recording<'_>, player: PlayerId) -> (Vec<(Step, u32)>, Vec<u32>) {
    let (mut consumed, mut dropped) = (Vec::new(), Vec::new());
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        let Entry::Evidence(evidence) = entry else {
            continue;
        };
        let Some(of) = evidence.players.get(&player) else {
            continue;
        };
        consumed.extend(of.consumed.iter().flat_map(|run| run.inputs()));
        let lost = of.dropped_runs.iter();
        dropped.extend(lost.flat_map(|run| run.seq..run.seq + run.inputs));
    }
    (consumed, dropped)
}

#[test]
fn each_station_of_an_input_comes_behind_the_one_before() {
    let bytes = session("jitter");
    let recording = Recording::open(&bytes).unwrap();
    for player in [1, 2, 3].map(PlayerId) {
        let (consumed, _) = inputs(&recording, player);
        assert!(consumed.len() > 1_000);
        for &(step, seq) in consumed.iter().step_by(97) {
            let way = journey(&Native, &recording, player, seq).unwrap().unwrap();
            let Fate::Consumed { step: at, .. } = way.end else {
                panic!("input {seq} was consumed")
            };
            assert_eq!(at, step);
            let arrival = way.arrival.unwrap();
            assert!(
                arrival.after <= arrival.until && arrival.until < step,
                "{way:?}"
            );
            assert!(
                way.basis.is_none_or(|basis| basis <= arrival.until),
                "{way:?}"
            );
            for showing in way.shown.values() {
                assert!(showing.sent >= step, "{way:?}");
                assert!(showing.heard.is_none_or(|heard| heard >= showing.sent));
            }
        }
    }
}

#[test]
fn the_round_trip_is_that_of_the_line() {
    let bytes = session("distant");
    let recording = Recording::open(&bytes).unwrap();
    let line = LinkProfile::named("distant").unwrap();
    let least = u64::from(2 * line.one_way_ms);
    let (consumed, _) = inputs(&recording, PlayerId(1));
    let (_, seq) = consumed[consumed.len() / 2];
    let way = journey(&Native, &recording, PlayerId(1), seq)
        .unwrap()
        .unwrap();
    let ms = way.round_trip.unwrap() * 1_000 / 60;
    // The client waits for the end of a batch, and the room for the end of a tick.
    assert!((least - 17..least + 84).contains(&ms), "{ms} of {least}");
    assert_eq!(way.shown.len(), 2);
}

#[test]
fn an_input_that_found_the_buffer_full_is_told_as_lost() {
    let bytes = session("stalls");
    let recording = Recording::open(&bytes).unwrap();
    let all = [1, 2, 3].map(|id| (PlayerId(id), inputs(&recording, PlayerId(id)).1));
    let (player, dropped) = all.iter().find(|(_, dropped)| !dropped.is_empty()).unwrap();
    let way = journey(&Native, &recording, *player, dropped[0])
        .unwrap()
        .unwrap();
    assert!(matches!(way.end, Fate::Dropped { .. }), "{way:?}");
    assert_eq!(
        journey(&Native, &recording, *player, 1_000_000).unwrap(),
        None
    );
}
