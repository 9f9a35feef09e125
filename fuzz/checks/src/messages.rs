//! Target `messages`: what decodes comes back from its bytes, and what does not is answered with an error that does.
//!
//! First byte: who speaks and in which encoding. The rest is the message. Binary deltas count from [`views::fixed`].

use std::cell::OnceCell;

use protocol::limits::{CLIENT_MESSAGE_BYTES_MAX, SERVER_MESSAGE_BYTES_MAX};
use protocol::{
    ClientCommand, ClientMessage, DecodeError, Encoding, Envelope, ErrorBody, Mode, ServerBody,
    ServerMessage, View, decode_client, decode_server, encode_client, encode_server,
};
use sim_core::Step;

use crate::bytes::{Fields, Seed};
use crate::views;

/// Checks it.
pub fn messages(bytes: &[u8]) {
    let mut from = Fields::of(bytes);
    let speaker = from.u8();
    let bytes = from.rest();
    match speaker % 6 {
        0 => client(bytes, Encoding::Json),
        1 => client(bytes, Encoding::Binary1),
        2 => server(bytes, Encoding::Json),
        3 => server(bytes, Encoding::Binary1),
        4 => client(bytes, Encoding::Binary),
        _ => server(bytes, Encoding::Binary),
    }
}

/// An input that is this message of a client.
pub(crate) fn client_seed(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    let speaker = match encoding {
        Encoding::Json => 0,
        Encoding::Binary1 => 1,
        Encoding::Binary => 4,
    };
    spoken(speaker, bytes)
}

/// An input that is this message of a room.
pub(crate) fn server_seed(message: &ServerMessage, encoding: Encoding) -> Vec<u8> {
    let bytes = with_base(|base| encode_server(message, encoding, Some(base)));
    let speaker = match encoding {
        Encoding::Json => 2,
        Encoding::Binary1 => 3,
        Encoding::Binary => 5,
    };
    spoken(speaker, &bytes)
}

fn spoken(speaker: u8, bytes: &[u8]) -> Vec<u8> {
    let mut to = Seed::default();
    to.u8(speaker);
    to.raw(bytes);
    to.into_bytes()
}

fn with_base<T>(use_it: impl FnOnce(&View) -> T) -> T {
    thread_local! {
        static BASE: OnceCell<View> = const { OnceCell::new() };
    }
    BASE.with(|base| use_it(base.get_or_init(views::fixed)))
}

fn client(bytes: &[u8], encoding: Encoding) {
    let message = match decode_client(bytes, encoding) {
        Ok(message) => message,
        Err(error) => return can_be_told(&error),
    };
    assert!(bytes.len() <= CLIENT_MESSAGE_BYTES_MAX);
    for other in Encoding::ALL {
        let again = encode_client(&message, other);
        let mut message = message.clone();
        if let ClientMessage::Command(Envelope { command, .. }) = &mut message
            && let ClientCommand::InputBatch { snapshot_proof, .. } = command
            && other == Encoding::Binary1
        {
            *snapshot_proof = None;
        }
        assert_eq!(decode_client(&again, other), Ok(message));
    }
}

fn server(bytes: &[u8], encoding: Encoding) {
    with_base(|base| {
        let message = match decode_server(bytes, encoding, |_| Some(base)) {
            Ok(message) => message,
            Err(error) => return can_be_told(&error),
        };
        assert!(bytes.len() <= SERVER_MESSAGE_BYTES_MAX);
        server_comes_back(&message, Encoding::Json, base);
        let is_delta =
            matches!(&message.body, ServerBody::Snapshot(snapshot) if snapshot.mode == Mode::Delta);
        // A JSON delta may be against any view, a binary one is against its base.
        if !encoding.is_text() || !is_delta {
            server_comes_back(&message, Encoding::Binary, base);
            server_comes_back(&message, Encoding::Binary1, base);
        }
        if let ServerBody::Snapshot(snapshot) = &message.body {
            // Whoever merges it gets a view or an error.
            if let Err(error) = base.clone().apply(&snapshot.features, message.step) {
                assert!(!error.to_string().is_empty());
            }
        }
    });
}

fn server_comes_back(message: &ServerMessage, encoding: Encoding, base: &View) {
    let bytes = encode_server(message, encoding, Some(base));
    let decoded = decode_server(&bytes, encoding, |_| Some(base));
    let mut message = message.clone();
    if let ServerBody::Snapshot(snapshot) = &mut message.body
        && encoding == Encoding::Binary1
    {
        snapshot.proof = None;
    }
    assert_eq!(decoded, Ok(message), "{}", bytes.escape_ascii());
}

/// The room answers with the error, so the answer must be a message.
fn can_be_told(error: &DecodeError) {
    let body = ErrorBody {
        code: error.code(),
        message: error.to_string(),
        field: error.field().map(str::to_owned),
        seq: None,
        fatal: false,
    };
    assert!(!body.message.is_empty());
    let answer = ServerMessage {
        server_time: 0.0,
        step: Step(0),
        body: ServerBody::Error(body),
    };
    for encoding in Encoding::ALL {
        let bytes = encode_server(&answer, encoding, None);
        assert_eq!(
            decode_server(&bytes, encoding, |_| None).as_ref(),
            Ok(&answer)
        );
    }
}
