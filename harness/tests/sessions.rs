//! What must hold in every session: merged deltas are the room's own view, and the script decides everything.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use harness::{Behaviour, CrashPoint, Fault, LinkProfile, Outcome, Script, Storage, run};
use input_log::Recording;
use protocol::Encoding;

use Behaviour::{Builder, Camper, Fighter, Spammer, Walker, Wanderer};

const EVERYBODY: [Behaviour; 6] = [Builder, Fighter, Builder, Spammer, Walker, Camper];

/// Plays it, and checks what must hold whatever happens.
fn play(script: &Script) -> Outcome {
    let outcome = run(script);
    assert_eq!(outcome.violations, [], "seed {}", script.seed);
    assert!(!outcome.recordings.is_empty(), "seed {}", script.seed);
    outcome
}

/// Every client compares with the room after every snapshot that it merges; see `Violation`.
fn merged_deltas_are_the_rooms_view(encoding: Encoding) {
    let script = Script::new(11, 40, &EVERYBODY, LinkProfile::CLEAN, encoding);
    let outcome = play(&script);
    let snapshots: u64 = outcome.seats.iter().map(|seat| seat.stats.snapshots).sum();
    assert_eq!(outcome.views_compared, snapshots);
    // Ten a second for each, but for the time that entering takes.
    assert!(snapshots >= 6 * 38 * 10, "{snapshots} snapshots");
    let full: u64 = outcome
        .seats
        .iter()
        .map(|seat| seat.stats.snapshots_full)
        .sum();
    assert!(
        full < snapshots / 10,
        "{full} of {snapshots} snapshots are full"
    );
}

#[test]
fn merged_deltas_are_the_rooms_view_in_json() {
    merged_deltas_are_the_rooms_view(Encoding::Json);
}

#[test]
fn merged_deltas_are_the_rooms_view_in_binary() {
    merged_deltas_are_the_rooms_view(Encoding::Binary);
}

#[test]
fn merged_deltas_are_the_rooms_view_on_every_kind_of_link() {
    for (seed, name) in (20..).zip(LinkProfile::NAMES) {
        let link = LinkProfile::named(name).unwrap();
        let script = Script::new(seed, 20, &EVERYBODY, link, Encoding::Binary).mixed();
        assert!(play(&script).views_compared > 0, "{name}");
    }
}

#[test]
fn the_same_script_records_the_same_bytes() {
    let script = Script::new(12, 20, &EVERYBODY, LinkProfile::AWFUL, Encoding::Binary).mixed();
    let (one, other) = (play(&script), play(&script));
    assert!(one.recordings == other.recordings);
    let other_seed = Script { seed: 13, ..script };
    assert!(one.recordings != play(&other_seed).recordings);
}

#[test]
fn a_restarted_room_goes_on_where_it_was() {
    let who = [Builder, Fighter, Walker, Wanderer];
    let script = Script::new(14, 30, &who, LinkProfile::CLEAN, Encoding::Binary).mixed();
    let crash = Fault::Crash {
        point: CrashPoint::Now,
        storage: Storage::Whole,
    };
    let outcome = play(&script.with(12_345, crash));
    assert_eq!(outcome.rooms.len(), 2);
    assert_eq!(outcome.recordings.len(), 1, "the recording goes on");
    for seat in &outcome.seats {
        assert_eq!((seat.welcomes, seat.resumes), (2, 1), "{:?}", seat.stats);
        // At most a second is lost, and a connection takes some seconds to be missed and made again.
        assert!(seat.stats.steps > 60 * 20, "{:?}", seat.stats);
    }
    let recording = Recording::open(outcome.recording()).unwrap();
    let last = recording.last_step().unwrap();
    assert!(last.0 > 60 * 24, "the room stopped at step {last}");
}

