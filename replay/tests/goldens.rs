//! The golden sessions of `recordings/`: they are what their scripts play, they rerun, and a world of any of their steps
//! can be stored and read back.
//!
//! After a change of the rules that is meant, `BITFORT_BLESS=1 cargo test -p replay --test goldens plays` writes them anew.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use harness::SeatOutcome;
use harness::goldens::{Golden, all};
use input_log::{Entry, Recording};
use replay::{Exit, Rules, inspect, verify};
use sim_core::{Event, Step, World};

fn folder() -> PathBuf {
    PathBuf::from("../recordings")
}

fn kept(golden: &Golden) -> Vec<u8> {
    let path = folder().join(format!("{}.rec", golden.name));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_script_plays_its_recording() {
    let bless = std::env::var_os("BITFORT_BLESS").is_some();
    for golden in all() {
        let outcome = harness::run(&golden.script);
        assert_eq!(outcome.violations, [], "{}", golden.name);
        assert_eq!(outcome.recordings.len(), 1, "{}", golden.name);
        if bless {
            let path = folder().join(format!("{}.rec", golden.name));
            std::fs::write(path, outcome.recording()).unwrap();
        }
        if outcome.recording() != kept(&golden) {
            let verdict = verify(&kept(&golden), &Rules::Named, &mut |_| {});
            let why = match verdict.map(|verdict| verdict.divergence) {
                Ok(None) => {
                    "the kept one reruns, so room, clients or links act differently".to_owned()
                }
                Ok(Some(found)) => format!("the rules changed, so raise SIM_VERSION: {found:?}"),
                Err(failure) => failure.to_string(),
            };
            panic!(
                "{}: the script plays another session now; {why}. If that is meant: \
                 BITFORT_BLESS=1 cargo test -p replay --test goldens plays",
                golden.name
            );
        }
    }
}

#[test]
fn every_golden_session_reruns() {
    for golden in all() {
        let bytes = kept(&golden);
        let verdict = verify(&bytes, &Rules::Named, &mut |_| {}).unwrap();
        assert_eq!(verdict.exit(), Exit::Holds, "{}: {verdict:?}", golden.name);
        assert_eq!(verdict.lost, None, "{}", golden.name);
        assert_eq!(verdict.steps, verdict.hashes_compared, "{}", golden.name);
        assert!(verdict.steps > 0);
    }
}

#[test]
fn a_world_stored_and_read_back_at_every_step_goes_on_the_same() {
    for golden in all() {
        let bytes = kept(&golden);
        let recording = Recording::open(&bytes).unwrap();
        let mut entries = recording.entries();
        let mut world: Option<World> = None;
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Keyframe(keyframe) if world.is_none() => {
                    world = Some(keyframe.world().unwrap());
                }
                Entry::Step { step, frame, check } => {
                    // This world never takes two steps: each begins with what was read back after the one before.
                    let mut stepped = world.take().unwrap();
                    stepped.step(frame);
                    assert!(check.matches(stepped.hash()), "{} step {step}", golden.name);
                    let encoded = stepped.encode();
                    let restored = World::decode(&encoded).unwrap();
                    assert_eq!(restored, stepped, "{} step {step}", golden.name);
                    assert_eq!(restored.encode(), encoded, "{} step {step}", golden.name);
                    world = Some(restored);
                }
                Entry::Gap { steps, .. } => world.as_mut().unwrap().fast_forward(steps),
                Entry::Keyframe(_) | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
            }
        }
    }
}

#[test]
fn seeking_leads_to_the_world_that_a_whole_rerun_passes() {
    for golden in all() {
        let bytes = kept(&golden);
        let recording = Recording::open(&bytes).unwrap();
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            if let Entry::Step { step, check, .. } = entry
                && step.0.is_multiple_of(97)
            {
                let hash = inspect(&bytes, step, "step", &Rules::Named).unwrap().hash;
                assert_eq!(check.whole(), Some(hash), "{} step {step}", golden.name);
            }
        }
    }
}

