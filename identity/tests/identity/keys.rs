//! Clerk's keys: which are taken, when they are asked for again, and what happens without them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clerk_stand_in::SigningKey;
use identity::limits::{
    ANSWER_BYTES_MAX, KEY_BITS_MAX, KEY_BITS_MIN, KEYS_ASK_MILLIS, KEYS_ASKS_MAX,
    KEYS_FRESH_MILLIS, KEYS_OLD_MILLIS, KEYS_RETRY_MILLIS, SESSION_FRESH_MILLIS,
};
use identity::{Answer, Need, Refusal};

use crate::door::{Asked, Door, NOW, USER, answer, by_unknown_key, forge, good, key_set, ok};

/// How often keys were asked for.
fn asks(door: &Door) -> usize {
    door.asked
        .iter()
        .filter(|asked| **asked == Asked::Keys)
        .count()
}

#[test]
fn a_key_that_nobody_knows_is_asked_for_once() {
    let mut door = Door::warm();
    door.wait(KEYS_ASK_MILLIS);
    let token = by_unknown_key(door.seconds());
    for _ in 0..100 {
        assert_eq!(door.knock(&token), Err(Refusal::UnknownKey));
    }
    assert_eq!(door.asked, [Asked::Keys]);
}

#[test]
fn a_flood_of_unknown_keys_is_capped() {
    let mut door = Door::warm();
    let spans = 20;
    for number in 0..spans * 20 {
        door.wait(KEYS_ASK_MILLIS / 20);
        let token = forge(door.seconds()).sign_with(&format!("ins_{number}"), |_| vec![1; 256]);
        assert_eq!(door.knock(&token), Err(Refusal::UnknownKey));
    }
    assert_eq!(asks(&door), spans);
}

#[test]
fn a_rotated_key_is_found_by_asking_again() {
    let mut door = Door::warm();
    door.wait(KEYS_ASK_MILLIS);
    door.keys = ok(&key_set(&[SigningKey::second().jwk()]));
    let token = forge(door.seconds()).sign(SigningKey::second());
    assert_eq!(door.knock(&token), Ok(USER.to_owned()));
    assert_eq!(asks(&door), 1);
    // The old key is not in the set any more.
    assert_eq!(door.knock(&good(door.seconds())), Err(Refusal::UnknownKey));
}

#[test]
fn who_comes_while_a_new_key_is_on_its_way_may_try_again() {
    let mut door = Door::warm();
    door.wait(KEYS_ASK_MILLIS);
    let token = forge(door.seconds()).sign(SigningKey::second());
    let Need::Keys(asked) = door.verifier.begin(&token, door.now) else {
        panic!("the first one asks");
    };
    door.wait(1);
    door.refuses_at_once(&token, Refusal::KeysUnavailable);
    door.keys = ok(&key_set(&[SigningKey::second().jwk()]));
    door.wait(1);
    let need = door
        .verifier
        .keys_arrived(asked, door.keys.as_ref(), door.now);
    assert!(matches!(need, Need::Signature(_)));
    assert!(door.knock(&token).is_ok());
}

#[test]
fn a_whole_room_may_arrive_before_the_first_keys() {
    let mut door = Door::new();
    let token = good(NOW);
    for _ in 0..KEYS_ASKS_MAX {
        // A check that is dropped holds nothing up.
        assert!(matches!(
            door.verifier.begin(&token, door.now),
            Need::Keys(_)
        ));
    }
    door.refuses_at_once(&token, Refusal::KeysUnavailable);
    door.wait(KEYS_RETRY_MILLIS);
    assert!(door.knock(&token).is_ok());
}

#[test]
fn without_any_keys_nobody_gets_in_and_clerk_is_left_in_peace() {
    for down in [
        None,
        answer(500, "{}"),
        answer(503, ""),
        answer(429, "{}"),
        answer(404, "{}"),
        ok("<html>"),
        ok("{}"),
        ok(&" ".repeat(ANSWER_BYTES_MAX + 1)),
    ] {
        let mut door = Door::new();
        door.keys = down;
        for _ in 0..10 {
            assert_eq!(door.knock(&good(NOW)), Err(Refusal::KeysUnavailable));
        }
        assert!(Refusal::KeysUnavailable.is_retryable());
        assert_eq!(door.asked, [Asked::Keys]);
        door.wait(KEYS_RETRY_MILLIS);
        door.keys = Door::new().keys;
        assert_eq!(door.knock(&good(NOW)), Ok(USER.to_owned()));
    }
}

