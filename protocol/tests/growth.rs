//! What peers of before rely on: the bits of every layout, and the JSON of version 2, which grows by optional fields alone.
//!
//! In `peers/` are messages and schemas of every `SIM_VERSION`, written once. A client of other rules is sent away by the welcome, so
//! what rises with `SIM_VERSION` may show other things in snapshots; everything else is understood for as long as version 2 is.

mod game;
mod messages;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use game::{Game, Play, snapshot};
use messages::{client_message, server_message};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use protocol::schema::{client_schema, server_schema};
use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, ServerBody, View, decode_client,
    decode_server, encode_client, encode_server,
};
use serde_json::{Map, Value};
use sim_core::{Action, SIM_VERSION, StructureKind};

const LAYOUTS: [(u32, Encoding); 2] = [(1, Encoding::Binary1), (2, Encoding::Binary)];

/// Messages of both sides as an encoding writes them, one a line; snapshots of a game come behind the ones that they are against.
fn written(encoding: Encoding) -> String {
    let mut out = String::new();
    let mut line = |side: &str, bytes: &[u8]| {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{side} {hex}").expect("a string takes everything");
    };
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let message = client_message()
            .new_tree(&mut runner)
            .expect("there is one");
        line("client", &encode_client(&message.current(), encoding));
    }
    for _ in 0..60 {
        let message = server_message()
            .new_tree(&mut runner)
            .expect("there is one")
            .current();
        if !matches!(message.body, ServerBody::Snapshot(_)) {
            line("room", &encode_server(&message, encoding, None));
        }
    }
    let mut game = Game::new(
        7,
        Play {
            players: 8,
            structures: 40,
            kinds: &StructureKind::ALL,
            shots: 20,
            change: 12,
            act: 20,
        },
    );
    let mut views: Vec<View> = Vec::new();
    for id in 0_u32..40 {
        (0..6).for_each(|_| game.step());
        let now = game.view();
        // Against the one before, the third before, or nothing.
        let base = match id % 8 {
            0 => None,
            3 => id.checked_sub(3),
            _ => Some(id - 1),
        };
        let base = base.map(|base| (base, &views[base as usize]));
        let message = snapshot(id, base, &now);
        line(
            "snapshot",
            &encode_server(&message, encoding, base.map(|(_, view)| view)),
        );
        views.push(now);
    }
    out
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().collect();
    let byte = |two: &[char]| two.iter().collect::<String>();
    let bytes = digits
        .chunks(2)
        .map(|two| u8::from_str_radix(&byte(two), 16));
    bytes.collect::<Result<_, _>>().expect("it is hexadecimal")
}

/// Reads what was once written, and writes it again.
fn check_line(
    side: &str,
    bytes: &[u8],
    encoding: Encoding,
    views: &mut BTreeMap<u32, View>,
) -> Result<(), String> {
    if side == "client" {
        let message = decode_client(bytes, encoding).map_err(|error| error.to_string())?;
        return same(bytes, &encode_client(&message, encoding));
    }
    let message =
        decode_server(bytes, encoding, |id| views.get(&id)).map_err(|error| error.to_string())?;
    let ServerBody::Snapshot(told) = &message.body else {
        return same(bytes, &encode_server(&message, encoding, None));
    };
    let base = told.base_id.map(|id| views[&id].clone());
    same(bytes, &encode_server(&message, encoding, base.as_ref()))?;
    let mut view = base.unwrap_or(View {
        step: message.step,
        ..View::default()
    });
    view.apply(&told.features, message.step)
        .map_err(|error| error.to_string())?;
    views.insert(told.id, view);
    Ok(())
}

fn same(before: &[u8], now: &[u8]) -> Result<(), String> {
    let differ = || format!("written again it is {now:02x?}, and was {before:02x?}");
    if before == now { Ok(()) } else { Err(differ()) }
}

/// A file of `peers/`. With `BITFORT_BLESS` it is written if it is not there yet.
fn kept(name: &str, now: impl FnOnce() -> String) -> String {
    let path = Path::new("tests/peers").join(name);
    if std::env::var_os("BITFORT_BLESS").is_some() && !path.exists() {
        fs::write(&path, now()).expect("it can be written");
    }
    fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{name}: {error}; run: BITFORT_BLESS=1 cargo test -p protocol --test growth")
    })
}

