//! How many bytes a session costs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod session;

use std::collections::BTreeMap;
use std::fmt::Write;

use input_log::{HashDetail, Recording};
use session::Play;
use sim_core::Rng;

const PLAYERS: u16 = 8;
const STEPS: u64 = 36_000;

fn bytes_per_input(steps_per_command: u32, with_evidence: bool) -> f64 {
    let mut play = Play {
        players: PLAYERS,
        rng: Rng::new(1),
        steps_per_command,
    };
    let session = session::record(&mut play, STEPS, HashDetail::Check, with_evidence);
    let recording = Recording::open(&session.bytes).unwrap();
    assert_eq!(recording.lost(), None);
    let inputs = f64::from(PLAYERS) * STEPS as f64;
    let mut by_kind: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for block in recording.blocks() {
        let sum = by_kind.entry(block.kind).or_default();
        sum.0 += block.payload_bytes;
        sum.1 += block.bytes - block.payload_bytes;
    }
    let mut table = String::new();
    for (kind, (payload, around)) in by_kind {
        let (payload, around) = (payload as f64 / inputs, around as f64 / inputs);
        writeln!(
            table,
            "  {:9} {payload:.4} + {around:.4} around it",
            kind.name()
        )
        .unwrap();
    }
    let all = session.bytes.len() as f64 / inputs;
    println!("{all:.4} bytes an input (1 command in {steps_per_command} steps):\n{table}");
    all
}

#[test]
fn a_session_of_walkers_who_build_now_and_then_costs_little() {
    assert!(bytes_per_input(600, false) <= 0.32);
}

#[test]
fn with_evidence_it_still_keeps_its_budget() {
    assert!(bytes_per_input(600, true) <= 0.4);
}

#[test]
fn fighters_who_act_every_other_second_keep_the_budget() {
    assert!(bytes_per_input(120, false) <= 0.4);
}
