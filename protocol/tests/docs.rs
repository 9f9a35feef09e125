//! `docs/PROTOCOL.md` is true: its examples are messages, and nothing is missing.

use std::collections::{BTreeSet, VecDeque};

use protocol::schema::{client_schema, server_schema};
use protocol::{
    ClientCommand, CloseCode, Encoding, ErrorCode, ServerBody, ServerEvent, decode_client,
    decode_server, encode_client, encode_server,
};
use serde_json::Value;

const PAGE: &str = include_str!("../../docs/PROTOCOL.md");

/// The blocks of the page: their language and their text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts: Vec<&str> = PAGE.split("\n```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|block| block.split_once('\n').expect("a block has lines"))
        .collect()
}

fn is_from_client(example: &Value) -> bool {
    matches!(example["kind"].as_str(), Some("command" | "ping"))
}

/// Decodes an example and gives back what the encodings make of it: JSON, and the binary layouts, newest first.
fn encoded(text: &str, from_client: bool) -> (Value, Vec<Vec<u8>>) {
    let layouts = [Encoding::Binary, Encoding::Binary1];
    let parse = |bytes: &[u8]| serde_json::from_slice(bytes).expect("it is JSON");
    if from_client {
        let message = decode_client(text.as_bytes(), Encoding::Json).expect(text);
        let json = parse(&encode_client(&message, Encoding::Json));
        let binary = layouts.map(|layout| encode_client(&message, layout));
        return (json, binary.into());
    }
    let message = decode_server(text.as_bytes(), Encoding::Json, |_| None).expect(text);
    let json = parse(&encode_server(&message, Encoding::Json, None));
    let is_delta =
        matches!(&message.body, ServerBody::Snapshot(snapshot) if snapshot.base_id.is_some());
    if is_delta {
        return (json, Vec::new());
    }
    let binary = layouts.map(|layout| encode_server(&message, layout, None));
    (json, binary.into())
}

/// 1300 and 1300.0 are the same number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

#[test]
fn every_example_is_a_message_and_the_bytes_below_it_are_its_own() {
    let mut before: VecDeque<Vec<u8>> = VecDeque::new();
    let mut dumps = 0;
    for (language, text) in blocks() {
        match language {
            "json" => {
                let example: Value = serde_json::from_str(text).expect(text);
                let (again, bytes) = encoded(text, is_from_client(&example));
                assert!(same(&example, &again), "{text}\nbecomes\n{again}");
                before = bytes.into();
            }
            "hex" => {
                // A second dump is of layout 1.
                let bytes = before.pop_front().expect("a dump follows its message");
                let dump: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(
                    text.split_whitespace().collect::<Vec<_>>(),
                    dump,
                    "{}",
                    dump.join(" ")
                );
                dumps += 1;
            }
            other => panic!("a block of {other:?}"),
        }
    }
    assert!(dumps >= 3);
}