#[test]
fn what_a_layout_once_wrote_is_read_and_written_the_same() {
    for (sim, (number, encoding)) in
        (1..=SIM_VERSION).flat_map(|sim| LAYOUTS.map(|layout| (sim, layout)))
    {
        let name = format!("sim-{sim}-layout-{number}.txt");
        let kept = kept(&name, || written(encoding));
        assert!(kept.lines().count() > 100, "{name} is too short");
        let mut views = BTreeMap::new();
        for (nth, line) in kept.lines().enumerate() {
            let (side, hex) = line.split_once(' ').expect("a side, then its bytes");
            if side == "snapshot" && sim != SIM_VERSION {
                continue;
            }
            if let Err(why) = check_line(side, &bytes_of(hex), encoding, &mut views) {
                panic!(
                    "{name}:{}: the bits of layout {number} have changed. Leave them as they were, and raise the layout's number \
                     for what is new: `Layout` in protocol/src/binary/mod.rs. If the rules change with a snapshot, raise \
                     SIM_VERSION instead. {why}",
                    nth + 1
                );
            }
        }
    }
}

#[test]
fn every_action_is_among_the_messages_of_these_tests() {
    let mut runner = TestRunner::deterministic();
    let made: BTreeSet<&str> = (0..600)
        .filter_map(|_| {
            let message = client_message()
                .new_tree(&mut runner)
                .expect("there is one");
            if let ClientMessage::Command(Envelope { command, .. }) = message.current()
                && let ClientCommand::Act { action, .. } = command
            {
                Some(action.name())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(made, Action::NAMES.iter().copied().collect());
}

/// What of a schema is gone or narrower than it was. Words may change.
struct Growth {
    /// Whether there may be messages that there were not: a room understands more than its clients say.
    may_have_more: bool,
    /// Whether both are of one `SIM_VERSION`; otherwise snapshots may hold other things.
    same_rules: bool,
    faults: Vec<String>,
}

/// What a snapshot holds, in the schema.
const OF_SNAPSHOTS: [&str; 5] = [
    "Presence",
    "PlayerState",
    "Structure",
    "Preview",
    "Projectile",
];

impl Growth {
    fn compare(&mut self, path: &str, before: &Value, now: &Value) {
        match (before, now) {
            (Value::Object(before), Value::Object(now)) => self.compare_object(path, before, now),
            (before, now) if before == now => {}
            (before, now) => self
                .faults
                .push(format!("{path}: {before} has become {now}")),
        }
    }

    fn compare_object(
        &mut self,
        path: &str,
        before: &Map<String, Value>,
        now: &Map<String, Value>,
    ) {
        let words = ["description", "title"];
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for name in names
            .into_iter()
            .filter(|name| !words.contains(&name.as_str()))
        {
            let path = format!("{path}/{name}");
            match (name.as_str(), before.get(name), now.get(name)) {
                ("properties" | "$defs", Some(Value::Object(before)), Some(Value::Object(now))) => {
                    let compared = |name: &str| self.same_rules || !OF_SNAPSHOTS.contains(&name);
                    let before: Vec<_> = before.iter().filter(|(name, _)| compared(name)).collect();
                    for (name, before) in before {
                        let path = format!("{path}/{name}");
                        match now.get(name) {
                            Some(now) => self.compare(&path, before, now),
                            None => self.faults.push(format!("{path} is gone")),
                        }
                    }
                }
                // The rules' refusals answer what only newer clients ask for.
                ("enum" | "examples", Some(Value::Array(before)), Some(Value::Array(now))) => {
                    let is_refusal = |code: &Value| {
                        code.as_str()
                            .is_some_and(|code| code.starts_with("rejected_"))
                    };
                    let kept: Vec<_> = now
                        .iter()
                        .filter(|code| before.contains(code) || !is_refusal(code))
                        .collect();
                    if !kept.iter().copied().eq(before) {
                        self.faults.push(format!("{path} is another"));
                    }
                }
                ("oneOf", Some(Value::Array(before)), Some(Value::Array(now))) => {
                    self.compare_messages(&path, before, now);
                }
                (_, Some(before), Some(now)) => self.compare(&path, before, now),
                (_, None, Some(_)) => self.faults.push(format!("{path} is new")),
                (_, Some(_), None) => self.faults.push(format!("{path} is gone")),
                (_, None, None) => {}
            }
        }
    }

    fn compare_messages(&mut self, path: &str, before: &[Value], now: &[Value]) {
        for message in before {
            let name = message_name(message);
            match now.iter().find(|now| message_name(now) == name) {
                Some(now) => self.compare(&format!("{path}/{name}"), message, now),
                None => self.faults.push(format!("{path}/{name} is gone")),
            }
        }
        let is_new = |message: &&Value| {
            before
                .iter()
                .all(|old| message_name(old) != message_name(message))
        };
        if !self.may_have_more {
            let new = now.iter().filter(is_new);
            self.faults
                .extend(new.map(|new| format!("{path}/{} is new", message_name(new))));
        }
    }
}

/// What tells a message from the others: its kind, and what names it within that; for an alternative of a value, all of it.
fn message_name(message: &Value) -> String {
    let part = |name: &str| message["properties"][name]["const"].as_str();
    let parts = ["kind", "feature", "action", "name"].map(part);
    if parts.iter().all(Option::is_none) {
        return message.to_string();
    }
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_json_of_version_2_grows_by_optional_fields_alone() {
    let schemas = [
        ("client.json", true, client_schema()),
        ("server.json", false, server_schema()),
    ];
    for (sim, (name, may_have_more, schema)) in
        (1..=SIM_VERSION).flat_map(|sim| schemas.clone().map(|schema| (sim, schema)))
    {
        let name = format!("sim-{sim}-{name}");
        let before = kept(&name, || schema.clone());
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
        let mut growth = Growth {
            may_have_more,
            same_rules: sim == SIM_VERSION,
            faults: Vec::new(),
        };
        growth.compare("", &value(&before), &value(&schema));
        assert!(
            growth.faults.is_empty(),
            "{name}: version 2 of the envelope allows new optional fields, and a client new messages, but not this. If the rules \
             change with a snapshot, raise SIM_VERSION.\n{}",
            growth.faults.join("\n")
        );
    }
}

#[test]
fn whatever_breaks_a_peer_of_before_is_found() {
    let before: Value = serde_json::from_str(&server_schema()).expect("it is JSON");
    let state = "/$defs/PlayerState";
    let broken = |break_it: fn(&mut Value), at: &str| {
        let mut now = before.clone();
        break_it(now.pointer_mut(at).expect("it is there"));
        let mut growth = Growth {
            may_have_more: false,
            same_rules: true,
            faults: Vec::new(),
        };
        growth.compare("", &before, &now);
        growth.faults
    };
    let optional =
        |state: &mut Value| state["properties"]["dash"] = serde_json::json!({ "type": "integer" });
    assert_eq!(broken(optional, state), [""; 0]);
    let required = |state: &mut Value| {
        state["properties"]["dash"] = serde_json::json!({ "type": "integer" });
        state["required"]
            .as_array_mut()
            .expect("a list")
            .push("dash".into());
    };
    assert_eq!(broken(required, state).len(), 1);
    let gone = |state: &mut Value| {
        drop(
            state["properties"]
                .as_object_mut()
                .expect("fields")
                .remove("health"),
        )
    };
    assert_eq!(
        broken(gone, state),
        ["/$defs/PlayerState/properties/health is gone"]
    );
    let narrower = |state: &mut Value| state["properties"]["health"]["maximum"] = 100.into();
    assert_eq!(broken(narrower, state).len(), 1);
    let message = |all: &mut Value| {
        let mut new = all[0].clone();
        new["properties"]["kind"]["const"] = "farewell".into();
        all.as_array_mut().expect("messages").push(new);
    };
    assert_eq!(broken(message, "/oneOf"), ["/oneOf/farewell is new"]);
}
