use alloc::vec::Vec;

use super::*;
use crate::limits::{UNPROVEN_BYTES_MAX, UNREAD_BYTES_HELD};

const SECRET: [u8; 32] = [7; 32];

fn stream(proves: bool) -> SnapshotStream {
    SnapshotStream::new(Secret::of(&SECRET), proves)
}

/// A stream that has sent a full snapshot and deltas against it.
fn sent(proves: bool, snapshots: u64, bytes: usize) -> SnapshotStream {
    let mut stream = stream(proves);
    for number in 1..=snapshots {
        stream.sent(Step(6 * number), bytes, number == 1);
    }
    stream
}

/// With the right proof.
fn proven(id: u32) -> Option<Acknowledgement> {
    let proof = Some(Secret::of(&SECRET).proof(id));
    Some(Acknowledgement { id, proof })
}

fn unproven(id: u32) -> Option<Acknowledgement> {
    Some(Acknowledgement { id, proof: None })
}

fn false_proof(id: u32) -> Option<Acknowledgement> {
    let Receipt(right) = Secret::of(&SECRET).proof(id);
    let proof = Some(Receipt(right ^ 1));
    Some(Acknowledgement { id, proof })
}

fn base(id: u32) -> Baseline {
    let step = Step(6 * u64::from(id));
    Baseline { id, step }
}

#[test]
fn the_newest_acknowledged_snapshot_is_the_baseline() {
    let mut stream = sent(true, 5, 100);
    assert_eq!(stream.acknowledge(proven(3)), Some(3));
    assert_eq!(stream.turn(Step(36)), Turn::Snapshot(Some(base(3))));
    assert_eq!(stream.acknowledge(proven(2)), None);
    assert_eq!(stream.turn(Step(36)), Turn::Snapshot(Some(base(3))));
}

#[test]
fn a_snapshot_that_was_never_sent_cannot_be_acknowledged() {
    let mut stream = sent(true, 5, 100);
    assert_eq!(stream.check_ack(proven(5)), Ok(()));
    let unknown = Err(Refusal::UnknownSnapshot { ack: 6 });
    assert_eq!(stream.check_ack(proven(6)), unknown);
    // Nor one that was left out between two that were sent.
    stream.sent(Step(42), 100, false);
    assert_eq!(stream.check_ack(proven(6)), unknown);
    assert_eq!(stream.check_ack(proven(7)), Ok(()));
}

#[test]
fn an_acknowledgement_needs_the_proof_that_stood_in_its_snapshot() {
    let mut stream = sent(true, 5, 100);
    for ack in [unproven(3), false_proof(3)] {
        let refused = Err(Refusal::UnprovenSnapshot { ack: 3 });
        assert_eq!(stream.check_ack(ack), refused);
        assert_eq!(stream.acknowledge(ack), None);
        assert_eq!(stream.unacknowledged(), 5);
    }
    let of_another = Acknowledgement {
        id: 3,
        proof: Some(Secret::of(&[8; 32]).proof(3)),
    };
    assert!(stream.check_ack(Some(of_another)).is_err());
    assert_eq!(stream.check_ack(proven(3)), Ok(()));
    assert_eq!(stream.acknowledge(proven(3)), Some(3));
    assert_eq!((stream.unacknowledged(), stream.unread.bytes()), (2, 200));
}

#[test]
fn who_brings_no_proof_is_let_pass_and_has_read_nothing() {
    let mut stream = sent(false, 5, 100);
    assert_eq!(stream.check_ack(unproven(3)), Ok(()));
    assert_eq!(stream.acknowledge(unproven(3)), Some(3));
    assert_eq!(stream.turn(Step(36)), Turn::Snapshot(Some(base(3))));
    assert_eq!((stream.unacknowledged(), stream.unread.bytes()), (2, 500));
    assert!(stream.check_ack(false_proof(4)).is_err());
    // With the first right proof that is over.
    assert_eq!(stream.acknowledge(proven(4)), Some(4));
    assert_eq!(stream.unread.bytes(), 100);
    assert!(stream.check_ack(unproven(5)).is_err());
}

