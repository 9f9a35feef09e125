//! A token leaves no trace.

use identity::{Need, Refusal, Verdict};

use crate::door::{Door, NOW, good};

/// No run of characters of the token that is long enough to be of use.
#[track_caller]
fn holds_nothing_of(text: &str, token: &str) {
    for part in token.split('.') {
        let part = part.as_bytes();
        for piece in part.windows(12.min(part.len().max(1))) {
            let piece = std::str::from_utf8(piece).unwrap();
            assert!(!text.contains(piece), "{piece} stands in {text}");
        }
    }
    // Nor as a list of numbers.
    assert!(!text.contains("101, 121, 74"), "{text}");
}

#[test]
fn no_debug_text_holds_anything_of_a_token() {
    let mut door = Door::new();
    let token = good(NOW);
    let mut need = door.verifier.begin(&token, door.now);
    let mut seen = 0;
    loop {
        seen += 1;
        holds_nothing_of(&format!("{need:?}"), &token);
        holds_nothing_of(&format!("{need:#?}"), &token);
        holds_nothing_of(&format!("{:?}", door.verifier), &token);
        need = match need {
            Need::Keys(asked) => {
                holds_nothing_of(asked.url(), &token);
                door.verifier
                    .keys_arrived(asked, door.keys.as_ref(), door.now)
            }
            Need::Signature(asked) => {
                door.verifier
                    .signature_checked(asked, Verdict::Genuine, door.now)
            }
            Need::Session(asked) => {
                holds_nothing_of(asked.url(), &token);
                door.verifier
                    .session_arrived(asked, door.session.as_ref(), door.now)
            }
            Need::Done(outcome) => {
                assert!(outcome.is_ok());
                break;
            }
        };
    }
    assert_eq!(seen, 4);
}

#[test]
fn no_refusal_holds_anything_of_a_token() {
    let token = good(NOW);
    for refusal in Refusal::ALL {
        holds_nothing_of(&format!("{refusal} {refusal:?}"), &token);
    }
}
