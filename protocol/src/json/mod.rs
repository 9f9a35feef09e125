//! The reference encoding: envelopes in JSON.
//!
//! A message is parsed into a bounded [`tree`](tree::Tree) first, so that size, depth and count are checked before any
//! field is looked at, and then read into its type by a deserialiser that knows the path of every field.

mod read;
mod tree;
mod write;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use sim_core::Step;

use crate::client::{ClientCommand, ClientMessage, Envelope};
use crate::error::DecodeError;
use crate::event::ServerEvent;
use crate::limits::{
    CLIENT_MESSAGE_BYTES_MAX, CLIENT_VALUES_MAX, SERVER_MESSAGE_BYTES_MAX, SERVER_VALUES_MAX,
};
use crate::server::{ServerBody, ServerMessage};
use crate::shape::clip;
use crate::{PROTOCOL_VERSION, PROTOCOL_VERSION_OLDEST};
use read::{Node, Tagged};
use tree::Tree;
use write::Envelope as Writer;

pub(crate) fn encode_client(message: &ClientMessage) -> Vec<u8> {
    let mut to = Writer::new();
    to.field("v", &PROTOCOL_VERSION);
    match message {
        ClientMessage::Command(Envelope {
            seq,
            client_time,
            command,
        }) => {
            let (feature, action) = command.names();
            to.field("kind", "command");
            to.field("seq", seq);
            to.field("feature", feature);
            to.field("action", action);
            to.field("clientTime", client_time);
            if !matches!(command, ClientCommand::Preview(None)) {
                to.field("payload", command);
            }
        }
        ClientMessage::Ping { seq, client_time } => {
            to.field("kind", "ping");
            to.field("seq", seq);
            to.field("clientTime", client_time);
        }
    }
    to.finish()
}

pub(crate) fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    let message = Message::parse(bytes, CLIENT_MESSAGE_BYTES_MAX, CLIENT_VALUES_MAX)?;
    let kind: String = message.field("kind")?;
    match kind.as_str() {
        "command" => {
            let feature: String = message.field("feature")?;
            let action: String = message.field("action")?;
            let action = known(&ClientCommand::NAMES, &feature, &action, |name| {
                DecodeError::UnknownAction { name }
            })?;
            Ok(ClientMessage::Command(Envelope {
                seq: message.field("seq")?,
                client_time: message.field("clientTime")?,
                command: message.tagged(action)?,
            }))
        }
        "ping" => Ok(ClientMessage::Ping {
            seq: message.field("seq")?,
            client_time: message.field("clientTime")?,
        }),
        unknown => Err(DecodeError::UnknownKind {
            name: clip(unknown),
        }),
    }
}

pub(crate) fn encode_server(message: &ServerMessage) -> Vec<u8> {
    let mut to = Writer::new();
    to.field("v", &PROTOCOL_VERSION);
    to.field("kind", message.body.kind());
    to.field("serverTime", &message.server_time);
    to.field("step", &message.step);
    match &message.body {
        ServerBody::Welcome(welcome) => to.fields_of(welcome),
        ServerBody::Ack(ack) => to.fields_of(ack),
        ServerBody::Snapshot(snapshot) => to.fields_of(snapshot),
        ServerBody::Pong { seq, client_time } => {
            to.field("seq", seq);
            to.field("clientTime", client_time);
        }
        ServerBody::Error(error) => to.fields_of(error),
        ServerBody::Event(event) => {
            let (feature, name) = event.names();
            to.field("feature", feature);
            to.field("name", name);
            to.field("payload", event);
        }
    }
    to.finish()
}

pub(crate) fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    let message = Message::parse(bytes, SERVER_MESSAGE_BYTES_MAX, SERVER_VALUES_MAX)?;
    let kind: String = message.field("kind")?;
    let server_time: f64 = message.field("serverTime")?;
    let step: Step = message.field("step")?;
    let body = match kind.as_str() {
        "welcome" => ServerBody::Welcome(message.whole()?),
        "ack" => ServerBody::Ack(message.whole()?),
        "snapshot" => ServerBody::Snapshot(message.whole()?),
        "pong" => ServerBody::Pong {
            seq: message.field("seq")?,
            client_time: message.field("clientTime")?,
        },
        "error" => ServerBody::Error(message.whole()?),
        "event" => {
            let feature: String = message.field("feature")?;
            let name: String = message.field("name")?;
            let name = known(&ServerEvent::NAMES, &feature, &name, |name| {
                DecodeError::UnknownEvent { name }
            })?;
            ServerBody::Event(message.tagged(name)?)
        }
        unknown => {
            return Err(DecodeError::UnknownKind {
                name: clip(unknown),
            });
        }
    };
    Ok(ServerMessage {
        server_time,
        step,
        body,
    })
}

/// A parsed envelope of a version that is spoken.
struct Message(Vec<(String, Tree)>);

impl Message {
    fn parse(bytes: &[u8], bytes_max: usize, values_max: usize) -> Result<Self, DecodeError> {
        if bytes.len() > bytes_max {
            return Err(DecodeError::TooLong {
                bytes: bytes.len(),
                max: bytes_max,
            });
        }
        let Tree::Object(fields) = Tree::parse(bytes, values_max)? else {
            return Err(DecodeError::NotAnObject);
        };
        let message = Self(fields);
        let version: u64 = message.field("v")?;
        if version < u64::from(PROTOCOL_VERSION_OLDEST) || version > u64::from(PROTOCOL_VERSION) {
            return Err(DecodeError::UnsupportedVersion { version });
        }
        Ok(message)
    }

    fn find(&self, name: &str) -> Result<Option<&Tree>, DecodeError> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value);
        match found.next() {
            Some(_) => Err(DecodeError::DuplicateField {
                field: name.to_string(),
            }),
            None => Ok(first),
        }
    }

    fn field<T: DeserializeOwned>(&self, name: &str) -> Result<T, DecodeError> {
        let value = self.find(name)?.ok_or_else(|| DecodeError::MissingField {
            field: name.to_string(),
        })?;
        T::deserialize(Node(value)).map_err(|error| error.under(name))
    }

    /// The body whose fields stand beside those of the envelope.
    fn whole<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        T::deserialize(read::Fields(&self.0))
    }

    /// The body whose variant the envelope names and whose fields are in `payload`.
    fn tagged<T: DeserializeOwned>(&self, variant: &'static str) -> Result<T, DecodeError> {
        let payload = self.find("payload")?;
        T::deserialize(Tagged { variant, payload }).map_err(|error| error.under("payload"))
    }
}

fn known(
    names: &[(&'static str, &'static str)],
    feature: &str,
    name: &str,
    unknown: impl FnOnce(String) -> DecodeError,
) -> Result<&'static str, DecodeError> {
    if !names.iter().any(|(known, _)| *known == feature) {
        return Err(DecodeError::UnknownFeature {
            name: clip(feature),
        });
    }
    names
        .iter()
        .find(|known| **known == (feature, name))
        .map(|(_, name)| *name)
        .ok_or_else(|| unknown(clip(name)))
}
