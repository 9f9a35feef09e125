//! Target `delta_merge`: through either encoding, against any older view that the client holds, a merged delta is the
//! full view.
//!
//! Records of [`views`] change what the room sees; one more sends it. Views are held back by number, as a client does
//! that acknowledges late, so a delta is against any of the last ones.

use std::collections::VecDeque;

use protocol::limits::DELTA_STEPS_MAX;
use protocol::{
    Encoding, Mode, Receipt, ServerBody, ServerMessage, Snapshot, Timing, View, decode_server,
    encode_server,
};
use sim_core::Step;

use crate::bytes::{Fields, Seed};
use crate::views;

const SEND: u8 = views::CODES;
const CODES: u8 = views::CODES + 1;

/// Snapshots of one input.
const SENT_MAX: u32 = 24;
/// Views that the client holds.
const HELD_MAX: usize = 8;

/// Checks it.
pub fn delta_merge(bytes: &[u8]) {
    let mut from = Fields::of(bytes);
    let mut now = View {
        step: Step(from.u64()),
        ..View::default()
    };
    let mut held: VecDeque<(u32, View)> = VecDeque::new();
    let mut id = from.u32() & 0xFFFF;
    let until = id + SENT_MAX;
    while !from.is_empty() && id < until {
        match from.u8() % CODES {
            SEND => {
                let back = usize::from(from.u8());
                id += 1;
                send(id, &now, held.get(back));
                held.push_front((id, now.clone()));
                held.truncate(HELD_MAX);
            }
            code => views::read(code, &mut from, &mut now),
        }
    }
    send(id + 1, &now, held.back());
    if let Some((_, other)) = held.front() {
        of_another_base(other, &now);
    }
}

/// An input that sends these views one after the other, each against the one before the last.
pub(crate) fn seed<'v>(sent: impl IntoIterator<Item = &'v View>) -> Vec<u8> {
    let mut to = Seed::default();
    let mut before: Option<&View> = None;
    for view in sent {
        let nothing = View {
            step: view.step,
            ..View::default()
        };
        if before.is_none() {
            to.u64(view.step.0);
            to.u32(7);
        }
        views::write(&mut to, before.unwrap_or(&nothing), view);
        to.u8(SEND);
        to.u8(1);
        before = Some(view);
    }
    to.into_bytes()
}

fn send(id: u32, now: &View, base: Option<&(u32, View)>) {
    let base = base.filter(|(_, base)| now.step.since(base.step) <= DELTA_STEPS_MAX);
    for encoding in Encoding::ALL {
        assert_eq!(&received(id, now, base, encoding), now);
    }
}

/// What a client makes of it.
fn received(id: u32, now: &View, base: Option<&(u32, View)>, encoding: Encoding) -> View {
    let view = base.map(|(_, view)| view);
    let mut message = ServerMessage {
        server_time: f64::from(id) * 16.5,
        step: now.step,
        body: ServerBody::Snapshot(Snapshot {
            id,
            proof: Some(Receipt(id)),
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base.map(|(id, _)| *id),
            local_ack_seq: Some(id),
            timing: Timing::default(),
            features: View::diff(view, now),
        }),
    };
    let bytes = encode_server(&message, encoding, view);
    let asked_for = |asked| base.filter(|(id, _)| asked == *id).map(|(_, view)| view);
    let decoded = decode_server(&bytes, encoding, asked_for);
    if let ServerBody::Snapshot(snapshot) = &mut message.body
        && encoding == Encoding::Binary1
    {
        snapshot.proof = None;
    }
    assert_eq!(decoded.as_ref(), Ok(&message), "{encoding:?}");
    let ServerBody::Snapshot(snapshot) = message.body else {
        unreachable!("a snapshot was decoded");
    };
    match view {
        None => View::from_full(&snapshot.features, now.step).expect("a full snapshot merges"),
        Some(view) => {
            let mut view = view.clone();
            view.apply(&snapshot.features, now.step)
                .expect("a delta merges into its own base");
            view
        }
    }
}

/// Changes that were made against another view give an error or some view, and what they upsert is in it.
fn of_another_base(other: &View, now: &View) {
    let features = View::diff(Some(other), now);
    let mut view = View::default();
    if view.apply(&features, now.step).is_ok() {
        for (id, entry) in &features.build.structures.upserts {
            assert_eq!(view.structures.get(id), Some(entry));
        }
    }
}
