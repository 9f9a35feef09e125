//! The reference encoding: envelopes in JSON.
//!
//! `serde_json` writes the bodies, which serialise themselves, and the envelope is a line of text in front of them.
//!
//! A message is parsed into a bounded [`tree`](tree::Tree) first, so that size, depth and count are checked before any
//! field is looked at, and then read into its type by a deserialiser that knows the path of every field. Both are our own:
//! errors of `serde_json` are sentences, without a reason or a field, and `serde_path_to_error` copies the name of every
//! field that it passes, with which parsing a full snapshot took 1.4 times as long.

mod read;
mod tree;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use sim_core::Step;

use crate::client::{ClientMessage, Envelope};
use crate::command::ClientCommand;
use crate::error::{DecodeError, Reason, clip};
use crate::event::ServerEvent;
use crate::limits::{CLIENT_VALUES_MAX, SERVER_VALUES_MAX};
use crate::server::{ServerBody, ServerMessage};
use crate::{PROTOCOL_VERSION, PROTOCOL_VERSION_OLDEST};
use read::{Entries, Node};
use tree::Tree;

pub(crate) fn encode_client(message: &ClientMessage) -> Vec<u8> {
    match message {
        ClientMessage::Command(Envelope {
            seq,
            client_time,
            command,
        }) => {
            let (feature, action) = command.names();
            let clock = clock(*client_time);
            let mut head = format!(
                r#"{{"v":{PROTOCOL_VERSION},"kind":"command","seq":{seq},"feature":"{feature}","action":"{action}","clientTime":{clock}"#
            );
            if matches!(command, ClientCommand::Preview(None)) {
                head.push('}');
                return head.into_bytes();
            }
            with_payload(&head, action, command)
        }
        ClientMessage::Ping { seq, client_time } => {
            let clock = clock(*client_time);
            format!(r#"{{"v":{PROTOCOL_VERSION},"kind":"ping","seq":{seq},"clientTime":{clock}}}"#)
                .into_bytes()
        }
    }
}

pub(crate) fn decode_client(bytes: &[u8]) -> Result<ClientMessage, DecodeError> {
    let message = Message::parse(bytes, CLIENT_VALUES_MAX)?;
    let kind: String = message.field("kind")?;
    match kind.as_str() {
        "command" => {
            let action = message.named(ClientCommand::NAMES, "action", |name| {
                Reason::UnknownAction { name }
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
        unknown => Err(Reason::UnknownKind {
            name: clip(unknown),
        }
        .of("kind")),
    }
}

pub(crate) fn encode_server(message: &ServerMessage) -> Vec<u8> {
    let ServerMessage {
        server_time,
        step,
        body,
    } = message;
    let (kind, now) = (body.kind(), clock(*server_time));
    let head =
        format!(r#"{{"v":{PROTOCOL_VERSION},"kind":"{kind}","serverTime":{now},"step":{step}"#);
    match body {
        ServerBody::Welcome(welcome) => with_fields(&head, welcome),
        ServerBody::Ack(ack) => with_fields(&head, ack),
        ServerBody::Snapshot(snapshot) => with_fields(&head, snapshot),
        ServerBody::Pong { seq, client_time } => {
            let clock = clock(*client_time);
            format!(r#"{head},"seq":{seq},"clientTime":{clock}}}"#).into_bytes()
        }
        ServerBody::Error(error) => with_fields(&head, error),
        ServerBody::Event(event) => {
            let (feature, name) = event.names();
            let head = format!(r#"{head},"feature":"{feature}","name":"{name}""#);
            with_payload(&head, name, event)
        }
    }
}

pub(crate) fn decode_server(bytes: &[u8]) -> Result<ServerMessage, DecodeError> {
    let message = Message::parse(bytes, SERVER_VALUES_MAX)?;
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
            let name = message.named(&ServerEvent::NAMES, "name", |name| Reason::UnknownEvent {
                name,
            })?;
            ServerBody::Event(message.tagged(name)?)
        }
        unknown => {
            return Err(Reason::UnknownKind {
                name: clip(unknown),
            }
            .of("kind"));
        }
    };
    Ok(ServerMessage {
        server_time,
        step,
        body,
    })
}

/// A clock as it is: a float shows itself as the shortest decimal that parses to the same number.
fn clock(ms: f64) -> f64 {
    assert!(ms.is_finite(), "a clock is a finite number");
    ms
}

/// The message whose envelope begins with `head`, with the body's fields behind those of the envelope.
fn with_fields(head: &str, body: &impl Serialize) -> Vec<u8> {
    join(head, "{", ",", body)
}

/// The message whose envelope begins with `head`, with the fields of a variant in `payload`: the envelope names the variant.
fn with_payload(head: &str, variant: &str, tagged: &impl Serialize) -> Vec<u8> {
    join(
        head,
        &format!(r#"{{"{variant}":"#),
        r#","payload":"#,
        tagged,
    )
}

/// An object behind the head, with another beginning. The brace that ends the object ends the message.
fn join(head: &str, beginning: &str, instead: &str, object: &impl Serialize) -> Vec<u8> {
    let object = serde_json::to_vec(object).expect("messages have no values that JSON cannot hold");
    let rest = object.strip_prefix(beginning.as_bytes());
    let rest =
        rest.expect("fields stand in an object, under the name of their variant if they have one");
    [head.as_bytes(), instead.as_bytes(), rest].concat()
}

/// A parsed envelope of a version that is spoken.
struct Message(Vec<(String, Tree)>);

impl Message {
    fn parse(bytes: &[u8], values_max: usize) -> Result<Self, DecodeError> {
        let Tree::Object(fields) = Tree::parse(bytes, values_max)? else {
            return Err(Reason::NotAnObject.into());
        };
        let message = Self(fields);
        let version: u64 = message.field("v")?;
        if version < u64::from(PROTOCOL_VERSION_OLDEST) || version > u64::from(PROTOCOL_VERSION) {
            return Err(Reason::UnsupportedVersion { version }.of("v"));
        }
        Ok(message)
    }

    fn find(&self, name: &str) -> Result<Option<&Tree>, DecodeError> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value);
        match found.next() {
            Some(_) => Err(Reason::DuplicateField.of(name)),
            None => Ok(first),
        }
    }

    fn field<T: DeserializeOwned>(&self, name: &str) -> Result<T, DecodeError> {
        let value = self
            .find(name)?
            .ok_or_else(|| Reason::MissingField.of(name))?;
        T::deserialize(Node(value)).map_err(|error| error.under(name))
    }

    /// The body whose fields stand beside those of the envelope.
    fn whole<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        T::deserialize(MapAccessDeserializer::new(Entries::of(&self.0)))
    }

    /// The body whose variant the envelope names and whose fields are in `payload`.
    fn tagged<T: DeserializeOwned>(&self, variant: &'static str) -> Result<T, DecodeError> {
        let read = |payload| {
            let tagged = MapDeserializer::new(iter::once((variant, Node(payload))));
            T::deserialize(MapAccessDeserializer::new(tagged))
        };
        match self.find("payload")? {
            Some(payload) => read(payload).map_err(|error| error.under("payload")),
            // Only a variant without fields misses nothing.
            None => read(&Tree::Null).map_err(|_| Reason::MissingField.of("payload")),
        }
    }

    /// What the envelope names by its `feature` and by another field.
    fn named(
        &self,
        names: &[(&'static str, &'static str)],
        field: &str,
        unknown: impl FnOnce(String) -> Reason,
    ) -> Result<&'static str, DecodeError> {
        let feature: String = self.field("feature")?;
        let name: String = self.field(field)?;
        if !names.iter().any(|(known, _)| *known == feature) {
            let name = clip(&feature);
            return Err(Reason::UnknownFeature { name }.of("feature"));
        }
        let mut known = names.iter().filter(|(known, _)| *known == feature);
        let found = known.find(|(_, known)| *known == name);
        found
            .map(|(_, known)| *known)
            .ok_or_else(|| unknown(clip(&name)).of(field))
    }
}
