//! Snapshots of a workload: how many bytes a second one client gets, as deltas in the binary encoding, and how many a
//! full snapshot takes in JSON.
//!
//! * The baseline of a delta is the snapshot that the client acknowledged last. How many snapshots ago that was depends
//!   on the round trip: one at less than 100 ms, two at less than 200 ms, and so on.
//! * Every delta that is counted was decoded and applied to its baseline, and gave the view that was sent.

use std::collections::BTreeMap;

use protocol::{
    Encoding, Identity, Mode, Receipt, ServerBody, ServerMessage, Snapshot, Timing, View,
    decode_server, encode_server,
};
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_SNAPSHOT};

use crate::w1::Workload;

/// Snapshots before the first that counts: until everybody is in and the shots fly.
const WARM_UP: usize = 20;
/// Full snapshots are measured on one of so many: they differ little.
const SNAPSHOTS_PER_FULL: usize = 10;

/// Bytes of snapshots, all of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Deltas that were encoded.
    pub deltas: u64,
    /// Their bytes in the binary encoding.
    pub delta_bytes: u64,
    /// The largest of them.
    pub delta_bytes_max: u64,
    /// Full snapshots that were encoded.
    pub fulls: u64,
    /// Their bytes in JSON.
    pub full_json_bytes: u64,
}

impl Sizes {
    /// Bytes a second of binary deltas.
    #[must_use]
    pub fn delta_bytes_a_second(&self) -> f64 {
        self.delta_bytes as f64 / self.deltas as f64
            * f64::from(STEPS_PER_SECOND / STEPS_PER_SNAPSHOT)
    }

    /// Mean size of a full snapshot in JSON divided by that of a delta in binary.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        (self.full_json_bytes as f64 / self.fulls as f64)
            / (self.delta_bytes as f64 / self.deltas as f64)
    }
}

/// What clients saw of a workload: one view each snapshot.
#[must_use]
pub fn views(workload: &Workload) -> Vec<View> {
    let mut world = workload.start.clone();
    let mut identities = BTreeMap::new();
    let mut views = Vec::new();
    for frame in &workload.frames {
        world.step(frame);
        for join in &frame.joins {
            let name = format!("Player {}", join.player.0);
            identities.insert(
                join.player,
                Identity {
                    name,
                    connected: true,
                },
            );
        }
        if world
            .step_number()
            .0
            .is_multiple_of(u64::from(STEPS_PER_SNAPSHOT))
        {
            views.push(View::capture(&world, &identities));
        }
    }
    views
}

/// The message that carries the view at `index`, against the view at `base`.
#[must_use]
pub fn message(views: &[View], index: usize, base: Option<usize>) -> ServerMessage {
    let now = &views[index];
    let id = |index: usize| u32::try_from(index).expect("some thousands of snapshots") + 1;
    let acked = views[index].step.0.saturating_sub(3);
    ServerMessage {
        server_time: now.step.0 as f64 * 1_000.0 / f64::from(STEPS_PER_SECOND),
        step: now.step,
        body: ServerBody::Snapshot(Snapshot {
            id: id(index),
            proof: Some(Receipt(id(index))),
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base.map(id),
            local_ack_seq: u32::try_from(acked).ok(),
            timing: Timing {
                buffer_depth: 3,
                starved: 0,
                dropped: 0,
                idle: false,
            },
            features: View::diff(base.map(|base| &views[base]), now),
        }),
    }
}

/// Encodes everything that one client gets when it acknowledges `ago` snapshots late.
///
/// # Panics
/// If a delta does not come out of the encoding as it went in: then its size means nothing.
#[must_use]
pub fn sizes(views: &[View], ago: usize) -> Sizes {
    let mut sizes = Sizes::default();
    for index in WARM_UP..views.len() {
        let base = index - ago;
        let delta = message(views, index, Some(base));
        let bytes = encode_server(&delta, Encoding::Binary, Some(&views[base]));
        let read = decode_server(&bytes, Encoding::Binary, |_| Some(&views[base]))
            .expect("what was encoded decodes");
        let ServerBody::Snapshot(snapshot) = read.body else {
            panic!("a snapshot became {:?}", read.body)
        };
        let mut merged = views[base].clone();
        merged
            .apply(&snapshot.features, read.step)
            .expect("a delta applies to its baseline");
        assert_eq!(merged, views[index], "snapshot {index}");
        sizes.deltas += 1;
        sizes.delta_bytes += bytes.len() as u64;
        sizes.delta_bytes_max = sizes.delta_bytes_max.max(bytes.len() as u64);
        if index % SNAPSHOTS_PER_FULL == 0 {
            sizes.fulls += 1;
            sizes.full_json_bytes +=
                encode_server(&message(views, index, None), Encoding::Json, None).len() as u64;
        }
    }
    sizes
}
