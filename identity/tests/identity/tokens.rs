//! Every way in which a token can be wrong by itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clerk_stand_in::{Forge, SigningKey};
use identity::limits::{ID_BYTES_MAX, KEY_ID_BYTES_MAX, LEEWAY_MILLIS, TOKEN_BYTES_MAX};
use identity::{Claim, Config, Part, Refusal, Verifier};
use serde_json::Value;

use crate::door::{Asked, Door, NOW, SESSION, USER, forge, good};

fn signed(forge: Forge) -> String {
    forge.sign(SigningKey::first())
}

#[test]
fn a_valid_token_lets_its_user_in() {
    let mut door = Door::new();
    assert_eq!(door.knock(&good(NOW)), Ok(USER.to_owned()));
    let session = Asked::Session(SESSION.to_owned());
    assert_eq!(door.asked, [Asked::Keys, Asked::Signature, session]);
}

#[test]
fn the_second_time_nothing_but_the_signature_is_checked() {
    let mut door = Door::warm();
    assert_eq!(door.knock(&good(NOW)), Ok(USER.to_owned()));
    assert_eq!(door.asked, [Asked::Signature]);
}

#[test]
fn no_token_is_refused() {
    Door::new().refuses_at_once("", Refusal::TokenMissing);
}

#[test]
fn an_expired_token_is_refused() {
    let mut door = Door::new();
    let token = signed(forge(NOW).claim("exp", NOW));
    door.wait(LEEWAY_MILLIS - 1);
    assert!(
        door.knock(&token).is_ok(),
        "clocks may differ by the leeway"
    );
    door.asked.clear();
    door.wait(1);
    door.refuses_at_once(&token, Refusal::Expired);
    door.refuses_at_once(&signed(forge(NOW).claim("exp", 0)), Refusal::Expired);
}

#[test]
fn a_token_that_is_not_valid_yet_is_refused() {
    for name in ["nbf", "iat"] {
        let mut door = Door::new();
        let soon = NOW + LEEWAY_MILLIS / 1_000;
        let token = |at| signed(forge(NOW).claim(name, at));
        door.refuses_at_once(&token(soon + 1), Refusal::NotYetValid);
        door.refuses_at_once(&token(u64::MAX), Refusal::NotYetValid);
        assert!(door.knock(&token(soon)).is_ok());
    }
}

#[test]
fn a_token_for_another_page_is_refused() {
    for party in [
        Value::from("https://elsewhere.example"),
        Value::from(""),
        Value::Null,
    ] {
        Door::new().refuses_at_once(&signed(forge(NOW).claim("azp", party)), Refusal::Party);
    }
    Door::new().refuses_at_once(&signed(forge(NOW).without("azp")), Refusal::Party);
}

#[test]
fn without_a_list_a_token_for_any_page_is_taken() {
    let config = Config::new(clerk_stand_in::ISSUER, "", Some(crate::door::API));
    let mut door = Door::new();
    door.verifier = Verifier::new(config.unwrap());
    assert!(door.knock(&signed(forge(NOW).without("azp"))).is_ok());
}

#[test]
fn a_token_of_another_instance_is_refused() {
    for issuer in [
        "https://clerk.elsewhere.example",
        "https://clerk.bitfort.test/",
        "https://clerk.bitfort.test.example.com",
        "",
    ] {
        Door::new().refuses_at_once(&signed(forge(NOW).claim("iss", issuer)), Refusal::Issuer);
    }
}

#[test]
fn what_a_token_must_have_is_missed() {
    for claim in [
        Claim::KeyId,
        Claim::Issuer,
        Claim::Expiry,
        Claim::User,
        Claim::Session,
    ] {
        // With null, so that the forger does not fill it in.
        let token = if claim == Claim::KeyId {
            forge(NOW).header(claim.name(), Value::Null)
        } else {
            forge(NOW).without(claim.name())
        };
        Door::new().refuses_at_once(&signed(token), Refusal::Missing(claim));
    }
}