/// How often each kind of event happens, and the most players at once.
#[derive(Default)]
struct Seen {
    events: BTreeMap<&'static str, u32>,
    players_max: usize,
    slept: u64,
}

impl Seen {
    fn of(name: &str) -> Self {
        let golden = all()
            .into_iter()
            .find(|golden| golden.name == name)
            .unwrap();
        let bytes = kept(&golden);
        let recording = Recording::open(&bytes).unwrap();
        let mut seen = Self::default();
        let mut entries = recording.entries();
        let mut world: Option<World> = None;
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Keyframe(keyframe) if world.is_none() => {
                    world = Some(keyframe.world().unwrap());
                }
                Entry::Step { step, frame, .. } => {
                    let world = world.as_mut().unwrap();
                    world.step(frame);
                    seen.players_max = seen.players_max.max(world.players().len());
                    for event in world.events() {
                        *seen.events.entry(kind(event, step)).or_default() += 1;
                    }
                }
                Entry::Gap { steps, .. } => {
                    world.as_mut().unwrap().fast_forward(steps);
                    seen.slept += steps;
                }
                Entry::Keyframe(_) | Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
            }
        }
        seen
    }

    fn has(&self, wanted: &[&str]) {
        for event in wanted {
            assert!(
                self.events.contains_key(event),
                "no {event} in {:?}",
                self.events
            );
        }
    }
}

fn kind(event: &Event, step: Step) -> &'static str {
    match event {
        Event::Joined { .. } if step > Step(600) => "joined late",
        Event::Joined { .. } => "joined",
        Event::Left { .. } => "left",
        Event::Placed { .. } => "placed",
        Event::Removed { .. } => "removed",
        Event::Destroyed { .. } => "destroyed",
        Event::Fired { .. } => "fired",
        Event::Hit { .. } => "hit",
        Event::Died { .. } => "died",
        Event::Respawned { .. } => "respawned",
        Event::Rejected { .. } => "rejected",
    }
}

#[test]
fn every_golden_session_holds_what_it_is_kept_for() {
    let combat = ["fired", "hit", "died", "respawned"];
    let building = ["placed", "removed", "destroyed"];
    Seen::of("clean").has(&combat);
    Seen::of("late-joiner").has(&["joined late", "placed"]);
    let both = Seen::of("builders-in-combat");
    both.has(&combat);
    both.has(&building);
    Seen::of("restart").has(&["fired", "hit", "placed"]);
    assert_eq!(Seen::of("sixteen").players_max, 16);
    let slept = Seen::of("breaks-and-sleep");
    slept.has(&["left", "joined late"]);
    assert!(slept.slept > 300, "{} steps slept", slept.slept);
}

#[test]
fn every_golden_script_goes_wrong_as_it_should() {
    for golden in all() {
        let outcome = harness::run(&golden.script);
        let sum = |count: fn(&SeatOutcome) -> u64| -> u64 { outcome.seats.iter().map(count).sum() };
        let (resumes, starved) = (
            sum(|seat| seat.resumes),
            sum(|seat| u64::from(seat.starved_after_warm_up)),
        );
        match golden.name {
            "clean" | "late-joiner" | "builders-in-combat" | "sixteen" => {
                assert_eq!((resumes, starved), (0, 0), "{}", golden.name);
            }
            "jitter-and-stalls" => assert!(starved > 0 && resumes == 0),
            "restart" => assert_eq!((outcome.rooms.len(), resumes), (2, 4)),
            "breaks-and-sleep" => assert!(resumes > 0),
            other => panic!("{other}: say what should go wrong in it"),
        }
    }
}

#[test]
fn the_folder_holds_the_golden_sessions_and_a_line_on_each() {
    let expected: BTreeSet<String> = all()
        .iter()
        .map(|golden| format!("{}.rec", golden.name))
        .collect();
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names.filter(|name| name.ends_with(".rec")).collect();
    assert_eq!(found, expected);
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for name in &expected {
        assert!(readme.contains(name), "README.md says nothing of {name}");
    }
}
