//! Names that nobody may have, and those that somebody may: the same list is tried on the page.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use protocol::{NameError, check_name, repaired_name};
use serde_json::Value;

fn listed() -> Value {
    serde_json::from_str(include_str!("names.json")).unwrap()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect()
}

#[test]
fn names_of_all_scripts_are_taken() {
    for name in texts(&listed()["taken"]) {
        assert_eq!(check_name(name), Ok(()), "{name:?}");
        assert_eq!(
            repaired_name(name).as_deref(),
            Some(name.trim()),
            "{name:?}"
        );
    }
}

#[test]
fn names_that_show_nothing_or_disturb_others_are_refused() {
    for (fault, names) in listed()["refused"].as_object().unwrap() {
        for name in texts(names) {
            let found = match check_name(name) {
                Ok(()) => "taken",
                Err(NameError::Empty) => "Empty",
                Err(NameError::TooLong) => "TooLong",
                Err(NameError::Hidden(_)) => "Hidden",
                Err(NameError::Marks(_)) => "Marks",
            };
            assert_eq!(found, fault, "{name:?}");
            if let Some(repaired) = repaired_name(name) {
                assert_eq!(check_name(&repaired), Ok(()), "{name:?}");
            }
        }
    }
}

#[test]
fn what_can_be_seen_of_a_stored_name_stays() {
    for (stored, left) in [
        ("A\u{200b}nna", Some("Anna")),
        ("\u{202e}annA\u{202c}", Some("annA")),
        ("a\u{301}\u{302}\u{303}\u{304}b", Some("a\u{301}\u{302}b")),
        (" Anna\u{a0}B ", Some("Anna B")),
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxx",
            Some("xxxxxxxxxxxxxxxxxxxxxxxx"),
        ),
        ("\u{3164}", None),
        ("\u{301}", None),
        ("", None),
    ] {
        assert_eq!(repaired_name(stored).as_deref(), left, "{stored:?}");
    }
}