#[test]
fn ids_that_are_none_are_refused() {
    let long = "a".repeat(ID_BYTES_MAX + 1);
    for id in ["", "user 2b", "user_2b\n", "üser", &long] {
        let token = signed(forge(NOW).claim("sub", id));
        Door::new().refuses_at_once(&token, Refusal::Unfit(Claim::User));
    }
    for id in ["", "../users", "sess_9c?x=1", "sess/9c", "sess%2f", &long] {
        let token = signed(forge(NOW).claim("sid", id));
        Door::new().refuses_at_once(&token, Refusal::Unfit(Claim::Session));
    }
    for id in [String::new(), "k".repeat(KEY_ID_BYTES_MAX + 1)] {
        let token = signed(forge(NOW).header("kid", id));
        Door::new().refuses_at_once(&token, Refusal::Unfit(Claim::KeyId));
    }
}

#[test]
fn a_token_without_signature_is_refused_whatever_it_calls_that() {
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let token = forge(NOW).header("alg", name);
        let token = token.sign_with(SigningKey::first().id(), |_| Vec::new());
        Door::warm().refuses_at_once(&token, Refusal::Algorithm);
    }
    Door::warm().refuses_at_once(&signed(forge(NOW).without("alg")), Refusal::Algorithm);
    let unsigned = forge(NOW).sign_with(SigningKey::first().id(), |_| Vec::new());
    Door::warm().refuses_at_once(&unsigned, Refusal::Signature);
}

#[test]
fn the_public_key_is_never_a_secret_for_hs256() {
    let key = SigningKey::first();
    for secret in [key.n().into_bytes(), key.jwk().into_bytes()] {
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        let sign = |message: &[u8]| ring::hmac::sign(&secret, message).as_ref().to_vec();
        let confused = forge(NOW).header("alg", "HS256").sign_with(key.id(), sign);
        Door::warm().refuses_at_once(&confused, Refusal::Algorithm);
        let disguised = forge(NOW).sign_with(key.id(), sign);
        Door::warm().refuses_at_once(&disguised, Refusal::Signature);
    }
}

#[test]
fn no_other_algorithm_is_taken() {
    for name in [
        "RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "RS256 ",
    ] {
        Door::warm().refuses_at_once(&signed(forge(NOW).header("alg", name)), Refusal::Algorithm);
    }
}

#[test]
fn a_header_that_asks_for_more_is_refused() {
    for token in [
        forge(NOW).header("typ", "at+jwt"),
        forge(NOW).header("typ", ""),
        forge(NOW).header("crit", vec!["b64"]),
        forge(NOW).header("crit", Vec::<String>::new()),
    ] {
        Door::warm().refuses_at_once(&signed(token), Refusal::Header);
    }
    // RFC 7519 lets a token be silent about its type.
    assert!(
        Door::warm()
            .knock(&signed(forge(NOW).without("typ")))
            .is_ok()
    );
}

#[test]
fn a_key_in_the_header_is_not_looked_at() {
    let mallory = SigningKey::second();
    let jwk: Value = serde_json::from_str(&mallory.jwk()).unwrap();
    let token = forge(NOW)
        .header("jwk", jwk)
        .header("jku", "https://mallory.example/jwks")
        .header("kid", SigningKey::first().id())
        .sign(mallory);
    let mut door = Door::warm();
    assert_eq!(door.knock(&token), Err(Refusal::Signature));
    assert_eq!(door.asked, [Asked::Signature]);
}

#[test]
fn somebody_elses_signature_is_refused() {
    let token = forge(NOW).sign_with(SigningKey::first().id(), |message| {
        SigningKey::second().sign(message)
    });
    assert_eq!(Door::new().knock(&token), Err(Refusal::Signature));
}

