//! What holds for every token and every answer.

use std::sync::LazyLock;

use clerk_stand_in::SigningKey;
use identity::limits::{KEYS_ASK_MILLIS, KEYS_RETRY_MILLIS};
use identity::{Answer, Part, Refusal};
use proptest::prelude::*;

use crate::door::{Asked, Door, NOW, USER, by_unknown_key, forge, good, key_set, ok, status};

static GOOD: LazyLock<String> = LazyLock::new(|| good(NOW));

/// One that outlasts every test, so that it is signed once.
static LASTING: LazyLock<String> = LazyLock::new(|| {
    let lasting = forge(NOW).claim("exp", NOW + 3_600);
    lasting.sign(SigningKey::first())
});

fn any_answer() -> impl Strategy<Value = Option<Answer>> {
    let pieces = proptest::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"keys\"",
        "\"kid\"",
        "\"n\"",
        "\"id\"",
        "\"user_id\"",
        "\"status\"",
        "\"active\"",
        "\"sess_9c\"",
        "\"user_2b\"",
        "null",
        "1",
    ]);
    let text = proptest::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat());
    let bytes = proptest::collection::vec(any::<u8>(), 0..64);
    let body = prop_oneof![text.prop_map(String::into_bytes), bytes];
    let status = prop_oneof![Just(200), any::<u16>()];
    proptest::option::of((status, body).prop_map(|(status, body)| Answer {
        status,
        body: body.into(),
    }))
}

proptest! {
    #[test]
    fn no_text_panics_and_none_gets_in(token in ".{0,200}") {
        prop_assert!(Door::new().knock(&token).is_err());
    }

    #[test]
    fn no_three_parts_panic_and_none_get_in(
        header in "[A-Za-z0-9_=+-]{0,80}",
        claims in "[A-Za-z0-9_=+-]{0,80}",
        signature in "[A-Za-z0-9_=+-]{0,80}",
    ) {
        let refusal = Door::new().knock(&format!("{header}.{claims}.{signature}"));
        prop_assert!(matches!(refusal, Err(Refusal::Malformed(Part::Header) | Refusal::Algorithm)));
    }

    #[test]
    fn no_change_to_a_good_token_gets_in(
        place in any::<prop::sample::Index>(),
        by in any::<char>(),
        kind in 0..3,
    ) {
        let mut token: Vec<char> = GOOD.chars().collect();
        let place = place.index(token.len());
        match kind {
            0 => token[place] = by,
            1 => token.insert(place, by),
            _ => {
                token.remove(place);
            }
        }
        let token: String = token.into_iter().collect();
        prop_assume!(token != *GOOD);
        prop_assert!(Door::warm().knock(&token).is_err());
    }

    #[test]
    fn no_answer_panics_and_none_of_these_lets_in(keys in any_answer(), session in any_answer()) {
        let mut door = Door::new();
        door.keys = keys;
        prop_assert!(door.knock(&GOOD).is_err());
        let mut door = Door::new();
        door.session = session;
        prop_assert!(door.knock(&GOOD).is_err());
    }

    #[test]
    fn who_gets_in_had_a_key_an_active_session_and_time(
        has_key in any::<bool>(),
        active in any::<bool>(),
        later in 0_u64..90,
        unknown in any::<bool>(),
    ) {
        let mut door = Door::new();
        if !has_key {
            door.keys = ok(&key_set(&[SigningKey::second().jwk()]));
        }
        if !active {
            door.session = status("ended");
        }
        let token = if unknown { by_unknown_key(NOW) } else { good(NOW) };
        door.wait(later * 1_000);
        let expected = has_key && active && !unknown && later < 65;
        let outcome = door.knock(&token);
        prop_assert_eq!(outcome.is_ok(), expected, "{:?}", outcome);
        if expected {
            prop_assert_eq!(outcome, Ok(USER.to_owned()));
        }
    }

    /// Whoever comes, and whatever Clerk does.
    #[test]
    fn keys_are_asked_for_no_more_than_once_in_a_span(
        visits in proptest::collection::vec((0_u64..3_000, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let mut door = Door::new();
        let up = door.keys.clone();
        let lasting = LASTING.clone();
        let mut heard = false;
        let mut last: Option<u64> = None;
        for (number, (wait, is_up, is_good)) in visits.into_iter().enumerate() {
            door.wait(wait);
            door.keys = if is_up { up.clone() } else { None };
            let token = if is_good {
                lasting.clone()
            } else {
                let name = format!("ins_{number}");
                forge(door.seconds()).sign_with(&name, |_| vec![1; 256])
            };
            door.asked.clear();
            let outcome = door.knock(&token);
            prop_assert!(outcome.is_err() || (is_good && (heard || is_up)));
            if door.asked.contains(&Asked::Keys) {
                let span = if heard { KEYS_ASK_MILLIS } else { KEYS_RETRY_MILLIS };
                prop_assert!(last.is_none_or(|last| door.now.0 - last >= span));
                last = Some(door.now.0);
                heard |= is_up;
            }
            prop_assert!(!heard || !is_good || outcome.is_ok(), "{:?}", outcome);
        }
    }
}
