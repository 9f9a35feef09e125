//! What was seen of the clients comes back as it was written.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use input_log::kernel::{Kernel as _, RecordableKernel as _, Window};
use input_log::limits::{EVIDENCE_LIST_MAX, PLAYERS_MAX};
use input_log::{Entry, Evidence, HashDetail, Native, PlayerEvidence, Recording, Writer};
use proptest::prelude::*;
use session::header;
use sim_core::{Buttons, Frame, PlayerId, Step, World};

#[derive(Clone, Debug)]
struct Seen {
    player: PlayerId,
    step: u64,
    seq: u32,
    a: u32,
    b: u32,
    slack: i16,
}

fn seen() -> impl Strategy<Value = Seen> {
    let step = prop_oneof![0_u64..100, any::<u64>()];
    let seq = prop_oneof![0_u32..100, any::<u32>()];
    (
        (0_u16..70).prop_map(PlayerId),
        step,
        seq,
        any::<(u32, u32, i16)>(),
    )
        .prop_map(|(player, step, seq, (a, b, slack))| Seen {
            player,
            step,
            seq,
            a,
            b,
            slack,
        })
}

proptest! {
    #[test]
    fn any_evidence_comes_back(seen in prop::collection::vec(seen(), 1..200), windows in 1_u64..4) {
        let mut evidence = Evidence::default();
        for Seen { player, step, seq, a, b, slack } in seen {
            let step = Step(step);
            match a % 9 {
                0 => evidence.starved(player, step),
                1 => evidence.dropped(player, step, seq, HELD[b as usize % 4]),
                2 => evidence.acked(player, step, seq, b),
                4 => evidence.connected(player, step, seq),
                5 => evidence.sent(player, step),
                6 => evidence.marked(player, step),
                7 => evidence.stalled(step, b),
                3 => evidence.predicted(player, step, seq, a, if b % 2 == 0 { a } else { b }),
                _ => evidence.consumed(player, step, seq),
            }
            if b % 3 == 0 {
                evidence.arrived(player, slack);
            }
        }
        let header = header(HashDetail::Check);
        let mut writer = Writer::new(&header);
        writer.push_keyframe(&World::new(1));
        for step in 1..=windows * 300 {
            writer.push_step(Step(step), &Frame::default(), 0);
            if step % 300 == 0 {
                writer.push_evidence(evidence.clone());
            }
        }
        let bytes = [header.encode(), writer.finish()].concat();
        let recording = Recording::open(&bytes).unwrap();
        prop_assert_eq!(recording.lost(), None);
        let mut entries = recording.entries();
        let mut read = 0;
        while let Some(entry) = entries.next() {
            if let Entry::Evidence(it) = entry {
                prop_assert_eq!(it, &evidence);
                read += 1;
            }
        }
        prop_assert_eq!(read, windows);
    }
}

#[test]
fn evidence_of_a_flush_folds_into_runs_and_counts() {
    let mut first = Evidence::default();
    let player = PlayerId(3);
    for step in 10..20 {
        first.consumed(player, Step(step), step as u32 + 90);
        first.arrived(player, step as i16 - 12);
    }
    let mut later = Evidence::default();
    for step in 20..25 {
        later.consumed(player, Step(step), step as u32 + 90);
    }
    later.starved(player, Step(25));
    later.consumed(player, Step(26), 115);
    later.predicted(player, Step(26), 115, 7, 7);
    later.predicted(player, Step(26), 115, 7, 8);
    first.absorb(later);
    let PlayerEvidence {
        consumed,
        starved,
        matches,
        mismatches,
        slack,
        ..
    } = &first.players[&player];
    let runs: Vec<_> = consumed
        .iter()
        .map(|run| (run.step.0, run.seq, run.steps))
        .collect();
    assert_eq!(runs, [(10, 100, 15), (26, 115, 1)]);
    assert_eq!((*starved, *matches, mismatches.len()), (1, 1, 1));
    let slack = slack.unwrap();
    assert_eq!(
        (slack.least, slack.most, slack.sum, slack.inputs),
        (-2, 7, 25, 10)
    );
}

