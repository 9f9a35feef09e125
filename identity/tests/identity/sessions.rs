//! What Clerk says of the session.

use clerk_stand_in::{Forge, SigningKey};
use identity::limits::{ANSWER_BYTES_MAX, SESSION_FRESH_MILLIS, SESSION_RETRY_MILLIS};
use identity::{Need, Refusal, Verdict};

use crate::door::{Asked, Door, NOW, SESSION, USER, answer, good, ok, session, status};

fn asks(door: &Door) -> usize {
    let session = Asked::Session(SESSION.to_owned());
    door.asked.iter().filter(|asked| **asked == session).count()
}

#[test]
fn only_an_active_session_gets_in() {
    for (word, refusal) in [
        ("revoked", Refusal::SessionOver),
        ("ended", Refusal::SessionOver),
        ("expired", Refusal::SessionOver),
        ("removed", Refusal::SessionOver),
        ("replaced", Refusal::SessionOver),
        ("abandoned", Refusal::SessionOver),
        ("pending", Refusal::Pending),
        ("ACTIVE", Refusal::SessionOver),
        ("something new", Refusal::SessionOver),
        ("", Refusal::SessionOver),
    ] {
        let mut door = Door::new();
        door.session = status(word);
        assert_eq!(door.knock(&good(NOW)), Err(refusal), "{word}");
    }
}

#[test]
fn a_session_that_clerk_does_not_know_is_over() {
    for code in [404, 410] {
        let mut door = Door::new();
        door.session = answer(code, r#"{"errors":[]}"#);
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::SessionOver));
    }
}

#[test]
fn a_session_that_is_revoked_is_out_when_the_status_is_no_longer_fresh() {
    let mut door = Door::warm();
    door.session = status("revoked");
    door.wait(SESSION_FRESH_MILLIS - 1);
    assert!(door.knock(&good(door.seconds())).is_ok());
    door.wait(1);
    assert_eq!(door.knock(&good(door.seconds())), Err(Refusal::SessionOver));
    assert_eq!(asks(&door), 1);
    // What is over is not asked for at every try.
    assert_eq!(door.knock(&good(door.seconds())), Err(Refusal::SessionOver));
    assert_eq!(asks(&door), 1);
}

#[test]
fn who_completes_a_pending_session_gets_in_soon() {
    let mut door = Door::new();
    door.session = status("pending");
    assert_eq!(door.knock(&good(NOW)), Err(Refusal::Pending));
    door.session = status("active");
    door.wait(SESSION_RETRY_MILLIS);
    assert!(door.knock(&good(NOW)).is_ok());
}

#[test]
fn without_a_status_nobody_gets_in_and_may_try_again() {
    for down in [
        None,
        answer(500, ""),
        answer(503, &session(SESSION, USER, "active")),
        answer(429, "{}"),
        answer(302, ""),
        // Not Clerk's words: something on the way knows of no such page.
        answer(404, "<html>"),
        answer(404, ""),
        answer(404, "{}"),
        answer(410, "Gone"),
        ok("{}"),
        ok("<html>"),
        ok(r#"{"id":"sess_9c","user_id":"user_2b"}"#),
        ok(&format!(
            "{}{}",
            session(SESSION, USER, "active"),
            " ".repeat(ANSWER_BYTES_MAX)
        )),
    ] {
        let mut door = Door::new();
        door.session = down;
        for _ in 0..10 {
            assert_eq!(door.knock(&good(NOW)), Err(Refusal::SessionUnavailable));
        }
        assert!(Refusal::SessionUnavailable.is_retryable());
        assert_eq!(asks(&door), 1, "it is not asked at every try");
        door.session = status("active");
        door.wait(SESSION_RETRY_MILLIS);
        assert_eq!(door.knock(&good(NOW)), Ok(USER.to_owned()));
    }
}

#[test]
fn a_refused_secret_is_told_to_the_operator() {
    let mut door = Door::new();
    door.session = answer(401, r#"{"errors":[]}"#);
    assert_eq!(door.knock(&good(NOW)), Err(Refusal::SecretRefused));
}

#[test]
fn a_session_of_somebody_else_lets_nobody_in() {
    for told in [
        session("sess_other", USER, "active"),
        session(SESSION, "user_other", "active"),
    ] {
        let mut door = Door::new();
        door.session = ok(&told);
        assert_eq!(door.knock(&good(NOW)), Err(Refusal::SessionOfAnother));
    }
}

#[test]
fn the_user_is_the_tokens_and_never_the_answers() {
    let mut door = Door::warm();
    // The session has been heard of; a token of another user that names it is held against an answer of its own.
    let token = Forge::new("user_mallory", SESSION, NOW).sign(SigningKey::first());
    assert_eq!(door.knock(&token), Err(Refusal::SessionOfAnother));
    assert_eq!(asks(&door), 1);
}

#[test]
fn the_signature_is_checked_before_clerk_is_asked_for_a_session() {
    let mut door = Door::warm();
    door.wait(SESSION_FRESH_MILLIS);
    let forged = Forge::new(USER, SESSION, door.seconds())
        .sign_with(SigningKey::first().id(), |message| {
            SigningKey::second().sign(message)
        });
    assert_eq!(door.knock(&forged), Err(Refusal::Signature));
    assert_eq!(door.asked, [Asked::Signature]);
}

#[test]
fn a_token_that_expires_while_clerk_thinks_is_refused() {
    let mut door = Door::new();
    let token = good(NOW);
    let Need::Keys(asked) = door.verifier.begin(&token, door.now) else {
        panic!("there are no keys yet");
    };
    let need = door
        .verifier
        .keys_arrived(asked, door.keys.as_ref(), door.now);
    let Need::Signature(asked) = need else {
        panic!("the key is there");
    };
    let need = door
        .verifier
        .signature_checked(asked, Verdict::Genuine, door.now);
    let Need::Session(asked) = need else {
        panic!("the session was not heard of");
    };
    door.wait(120_000);
    let need = door
        .verifier
        .session_arrived(asked, door.session.as_ref(), door.now);
    assert!(matches!(need, Need::Done(Err(Refusal::Expired))));
}

#[test]
fn an_answer_that_does_not_come_undoes_none_that_came() {
    let mut door = Door::warm();
    door.wait(SESSION_FRESH_MILLIS);
    let token = good(door.seconds());
    // Two come at once, and both ask.
    let mut asked = Vec::new();
    for _ in 0..2 {
        let Need::Signature(signature) = door.verifier.begin(&token, door.now) else {
            panic!("the keys are there");
        };
        let need = door
            .verifier
            .signature_checked(signature, Verdict::Genuine, door.now);
        let Need::Session(session) = need else {
            panic!("what was heard is no longer fresh");
        };
        asked.push(session);
    }
    let [first, second] = asked.try_into().unwrap();
    let good = status("active");
    let need = door
        .verifier
        .session_arrived(first, good.as_ref(), door.now);
    assert!(matches!(need, Need::Done(Ok(_))));
    let need = door.verifier.session_arrived(second, None, door.now);
    assert!(matches!(need, Need::Done(Ok(_))), "{need:?}");
    door.asked.clear();
    assert!(door.knock(&token).is_ok());
    assert_eq!(asks(&door), 0);
}
