//! The examples of `docs/PROTOCOL.md`.

use serde_json::Value;

pub(crate) const PAGE: &str = include_str!("../../../docs/PROTOCOL.md");

/// The blocks of the page: their language and their text.
pub(crate) fn blocks() -> Vec<(&'static str, &'static str)> {
    let parts: Vec<&str> = PAGE.split("\n```").collect();
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .map(|block| block.split_once('\n').expect("a block has lines"))
        .collect()
}

#[allow(dead_code, reason = "not every file of tests asks")]
pub(crate) fn is_from_client(example: &Value) -> bool {
    matches!(example["kind"].as_str(), Some("command" | "ping"))
}
