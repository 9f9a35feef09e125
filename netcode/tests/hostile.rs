//! Bytes of a room that may be anything: nothing panics, nothing grows, and the client lives on.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Client, ClientConfig, Input, Micros, Output};
use proptest::prelude::*;
use protocol::{
    Encoding, Mode, Receipt, ServerBody, ServerMessage, Snapshot, Timing, View, encode_server,
};
use sim_core::{Action, Buttons, PlayerId, Pos, Step, Vel};
use table::{NEAR, Table};

/// A client that plays, and messages that its room sent.
fn playing(encoding: Encoding) -> Table {
    let mut table = Table::new(NEAR, encoding);
    table.wander(1_500);
    assert!(table.client.is_playing());
    table
}

fn give(client: &mut Client, now: u64, bytes: &[u8], text: bool) -> usize {
    let message = Input::Message { bytes, text };
    client.handle(Micros(now), message).count()
}

/// Runs on for half a second.
fn live_on(client: &mut Client, now: u64) {
    let mut outputs = 0;
    for frame in 0..30 {
        outputs += client
            .handle(Micros(now + frame * 16_667), Input::Advance)
            .count();
        let _ = client.scene(Micros(now + frame * 16_667));
    }
    assert!(outputs < 200, "{outputs}");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(
        messages in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..200), any::<bool>()), 1..20),
    ) {
        let mut table = playing(Encoding::Binary);
        for (bytes, text) in &messages {
            give(&mut table.client, table.now, bytes, *text);
        }
        live_on(&mut table.client, table.now);
    }

    #[test]
    fn a_snapshot_with_any_bit_flipped_never_panics(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..4),
        full in any::<bool>(),
        binary in any::<bool>(),
    ) {
        let encoding = if binary { Encoding::Binary } else { Encoding::Json };
        let mut table = playing(encoding);
        let mut now = table.room.view();
        now.step = now.step.after(6);
        let id = table.client.snapshot_ack().unwrap();
        let base = (!full).then(|| table.room.views[&id].clone());
        let message = ServerMessage {
            server_time: 3_700_000.0,
            step: now.step,
            body: ServerBody::Snapshot(Snapshot {
                id: id + 1,
                proof: None,
                mode: if full { Mode::Full } else { Mode::Delta },
                base_id: base.is_some().then_some(id),
                local_ack_seq: table.room.consumed,
                timing: Timing::default(),
                features: View::diff(base.as_ref(), &now),
            }),
        };
        let mut bytes = encode_server(&message, encoding, base.as_ref());
        for (index, bit) in flips {
            let index = index.index(bytes.len());
            bytes[index] ^= 1 << bit;
        }
        give(&mut table.client, table.now, &bytes, encoding.is_text());
        live_on(&mut table.client, table.now);
    }

    #[test]
    fn a_well_formed_lie_never_panics(
        server_time in 0.0..9_007_199_254_740_992.0_f64,
        step in any::<u64>(),
        id in any::<u32>(),
        ack in any::<Option<u32>>(),
        buffer_depth in any::<u16>(),
        starved in any::<u32>(),
        dropped in any::<u32>(),
        bits in any::<(i32, i32, i32, i32)>(),
        respawn in any::<u16>(),
        seq in any::<u32>(),
    ) {
        let mut table = playing(Encoding::Json);
        let mut view = table.room.view();
        view.step = Step(step);
        for (who, state) in &mut view.players {
            state.pos.x = Pos::from_bits(bits.0);
            state.pos.y = Pos::from_bits(bits.1);
            state.vel.x = Vel::from_bits(bits.2);
            state.vel.y = Vel::from_bits(bits.3);
            state.respawn_wait.0 = if *who == PlayerId(1) { respawn } else { 0 };
        }
        let message = |body| ServerMessage { server_time, step: Step(step), body };
        let bodies = [
            ServerBody::Snapshot(Snapshot {
                id,
                proof: id.is_multiple_of(2).then_some(Receipt(ack.unwrap_or(id))),
                mode: Mode::Full,
                base_id: None,
                local_ack_seq: ack,
                timing: Timing { buffer_depth, starved, dropped, idle: false },
                features: View::diff(None, &view),
            }),
            ServerBody::Pong { seq, client_time: server_time },
        ];
        for body in bodies {
            let bytes = encode_server(&message(body), Encoding::Json, None);
            give(&mut table.client, table.now, &bytes, true);
            live_on(&mut table.client, table.now);
        }
        table.give(Input::Buttons(Buttons::ALL));
        table.client.handle(Micros(table.now + 60_000_000), Input::Advance);
    }
}

#[test]
fn a_client_that_is_given_everything_at_once_stays_small() {
    let mut client = Client::new(ClientConfig {
        seed: 1,
        json: true,
        resume_token: None,
    });
    let mut largest = 0;
    for round in 0..10_000_u64 {
        let now = Micros(round * 1_000);
        let aim = sim_core::Aim(round as u16);
        let sent = client.handle(now, Input::Act(Action::Fire { aim })).count()
            + client
                .handle(
                    now,
                    Input::SelectCharacter {
                        character_id: "one".into(),
                    },
                )
                .count()
            + client.handle(now, Input::Advance).count();
        largest = largest.max(sent);
    }
    assert!(largest <= 2, "unconnected, it only asks for a connection");
    let outputs: Vec<Output> = client.handle(Micros(20_000_000), Input::Opened).collect();
    assert!(outputs.is_empty());
}