#[test]
fn evidence_of_a_flush_folds_into_runs_of_snapshots_and_of_lost_and_starved_steps() {
    let player = PlayerId(3);
    let mut first = Evidence::default();
    let mut later = Evidence::default();
    for (evidence, steps) in [(&mut first, 0..30), (&mut later, 30..60)] {
        for step in steps.map(Step) {
            if step.0.is_multiple_of(6) {
                evidence.sent(player, step);
            }
            if (20..40).contains(&step.0) {
                evidence.starved(player, step);
            }
        }
    }
    for (seq, held) in [(7, HELD[0]), (8, HELD[0]), (9, HELD[1]), (11, HELD[1])] {
        later.dropped(player, Step(40), seq, held);
    }
    first.absorb(later);
    let of = &first.players[&player];
    let sent: Vec<Step> = of.sent.iter().flat_map(|run| run.steps()).collect();
    assert_eq!(of.sent.len(), 1);
    assert_eq!(sent, [0, 6, 12, 18, 24, 30, 36, 42, 48, 54].map(Step));
    let starved: Vec<_> = of
        .starved_runs
        .iter()
        .map(|run| (run.step.0, run.steps))
        .collect();
    assert_eq!((of.starved, starved), (20, vec![(20, 20)]));
    let dropped: Vec<_> = of
        .dropped_runs
        .iter()
        .map(|run| (run.seq, run.inputs))
        .collect();
    assert_eq!((of.dropped, dropped), (4, vec![(7, 2), (9, 1), (11, 1)]));
}

#[test]
fn counts_of_evidence_stay_at_their_last_number() {
    let player = PlayerId(1);
    let mut evidence = Evidence::default();
    let of = PlayerEvidence {
        starved: u32::MAX,
        dropped: u32::MAX,
        matches: u32::MAX,
        omitted: u32::MAX,
        ..PlayerEvidence::default()
    };
    evidence.players.insert(player, of.clone());
    evidence.starved(player, Step(7));
    evidence.dropped(player, Step(7), 1, HELD[0]);
    evidence.predicted(player, Step(7), 1, 2, 2);
    let mut more = evidence.clone();
    more.absorb(evidence);
    let counted = &more.players[&player];
    assert_eq!((counted.starved, counted.dropped), (of.starved, of.dropped));
    assert_eq!((counted.matches, counted.omitted), (of.matches, of.omitted));
}

#[test]
fn a_list_that_is_full_counts_what_it_has_no_place_for() {
    let player = PlayerId(1);
    let mut evidence = Evidence::default();
    for step in 0..300 {
        evidence.marked(player, Step(step));
        evidence.stalled(Step(step), 1);
    }
    let of = &evidence.players[&player];
    assert_eq!((of.marks.len(), of.omitted), (256, 44));
    assert_eq!(evidence.stalls.len(), 256);
    let mut more = evidence.clone();
    more.absorb(evidence);
    assert_eq!(more.players[&player].omitted, 44 + 44 + 256);
}

/// What may be held.
const HELD: [Buttons; 4] = [Buttons::NONE, Buttons::UP, Buttons::LEFT, Buttons::RIGHT];

#[test]
fn what_evidence_has_no_place_for_is_left_out_and_counted_whoever_collected_it() {
    let player = PlayerId(1);
    let mut collected = Evidence::default();
    for nth in 0..EVIDENCE_LIST_MAX as u32 + 2 {
        let step = Step(2 * u64::from(nth));
        collected.consumed(player, step, nth);
        collected.acked(player, step, nth, nth);
        collected.predicted(player, step, nth, nth, nth + 1);
    }
    let of = &collected.players[&player];
    let lengths = [of.consumed.len(), of.acked.len(), of.mismatches.len()];
    assert_eq!((lengths, of.omitted), ([EVIDENCE_LIST_MAX; 3], 6));

    let mut made = collected.clone();
    let of = made.players.get_mut(&player).unwrap();
    of.consumed.extend_from_within(..1);
    of.acked.extend_from_within(..2);
    of.mismatches.extend_from_within(..3);
    collected.players.get_mut(&player).unwrap().omitted += 6;
    for more in 2..PLAYERS_MAX as u16 + 2 {
        made.starved(PlayerId(more), Step(1));
        collected.starved(PlayerId(more), Step(1));
    }
    let one_too_many = PlayerId(PLAYERS_MAX as u16 + 1);
    assert!(!made.players.contains_key(&one_too_many));
    made.players.insert(one_too_many, PlayerEvidence::default());

    let mut absorbed = Evidence::default();
    absorbed.absorb(made.clone());
    assert_eq!(absorbed, collected);
    let window = Window {
        first: Step(1),
        steps: 300,
    };
    let world = World::new(1);
    let written = Native.write_evidence(&mut Native.write_keyframe(&world).1, &made, window);
    let mut read = Evidence::default();
    let mut codec = Native.write_keyframe(&world).1;
    let whole = Native.read_evidence(&mut codec, &written.unwrap(), window, &mut read);
    assert_eq!((whole, read), (Ok(()), collected));
}