#[test]
fn every_message_has_an_example() {
    let mut missing: BTreeSet<String> = BTreeSet::new();
    missing.extend(
        ClientCommand::NAMES.map(|(feature, action)| format!("command {feature} {action}")),
    );
    missing.insert("ping".into());
    missing.extend(ServerEvent::NAMES.map(|(feature, name)| format!("event {feature} {name}")));
    missing.extend(
        ServerBody::KINDS
            .iter()
            .filter(|kind| **kind != "event")
            .map(|kind| kind.to_string()),
    );
    for (language, text) in blocks() {
        if language == "json" {
            let example: Value = serde_json::from_str(text).expect(text);
            let names = ["kind", "feature", "action", "name"].map(|name| example[name].as_str());
            let names: Vec<&str> = names.into_iter().flatten().collect();
            missing.remove(&names.join(" "));
        }
    }
    assert_eq!(missing, BTreeSet::new());
    assert!(PAGE.contains(r#""mode":"full""#) && PAGE.contains(r#""mode":"delta""#));
}

#[test]
fn every_code_is_in_a_table() {
    for code in ErrorCode::ALL {
        assert!(
            PAGE.contains(&format!("\n| `{}` | ", code.as_str())),
            "{}",
            code.as_str()
        );
    }
    for code in CloseCode::ALL {
        let reconnects = if code.may_reconnect() { "yes" } else { "no" };
        let row = PAGE
            .lines()
            .find(|line| line.starts_with(&format!("| {} | `{}` |", code.number(), code.reason())));
        assert!(
            row.is_some_and(|row| row.ends_with(&format!("| {reconnects} |"))),
            "{code:?}"
        );
    }
    for encoding in Encoding::ALL {
        assert!(PAGE.contains(&format!("| `{}` |", encoding.subprotocol())));
    }
}

#[test]
fn the_schemas_accept_every_example_and_refuse_what_is_wrong() {
    let schemas = [server_schema(), client_schema()]
        .map(|schema| serde_json::from_str::<Value>(&schema).expect("it is JSON"));
    let mut refused = 0;
    for (_, text) in blocks()
        .into_iter()
        .filter(|(language, _)| *language == "json")
    {
        let example: Value = serde_json::from_str(text).expect(text);
        let from_client = is_from_client(&example);
        let schema = &schemas[usize::from(from_client)];
        let accepted = |example: &Value| fits(schema, schema, example);
        assert!(accepted(&example), "{text}");
        // Every field is required or optional: without it the schema agrees with the decoder, and so it does about types.
        for name in example.as_object().expect("it is an object").keys() {
            let mut without = example.clone();
            without
                .as_object_mut()
                .expect("it is an object")
                .remove(name);
            let mut wrong = example.clone();
            wrong[name] = Value::Array(Vec::new());
            for altered in [without, wrong] {
                let bytes = altered.to_string();
                let decodes = if from_client {
                    decode_client(bytes.as_bytes(), Encoding::Json).is_ok()
                } else {
                    decode_server(bytes.as_bytes(), Encoding::Json, |_| None).is_ok()
                };
                // What only two fields together get wrong is beyond the schema.
                if name != "baseId" {
                    assert_eq!(accepted(&altered), decodes, "{name}: {altered}");
                }
                refused += usize::from(!decodes);
            }
        }
    }
    assert!(refused > 200, "{refused}");
}

/// As much of JSON Schema as ours use.
fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let Value::Object(rules) = schema else {
        return schema == &Value::Bool(true);
    };
    rules.iter().all(|(rule, with)| match rule.as_str() {
        "$ref" => {
            let path = with
                .as_str()
                .expect("a reference is text")
                .trim_start_matches('#');
            fits(
                root,
                root.pointer(path).expect("a reference leads somewhere"),
                value,
            )
        }
        "oneOf" => {
            let fitting = |one: &&Value| fits(root, one, value);
            with.as_array()
                .expect("oneOf is a list")
                .iter()
                .filter(fitting)
                .count()
                == 1
        }
        "anyOf" => with
            .as_array()
            .expect("anyOf is a list")
            .iter()
            .any(|one| fits(root, one, value)),
        "const" => with == value,
        "type" => with.as_array().map_or_else(
            || is_a(with, value),
            |types| types.iter().any(|one| is_a(one, value)),
        ),
        "properties" => {
            with.as_object()
                .expect("properties are named")
                .iter()
                .all(|(name, schema)| {
                    value
                        .get(name)
                        .is_none_or(|value| fits(root, schema, value))
                })
        }
        "required" => with
            .as_array()
            .expect("required is a list")
            .iter()
            .all(|name| value.get(name.as_str().expect("a name is text")).is_some()),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| fits(root, with, item))),
        "minimum" => value
            .as_f64()
            .is_none_or(|value| Some(value) >= with.as_f64()),
        "maximum" => value
            .as_f64()
            .is_none_or(|value| Some(value) <= with.as_f64()),
        "exclusiveMaximum" => value
            .as_f64()
            .is_none_or(|value| Some(value) < with.as_f64()),
        "minLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 >= with.as_u64().unwrap_or(0)),
        "maxLength" => value
            .as_str()
            .is_none_or(|text| text.chars().count() as u64 <= with.as_u64().unwrap_or(0)),
        "minItems" => value
            .as_array()
            .is_none_or(|items| items.len() as u64 >= with.as_u64().unwrap_or(0)),
        "maxItems" => value
            .as_array()
            .is_none_or(|items| items.len() as u64 <= with.as_u64().unwrap_or(0)),
        "pattern" => value
            .as_str()
            .is_none_or(|text| text.chars().all(|char| char.is_ascii_hexdigit())),
        "$schema" | "$defs" | "title" | "description" | "format" | "examples" | "default" => true,
        other => panic!("the schema uses {other}"),
    })
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64() || value.is_i64(),
        other => panic!("the schema has the type {other:?}"),
    }
}
