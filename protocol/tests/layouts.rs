//! The bytes of both layouts of the binary encoding are fixed: a client of the build before is understood, and understands.

use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, Input, Mode, Predicted, Receipt, ServerBody,
    ServerMessage, Snapshot, Timing, View, decode_client, decode_server, encode_client,
    encode_server,
};
use sim_core::{Buttons, Step};

fn hex(text: &str) -> Vec<u8> {
    let bytes = text.split_whitespace();
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).expect("it is hexadecimal"))
        .collect()
}

fn batch(snapshot_proof: Option<Receipt>) -> ClientMessage {
    let right = Buttons::RIGHT;
    ClientMessage::Command(Envelope {
        seq: 42,
        client_time: 1_250.0,
        command: ClientCommand::InputBatch {
            inputs: [(101, right.with(Buttons::UP)), (102, right)]
                .map(|(seq, buttons)| Input { seq, buttons })
                .to_vec(),
            snapshot_ack: Some(17),
            snapshot_proof,
            predicted: Some(Predicted {
                seq: 102,
                hash: 0x9f31_c2d4,
            }),
        },
    })
}

fn snapshot(proof: Option<Receipt>) -> ServerMessage {
    let view = View {
        step: Step(7_206),
        ..View::default()
    };
    ServerMessage {
        server_time: 86_400_100.0,
        step: view.step,
        body: ServerBody::Snapshot(Snapshot {
            id: 17,
            proof,
            mode: Mode::Full,
            base_id: None,
            local_ack_seq: Some(103),
            timing: Timing {
                buffer_depth: 4,
                starved: 1,
                dropped: 0,
                idle: true,
            },
            features: View::diff(None, &view),
        }),
    }
}

const PROOF: Option<Receipt> = Some(Receipt(0xb70c_4e19));

#[test]
fn a_batch_of_layout_1_is_still_read_and_one_of_layout_2_carries_a_proof() {
    for (encoding, bytes, said) in [
        (
            Encoding::Binary1,
            "02 02 81 0a 00 00 00 00 00 71 12 68 82 a9 0c 07 c4 a5 16 8e f9 04",
            None,
        ),
        (
            Encoding::Binary,
            "02 02 81 0a 00 00 00 00 00 71 12 68 82 a9 0c 07 c4 19 4e 0c b7 4b 2d 1c f3 09",
            PROOF,
        ),
    ] {
        let bytes = hex(bytes);
        assert_eq!(encode_client(&batch(PROOF), encoding), bytes);
        assert_eq!(decode_client(&bytes, encoding), Ok(batch(said)));
    }
}

#[test]
fn a_snapshot_of_layout_1_is_still_written_and_one_of_layout_2_carries_a_proof() {
    for (encoding, bytes, told) in [
        (
            Encoding::Binary1,
            "02 02 21 ea 90 0d 00 94 4c c7 64 c0 5c 34 3f",
            None,
        ),
        (
            Encoding::Binary,
            "02 02 21 ea 90 0d 00 94 4c c7 64 c0 5c 34 67 38 31 dc 7e",
            PROOF,
        ),
    ] {
        let bytes = hex(bytes);
        assert_eq!(encode_server(&snapshot(PROOF), encoding, None), bytes);
        let decoded = decode_server(&bytes, encoding, |_| None);
        assert_eq!(decoded, Ok(snapshot(told)));
    }
}
