//! What the page writes down of the game for itself, held against the game: colours, keys, bodies, headers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;

use game_client::art::Palette;
use game_client::keys::Bindings;
use sim_core::rules::{BODIES, COLOURS};

fn file(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// What is in quotes between a line that begins so and the first line that ends so.
fn quoted(text: &str, begin: &str, end: &str) -> Vec<String> {
    let from = text.find(begin).unwrap_or_else(|| panic!("no `{begin}`"));
    let rest = &text[from + begin.len()..];
    let part = &rest[..rest.find(end).unwrap()];
    part.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn players_have_the_same_colours_on_the_page_and_in_the_arena() {
    let page = file("web/src/palette.ts");
    for (begin, names, palette) in [
        ("const VIVID = [", "const VIVID_NAMES = [", Palette::Vivid),
        (
            "const DISTINCT = [",
            "const DISTINCT_NAMES = [",
            Palette::Distinct,
        ),
    ] {
        let on_page = quoted(&page, begin, "]");
        let in_arena: Vec<String> = (0..COLOURS)
            .map(|colour| {
                let rgb = palette.player(colour);
                format!("#{:02x}{:02x}{:02x}", rgb.0, rgb.1, rgb.2)
            })
            .collect();
        assert_eq!(on_page, in_arena);
        assert_eq!(quoted(&page, names, "]").len(), usize::from(COLOURS));
    }
    let bodies = quoted(&page, "const BODIES: ", "\n];");
    assert_eq!(
        bodies.len(),
        2 * usize::from(BODIES),
        "a name and an outline each"
    );
}

#[test]
fn keys_do_the_same_before_the_game_is_loaded() {
    let page = file("web/src/bindings.ts");
    let rows = page.lines().filter(|line| line.starts_with("  [\""));
    let on_page: BTreeMap<String, String> = rows
        .flat_map(|row| {
            // An action, its words, and its keys.
            let row = quoted(row, "[", "]");
            let action = row[0].clone();
            let keys = row.into_iter().skip(2);
            keys.map(move |code| (code, action.clone()))
        })
        .collect();
    let in_game = serde_json::to_value(Bindings::default()).unwrap();
    assert_eq!(serde_json::to_value(on_page).unwrap(), in_game);
}

/// The worker serves the pages, here and deployed; the file has what the platform puts on everything else. The worker's own
/// tests compare what they say.
#[test]
fn pages_have_the_headers_of_files() {
    let files = file("web/public/_headers");
    let pages = file("../worker/src/page.rs");
    let headers: Vec<_> = files
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .collect();
    assert!(headers.len() > 4, "{files}");
    for (name, _) in headers {
        assert!(pages.contains(name), "{name} is not sent with pages");
    }
}
