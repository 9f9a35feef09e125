use authority::{CloseCode, Encoding};
use protocol::{ClientCommand, ErrorCode};
use sim_core::{Action, Aim, Buttons};

use crate::rig::Rig;

const RIGHT: Buttons = Buttons::RIGHT;

/// A room in which inputs and commands wait, so that there is something to break.
fn busy() -> (Rig, authority::ConnId) {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    rig.play(&[conn], RIGHT, 5);
    rig.inputs(conn, &[RIGHT; 3]);
    rig.send(
        conn,
        ClientCommand::Act {
            input_seq: 13,
            action: Action::Fire { aim: Aim(7) },
        },
    );
    (rig, conn)
}

fn batch(seq: u32, inputs: &str) -> String {
    format!(
        r#"{{"v":2,"kind":"command","seq":{seq},"feature":"movement","action":"input_batch","clientTime":1.0,"payload":{{"inputs":[{inputs}]}}}}"#
    )
}

fn input(seq: u64) -> String {
    format!(r#"{{"seq":{seq},"up":false,"down":false,"left":false,"right":true}}"#)
}

#[test]
fn every_hostile_message_gets_its_own_error_and_changes_nothing() {
    let many: Vec<String> = (14..10_014).map(input).collect();
    let deep = format!(
        r#"{{"v":2,"kind":"command","seq":50,"payload":{}{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    let command = |seq: u32, feature: &str, action: &str, payload: &str| {
        format!(
            r#"{{"v":2,"kind":"command","seq":{seq},"feature":"{feature}","action":"{action}","clientTime":1.0,"payload":{payload}}}"#
        )
    };
    let table: &[(&str, String, ErrorCode)] = &[
        ("no JSON", "]".into(), ErrorCode::Malformed),
        ("nothing", String::new(), ErrorCode::Malformed),
        (
            "a wrong type",
            batch(
                50,
                r#"{"seq":"14","up":false,"down":false,"left":false,"right":true}"#,
            ),
            ErrorCode::WrongType,
        ),
        (
            "a wrong type of button",
            batch(
                50,
                r#"{"seq":14,"up":1,"down":false,"left":false,"right":true}"#,
            ),
            ErrorCode::WrongType,
        ),
        (
            "a huge message",
            batch(50, &many.join(",")),
            ErrorCode::MessageTooLong,
        ),
        (
            "a huge count",
            batch(50, &many[..40].join(",")),
            ErrorCode::TooMany,
        ),
        ("no inputs", batch(50, ""), ErrorCode::OutOfRange),
        ("deep nesting", deep, ErrorCode::TooDeep),
        (
            "an unknown kind",
            r#"{"v":2,"kind":"order","seq":50,"clientTime":1.0}"#.into(),
            ErrorCode::UnknownKind,
        ),
        (
            "an unknown feature",
            command(50, "magic", "cast", "{}"),
            ErrorCode::UnknownFeature,
        ),
        (
            "an unknown action",
            command(50, "build", "explode", "{}"),
            ErrorCode::UnknownAction,
        ),
        (
            "a missing field",
            command(50, "projectile", "fire", r#"{"aim":3}"#),
            ErrorCode::MissingField,
        ),
        (
            "an aim out of range",
            command(50, "projectile", "fire", r#"{"inputSeq":14,"aim":65536}"#),
            ErrorCode::OutOfRange,
        ),
        (
            "a number that goes back",
            batch(2, &input(14)),
            ErrorCode::SeqNotIncreasing,
        ),
        (
            "inputs with a hole before them",
            batch(51, &input(15)),
            ErrorCode::InputSeqGap,
        ),
        (
            "inputs from the far future",
            batch(52, &input(4_294_967_295)),
            ErrorCode::InputSeqGap,
        ),
        (
            "a command for the far future",
            command(
                53,
                "projectile",
                "fire",
                r#"{"inputSeq":4000000000,"aim":1}"#,
            ),
            ErrorCode::InputSeqFuture,
        ),
        (
            "a command for the past",
            command(54, "projectile", "fire", r#"{"inputSeq":10,"aim":1}"#),
            ErrorCode::LateCommand,
        ),
        (
            "a command for no input",
            command(55, "projectile", "fire", r#"{"inputSeq":0,"aim":1}"#),
            ErrorCode::LateCommand,
        ),
        (
            "an unknown character",
            command(
                56,
                "presence",
                "select_character",
                r#"{"characterId":"ghost"}"#,
            ),
            ErrorCode::UnknownCharacter,
        ),
        (
            "a snapshot that was never sent",
            batch(57, &input(14)).replace(r#""inputs""#, r#""snapshotAck":4000000,"inputs""#),
            ErrorCode::OutOfRange,
        ),
        (
            "a prediction of another batch",
            batch(58, &input(14)).replace(
                r#""inputs""#,
                r#""predicted":{"seq":99,"hash":"00000000"},"inputs""#,
            ),
            ErrorCode::OutOfRange,
        ),
    ];
    let (mut rig, conn) = busy();
    let before = rig.fingerprint();
    assert_eq!(before.1[0].inputs.len(), 3);
    assert_eq!(before.1[0].commands, 1);
    for (nth, (what, bytes, code)) in table.iter().enumerate() {
        rig.bytes(conn, bytes.as_bytes());
        let errors = rig.errors(conn);
        assert_eq!(errors.len(), nth + 1, "{what}");
        let error = &errors[nth];
        assert_eq!(error.code, *code, "{what}: {}", error.message);
        assert!(!error.fatal, "{what}");
        assert!(!error.message.is_empty(), "{what}");
        assert_eq!(rig.fingerprint(), before, "{what}");
    }
    assert_eq!(rig.room.stats().refused, table.len() as u64);
    // The connection goes on as if nothing had been.
    rig.peers.get_mut(&conn).unwrap().seq = 60;
    rig.play(&[conn], RIGHT, 3);
    assert_eq!(rig.acks(conn).len(), 1);
    assert_eq!(rig.errors(conn).len(), table.len());
}

#[test]
fn bytes_that_are_no_message_change_nothing_in_binary_either() {
    let mut rig = Rig::new();
    let conn = rig.open("anna", Encoding::Binary, None);
    rig.ticks(1);
    let before = rig.fingerprint();
    let mut sent = 0;
    for byte in 0..=40_u8 {
        let mut bytes = [byte; 9];
        bytes[0] = protocol::PROTOCOL_VERSION;
        rig.bytes(conn, &bytes);
        sent += 1;
    }
    assert_eq!(rig.errors(conn).len(), sent);
    assert_eq!(rig.fingerprint(), before);
}

#[test]
fn who_sends_nothing_but_rubbish_is_closed() {
    let mut rig = Rig::new();
    let conn = rig.join("anna");
    for _ in 0..=authority::limits::UNDECODABLE_MAX {
        rig.bytes(conn, b"rubbish");
    }
    assert_eq!(
        rig.peers[&conn].closed,
        Some(CloseCode::ProtocolError.number())
    );
}

#[test]
fn a_user_id_that_no_message_may_carry_is_turned_away() {
    let mut rig = Rig::new();
    for user in [String::new(), "x".repeat(1_000), "an\nna".to_owned()] {
        let conn = rig.open(&user, Encoding::Json, None);
        assert_eq!(
            rig.peers[&conn].closed,
            Some(CloseCode::Unauthorized.number())
        );
    }
    assert!(rig.room.is_asleep());
}

#[test]
fn a_version_that_nobody_speaks_ends_the_connection_and_keeps_the_player() {
    let (mut rig, conn) = busy();
    let before = rig.player(conn);
    let bytes = batch(50, &input(14)).replace(r#""v":2"#, r#""v":99"#);
    rig.bytes(conn, bytes.as_bytes());
    assert_eq!(rig.last_error(conn).code, ErrorCode::UnsupportedVersion);
    let closed = CloseCode::UnsupportedVersion.number();
    assert_eq!(rig.peers[&conn].closed, Some(closed));
    assert!(rig.room.world().player(before.id).is_some());
}