#[test]
fn a_late_joiner_sees_the_same_match() {
    let mut script =
        Script::new(15, 25, &EVERYBODY, LinkProfile::DISTANT, Encoding::Binary).mixed();
    script.seats[1].enters_ms = 15_000;
    script.seats[0].leaves_ms = Some(10_000);
    let outcome = play(&script);
    let late = &outcome.seats[1];
    assert_eq!(late.welcomes, 1);
    assert!(late.stats.snapshots >= 80, "{:?}", late.stats);
    let gone = &outcome.seats[0];
    assert!(
        (60..100).contains(&gone.stats.snapshots),
        "{:?}",
        gone.stats
    );
}

#[test]
fn a_stalled_client_catches_up_without_a_burst() {
    let who = [Walker, Wanderer, Fighter];
    let script = Script::new(16, 30, &who, LinkProfile::CLEAN, Encoding::Binary)
        .with(10_000, Fault::Stall { seat: 0, ms: 400 })
        .with(15_000, Fault::Stall { seat: 0, ms: 4_000 });
    let outcome = play(&script);
    let [stalled, others @ ..] = outcome.seats.as_slice() else {
        panic!("three seats");
    };
    assert!(
        !stalled.corrections.is_empty(),
        "four seconds of silence go unnoticed"
    );
    assert!(stalled.stats.snapshots > 200, "{:?}", stalled.stats);
    assert_eq!(
        stalled.stats.buffer_depth.min(12),
        stalled.stats.buffer_depth
    );
    for other in others {
        assert_eq!(other.starved_after_warm_up, 0, "{:?}", other.stats);
    }
}

#[test]
fn a_broken_connection_takes_its_seat_again() {
    let who = [Walker, Builder, Fighter];
    let script = Script::new(17, 30, &who, LinkProfile::CLEAN, Encoding::Binary)
        .mixed()
        .with(8_000, Fault::Break { seat: 0 })
        .with(16_000, Fault::Break { seat: 0 })
        .with(12_000, Fault::Break { seat: 1 });
    let outcome = play(&script);
    let resumes: Vec<u64> = outcome.seats.iter().map(|seat| seat.resumes).collect();
    assert_eq!(resumes, [2, 1, 0]);
    let welcomes: Vec<u64> = outcome.seats.iter().map(|seat| seat.welcomes).collect();
    assert_eq!(welcomes, [3, 2, 1]);
}

#[test]
fn an_empty_room_sleeps_and_the_gap_is_recorded() {
    let mut script = Script::new(
        18,
        60,
        &[Wanderer, Walker],
        LinkProfile::CLEAN,
        Encoding::Binary,
    );
    script.seats[0].leaves_ms = Some(5_000);
    script.seats[1].enters_ms = 55_000;
    let outcome = play(&script);
    let recording = Recording::open(outcome.recording()).unwrap();
    let slept: u64 = recording
        .blocks()
        .iter()
        .filter(|block| block.kind == input_log::Kind::Gap)
        .map(|block| block.steps)
        .sum();
    // The grace period, two seconds of rest, and then nothing until the next one comes.
    assert!(slept > 10 * 60, "{slept} steps slept");
    assert_eq!(outcome.rooms[0].slept_steps, slept);
}

#[test]
fn a_room_whose_counters_come_to_their_ends_goes_on() {
    let who = [Builder, Fighter, Walker, Wanderer, Spammer];
    let mut script = Script::new(21, 90, &who, LinkProfile::CLEAN, Encoding::Binary).mixed();
    script.quiet_seconds = 36;
    let outcome = play(&script.with(10_000, Fault::Ages).with(35_000, Fault::Ages));
    assert_eq!(outcome.rooms.len(), 3);
    // The room of the beginning, and each time one that ends when ids or steps begin again and what follows.
    assert!(
        outcome.recordings.len() >= 5,
        "{}",
        outcome.recordings.len()
    );
    for seat in &outcome.seats {
        // The host died twice, and twice the steps began again.
        assert!(seat.welcomes >= 5, "{} welcomes", seat.welcomes);
        assert_eq!(seat.errors, []);
        assert!(seat.stats.steps > 60 * 50, "{:?}", seat.stats);
    }
    let last = Recording::open(outcome.recording()).unwrap();
    assert!(
        last.last_step().unwrap().0 < 60 * 60,
        "the steps began again"
    );
}
