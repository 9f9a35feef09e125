//! The fullest messages fit their limits with room to spare.

mod game;

use game::{Game, Play, snapshot};
use protocol::limits::{
    CLIENT_MESSAGE_BYTES_MAX, CLIENT_VALUES_MAX, DEPTH_MAX, INPUTS_PER_BATCH_MAX, NUMBER_LAST,
    SERVER_MESSAGE_BYTES_MAX, SERVER_VALUES_MAX,
};
use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, Input, Predicted, Receipt, encode_client,
    encode_server,
};
use serde_json::Value;
use sim_core::rules::{PLAYERS_MAX, STRUCTURES_MAX};
use sim_core::{Buttons, StructureKind};

/// What limits count: values, and objects and lists inside each other.
fn measure(value: &Value) -> (usize, usize) {
    let inner: Vec<(usize, usize)> = match value {
        Value::Object(fields) => fields.values().map(measure).collect(),
        Value::Array(items) => items.iter().map(measure).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return (1, 0),
    };
    let values = inner.iter().map(|(values, _)| values).sum::<usize>();
    let depth = inner.iter().map(|(_, depth)| depth).max();
    (1 + values, 1 + depth.unwrap_or(&0))
}

fn check(bytes: &[u8], bytes_max: usize, values_max: usize) -> usize {
    let (values, depth) = measure(&serde_json::from_slice(bytes).expect("it is JSON"));
    println!("{} bytes, {values} values, {depth} deep", bytes.len());
    assert!(2 * bytes.len() <= bytes_max, "{} bytes", bytes.len());
    assert!(2 * values <= values_max, "{values} values");
    assert!(depth < DEPTH_MAX, "{depth} deep");
    depth
}

#[test]
fn a_full_batch_of_inputs_takes_less_than_half_of_its_limits() {
    let first = NUMBER_LAST - INPUTS_PER_BATCH_MAX as u32;
    let inputs = (0..INPUTS_PER_BATCH_MAX as u32).map(|more| Input {
        seq: first + more,
        buttons: Buttons::NONE,
    });
    let message = ClientMessage::Command(Envelope {
        seq: NUMBER_LAST,
        client_time: 1_790_000_000_000.125,
        command: ClientCommand::InputBatch {
            inputs: inputs.collect(),
            snapshot_ack: Some(u32::MAX),
            snapshot_proof: Some(Receipt(u32::MAX)),
            predicted: Some(Predicted {
                seq: first,
                hash: u32::MAX,
            }),
        },
    });
    let bytes = encode_client(&message, Encoding::Json);
    check(&bytes, CLIENT_MESSAGE_BYTES_MAX, CLIENT_VALUES_MAX);
}

#[test]
fn a_full_snapshot_of_a_full_room_takes_less_than_half_of_its_limits() {
    let mut game = Game::new(
        1,
        Play {
            players: PLAYERS_MAX as u16,
            structures: STRUCTURES_MAX as u32,
            kinds: &[StructureKind::Fence],
            shots: 200,
            change: 12,
            act: u32::MAX,
        },
    );
    (0..120).for_each(|_| game.step());
    let message = snapshot(1_000_000, None, &game.view());
    let bytes = encode_server(&message, Encoding::Json, None);
    let depth = check(&bytes, SERVER_MESSAGE_BYTES_MAX, SERVER_VALUES_MAX);
    assert_eq!(depth, 7, "as the limit of the depth says");
}
