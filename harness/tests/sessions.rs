//! What must hold in every session: merged deltas are the room's own view, and the script decides everything.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use harness::{Behaviour, Happening, LinkProfile, Outcome, Script, run};
use input_log::{Entry, Recording, StepDigest};
use netcode::Micros;
use protocol::Encoding;
use sim_core::World;

use Behaviour::{Builder, Camper, Fighter, Spammer, Walker, Wanderer};

const EVERYBODY: [Behaviour; 6] = [Builder, Fighter, Builder, Spammer, Walker, Camper];

/// Plays it, and checks what must hold whatever happens.
fn play(script: &Script) -> Outcome {
    let outcome = run(script);
    assert_eq!(outcome.violations, [], "seed {}", script.seed);
    for recording in &outcome.recordings {
        rerun(recording, script.seed);
    }
    outcome
}

fn rerun(bytes: &[u8], seed: u64) {
    let recording = Recording::open(bytes).unwrap();
    assert_eq!(recording.lost(), None, "seed {seed}");
    let mut world: Option<World> = None;
    let mut digest = StepDigest::new();
    let mut steps = 0;
    let mut entries = recording.entries();
    while let Some(entry) = entries.next() {
        match entry {
            Entry::Keyframe(keyframe) => {
                let kept = keyframe.world().unwrap();
                assert!(
                    world.as_ref().is_none_or(|world| *world == kept),
                    "seed {seed}"
                );
                world = Some(kept);
            }
            Entry::Step { step, frame, check } => {
                let world = world.as_mut().unwrap();
                world.step(frame);
                assert!(check.matches(world.hash()), "seed {seed}, step {step}");
                digest.push(world.hash());
                steps += 1;
            }
            Entry::Digest {
                digest: kept,
                first,
                ..
            } => {
                assert_eq!(
                    std::mem::take(&mut digest).digest(),
                    kept,
                    "seed {seed}, from {first}"
                );
            }
            Entry::Gap { steps, .. } => world.as_mut().unwrap().fast_forward(steps),
            Entry::Evidence(_) | Entry::End => {}
        }
    }
    assert!(steps > 0, "seed {seed}: nothing was recorded");
}

fn seconds(count: u64) -> Micros {
    Micros::from_millis(count * 1_000)
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
    let mut script = Script::new(14, 30, &who, LinkProfile::CLEAN, Encoding::Binary).mixed();
    script.happenings = vec![(Micros::from_millis(12_345), Happening::Restart)];
    let outcome = play(&script);
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
    script.seats[1].enters = seconds(15);
    script.seats[0].leaves = Some(seconds(10));
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
    let mut script = Script::new(16, 30, &who, LinkProfile::CLEAN, Encoding::Binary);
    let stall = |seat, length| Happening::Stall { seat, length };
    script.happenings = vec![
        (seconds(10), stall(0, Micros::from_millis(400))),
        (seconds(15), stall(0, seconds(4))),
    ];
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
    let mut script = Script::new(17, 30, &who, LinkProfile::CLEAN, Encoding::Binary).mixed();
    script.happenings = vec![
        (seconds(8), Happening::Break { seat: 0 }),
        (seconds(16), Happening::Break { seat: 0 }),
        (seconds(12), Happening::Break { seat: 1 }),
    ];
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
    script.seats[0].leaves = Some(seconds(5));
    script.seats[1].enters = seconds(55);
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
