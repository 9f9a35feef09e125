//! The compact encoding: two bytes of header, then bincode for what is rare and packed bits for what is not.
//!
//! `docs/PROTOCOL.md` has the layout. The first byte is the version, the second the message's tag.

mod batch;
mod bits;
mod entries;
mod grid;
mod motion;
mod presence;
mod proof;
mod rare;
mod shots;
mod snapshot;

use alloc::string::ToString;
use alloc::vec::Vec;

use serde::Serialize;

use crate::client::{ClientMessage, Envelope};
use crate::command::ClientCommand;
use crate::error::{DecodeError, Reason};
use crate::event::ServerEvent;
use crate::server::{Ack, ErrorBody, ServerBody, ServerMessage};
use crate::view::View;
use crate::{PROTOCOL_VERSION, PROTOCOL_VERSION_OLDEST};

/// Which bits the messages that are bits consist of; agreed on by subprotocol, not written in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Without proofs.
    One,
    /// With a place for the proof in a snapshot and in its acknowledgement.
    Two,
}

impl Layout {
    const fn has_proofs(self) -> bool {
        matches!(self, Self::Two)
    }
}

/// Bytes before the body.
const HEADER: usize = 2;

const COMMAND: u8 = 0;
const PING: u8 = 1;
const INPUT_BATCH: u8 = 2;

const WELCOME: u8 = 0;
const ACK: u8 = 1;
const SNAPSHOT: u8 = 2;
const PONG: u8 = 3;
const ERROR: u8 = 4;
const EVENT: u8 = 5;

pub(crate) fn encode_client(message: &ClientMessage, layout: Layout) -> Vec<u8> {
    match message {
        ClientMessage::Command(Envelope {
            seq,
            client_time,
            command,
        }) => match command {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            } => {
                let batch = batch::Batch {
                    seq: *seq,
                    client_time: *client_time,
                    inputs,
                    snapshot_ack: *snapshot_ack,
                    snapshot_proof: *snapshot_proof,
                    predicted: *predicted,
                };
                framed(INPUT_BATCH, |out| batch.write(out, layout))
            }
            ClientCommand::Act { .. }
            | ClientCommand::Preview(_)
            | ClientCommand::SelectCharacter { .. }
            | ClientCommand::SaveCharacter { .. } => rare(COMMAND, &(seq, client_time, command)),
        },
        ClientMessage::Ping { seq, client_time } => rare(PING, &(seq, client_time)),
    }
}

pub(crate) fn decode_client(bytes: &[u8], layout: Layout) -> Result<ClientMessage, DecodeError> {
    let (tag, body) = unframe(bytes)?;
    match tag {
        COMMAND => {
            let mut from = rare::Reader::new(body);
            let (seq, client_time) = from.read("seq")?;
            match from.peek("action")? {
                // A batch has a tag of its own, and one way to be written.
                0 => {
                    return Err(Reason::NotCanonical.of("action"));
                }
                index if usize::from(index) >= ClientCommand::NAMES.len() => {
                    return Err(Reason::UnknownAction {
                        name: index.to_string(),
                    }
                    .of("action"));
                }
                _ => {}
            }
            let command = from.read("payload")?;
            from.end()?;
            Ok(ClientMessage::Command(Envelope {
                seq,
                client_time,
                command,
            }))
        }
        PING => {
            let mut from = rare::Reader::new(body);
            let (seq, client_time) = from.read("seq")?;
            from.end()?;
            Ok(ClientMessage::Ping { seq, client_time })
        }
        INPUT_BATCH => batch::read(body, layout).map(ClientMessage::Command),
        unknown => Err(Reason::UnknownKind {
            name: unknown.to_string(),
        }
        .of("kind")),
    }
}

pub(crate) fn encode_server(
    message: &ServerMessage,
    layout: Layout,
    base: Option<&View>,
) -> Vec<u8> {
    let ServerMessage {
        server_time,
        step,
        body,
    } = message;
    match body {
        ServerBody::Welcome(body) => rare(WELCOME, &(server_time, step, body)),
        // Field by field: by itself it leaves out what is none, and these bytes say so.
        ServerBody::Ack(Ack {
            seq,
            structure_id,
            projectile_id,
            durable,
        }) => rare(
            ACK,
            &(server_time, step, seq, structure_id, projectile_id, durable),
        ),
        ServerBody::Snapshot(body) => framed(SNAPSHOT, |out| {
            snapshot::write(out, layout, *server_time, *step, body, base);
        }),
        ServerBody::Pong { seq, client_time } => rare(PONG, &(server_time, step, seq, client_time)),
        ServerBody::Error(ErrorBody {
            code,
            message,
            field,
            seq,
            fatal,
        }) => rare(
            ERROR,
            &(server_time, step, code, message, field, seq, fatal),
        ),
        ServerBody::Event(body) => rare(EVENT, &(server_time, step, body)),
    }
}

pub(crate) fn decode_server<'view>(
    bytes: &[u8],
    layout: Layout,
    base: impl FnOnce(u32) -> Option<&'view View>,
) -> Result<ServerMessage, DecodeError> {
    let (tag, body) = unframe(bytes)?;
    if tag == SNAPSHOT {
        return snapshot::read(body, layout, base);
    }
    let mut from = rare::Reader::new(body);
    if tag > EVENT {
        return Err(Reason::UnknownKind {
            name: tag.to_string(),
        }
        .of("kind"));
    }
    let server_time = from.read("serverTime")?;
    let step = from.read("step")?;
    let body = match tag {
        WELCOME => ServerBody::Welcome(from.read("welcome")?),
        ACK => ServerBody::Ack(from.read("ack")?),
        PONG => {
            let (seq, client_time) = from.read("seq")?;
            ServerBody::Pong { seq, client_time }
        }
        ERROR => ServerBody::Error(from.read("error")?),
        _ => {
            let index = from.peek("name")?;
            if usize::from(index) >= ServerEvent::NAMES.len() {
                return Err(Reason::UnknownEvent {
                    name: index.to_string(),
                }
                .of("name"));
            }
            ServerBody::Event(from.read("payload")?)
        }
    };
    from.end()?;
    Ok(ServerMessage {
        server_time,
        step,
        body,
    })
}

fn framed(tag: u8, write: impl FnOnce(&mut bits::Writer)) -> Vec<u8> {
    let mut out = bits::Writer::default();
    write(&mut out);
    let mut bytes = Vec::from([PROTOCOL_VERSION, tag]);
    bytes.append(&mut out.finish());
    bytes
}

fn rare(tag: u8, body: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::from([PROTOCOL_VERSION, tag]);
    bytes.append(&mut rare::write(body));
    bytes
}

fn unframe(bytes: &[u8]) -> Result<(u8, &[u8]), DecodeError> {
    let Some((&[version, tag], body)) = bytes.split_first_chunk::<HEADER>() else {
        return Err(Reason::Truncated.of("header"));
    };
    if !(PROTOCOL_VERSION_OLDEST..=PROTOCOL_VERSION).contains(&version) {
        return Err(Reason::UnsupportedVersion {
            version: version.into(),
        }
        .of("v"));
    }
    Ok((tag, body))
}
