//! What holds of every recording: pieces are put together, cut, damaged and sought through, and what comes back is known
//! beforehand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use std::collections::BTreeMap;

use input_log::{Entry, Evidence, HashDetail, LostReason, Recording, StepDigest, Writer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use session::{Play, header, listing, watch};
use sim_core::{Buttons, Frame, Rng, Step, World};

/// What a room does with its writer.
#[derive(Clone, Copy, Debug)]
enum Act {
    Play(u64),
    /// Everybody lets go, until the world is quiet; then so many steps are slept through.
    Sleep(u64),
    Flush,
    Keyframe,
    Evidence,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (1_u64..90).prop_map(Act::Play),
        1 => (1_u64..100_000).prop_map(Act::Sleep),
        3 => Just(Act::Flush),
        1 => Just(Act::Keyframe),
        2 => Just(Act::Evidence),
    ];
    vec(act, 1..14)
}

fn detail() -> impl Strategy<Value = HashDetail> {
    select(vec![HashDetail::Check, HashDetail::EveryStep])
}

/// A step as it was written: what happened, and the hash after it.
type Written = (Step, Frame, u64);

/// A room, and what it has written.
struct Session {
    detail: HashDetail,
    world: World,
    writer: Writer,
    play: Play,
    luck: Rng,
    evidence: Evidence,
    /// The header, and then what each flush gave.
    pieces: Vec<Vec<u8>>,
    /// The last step of each piece.
    lasts: Vec<Step>,
    steps: Vec<Written>,
    hashes: BTreeMap<Step, u64>,
}

impl Session {
    fn new(seed: u64, detail: HashDetail) -> Self {
        let header = header(detail);
        let world = World::new(header.seed);
        let mut writer = Writer::new(&header);
        writer.push_keyframe(&world);
        let play = Play {
            players: 4,
            rng: Rng::new(seed),
            steps_per_command: 30,
        };
        Self {
            detail,
            hashes: BTreeMap::from([(world.step_number(), world.hash())]),
            world,
            writer,
            play,
            luck: Rng::new(!seed),
            evidence: Evidence::default(),
            pieces: vec![header.encode()],
            lasts: vec![Step(0)],
            steps: Vec::new(),
        }
    }

    fn of(seed: u64, detail: HashDetail, acts: &[Act]) -> Self {
        let mut session = Self::new(seed, detail);
        acts.iter().for_each(|act| session.act(*act));
        session
    }

    fn step(&mut self, frame: Frame) {
        self.world.step(&frame);
        let (step, hash) = (self.world.step_number(), self.world.hash());
        self.writer.push_step(step, &frame, hash);
        self.steps.push((step, frame, hash));
        self.hashes.insert(step, hash);
        watch(&mut self.evidence, &mut self.luck, 4, step);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Play(steps) => {
                for _ in 0..steps {
                    let frame = self.play.frame(&self.world);
                    self.step(frame);
                }
            }
            Act::Sleep(steps) => {
                let players = self.world.players().iter();
                let holding = players.filter(|player| !player.buttons.is_empty());
                let buttons = holding.map(|player| (player.id, Buttons::NONE)).collect();
                self.step(Frame {
                    buttons,
                    ..Frame::default()
                });
                while !self.world.is_quiet() {
                    self.step(Frame::default());
                }
                let first = self.world.step_number().after(1);
                self.writer.push_gap(first, steps);
                self.world.fast_forward(steps);
                let hash = self.world.hash();
                self.hashes.insert(self.world.step_number(), hash);
            }
            Act::Flush => {
                self.pieces.push(self.writer.flush());
                self.lasts.push(self.world.step_number());
            }
            Act::Keyframe => self.writer.push_keyframe(&self.world),
            Act::Evidence => self
                .writer
                .push_evidence(std::mem::take(&mut self.evidence)),
        }
    }

    /// The recording, the steps that are in it, and the hash at every moment.
    fn finish(mut self) -> (Vec<u8>, Vec<Written>, BTreeMap<Step, u64>) {
        self.pieces.push(self.writer.finish());
        (self.pieces.concat(), self.steps, self.hashes)
    }
}

