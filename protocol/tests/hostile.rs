//! Messages that nobody honest sends, each with the code and the field of its answer.

mod examples;

use examples::blocks;
use protocol::limits::{CLIENT_MESSAGE_BYTES_MAX, DEPTH_MAX};
use protocol::{
    ClientCommand, ClientMessage, Encoding, Envelope, ErrorCode, Input, Reason, decode_client,
    decode_server, encode_client,
};
use serde_json::{Value, json};
use sim_core::{Action, Aim, Buttons};

fn answer(message: &str) -> (ErrorCode, Option<String>) {
    let error = decode_client(message.as_bytes(), Encoding::Json).expect_err(message);
    // The answer has to fit an error message, whatever was asked.
    assert!(error.to_string().len() < 1_000, "{error}");
    (error.code(), error.field().map(str::to_owned))
}

fn command(feature: &str, action: &str, payload: &str) -> String {
    format!(
        r#"{{"v":2,"kind":"command","seq":1,"feature":"{feature}","action":"{action}","clientTime":1,"payload":{payload}}}"#
    )
}

fn batch(inputs: &str) -> String {
    command(
        "movement",
        "input_batch",
        &format!(r#"{{"inputs":{inputs}}}"#),
    )
}

const INPUT: &str = r#"{"seq":7,"up":true,"down":false,"left":false,"right":true}"#;

#[test]
fn every_hostile_message_gets_its_own_answer() {
    let many = |count: usize| format!("[{}]", vec![INPUT; count].join(","));
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let place = |cell: &str| {
        command(
            "build",
            "place",
            &format!(r#"{{"inputSeq":1,"structure":"wall","cell":{cell}}}"#),
        )
    };
    let save = |id: &str, name: &str, look: &str| {
        command(
            "presence",
            "save_character",
            &format!(r#"{{"characterId":"{id}","name":"{name}","look":{look}}}"#),
        )
    };
    let look = r#"{"body":1,"colour":1}"#;
    let table: Vec<(&str, String, ErrorCode, Option<&str>)> = vec![
        ("nothing", String::new(), ErrorCode::Malformed, None),
        ("no JSON", "hello".into(), ErrorCode::Malformed, None),
        ("half a message", r#"{"v":2,"kind":"ping""#.into(), ErrorCode::Malformed, None),
        ("two messages", r#"{"v":2,"kind":"ping","seq":1,"clientTime":1}{}"#.into(), ErrorCode::Malformed, None),
        ("a lone surrogate", r#"{"v":2,"kind":"\ud800"}"#.into(), ErrorCode::Malformed, None),
        ("a list", "[2]".into(), ErrorCode::WrongType, None),
        ("a number", "2".into(), ErrorCode::WrongType, None),
        ("too many bytes", format!("{}{{}}", " ".repeat(CLIENT_MESSAGE_BYTES_MAX)), ErrorCode::MessageTooLong, None),
        ("no version", r#"{"kind":"ping"}"#.into(), ErrorCode::MissingField, Some("v")),
        ("a version in words", r#"{"v":"2","kind":"ping"}"#.into(), ErrorCode::WrongType, Some("v")),
        ("a version to come", r#"{"v":3,"kind":"ping"}"#.into(), ErrorCode::UnsupportedVersion, Some("v")),
        ("a version long gone", r#"{"v":0,"kind":"ping"}"#.into(), ErrorCode::UnsupportedVersion, Some("v")),
        ("a negative version", r#"{"v":-1,"kind":"ping"}"#.into(), ErrorCode::OutOfRange, Some("v")),
        ("no kind", r#"{"v":2}"#.into(), ErrorCode::MissingField, Some("kind")),
        ("an unknown kind", r#"{"v":2,"kind":"welcome"}"#.into(), ErrorCode::UnknownKind, Some("kind")),
        ("a kind twice", r#"{"v":2,"kind":"ping","kind":"ping"}"#.into(), ErrorCode::DuplicateField, Some("kind")),
        ("a ping without seq", r#"{"v":2,"kind":"ping","clientTime":1}"#.into(), ErrorCode::MissingField, Some("seq")),
        ("a huge seq", r#"{"v":2,"kind":"ping","seq":4294967296,"clientTime":1}"#.into(), ErrorCode::OutOfRange, Some("seq")),
        ("a negative seq", r#"{"v":2,"kind":"ping","seq":-1,"clientTime":1}"#.into(), ErrorCode::OutOfRange, Some("seq")),
        ("a fractional seq", r#"{"v":2,"kind":"ping","seq":1.5,"clientTime":1}"#.into(), ErrorCode::WrongType, Some("seq")),
        ("a negative clock", r#"{"v":2,"kind":"ping","seq":1,"clientTime":-1}"#.into(), ErrorCode::OutOfRange, Some("clientTime")),
        ("a clock beyond all time", r#"{"v":2,"kind":"ping","seq":1,"clientTime":1e300}"#.into(), ErrorCode::OutOfRange, Some("clientTime")),
        ("a clock beyond all numbers", r#"{"v":2,"kind":"ping","seq":1,"clientTime":1e999}"#.into(), ErrorCode::Malformed, None),
        ("an unknown feature", command("flight", "take_off", "{}"), ErrorCode::UnknownFeature, Some("feature")),
        ("an unknown action", command("build", "paint", "{}"), ErrorCode::UnknownAction, Some("action")),
        ("an action of another feature", command("build", "fire", "{}"), ErrorCode::UnknownAction, Some("action")),
        ("no payload", r#"{"v":2,"kind":"command","seq":1,"feature":"projectile","action":"fire","clientTime":1}"#.into(), ErrorCode::MissingField, Some("payload")),
        ("a payload that is a list", command("projectile", "fire", "[1,2]"), ErrorCode::WrongType, Some("payload")),
        ("an empty payload", command("projectile", "fire", "{}"), ErrorCode::MissingField, Some("payload.inputSeq")),
        ("a huge aim", command("projectile", "fire", r#"{"inputSeq":1,"aim":65536}"#), ErrorCode::OutOfRange, Some("payload.aim")),
        ("an aim in words", command("projectile", "fire", r#"{"inputSeq":1,"aim":"up"}"#), ErrorCode::WrongType, Some("payload.aim")),
        ("an aim twice", command("projectile", "fire", r#"{"inputSeq":1,"aim":1,"aim":2}"#), ErrorCode::DuplicateField, Some("payload.aim")),
        ("no inputs", batch("[]"), ErrorCode::OutOfRange, Some("payload.inputs")),
        ("too many inputs", batch(&many(13)), ErrorCode::TooMany, Some("payload.inputs")),
        ("far too many inputs", batch(&many(60)), ErrorCode::TooMany, Some("payload.inputs[41].seq")),
        ("far too many values", batch(&format!("[{}1]", "1,".repeat(1_500))), ErrorCode::TooMany, Some("payload.inputs[247]")),
        ("inputs that are no list", batch("7"), ErrorCode::WrongType, Some("payload.inputs")),
        ("an input that is a list", batch("[[7,true,true,true,true]]"), ErrorCode::WrongType, Some("payload.inputs[0]")),
        ("an input without seq", batch(&format!(r#"[{INPUT},{INPUT},{INPUT},{{"up":true}}]"#)), ErrorCode::MissingField, Some("payload.inputs[3].seq")),
        ("an input's button as a number", batch(r#"[{"seq":1,"up":1,"down":false,"left":false,"right":false}]"#), ErrorCode::WrongType, Some("payload.inputs[0].up")),
        ("a deep payload", command("projectile", "fire", &nested(DEPTH_MAX)), ErrorCode::TooDeep, Some("payload[0][0][0][0][0][0][0][0][0][0][0]")),
        ("a deep unknown field", format!(r#"{{"v":2,"more":{}}}"#, nested(1_000)), ErrorCode::TooDeep, Some("more[0][0][0][0][0][0][0][0][0][0][0]")),
        ("a short hash", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"predicted":{{"seq":1,"hash":"12"}}}}"#)), ErrorCode::OutOfRange, Some("payload.predicted.hash")),
        ("a hash with a sign", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"predicted":{{"seq":1,"hash":"+1234567"}}}}"#)), ErrorCode::OutOfRange, Some("payload.predicted.hash")),
        ("a hash as a number", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"predicted":{{"seq":1,"hash":12}}}}"#)), ErrorCode::WrongType, Some("payload.predicted.hash")),
        ("an acknowledgement in words", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"snapshotAck":"17"}}"#)), ErrorCode::WrongType, Some("payload.snapshotAck")),
        ("a proof of nothing", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"snapshotProof":"9f31c2d4"}}"#)), ErrorCode::OutOfRange, Some("payload.snapshotProof")),
        ("a proof as a number", command("movement", "input_batch", &format!(r#"{{"inputs":[{INPUT}],"snapshotAck":17,"snapshotProof":17}}"#)), ErrorCode::WrongType, Some("payload.snapshotProof")),
        ("an unknown structure", command("build", "preview", r#"{"structure":"castle","cell":{"x":1,"y":1}}"#), ErrorCode::UnknownValue, Some("payload.structure")),
        ("a structure as a number", command("build", "preview", r#"{"structure":1,"cell":{"x":1,"y":1}}"#), ErrorCode::WrongType, Some("payload.structure")),
        ("a cell right of the arena", place(r#"{"x":64,"y":1}"#), ErrorCode::OutOfRange, Some("payload.cell.x")),
        ("a cell below the arena", place(r#"{"x":63,"y":64}"#), ErrorCode::OutOfRange, Some("payload.cell.y")),
        ("a cell far away", place(r#"{"x":256,"y":1}"#), ErrorCode::OutOfRange, Some("payload.cell.x")),
        ("a cell between cells", place(r#"{"x":0.5,"y":1}"#), ErrorCode::WrongType, Some("payload.cell.x")),
        ("half a cell", place(r#"{"x":1}"#), ErrorCode::MissingField, Some("payload.cell.y")),
        ("a character without id", save("", "Ann", look), ErrorCode::OutOfRange, Some("payload.characterId")),
        ("a character with a long id", save(&"x".repeat(33), "Ann", look), ErrorCode::OutOfRange, Some("payload.characterId")),
        ("a name of spaces", save("default", "  ", look), ErrorCode::OutOfRange, Some("payload.name")),
        ("a long name", save("default", &"ü".repeat(25), look), ErrorCode::OutOfRange, Some("payload.name")),
        ("a name in two lines", save("default", r"A\nB", look), ErrorCode::OutOfRange, Some("payload.name")),
        ("a body that nobody has", save("default", "Ann", r#"{"body":8,"colour":1}"#), ErrorCode::OutOfRange, Some("payload.look")),
        ("an index as a name", format!(r#"{{"v":2,"{}\n":{}}}"#, "k".repeat(999), nested(50)), ErrorCode::TooDeep, Some("kkkkkkkkkkkkkkkkkkkkkkkk[0][0][0][0][0][0][0][0][0][0][0]")),
    ];
    for (what, message, code, field) in table {
        assert_eq!(
            answer(&message),
            (code, field.map(str::to_owned)),
            "{what}: {message:.200}"
        );
    }
}

#[test]
fn unknown_fields_are_ignored_and_the_version_before_is_understood() {
    let fire = ClientMessage::Command(Envelope {
        seq: 9,
        client_time: 1.5,
        command: ClientCommand::Act {
            input_seq: 3,
            action: Action::Fire { aim: Aim(4) },
        },
    });
    for version in [1, 2] {
        let message = format!(
            r#"{{"later":[{{"a":null}}],"v":{version},"kind":"command","seq":9,"feature":"projectile","action":"fire",
            "clientTime":1.5,"payload":{{"inputSeq":3,"aim":4,"spin":{{"left":true}}}}}}"#
        );
        assert_eq!(
            decode_client(message.as_bytes(), Encoding::Json),
            Ok(fire.clone())
        );
        let mut bytes = encode_client(&fire, Encoding::Binary);
        bytes[0] = version;
        assert_eq!(decode_client(&bytes, Encoding::Binary), Ok(fire.clone()));
    }
}

#[test]
fn what_is_optional_may_be_null() {
    let message = command(
        "movement",
        "input_batch",
        &format!(r#"{{"inputs":[{INPUT}],"snapshotAck":null}}"#),
    );
    let inputs = vec![Input {
        seq: 7,
        buttons: Buttons::UP.with(Buttons::RIGHT),
    }];
    let command = ClientCommand::InputBatch {
        inputs,
        snapshot_ack: None,
        snapshot_proof: None,
        predicted: None,
    };
    let expected = ClientMessage::Command(Envelope {
        seq: 1,
        client_time: 1.0,
        command,
    });
    assert_eq!(
        decode_client(message.as_bytes(), Encoding::Json),
        Ok(expected)
    );
}

#[test]
fn hostile_bytes_get_their_own_answer() {
    let code = |bytes: &[u8]| {
        let error = decode_client(bytes, Encoding::Binary).expect_err("it is hostile");
        (error.code(), error.field().map(str::to_owned))
    };
    let field = |name: &str| Some(name.to_owned());
    let clock = 1.0_f64.to_le_bytes();
    let rare = |tag: u8, body: &[u8]| [&[2, tag, 1], &clock[..], body].concat();
    assert_eq!(code(&[]), (ErrorCode::Malformed, field("header")));
    assert_eq!(code(&[3, 1]), (ErrorCode::UnsupportedVersion, field("v")));
    assert_eq!(code(&[0, 1]), (ErrorCode::UnsupportedVersion, field("v")));
    assert_eq!(code(&[2, 99]), (ErrorCode::UnknownKind, field("kind")));
    assert_eq!(code(&[2, 1]), (ErrorCode::Malformed, field("seq")));
    assert_eq!(
        code(&vec![2; CLIENT_MESSAGE_BYTES_MAX + 1]),
        (ErrorCode::MessageTooLong, None)
    );
    assert_eq!(code(&rare(1, &[0])), (ErrorCode::Malformed, None));
    assert_eq!(
        code(&[&[2, 1, 1], &f64::NAN.to_le_bytes()[..]].concat()),
        (ErrorCode::OutOfRange, field("clientTime"))
    );
    assert_eq!(code(&rare(0, &[])), (ErrorCode::Malformed, field("action")));
    let unknown = u8::try_from(ClientCommand::NAMES.len()).expect("there are few commands");
    assert_eq!(
        code(&rare(0, &[unknown])),
        (ErrorCode::UnknownAction, field("action"))
    );
    assert_eq!(
        code(&rare(0, &[0, 1])),
        (ErrorCode::Malformed, field("action"))
    );
    // A preview in a cell outside, and one of a kind that does not exist.
    assert_eq!(
        code(&rare(0, &[1, 64, 0, 0])),
        (ErrorCode::OutOfRange, field("payload.cell.x"))
    );
    assert_eq!(
        code(&rare(0, &[1, 1, 1, 7])),
        (ErrorCode::Malformed, field("payload"))
    );
    // A character whose id claims four billion bytes.
    assert_eq!(
        code(&rare(0, &[6, 252, 255, 255, 255, 255])),
        (ErrorCode::OutOfRange, field("payload"))
    );
}

#[test]
fn a_batch_that_claims_too_many_inputs_is_refused_before_they_are_read() {
    // seq 0 is a one and twelve zeros; then 64 zeros of clock; 13 is 1 00 01 in the code of order 2.
    let mut bits: Vec<bool> = vec![true];
    bits.extend([false; 12]);
    bits.extend([false; 64]);
    // 13 + 4 = 17 = 0b10001: two zeros, then its five bits.
    bits.extend([false, false, true, false, false, false, true]);
    let mut bytes = vec![2, 2];
    for chunk in bits.chunks(8) {
        bytes.push(
            chunk
                .iter()
                .enumerate()
                .map(|(place, bit)| u8::from(*bit) << place)
                .sum(),
        );
    }
    let error = decode_client(&bytes, Encoding::Binary).expect_err("it claims too many");
    assert_eq!(error.reason, Reason::TooManyEntries { count: 13, max: 12 });
    assert_eq!(error.field(), Some("payload.inputs"));
}

/// The full snapshot of `docs/PROTOCOL.md`. There is one player in it.
fn full_snapshot() -> String {
    let mut blocks = blocks().into_iter();
    let full = blocks.find(|(_, text)| text.contains(r#""mode":"full""#));
    full.expect("the page shows one").1.to_owned()
}

#[test]
fn a_room_may_lie_as_little_as_a_client() {
    let code = |message: &str| {
        let error = decode_server(message.as_bytes(), Encoding::Json, |_| None).expect_err(message);
        (error.code(), error.field().map(str::to_owned))
    };
    let field = |name: &str| Some(name.to_owned());
    let full: Value = serde_json::from_str(&full_snapshot()).expect("it is JSON");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut snapshot = full.clone();
        change(&mut snapshot);
        snapshot.to_string()
    };
    let player_at = |x: Value| {
        changed(&|snapshot| {
            snapshot["features"]["movement"]["upserts"][0]["pos"]["x"] = x.clone();
        })
    };
    let x = "features.movement.upserts[0].pos.x";
    let decodes =
        |message: &str| decode_server(message.as_bytes(), Encoding::Json, |_| None).is_ok();
    assert!(decodes(&player_at(json!(1.5))));
    for (place, wrong) in [
        (json!(0.1), ErrorCode::OutOfRange),
        (json!(32768), ErrorCode::OutOfRange),
        (json!("1"), ErrorCode::WrongType),
    ] {
        assert_eq!(code(&player_at(place)), (wrong, field(x)));
    }
    // The same player 33 times is one player.
    let crowd = changed(&|snapshot| {
        let players = &mut snapshot["features"]["movement"]["upserts"];
        *players = json!(vec![players[0].clone(); 33]);
    });
    assert!(decodes(&crowd));
    for (mode, base, wrong, named) in [
        ("delta", Value::Null, ErrorCode::MissingField, "baseId"),
        ("delta", full["id"].clone(), ErrorCode::OutOfRange, "baseId"),
        ("full", json!(2), ErrorCode::OutOfRange, "baseId"),
        ("half", Value::Null, ErrorCode::UnknownValue, "mode"),
    ] {
        let message = changed(&|snapshot| {
            snapshot["mode"] = json!(mode);
            snapshot["baseId"] = base.clone();
        });
        assert_eq!(code(&message), (wrong, field(named)));
    }
    let event = r#"{"v":2,"kind":"event","serverTime":1,"step":6,"feature":"build","name":"hit","payload":{}}"#;
    assert_eq!(code(event), (ErrorCode::UnknownAction, field("name")));
    assert_eq!(
        code(r#"{"v":2,"kind":"ack","serverTime":1,"step":-6,"seq":1}"#),
        (ErrorCode::OutOfRange, field("step"))
    );
}

#[test]
fn a_code_of_a_newer_room_is_no_reason_to_stop() {
    let error = r#"{"v":2,"kind":"error","serverTime":1,"step":6,"code":"too_beautiful","message":"","fatal":false}"#;
    let decoded =
        decode_server(error.as_bytes(), Encoding::Json, |_| None).expect("it is a message");
    let protocol::ServerBody::Error(body) = decoded.body else {
        panic!("{decoded:?}")
    };
    assert_eq!(body.code, ErrorCode::Unrecognised);
}

#[test]
fn a_message_may_be_as_long_as_a_message_may_be() {
    let message = r#"{"v":2,"kind":"ping","seq":1,"clientTime":0}"#;
    for (longer, is_taken) in [(0, true), (1, false)] {
        let spaces = " ".repeat(CLIENT_MESSAGE_BYTES_MAX - message.len() + longer);
        let decoded = decode_client(format!("{message}{spaces}").as_bytes(), Encoding::Json);
        assert_eq!(decoded.is_ok(), is_taken, "{decoded:?}");
    }
}
