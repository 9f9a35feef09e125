//! Identity as a driver sees it: real RS256 tokens, an instance of Clerk that the test speaks for, time as a number.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod documents;
mod door;
mod keys;
mod laws;
mod secrecy;
mod sessions;
mod tokens;