#[test]
fn a_refused_secret_is_told_to_the_operator() {
    for status in [401, 403] {
        let mut door = Door::new();
        door.keys = answer(status, r#"{"errors":[]}"#);
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::SecretRefused));
    }
}

#[test]
fn with_keys_at_hand_clerk_may_be_down_for_a_day() {
    let mut door = Door::warm();
    door.keys = None;
    door.wait(KEYS_OLD_MILLIS - 1);
    assert_eq!(door.knock(&good(door.seconds())), Ok(USER.to_owned()));
    assert_eq!(asks(&door), 1, "it tried to get newer ones");
    door.wait(1);
    assert_eq!(
        door.knock(&good(door.seconds())),
        Err(Refusal::KeysUnavailable)
    );
}

#[test]
fn keys_are_asked_for_again_when_they_are_no_longer_fresh() {
    let mut door = Door::warm();
    door.wait(KEYS_FRESH_MILLIS - 1);
    assert!(door.knock(&good(door.seconds())).is_ok());
    assert_eq!(asks(&door), 0);
    door.wait(1);
    assert!(door.knock(&good(door.seconds())).is_ok());
    assert!(door.knock(&good(door.seconds())).is_ok());
    assert_eq!(asks(&door), 1);
}

#[test]
fn an_outage_is_not_met_with_a_question_for_each_player() {
    let mut door = Door::warm();
    door.keys = None;
    door.wait(KEYS_FRESH_MILLIS);
    for _ in 0..50 {
        assert!(door.knock(&good(door.seconds())).is_ok());
        door.wait(KEYS_ASK_MILLIS / 10);
    }
    assert_eq!(asks(&door), 5);
}

#[test]
fn an_unknown_key_during_an_outage_may_be_tried_again() {
    let mut door = Door::warm();
    door.keys = None;
    door.wait(SESSION_FRESH_MILLIS);
    let token = by_unknown_key(door.seconds());
    assert_eq!(door.knock(&token), Err(Refusal::KeysUnavailable));
    door.asked.clear();
    door.refuses_at_once(&token, Refusal::KeysUnavailable);
}

/// A JWK with the `kid` of the first key and something else instead of what makes it fit.
fn unfit(change: (&str, Option<&str>)) -> String {
    let mut jwk: serde_json::Value = serde_json::from_str(&SigningKey::first().jwk()).unwrap();
    let fields = jwk.as_object_mut().unwrap();
    match change {
        (name, Some(value)) => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            fields.insert(name.to_owned(), value);
        }
        (name, None) => {
            fields.remove(name);
        }
    }
    jwk.to_string()
}

#[test]
fn keys_for_other_purposes_are_not_used() {
    for change in [
        ("use", Some("enc")),
        ("kty", Some("EC")),
        ("kty", Some("oct")),
        ("kty", None),
        ("alg", Some("RS512")),
        ("alg", Some("RSA-OAEP")),
        ("key_ops", Some(r#"["encrypt"]"#)),
        ("key_ops", Some("[]")),
        ("n", None),
        ("n", Some("")),
        ("n", Some("***")),
        ("e", None),
        ("e", Some("AQ")),
        ("e", Some("Aw")),
    ] {
        let mut door = Door::new();
        door.keys = ok(&key_set(&[unfit(change)]));
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::UnfitKey), "{change:?}");
    }
}

#[test]
fn what_a_key_need_not_say_is_not_missed() {
    for change in [
        ("use", None),
        ("alg", None),
        ("key_ops", Some(r#"["sign","verify"]"#)),
        ("x5c", Some("[]")),
    ] {
        let mut door = Door::new();
        door.keys = ok(&key_set(&[unfit(change)]));
        assert!(door.knock(&good(NOW)).is_ok(), "{change:?}");
    }
}

#[test]
fn keys_that_are_too_short_or_too_long_are_not_used() {
    // An odd number with its highest bit set, of that many bits.
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (bytes.len() * 8 - bits);
        URL_SAFE_NO_PAD.encode(bytes)
    };
    let mut zero_first = vec![0; KEY_BITS_MIN / 8];
    zero_first.push(1);
    for n in [
        modulus(512),
        modulus(1_024),
        modulus(KEY_BITS_MIN - 1),
        modulus(KEY_BITS_MAX + 1),
        URL_SAFE_NO_PAD.encode(zero_first),
        URL_SAFE_NO_PAD.encode([0xfe; KEY_BITS_MIN / 8]),
    ] {
        let mut door = Door::new();
        door.keys = ok(&key_set(&[unfit(("n", Some(&n)))]));
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::UnfitKey));
    }
    for bits in [KEY_BITS_MIN, KEY_BITS_MAX] {
        let mut door = Door::new();
        door.keys = ok(&key_set(&[unfit(("n", Some(&modulus(bits))))]));
        // It is used, and the signature is not by it.
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::Signature));
    }
}