#[test]
fn an_acknowledgement_that_is_taken_back_brings_a_full_snapshot_now_and_then() {
    for (proves, every) in [
        (true, FULL_SNAPSHOT_STEPS),
        (false, UNPROVEN_FULL_SNAPSHOT_STEPS),
    ] {
        let mut stream = stream(proves);
        let mut full = Vec::new();
        for number in 1..=200 {
            let step = Step(6 * number);
            // Each is acknowledged and taken back.
            stream.acknowledge(proven(snapshot_id(step) - 1).filter(|_| proves));
            stream.acknowledge(unproven(snapshot_id(step) - 1).filter(|_| !proves));
            stream.acknowledge(None);
            let Turn::Snapshot(base) = stream.turn(step) else {
                panic!("it is held at {step}");
            };
            if base.is_none() {
                full.push(step);
            }
            stream.sent(step, 100, base.is_none());
        }
        let steps = full.windows(2).map(|two| two[1].since(two[0]));
        assert_eq!(steps.min(), Some(every));
        assert!(full.len() as u64 >= 1_200 / every - 1, "and no less often");
    }
}

#[test]
fn between_two_full_snapshots_deltas_are_against_the_first() {
    let mut stream = stream(true);
    assert_eq!(stream.turn(Step(6)), Turn::Snapshot(None));
    stream.sent(Step(6), 100, true);
    assert_eq!(stream.turn(Step(12)), Turn::Snapshot(Some(base(1))));
    stream.sent(Step(12), 100, false);
    stream.acknowledge(proven(2));
    stream.acknowledge(None);
    assert_eq!(stream.turn(Step(18)), Turn::Snapshot(Some(base(1))));
    // It had it after all.
    stream.acknowledge(proven(2));
    assert_eq!(stream.turn(Step(18)), Turn::Snapshot(Some(base(2))));
}

#[test]
fn a_connection_that_outlived_its_room_is_not_held_to_proofs_that_nobody_knows() {
    let secret = Secret::of(&SECRET);
    let mut stream = SnapshotStream::outlived(secret, true, Step(60));
    for id in [9, 10, 12] {
        assert_eq!(stream.check_ack(false_proof(id)), Ok(()));
        assert_eq!(stream.acknowledge(false_proof(id)), None);
    }
    stream.sent(Step(66), 100, true);
    assert_eq!(stream.acknowledge(false_proof(11)), None);
    assert_eq!(stream.unread.bytes(), 100);
    assert_eq!(stream.acknowledge(proven(11)), Some(11));
    stream.sent(Step(72), 100, false);
    assert!(stream.check_ack(false_proof(12)).is_err());
}

#[test]
fn a_client_that_acknowledges_nothing_gets_one_snapshot_a_second() {
    let mut stream = sent(true, 10, 100);
    assert_eq!(stream.turn(Step(66)), Turn::HeldBack);
    assert!(matches!(stream.turn(Step(120)), Turn::Snapshot(_)));
}

#[test]
fn a_client_that_takes_nothing_gets_nothing_and_is_given_up_in_the_end() {
    let mut stream = sent(true, 2, UNREAD_BYTES_HELD as usize / 2 + 1);
    assert_eq!(stream.turn(Step(600)), Turn::HeldBack);
    assert_eq!(
        stream.turn(Step(600 + SLOW_CONSUMER_STEPS_MAX)),
        Turn::TooSlow
    );
    stream.acknowledge(proven(2));
    assert!(matches!(stream.turn(Step(600)), Turn::Snapshot(_)));
}

#[test]
fn a_client_that_proves_nothing_must_come_anew_in_the_end() {
    let mut stream = stream(false);
    let (mut step, mut bytes) = (Step(0), 0);
    loop {
        step = step.after(6);
        match stream.turn(step) {
            Turn::Snapshot(base) => {
                stream.sent(step, 5_000, base.is_none());
                bytes += 5_000;
            }
            Turn::HeldBack => {}
            Turn::TooSlow => break,
        }
        // It says that it has all of them.
        stream.acknowledge(unproven(snapshot_id(step)));
    }
    assert!((UNPROVEN_BYTES_MAX..=UNPROVEN_BYTES_MAX + 5_000).contains(&bytes));
    // It was sent what counts as read, and that is a third of what it asked for.
    assert!(
        step.0 > UNPROVEN_BYTES_MAX / (32 << 10) * 60 - 1_200,
        "{step}"
    );
}
