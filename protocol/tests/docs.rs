//! `docs/PROTOCOL.md` is true: its examples are messages, and nothing is missing.

mod examples;

use std::collections::{BTreeSet, VecDeque};

use examples::{PAGE, blocks, is_from_client};
use protocol::{
    ClientCommand, CloseCode, Encoding, ErrorCode, ServerBody, ServerEvent, decode_client,
    decode_server, encode_client, encode_server,
};
use serde_json::Value;

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
        ClientCommand::NAMES
            .iter()
            .map(|(feature, action)| format!("command {feature} {action}")),
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
