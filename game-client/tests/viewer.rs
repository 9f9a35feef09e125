//! The viewer, against what is known to have happened: the golden recordings, and clients that wrote down what they
//! predicted.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod room;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use game_client::delay_line::Disturbance;
use game_client::play::Play;
use game_client::viewer::{OpenError, Recorded, Transport, Viewer, verify};
use input_log::{Entry, Recording};
use netcode::{Input, Micros};
use sim_core::{Action, Buttons, PlayerId, Step, World};

use room::{Door, Host, player};

/// Beside this package, in which tests run.
const RECORDINGS: &str = "../recordings";
const FRAME: Micros = Micros(16_700);

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(RECORDINGS).join(format!("{name}.rec"))).unwrap()
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(RECORDINGS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "rec"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 7);
    names
}

/// The hash after every step, by nothing but the kernel.
fn hashes(bytes: &[u8]) -> BTreeMap<Step, u64> {
    let recording = Recording::open(bytes).unwrap();
    let mut entries = recording.entries();
    let mut world: Option<World> = None;
    let mut hashes = BTreeMap::new();
    while let Some(entry) = entries.next() {
        match (entry, &mut world) {
            (Entry::Keyframe(key), None) => world = Some(key.world().unwrap()),
            (Entry::Step { frame, .. }, Some(world)) => world.step(frame),
            (Entry::Gap { steps, .. }, Some(world)) => world.fast_forward(steps),
            _ => {}
        }
        if let Some(world) = &world {
            hashes.insert(world.step_number(), world.hash());
        }
    }
    hashes
}

#[test]
fn every_golden_recording_plays_to_its_end_with_every_hash_compared() {
    for name in names() {
        let bytes = golden(&name);
        let rerun = hashes(&bytes);
        let mut viewer = Viewer::new(Recorded::open(bytes.clone()).unwrap());
        viewer.set_transport(Transport {
            playing: true,
            speed: 16.0,
            ..Transport::default()
        });
        let mut now = Micros(0);
        while viewer.transport().playing {
            now = now.after(FRAME);
            viewer.advance(now);
            assert_eq!(rerun.get(&viewer.step()), Some(&viewer.hash()));
        }
        let tally = viewer.status().checked;
        assert_eq!(viewer.step(), viewer.info().last_step, "{name}");
        assert_eq!(tally.hashes, tally.hashes_recorded, "{name}");
        assert_eq!(tally.digests, tally.digests_recorded, "{name}");
        assert_eq!(tally.first_mismatch, None, "{name}");
        let verified = verify(bytes).unwrap();
        assert_eq!(verified.hashes_compared, tally.hashes_recorded);
        assert_eq!(verified.first_mismatch, None);
    }
}

#[test]
fn a_step_is_the_same_however_one_came_to_it() {
    let bytes = golden("breaks-and-sleep");
    let rerun = hashes(&bytes);
    let mut viewer = Viewer::new(Recorded::open(bytes).unwrap());
    let (first, last) = (viewer.info().first_step.0, viewer.info().last_step.0);
    let mut state = 7_u64;
    for _ in 0..60 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let step = Step(first + (state >> 33) % (last - first + 1));
        viewer.seek(step);
        assert_eq!(viewer.step(), step);
        // Within a sleep there is no entry of its own.
        if let Some(hash) = rerun.get(&step) {
            assert_eq!(viewer.hash(), *hash, "{step:?}");
        }
    }
    viewer.seek(Step(u64::MAX));
    assert_eq!(viewer.step().0, last);
    viewer.seek(Step(0));
    assert_eq!(viewer.step().0, first);
    assert_eq!(viewer.status().checked.first_mismatch, None);
}

#[test]
fn what_is_no_recording_says_so_and_what_is_cut_plays_to_the_cut() {
    let open = |bytes: &[u8]| Recorded::open(bytes.to_vec());
    assert_eq!(open(b"").unwrap_err(), OpenError::Empty);
    assert_eq!(
        open(b"PK\x03\x04 and so on").unwrap_err(),
        OpenError::NotARecording
    );
    let whole = golden("clean");
    assert_eq!(open(&whole[..9]).unwrap_err(), OpenError::CutOff);
    let mut other = 0;
    for at in 0..64 {
        let mut wrong = whole.clone();
        wrong[at] ^= 0x10;
        other += u32::from(open(&wrong).is_err());
    }
    assert_eq!(other, 64, "the header is covered by a checksum");
    let cut = open(&whole[..whole.len() / 2]).unwrap();
    assert!(
        cut.info().damage[0].contains("cut off"),
        "{:?}",
        cut.info().damage
    );
    let last = cut.info().last_step;
    let mut viewer = Viewer::new(cut);
    viewer.seek(last);
    assert_eq!(viewer.hash(), hashes(&whole)[&last]);
}