#[test]
fn the_right_key_is_found_among_others() {
    let mut door = Door::new();
    door.keys = ok(&key_set(&[
        r#"{"kty":"EC"}"#.to_owned(),
        SigningKey::second().jwk(),
        SigningKey::first().jwk(),
    ]));
    assert!(door.knock(&good(NOW)).is_ok());
}

#[test]
fn of_two_keys_with_one_name_the_first_counts() {
    let second = SigningKey::second();
    let impostor = second.jwk().replace(second.id(), SigningKey::first().id());
    let mut door = Door::new();
    door.keys = ok(&key_set(&[SigningKey::first().jwk(), impostor]));
    assert!(door.knock(&good(NOW)).is_ok());
}

#[test]
fn an_empty_set_is_no_word_of_a_key() {
    let mut door = Door::new();
    door.keys = ok(&key_set(&[]));
    for _ in 0..10 {
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::KeysUnavailable));
    }
    assert_eq!(asks(&door), 1, "Clerk is left in peace");
    door.wait(KEYS_RETRY_MILLIS);
    door.keys = Door::new().keys;
    assert!(door.knock(&good(NOW)).is_ok());
}

/// Answers that say nothing of the instance's keys.
fn no_sets() -> Vec<Option<Answer>> {
    vec![
        None,
        answer(500, "{}"),
        answer(404, r#"{"errors":[]}"#),
        answer(401, r#"{"errors":[]}"#),
        ok(&key_set(&[])),
        ok(r#"{"keys":null}"#),
        ok(r#"{"keys":[1]}"#),
        ok(r#"{"keys":[{"kty":"RSA"}]}"#),
        ok("[]"),
        ok("{}"),
        ok(""),
        ok("<html>"),
        ok(&key_set(&[unfit(("n", None))])),
    ]
}

#[test]
fn what_is_no_set_of_keys_takes_none_away() {
    for told in no_sets() {
        let mut door = Door::warm();
        door.keys = told.clone();
        door.wait(KEYS_FRESH_MILLIS);
        // It is asked for once in a while, and those at hand go on to be believed.
        for _ in 0..20 {
            let outcome = door.knock(&good(door.seconds()));
            assert_eq!(outcome, Ok(USER.to_owned()), "{told:?}");
            door.wait(KEYS_ASK_MILLIS / 10);
        }
        assert_eq!(asks(&door), 2, "{told:?}");
        // They do not get younger by it.
        door.wait(KEYS_OLD_MILLIS - KEYS_FRESH_MILLIS);
        assert!(door.knock(&good(door.seconds())).is_err(), "{told:?}");
    }
}

#[test]
fn a_key_that_nobody_knows_takes_none_away_either() {
    for told in no_sets() {
        let mut door = Door::warm();
        door.keys = told.clone();
        door.wait(KEYS_ASK_MILLIS);
        for _ in 0..10 {
            let token = by_unknown_key(door.seconds());
            let refusal = door.knock(&token).unwrap_err();
            assert!(refusal.is_retryable(), "{told:?}: {refusal}");
        }
        assert_eq!(asks(&door), 1, "{told:?}");
        assert!(door.knock(&good(door.seconds())).is_ok(), "{told:?}");
    }
}

#[test]
fn a_key_that_clerk_withdrew_is_no_longer_good() {
    let mut door = Door::warm();
    door.keys = ok(&key_set(&[SigningKey::second().jwk()]));
    door.wait(KEYS_FRESH_MILLIS);
    assert_eq!(door.knock(&good(door.seconds())), Err(Refusal::UnknownKey));
}
