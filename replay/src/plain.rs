//! Text that may come from anybody, such as a room's code, a file's name or a server's answer, made fit to be shown.
//!
//! A character that a terminal acts on, that turns the direction of what stands beside it or that shows nothing is spelled
//! out. What is left is what its reader sees.

use std::fmt::Write as _;

/// Whether it shows as itself. [`char::escape_debug`] spells out controls, formats, separators, what is unassigned or
/// private, and marks that would stand on the character before.
fn shows_itself(char: char) -> bool {
    matches!(char, ' '..='~') || !char.is_ascii() && char.escape_debug().len() == 1
}

/// For people: an escape character becomes `\u{1b}`, a new line `\n`. The text has one line.
pub(crate) fn line(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if shows_itself(char) {
            plain.push(char);
        } else {
            plain.extend(char.escape_debug());
        }
    }
    plain
}

/// JSON of the same value, in which every such character is an escape sequence. JSON itself has to spell out only what is
/// below U+0020; the others can stand in its strings and nowhere else.
pub(crate) fn json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if shows_itself(char) {
            plain.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(plain, "\\u{unit:04x}").expect("a string takes everything");
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    /// Escape, bell, the one-character forms of two escape sequences, delete, bidirectional overrides and isolates, marks
    /// of direction, separators, a zero width space, a byte order mark, a tag.
    const ACTS: &str = "\u{1b}\u{7}\u{9b}\u{9d}\u{7f}\r\n\t\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{2029}\u{200b}\u{feff}\u{e0041}";

    #[test]
    fn what_a_terminal_acts_on_is_spelled_out() {
        for char in ACTS.chars() {
            let plain = line(&format!("a{char}b"));
            assert!(plain.len() > 3, "{:x}: {plain:?}", u32::from(char));
            assert!(plain.is_ascii(), "{plain:?}");
        }
        assert_eq!(line("a\u{1b}[8m\r\nb"), "a\\u{1b}[8m\\r\\nb");
    }

    #[test]
    fn what_shows_itself_stays() {
        for text in [
            "den",
            "players[3].pos.x = 12.5",
            r#"no link profile "x\y""#,
            "höhle",
            "房間 🦊",
        ] {
            assert_eq!(line(text), text);
            assert_eq!(json(text), text);
        }
    }

    #[test]
    fn json_keeps_its_value_and_has_nothing_to_act_on() {
        let value: String = (0..=0x11_000)
            .filter_map(char::from_u32)
            .chain(ACTS.chars())
            .collect();
        let plain = json(&serde_json::to_string(&value).unwrap());
        assert!(plain.chars().all(shows_itself));
        assert_eq!(serde_json::from_str::<String>(&plain).unwrap(), value);
    }
}