/// Which input a step consumed, by player and step.
fn consumed(bytes: &[u8]) -> BTreeMap<(PlayerId, Step), u32> {
    let recording = Recording::open(bytes).unwrap();
    let mut entries = recording.entries();
    let mut all = BTreeMap::new();
    while let Some(entry) = entries.next() {
        let Entry::Evidence(evidence) = entry else {
            continue;
        };
        for (player, of) in &evidence.players {
            for run in &of.consumed {
                for more in 0..run.steps {
                    all.insert((*player, run.step.after(u64::from(more))), run.seq + more);
                }
            }
        }
    }
    all
}

struct Table {
    host: Rc<RefCell<Host>>,
    now: Micros,
    plays: Vec<Play<Door>>,
}

impl Table {
    fn pass(&mut self, millis: u64) {
        let end = self.now.after(Micros::from_millis(millis));
        while self.now < end {
            self.now = self.now.after(FRAME);
            self.host.borrow_mut().run(self.now);
            for play in &mut self.plays {
                play.advance(self.now);
            }
        }
    }
}

/// Three players for half a minute, two of them on bad lines, who run into each other and shoot.
fn played() -> (Vec<u8>, Vec<Play<Door>>) {
    let host = Host::new();
    let plays = ["anna", "benno", "cosima"].map(|user| player(&host, user));
    let mut table = Table {
        host,
        now: Micros(0),
        plays: plays.into(),
    };
    table.pass(1_000);
    for (who, latency, jitter) in [(1, 60, 25), (2, 120, 40)] {
        table.plays[who].disturb(Disturbance {
            latency: Micros::from_millis(latency),
            jitter: Micros::from_millis(jitter),
        });
    }
    let keys = [Buttons::RIGHT, Buttons::DOWN, Buttons::LEFT, Buttons::UP];
    for turn in 0..100_usize {
        for who in 0..3 {
            let buttons = keys[(turn / (who + 1) + who) % 4];
            let now = table.now;
            table.plays[who].input(now, Input::Buttons(buttons));
            if turn % 5 == who {
                let aim = (turn as u16).wrapping_mul(2_711);
                table.plays[who].input(
                    now,
                    Input::Act(Action::Fire {
                        aim: sim_core::Aim(aim),
                    }),
                );
            }
        }
        if turn == 60 {
            let now = table.now;
            table.plays[1].stall(now, Micros::from_millis(700));
        }
        table.pass(300);
    }
    table.pass(2_500);
    let recording = table.host.borrow().recording().to_vec();
    (recording, table.plays)
}

#[test]
fn a_ghost_is_what_the_client_predicted_or_none() {
    let (recording, plays) = played();
    let inputs = consumed(&recording);
    let mut viewer = Viewer::new(Recorded::open(recording).unwrap());
    viewer.set_transport(Transport {
        ghosts: true,
        ..Transport::default()
    });
    let last = viewer.info().last_step;
    for (who, play) in plays.iter().enumerate() {
        let id = play.client().player_id().unwrap();
        let predicted: BTreeMap<u32, u32> = play
            .predictions()
            .iter()
            .map(|one| (one.seq, one.hash))
            .collect();
        let (mut shown, mut none, mut wrong, mut off) = (0, 0, Vec::new(), 0);
        viewer.seek(Step(0));
        while viewer.step() < last {
            viewer.seek(viewer.step().after(1));
            let Some(seq) = inputs.get(&(id, viewer.step())) else {
                continue;
            };
            let Some(expected) = predicted.get(seq) else {
                continue;
            };
            match viewer.ghosts().get(&id) {
                Some(ghost) if ghost.player.predicted_hash() == *expected => {
                    shown += 1;
                    off += u32::from(ghost.distance > 0.0);
                }
                Some(_) => wrong.push(viewer.step()),
                None => none += 1,
            }
        }
        println!(
            "player {who}: {shown} shown, {off} of them off, {none} not known, {} wrong",
            wrong.len()
        );
        assert!(wrong.is_empty(), "player {who}: {wrong:?}");
        assert!(
            shown > 1_000 && shown > 4 * none,
            "player {who}: {shown} of {none}"
        );
    }
}