#[test]
fn claims_that_were_changed_after_signing_are_refused() {
    let token = good(NOW);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let other = signed(Forge::new("user_admin", SESSION, NOW));
    let claims = other.split('.').nth(1).unwrap();
    assert_eq!(
        Door::new().knock(&format!("{header}.{claims}.{signature}")),
        Err(Refusal::Signature)
    );
}

#[test]
fn a_session_that_the_token_calls_pending_or_over_is_refused_at_once() {
    for (status, refusal) in [
        ("pending", Refusal::Pending),
        ("revoked", Refusal::SessionOver),
        ("", Refusal::SessionOver),
    ] {
        Door::warm().refuses_at_once(&signed(forge(NOW).claim("sts", status)), refusal);
    }
    // Tokens of version 1 do not say.
    assert!(
        Door::warm()
            .knock(&signed(forge(NOW).without("sts")))
            .is_ok()
    );
}

#[test]
fn an_oversized_token_is_not_even_read() {
    let long = signed(forge(NOW).claim("more", "x".repeat(TOKEN_BYTES_MAX)));
    Door::new().refuses_at_once(&long, Refusal::TokenTooLong);
    Door::new().refuses_at_once(&"é".repeat(TOKEN_BYTES_MAX), Refusal::TokenTooLong);
}

#[test]
fn what_is_no_token_is_refused_by_the_part_that_is_wrong() {
    let token = good(NOW);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        panic!("three parts");
    };
    let of = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let twice = of(r#"{"sub":"user_1","sub":"user_2"}"#);
    for (token, part) in [
        ("token".to_owned(), Part::Shape),
        (format!("{header}.{claims}"), Part::Shape),
        (format!("{token}.{signature}"), Part::Shape),
        (format!(".{claims}.{signature}"), Part::Header),
        (format!("{header}=.{claims}.{signature}"), Part::Header),
        (format!("{}.{claims}.{signature}", of("[]")), Part::Header),
        (format!("{}.{claims}.{signature}", of("{")), Part::Header),
        (
            format!("{}.{claims}.{signature}", of(r#"{"alg":["RS256"]}"#)),
            Part::Header,
        ),
        (format!("{header}.{claims}+.{signature}"), Part::Claims),
        (format!("{header}..{signature}"), Part::Claims),
        (format!("{header}.{}.{signature}", of("null")), Part::Claims),
        (format!("{header}.{}.{signature}", of("{}{}")), Part::Claims),
        (format!("{header}.{twice}.{signature}"), Part::Claims),
        (
            format!("{header}.{}.{signature}", of(r#"{"exp":"9999999999"}"#)),
            Part::Claims,
        ),
        (
            format!("{header}.{}.{signature}", of(r#"{"exp":-1}"#)),
            Part::Claims,
        ),
        (format!("{header}.{claims}.{signature}="), Part::Signature),
        (format!("{header}.{claims}.*"), Part::Signature),
        (format!("{header}.{claims}. {signature}"), Part::Signature),
    ] {
        let mut door = Door::new();
        assert_eq!(door.knock(&token), Err(Refusal::Malformed(part)), "{token}");
        assert_eq!(door.asked, []);
    }
}

#[test]
fn a_signature_has_one_spelling() {
    let token = good(NOW);
    // 256 bytes leave two bits of the last character unused; another spelling sets them.
    let last = token.chars().last().unwrap();
    let other = char::from_u32(u32::from(last) + 1).unwrap();
    let respelled = format!("{}{other}", &token[..token.len() - 1]);
    assert!(Door::warm().knock(&token).is_ok());
    Door::warm().refuses_at_once(&respelled, Refusal::Malformed(Part::Signature));
}

#[test]
fn a_platform_without_rsa_lets_nobody_in() {
    let mut door = Door::new();
    door.crypto = false;
    assert_eq!(door.knock(&good(NOW)), Err(Refusal::CryptoUnavailable));
    assert!(Refusal::CryptoUnavailable.is_retryable());
}
