//! Every hostility is what it says it is, and follows from its seed.

use std::collections::BTreeSet;

use protocol::{ServerMessage, Snapshot, Timing, View, decode_client, encode_server};
use sim_core::{Frame, Join, Look, PlayerId, Step, World};

use super::*;

/// A session of one attacker that hears a welcome and then snapshots: everything that it said.
fn session(kind: Hostility, encoding: Encoding, seed: u64, moments: u64) -> Vec<Vec<Vec<u8>>> {
    let mut attacker = Attacker::new(kind, encoding, seed);
    attacker.opened();
    let mut world = World::new(1);
    world.step(&Frame {
        joins: vec![Join {
            player: PlayerId(1),
            look: Look::default(),
            saved: None,
        }],
        ..Frame::default()
    });
    let view = View::capture(&world, &std::collections::BTreeMap::new());
    let mut said = Vec::new();
    for moment in 0..moments {
        if moment % 5 == 0 {
            let snapshot = ServerMessage {
                server_time: 0.0,
                step: Step(1),
                body: protocol::ServerBody::Snapshot(Snapshot {
                    id: moment as u32 + 1,
                    proof: Some(protocol::Receipt(moment as u32)),
                    mode: protocol::Mode::Full,
                    base_id: None,
                    local_ack_seq: None,
                    timing: Timing::default(),
                    features: View::diff(None, &view),
                }),
            };
            let bytes = encode_server(&snapshot, encoding, None);
            attacker.heard(&bytes, encoding.is_text());
        }
        said.push(attacker.speak(Micros::from_millis(20 * moment)));
    }
    said
}

#[test]
fn what_an_attacker_says_follows_from_its_seed() {
    for kind in Hostility::ALL {
        for encoding in Encoding::CURRENT {
            let one = session(kind, encoding, 7, 200);
            assert_eq!(one, session(kind, encoding, 7, 200), "{}", kind.name());
            assert_ne!(one, session(kind, encoding, 8, 200), "{}", kind.name());
        }
    }
}

#[test]
fn lies_are_well_made_and_garbage_is_not() {
    for encoding in Encoding::CURRENT {
        for kind in Hostility::ALL {
            let said = session(kind, encoding, 3, 600).concat();
            let understood = said
                .iter()
                .filter(|bytes| decode_client(bytes, encoding).is_ok())
                .count();
            let (most, all) = (said.len() * 3 / 5, said.len());
            match kind {
                Hostility::LieSeq
                | Hostility::LieStep
                | Hostility::LieHash
                | Hostility::LieAim
                | Hostility::ReplayOld
                | Hostility::FalseAcks => assert!(
                    understood > most,
                    "{} in {encoding:?}: {understood} of {all}",
                    kind.name()
                ),
                Hostility::Garbage => assert!(understood < most, "{understood} of {all}"),
                Hostility::Flood | Hostility::Everything => {
                    assert!(0 < understood && understood < all);
                }
            }
        }
    }
}

#[test]
fn a_flood_is_more_than_a_room_takes_and_the_others_are_not() {
    for kind in Hostility::ALL {
        let said = session(kind, Encoding::Json, 5, 4_000);
        let longest = said.iter().map(Vec::len).max();
        match kind {
            Hostility::Flood | Hostility::Everything => assert_eq!(longest, Some(400)),
            Hostility::LieSeq
            | Hostility::LieStep
            | Hostility::LieHash
            | Hostility::LieAim
            | Hostility::ReplayOld
            | Hostility::Garbage
            | Hostility::FalseAcks => assert!(longest <= Some(3), "{}", kind.name()),
        }
    }
}

#[test]
fn an_attacker_listens() {
    let mut attacker = Attacker::new(Hostility::LieHash, Encoding::Json, 1);
    attacker.opened();
    let welcome = br#"{"v":2,"kind":"welcome","serverTime":0,"step":0}"#;
    attacker.heard(welcome, true);
    assert_eq!(attacker.next_input, 1, "half a welcome is none");
    let said = session(Hostility::LieStep, Encoding::Json, 1, 400).concat();
    let acks: BTreeSet<_> = said
        .iter()
        .filter_map(|bytes| match decode_client(bytes, Encoding::Json) {
            Ok(ClientMessage::Command(Envelope {
                command: ClientCommand::InputBatch { snapshot_ack, .. },
                ..
            })) => snapshot_ack,
            _ => None,
        })
        .collect();
    assert!(acks.contains(&396), "the newest, as honest clients do");
    assert!(acks.contains(&u32::MAX), "one that nobody sent");
    assert!(acks.contains(&1), "an old one");
}

#[test]
fn every_hostility_has_its_name() {
    let names: BTreeSet<_> = Hostility::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Hostility::ALL.len());
    for kind in Hostility::ALL {
        let name = serde_json::to_string(&kind).expect("an enum is a string");
        assert_eq!(name, format!("\"{}\"", kind.name()));
    }
}

#[test]
fn who_acknowledges_what_was_not_read_never_brings_a_proof_that_is_right() {
    for encoding in Encoding::ALL {
        let said = session(Hostility::FalseAcks, encoding, 2, 2_000).concat();
        let (mut acks, mut taken_back) = (0, 0);
        for bytes in &said {
            let Ok(ClientMessage::Command(Envelope {
                command:
                    ClientCommand::InputBatch {
                        snapshot_ack,
                        snapshot_proof,
                        ..
                    },
                ..
            })) = decode_client(bytes, encoding)
            else {
                panic!("it is well made");
            };
            acks += u32::from(snapshot_ack.is_some());
            taken_back += u32::from(snapshot_ack.is_none());
            let right = snapshot_ack.map(|id| protocol::Receipt(id.wrapping_sub(1)));
            assert!(snapshot_proof.is_none() || snapshot_proof != right);
        }
        assert!(acks > 1_000 && taken_back > 500, "{acks} and {taken_back}");
    }
}
