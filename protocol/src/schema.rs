//! JSON Schema of the reference encoding, made from the types that the codec uses.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::command::{ClientCommand, CommandForm};
use crate::event::ServerEvent;
use crate::limits::CLOCK_MS_MAX;
use crate::server::{Ack, ErrorBody, ServerBody, Snapshot, Welcome};
use crate::{PROTOCOL_VERSION, PROTOCOL_VERSION_OLDEST};

/// The schema of every message from a client.
#[must_use]
pub fn client_schema() -> String {
    let mut generator = SchemaGenerator::default();
    let command = CommandForm::json_schema(&mut generator).to_value();
    let mut messages: Vec<Value> = Vec::new();
    for (feature, action) in ClientCommand::NAMES {
        let mut message = client_envelope("command");
        message.field("feature", json!({ "const": feature }));
        message.field("action", json!({ "const": action }));
        payload(&mut message, &command, action);
        messages.push(message.finish());
    }
    let mut ping = client_envelope("ping");
    ping.describe(json!("A question that a pong answers at once."));
    messages.push(ping.finish());
    finish("A message from a client", messages, generator)
}

/// The schema of every message from a room.
#[must_use]
pub fn server_schema() -> String {
    let mut generator = SchemaGenerator::default();
    let mut messages: Vec<Value> = Vec::new();
    for kind in ServerBody::KINDS {
        match kind {
            "welcome" => messages.push(body::<Welcome>(kind, &mut generator)),
            "ack" => messages.push(body::<Ack>(kind, &mut generator)),
            "snapshot" => messages.push(body::<Snapshot>(kind, &mut generator)),
            "error" => messages.push(body::<ErrorBody>(kind, &mut generator)),
            "pong" => {
                let mut message = server_envelope(kind);
                message.describe(json!("The answer to a ping."));
                message.field("seq", unsigned(u32::MAX.into()));
                message.field("clientTime", clock());
                messages.push(message.finish());
            }
            _ => {
                let events = ServerEvent::json_schema(&mut generator).to_value();
                for (feature, name) in ServerEvent::NAMES {
                    let mut message = server_envelope(kind);
                    message.field("feature", json!({ "const": feature }));
                    message.field("name", json!({ "const": name }));
                    payload(&mut message, &events, name);
                    messages.push(message.finish());
                }
            }
        }
    }
    finish("A message from a room", messages, generator)
}

/// An envelope that is being put together: all its fields are required.
struct Envelope {
    description: Option<Value>,
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Envelope {
    fn field(&mut self, name: &str, schema: Value) {
        self.properties.insert(name.into(), schema);
        self.required.push(name.into());
    }

    fn describe(&mut self, what: Value) {
        self.description = Some(what);
    }

    fn finish(self) -> Value {
        let mut message =
            json!({ "type": "object", "properties": self.properties, "required": self.required });
        if let Some(description) = self.description {
            message["description"] = description;
        }
        message
    }
}

fn envelope(kind: &str) -> Envelope {
    let mut message = Envelope {
        description: None,
        properties: Map::new(),
        required: Vec::new(),
    };
    message.field(
        "v",
        json!({ "type": "integer", "minimum": PROTOCOL_VERSION_OLDEST, "maximum": PROTOCOL_VERSION }),
    );
    message.field("kind", json!({ "const": kind }));
    message
}

fn client_envelope(kind: &str) -> Envelope {
    let mut message = envelope(kind);
    message.field("seq", unsigned(u32::MAX.into()));
    message.field("clientTime", clock());
    message
}

fn server_envelope(kind: &str) -> Envelope {
    let mut message = envelope(kind);
    message.field("serverTime", clock());
    message.field("step", unsigned(u64::MAX));
    message
}

fn unsigned(max: u64) -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": max })
}

fn clock() -> Value {
    json!({ "description": "Milliseconds.", "type": "number", "minimum": 0, "maximum": CLOCK_MS_MAX })
}

/// The schema of a body whose fields stand beside those of the envelope.
fn body<T: JsonSchema>(kind: &str, generator: &mut SchemaGenerator) -> Value {
    let body = T::json_schema(generator).to_value();
    let mut message = server_envelope(kind);
    message.describe(body["description"].clone());
    if let Value::Object(properties) = &body["properties"] {
        message.properties.extend(properties.clone());
    }
    if let Value::Array(required) = &body["required"] {
        message.required.extend(required.iter().cloned());
    }
    message.finish()
}

/// Puts the fields of a variant, if it has any, and what it is for into an envelope that names the variant. They are in
/// the schema of an enum that carries its variant's name as a tag.
fn payload(message: &mut Envelope, tagged: &Value, name: &str) {
    let variants = tagged["oneOf"].as_array();
    for variant in variants.into_iter().flatten() {
        if let Some(fields) = variant["properties"].get(name) {
            message.field("payload", fields.clone());
        } else if variant["const"] != name {
            continue;
        }
        message.describe(variant["description"].clone());
    }
}

/// Where the schemas are wider than the decoder, for whoever generates messages from them. `protocol/tests/schema.rs` holds
/// the two against each other.
const WIDER: &str = "An integer is written without point and exponent: 1.0 and 1e2 are refused, though JSON Schema counts \
    them among the integers. Lengths of texts other than a name are bytes in UTF-8, which JSON Schema cannot count. Also \
    refused is what only two fields together get wrong, and a name of which something cannot be seen.";

fn finish(title: &str, messages: Vec<Value>, mut generator: SchemaGenerator) -> String {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": WIDER,
        "oneOf": messages,
        "$defs": generator.take_definitions(true),
    });
    bound_integers(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// Gives every integer the largest value of its type, which the generator says in a format alone.
fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(rules) => {
            let max = match rules.get("format").and_then(Value::as_str) {
                Some("uint8") => Some(u64::from(u8::MAX)),
                Some("uint16") => Some(u64::from(u16::MAX)),
                Some("uint32") => Some(u64::from(u32::MAX)),
                Some("uint64") => Some(u64::MAX),
                Some(_) | None => None,
            };
            if let Some(max) = max
                && !rules.contains_key("maximum")
            {
                rules.insert("maximum".into(), max.into());
            }
            rules.values_mut().for_each(bound_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
