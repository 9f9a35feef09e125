//! What holds of every message and every pair of views: one way to write, bounded sizes, deltas that compose.

mod crowded;
mod messages;

use crowded::crowded;
use messages::{as_said, as_told, client_message, server_message, view};
use proptest::prelude::*;
use proptest::sample::Index;
use protocol::limits::{
    CLIENT_MESSAGE_BYTES_MAX, ERROR_TEXT_BYTES_MAX, INPUTS_PER_BATCH_MAX, SERVER_MESSAGE_BYTES_MAX,
};
use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, ErrorBody, ErrorCode, Input, Mode,
    PROTOCOL_VERSION, Receipt, ServerBody, ServerMessage, Snapshot, Timing, View, decode_client,
    decode_server, encode_client, encode_server,
};
use serde_json::Value;
use sim_core::{Buttons, Step};

fn full(view: &View) -> ServerMessage {
    ServerMessage {
        server_time: 1.0,
        step: view.step,
        body: ServerBody::Snapshot(Snapshot {
            id: u32::MAX,
            proof: Some(Receipt(u32::MAX)),
            mode: Mode::Full,
            base_id: None,
            local_ack_seq: Some(u32::MAX),
            timing: Timing::default(),
            features: View::diff(None, view),
        }),
    }
}

/// Some bytes changed, and perhaps cut.
fn altered(mut bytes: Vec<u8>, places: &[(Index, u8)], cut: Option<Index>) -> Vec<u8> {
    for (place, value) in places {
        *place.get_mut(&mut bytes) = *value;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

fn places() -> impl Strategy<Value = Vec<(Index, u8)>> {
    prop::collection::vec(any::<(Index, u8)>(), 0..4)
}

/// Puts a field that nobody knows into an object, counted through the whole value.
fn extend(value: &mut Value, nth: &mut usize) {
    if let Value::Object(object) = value {
        if *nth == 0 {
            object.insert(
                "nobodyKnows".to_owned(),
                serde_json::json!([{"v": 1}, null]),
            );
        }
        *nth = nth.wrapping_sub(1);
        object.values_mut().for_each(|value| extend(value, nth));
    } else if let Value::Array(list) = value {
        list.iter_mut().for_each(|value| extend(value, nth));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn every_client_message_fits_and_binary_is_never_longer(message in client_message()) {
        let [json, binary, binary1] = Encoding::ALL.map(|encoding| encode_client(&message, encoding).len());
        prop_assert!(json <= CLIENT_MESSAGE_BYTES_MAX);
        prop_assert!(binary1 <= binary && binary <= json);
    }

    #[test]
    fn every_server_message_fits(message in server_message()) {
        for encoding in Encoding::ALL {
            prop_assert!(encode_server(&message, encoding, None).len() <= SERVER_MESSAGE_BYTES_MAX);
        }
    }

    #[test]
    fn inputs_that_do_not_count_up_are_refused_where_they_stop(
        first: u32, count in 2..=INPUTS_PER_BATCH_MAX, at: Index, jump: u32,
    ) {
        prop_assume!(jump != 0);
        let broken = 1 + at.index(count - 1);
        let seq = |nth: usize| first.wrapping_add(nth as u32).wrapping_add(if nth < broken { 0 } else { jump });
        let message = ClientMessage::Command(Envelope {
            seq: 1,
            client_time: 1.0,
            command: ClientCommand::InputBatch {
                inputs: (0..count).map(|nth| Input { seq: seq(nth), buttons: Buttons::NONE }).collect(),
                snapshot_ack: None,
                snapshot_proof: None,
                predicted: None,
            },
        });
        for encoding in Encoding::ALL {
            let error = decode_client(&encode_client(&message, encoding), encoding).expect_err("it has a hole");
            prop_assert_eq!(error.code(), ErrorCode::OutOfRange);
            let field = format!("payload.inputs[{broken}].seq");
            prop_assert_eq!(error.field(), Some(field.as_str()));
        }
    }

    #[test]
    fn what_binary_decodes_to_is_written_as_short_as_it_came_and_read_as_the_same(
        client in client_message(), server in server_message(), places in places(), cut: Option<Index>,
    ) {
        for layout in [Encoding::Binary, Encoding::Binary1] {
            let bytes = altered(encode_client(&client, layout), &places, cut);
            if let Ok(message) = decode_client(&bytes, layout)
                && bytes[0] == PROTOCOL_VERSION
            {
                let again = encode_client(&message, layout);
                prop_assert!(again.len() <= bytes.len());
                prop_assert_eq!(decode_client(&again, layout), Ok(message));
            }
            let bytes = altered(encode_server(&server, layout, None), &places, cut);
            // A code that only a newer room has is read as one that says so.
            let is_newer = |message: &ServerMessage| {
                matches!(&message.body, ServerBody::Error(error) if error.code == ErrorCode::Unrecognised)
            };
            if let Ok(message) = decode_server(&bytes, layout, |_| None)
                && bytes[0] == PROTOCOL_VERSION
                && !is_newer(&message)
            {
                let again = encode_server(&message, layout, None);
                prop_assert!(again.len() <= bytes.len());
                prop_assert_eq!(decode_server(&again, layout, |_| None), Ok(message));
            }
        }
    }

    #[test]
    fn what_json_decodes_to_can_be_said_in_both_encodings(
        client in client_message(), server in server_message(), places in places(), cut: Option<Index>,
    ) {
        let bytes = altered(encode_client(&client, Encoding::Json), &places, cut);
        if let Ok(message) = decode_client(&bytes, Encoding::Json) {
            for encoding in Encoding::ALL {
                let again = decode_client(&encode_client(&message, encoding), encoding);
                prop_assert_eq!(again, Ok(as_said(message.clone(), encoding)));
            }
        }
        let bytes = altered(encode_server(&server, Encoding::Json, None), &places, cut);
        if let Ok(message) = decode_server(&bytes, Encoding::Json, |_| None) {
            let is_delta = matches!(&message.body, ServerBody::Snapshot(one) if one.mode == Mode::Delta);
            for encoding in Encoding::ALL {
                if !encoding.is_text() && is_delta {
                    continue;
                }
                let again = decode_server(&encode_server(&message, encoding, None), encoding, |_| None);
                prop_assert_eq!(again, Ok(as_told(message.clone(), encoding)));
            }
        }
    }

    #[test]
    fn neither_the_order_of_fields_nor_unknown_ones_matter(
        message in client_message(), ms in 0_u64..1 << 53, mut nth in 0_usize..16,
    ) {
        // Another reader of numbers may be off in the last bit of a fraction; of whole ones it is not.
        let mut message = message;
        let (ClientMessage::Command(Envelope { client_time, .. }) | ClientMessage::Ping { client_time, .. }) =
            &mut message;
        *client_time = ms as f64;
        let bytes = encode_client(&message, Encoding::Json);
        let mut value: Value = serde_json::from_slice(&bytes).expect("it is JSON");
        extend(&mut value, &mut nth);
        // The map sorts its fields by name.
        let sorted = value.to_string();
        prop_assert_eq!(decode_client(sorted.as_bytes(), Encoding::Json), Ok(message), "{}", sorted);
    }

    #[test]
    fn whatever_is_refused_the_answer_can_be_sent(
        client in client_message(), places in places(), cut: Option<Index>, noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for encoding in Encoding::ALL {
            for bytes in [altered(encode_client(&client, encoding), &places, cut), noise.clone()] {
                let Err(error) = decode_client(&bytes, encoding) else { continue };
                prop_assert!(error.to_string().len() <= ERROR_TEXT_BYTES_MAX);
                let answer = ServerMessage {
                    server_time: 1.0,
                    step: Step(1),
                    body: ServerBody::Error(ErrorBody {
                        code: error.code(),
                        message: error.to_string(),
                        field: error.field().map(str::to_owned),
                        seq: None,
                        fatal: false,
                    }),
                };
                let sent = encode_server(&answer, encoding, None);
                prop_assert_eq!(decode_server(&sent, encoding, |_| None), Ok(answer));
            }
        }
    }

    #[test]
    fn nothing_is_sent_of_what_does_not_change_or_only_ages(view in view(), steps in 0_u64..300) {
        let mut later = view.clone();
        later.dead_reckon(view.step.after(steps));
        prop_assert!(View::diff(Some(&view), &later).is_empty());
        // Time can be taken in parts.
        let mut in_parts = view.clone();
        for step in (0..=steps).step_by(7).chain([steps]) {
            in_parts.dead_reckon(view.step.after(step));
        }
        prop_assert_eq!(in_parts, later);
    }

    #[test]
    fn deltas_compose(a in view(), b in view(), c in view(), first in 0_u64..150, then in 0_u64..150) {
        let b = View { step: a.step.after(first), ..b };
        let c = View { step: b.step.after(then), ..c };
        let mut one_by_one = a.clone();
        one_by_one.apply(&View::diff(Some(&a), &b), b.step).expect("it is against a");
        prop_assert_eq!(&one_by_one, &b);
        one_by_one.apply(&View::diff(Some(&b), &c), c.step).expect("it is against b");
        let mut at_once = a.clone();
        at_once.apply(&View::diff(Some(&a), &c), c.step).expect("it is against a");
        prop_assert_eq!(&one_by_one, &at_once);
        prop_assert_eq!(&at_once, &c);
    }
}

#[test]
fn the_longest_snapshot_fits_in_a_message() {
    let message = full(&crowded());
    for encoding in Encoding::ALL {
        let bytes = encode_server(&message, encoding, None);
        assert!(bytes.len() <= SERVER_MESSAGE_BYTES_MAX, "{}", bytes.len());
        assert_eq!(
            decode_server(&bytes, encoding, |_| None),
            Ok(as_told(message.clone(), encoding))
        );
    }
}

#[test]
fn a_keepalive_is_a_ping_without_a_number_and_its_answer_the_pong() {
    let ping = ClientMessage::Ping {
        seq: 0,
        client_time: 0.0,
    };
    assert_eq!(
        encode_client(&ping, Encoding::Json),
        protocol::KEEPALIVE.as_bytes()
    );
    let pong = ServerMessage {
        server_time: 0.0,
        step: sim_core::Step(0),
        body: ServerBody::Pong {
            seq: 0,
            client_time: 0.0,
        },
    };
    assert_eq!(
        encode_server(&pong, Encoding::Json, None),
        protocol::KEEPALIVE_ANSWER.as_bytes()
    );
}
