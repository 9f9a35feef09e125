//! What snapshots cost, in the workload W1: 16 players who change buttons once in 12 steps, 64 shots, 512 structures.

mod game;

use std::collections::VecDeque;

use game::{Game, Play, snapshot};
use protocol::{Encoding, View, decode_server, encode_server};
use sim_core::StructureKind;
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_SNAPSHOT};

const SECONDS: u32 = 60;
const BYTES_PER_SECOND_MAX: usize = 2_048;

#[test]
fn a_binary_delta_costs_two_kibibytes_a_second_and_a_twentieth_of_full_json() {
    for age in [1, 3] {
        let mut game = Game::new(
            1,
            Play {
                players: 16,
                structures: 512,
                // Shots pass fences; among walls only half of 64 stay in flight.
                kinds: &[StructureKind::Fence],
                // Shots hit and the dead do not fire, so that about 64 are in flight.
                shots: 80,
                change: 12,
                act: u32::MAX,
            },
        );
        // The fight has begun before it is measured.
        (0..2 * STEPS_PER_SECOND).for_each(|_| game.step());
        let mut sent: VecDeque<(u32, View)> = VecDeque::new();
        let (mut delta, mut largest, mut full_json, mut delta_json, mut full, mut shots) =
            (0, 0, 0, 0, 0, 0);
        let snapshots = SECONDS * STEPS_PER_SECOND / STEPS_PER_SNAPSHOT;
        for id in 0..snapshots + age {
            (0..STEPS_PER_SNAPSHOT).for_each(|_| game.step());
            let now = game.view();
            if sent.len() == age as usize {
                let (base_id, base) = sent.pop_front().expect("it has entries");
                let message = snapshot(id, Some((base_id, &base)), &now);
                let bytes = encode_server(&message, Encoding::Binary, Some(&base));
                let decoded = decode_server(&bytes, Encoding::Binary, |_| Some(&base));
                assert_eq!(decoded.as_ref(), Ok(&message));
                delta += bytes.len();
                largest = largest.max(bytes.len());
                shots += now.projectiles.len();
                delta_json += encode_server(&message, Encoding::Json, None).len();
                let message = snapshot(id, None, &now);
                full += encode_server(&message, Encoding::Binary, None).len();
                full_json += encode_server(&message, Encoding::Json, None).len();
            }
            sent.push_back((id, now));
        }
        let count = snapshots as usize;
        let per_second = delta / SECONDS as usize;
        println!(
            "W1, baseline {age} snapshots old: {per_second} B/s; a snapshot: delta {} B (largest {largest}), \
             full {} B, delta JSON {} B, full JSON {} B = {} times the delta; {} shots in flight",
            delta / count,
            full / count,
            delta_json / count,
            full_json / count,
            full_json / delta,
            shots / count,
        );
        assert!(shots / count >= 60, "not the workload that it should be");
        assert!(per_second <= BYTES_PER_SECOND_MAX, "{per_second} B/s");
        assert!(delta * 20 <= full_json, "{delta} of {full_json}");
    }
}