/// Every step that a recording gives back, with what it says of its hash checked.
fn steps(recording: &Recording<'_>) -> Vec<(Step, Frame)> {
    let mut entries = recording.entries();
    let mut steps = Vec::new();
    while let Some(entry) = entries.next() {
        if let Entry::Step { step, frame, .. } = entry {
            steps.push((step, frame.clone()));
        }
    }
    steps
}

fn without_hashes(steps: &[Written]) -> Vec<(Step, Frame)> {
    let steps = steps.iter();
    steps
        .map(|(step, frame, _)| (*step, frame.clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn every_whole_number_of_pieces_is_a_recording(seed: u64, detail in detail(), acts in acts()) {
        let session = Session::of(seed, detail, &acts);
        for count in 1..=session.pieces.len() {
            let bytes = session.pieces[..count].concat();
            let recording = Recording::open(&bytes).unwrap();
            prop_assert_eq!(recording.lost().map(|lost| lost.reason), Some(LostReason::NoEnd));
            prop_assert_eq!(recording.intact_bytes(), bytes.len());
            let last = session.lasts[count - 1];
            if count > 1 {
                prop_assert_eq!(recording.last_step(), Some(last));
            }
            let held = session.steps.iter().take_while(|(step, ..)| *step <= last);
            let held: Vec<_> = held.map(|(step, frame, _)| (*step, frame.clone())).collect();
            prop_assert_eq!(steps(&recording), held);
        }
    }

    #[test]
    fn pieces_in_another_order_are_noticed_where_the_order_breaks(
        seed: u64, acts in acts(), picked: Index, place: Index,
    ) {
        let mut session = Session::of(seed, HashDetail::Check, &acts);
        session.pieces.retain(|piece| !piece.is_empty());
        prop_assume!(session.pieces.len() > 2);
        let count = session.pieces.len() - 1;
        let (from, to) = (1 + picked.index(count), 1 + place.index(count));
        prop_assume!(from != to);
        let mut moved = session.pieces.clone();
        let piece = moved.remove(from);
        moved.insert(to, piece);
        let whole = |pieces: &[Vec<u8>]| pieces.concat().len();
        let bytes = moved.concat();
        let recording = Recording::open(&bytes).unwrap();
        prop_assert_eq!(recording.intact_bytes(), whole(&session.pieces[..from.min(to)]));
        prop_assert_eq!(recording.lost().unwrap().reason, LostReason::Chain);
    }

    #[test]
    fn a_cut_keeps_exactly_the_blocks_before_it(seed: u64, detail in detail(), acts in acts(), cuts in vec(any::<Index>(), 8)) {
        let (bytes, ..) = Session::of(seed, detail, &acts).finish();
        let whole = Recording::open(&bytes).unwrap();
        let (all, header) = (listing(&whole), whole.blocks()[0].at_byte);
        for cut in cuts {
            let cut = header + cut.index(bytes.len() - header);
            let recording = Recording::open(&bytes[..cut]).unwrap();
            let kept = whole.blocks().iter().filter(|block| block.at_byte + block.bytes <= cut);
            prop_assert_eq!(recording.blocks(), kept.copied().collect::<Vec<_>>());
            prop_assert!(all.starts_with(&listing(&recording)));
            let is_whole = recording.intact_bytes() == cut;
            let reason = if is_whole { LostReason::NoEnd } else { LostReason::Truncated };
            prop_assert_eq!(recording.lost().unwrap().reason, reason);
        }
    }

    #[test]
    fn a_flipped_bit_takes_its_block_and_all_behind_it(seed: u64, detail in detail(), acts in acts(), flips in vec((any::<Index>(), 0_u8..8), 8)) {
        let (bytes, ..) = Session::of(seed, detail, &acts).finish();
        let whole = Recording::open(&bytes).unwrap();
        let (all, header) = (listing(&whole), whole.blocks()[0].at_byte);
        for (place, bit) in flips {
            let place = header + place.index(bytes.len() - header);
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << bit;
            let recording = Recording::open(&damaged).unwrap();
            let kept = whole.blocks().iter().filter(|block| block.at_byte + block.bytes <= place);
            prop_assert_eq!(recording.blocks(), kept.copied().collect::<Vec<_>>());
            prop_assert!(all.starts_with(&listing(&recording)));
            prop_assert!(recording.lost().is_some());
        }
    }

    #[test]
    fn who_goes_on_after_a_crash_records_the_same_as_who_never_crashed(
        seed: u64, detail in detail(), before in acts(), after in acts(), torn: Index,
    ) {
        let mut session = Session::of(seed, detail, &before);
        session.act(Act::Flush);
        // What comes now is stored in part, and not whole.
        let mut lost = session.writer.clone();
        lost.push_step(session.world.step_number().after(1), &Frame::default(), 1);
        let lost = lost.flush();
        let mut bytes = session.pieces.concat();
        let stored = bytes.len();
        bytes.extend(&lost[..torn.index(lost.len())]);
        let recording = Recording::open(&bytes).unwrap();
        prop_assert_eq!(recording.intact_bytes(), stored);
        session.writer = recording.resume().unwrap();
        session.writer.push_keyframe(&session.world);
        // The next room knows nothing of what was seen of the clients.
        session.evidence = Evidence::default();
        after.iter().for_each(|act| session.act(*act));
        let (bytes, expected, _) = session.finish();
        let recording = Recording::open(&bytes).unwrap();
        prop_assert_eq!(recording.lost(), None);
        prop_assert_eq!(steps(&recording), without_hashes(&expected));
    }

    #[test]
    fn seeking_equals_playing_from_the_start(seed: u64, detail in detail(), acts in acts(), goals in vec(any::<Index>(), 4)) {
        let (bytes, _, hashes) = Session::of(seed, detail, &acts).finish();
        let recording = Recording::open(&bytes).unwrap();
        let moments: Vec<_> = hashes.iter().collect();
        for goal in goals {
            let (goal, hash) = moments[goal.index(moments.len())];
            let mut entries = recording.entries_from(*goal);
            let mut world: Option<World> = None;
            while let Some(entry) = entries.next() {
                let done = world.as_ref().map(World::step_number);
                match (entry, &mut world) {
                    (Entry::Keyframe(keyframe), world) if keyframe.step <= *goal => {
                        *world = Some(keyframe.world().unwrap());
                    }
                    (Entry::Step { frame, .. }, Some(world)) if done < Some(*goal) => world.step(frame),
                    (Entry::Gap { steps, .. }, Some(world)) if done < Some(*goal) => world.fast_forward(steps),
                    _ => {}
                }
            }
            let world = world.unwrap();
            prop_assert_eq!(world.step_number(), *goal);
            prop_assert_eq!(world.hash(), *hash);
        }
    }

    #[test]
    fn every_step_is_proven_whatever_the_detail(seed: u64, acts in acts()) {
        let [one, other] = [HashDetail::Check, HashDetail::EveryStep].map(|detail| {
            let session = Session::of(seed, detail, &acts);
            assert_eq!(session.detail, session.writer.hash_detail());
            session.finish()
        });
        prop_assert_eq!(&one.1, &other.1);
        for (bytes, expected, _) in [one, other] {
            let recording = Recording::open(&bytes).unwrap();
            let mut entries = recording.entries();
            let mut expected = expected.iter();
            let mut digest = StepDigest::new();
            let mut open = 0;
            while let Some(entry) = entries.next() {
                if let Entry::Step { step, check, .. } = entry {
                    let (at, _, hash) = expected.next().unwrap();
                    prop_assert_eq!(step, *at);
                    prop_assert!(check.matches(*hash));
                    prop_assert!(!check.matches(!hash));
                    digest.push(*hash);
                    open += 1;
                } else if let Entry::Digest { steps, digest: written, .. } = entry {
                    prop_assert_eq!(steps, open);
                    prop_assert_eq!(std::mem::take(&mut digest).digest(), written);
                    open = 0;
                }
            }
            prop_assert_eq!((expected.next(), open), (None, 0));
        }
    }
}
