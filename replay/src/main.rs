//! replay.
fn main() {}
