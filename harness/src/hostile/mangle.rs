//! Bytes that are no message, or are one no more.

use protocol::limits::CLIENT_MESSAGE_BYTES_MAX;
use sim_core::Rng;

/// Numbers that lie at the edges of what fields can hold.
const EDGES: [u8; 6] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF];

/// Bytes without meaning, from none to more than a message may have.
pub(super) fn noise(rng: &mut Rng) -> Vec<u8> {
    let longest = if rng.chance(1, 10) {
        CLIENT_MESSAGE_BYTES_MAX as u32 + 8
    } else {
        64
    };
    let count = rng.below(longest);
    (0..count).map(|_| rng.next_u32() as u8).collect()
}

/// The message in a version of the protocol that is older or newer.
pub(super) fn other_version(rng: &mut Rng, mut message: Vec<u8>) -> Vec<u8> {
    let version = [0, 1, 3, 9][rng.below(4) as usize];
    let field = b"\"v\":";
    let at = message
        .windows(field.len())
        .position(|window| window == field);
    match at.map(|at| at + field.len()) {
        Some(at) if at < message.len() => message[at] = b'0' + version,
        _ => {
            if let Some(first) = message.first_mut() {
                *first = version;
            }
        }
    }
    message
}

/// Text that opens more than it may.
pub(super) fn nested(rng: &mut Rng) -> Vec<u8> {
    let open = if rng.chance(1, 2) { "[" } else { "{\"v\":" };
    let depth = 1 + rng.below((CLIENT_MESSAGE_BYTES_MAX / open.len()) as u32) as usize;
    open.repeat(depth).into_bytes()
}

/// The message with some bytes changed, cut out, doubled, or put in from elsewhere.
pub(super) fn mutated(rng: &mut Rng, mut message: Vec<u8>, elsewhere: &[u8]) -> Vec<u8> {
    for _ in 0..=rng.below(3) {
        let at = rng.below(message.len().max(1) as u32) as usize;
        match rng.below(6) {
            0 => message.truncate(at),
            1 => {
                if let Some(byte) = message.get_mut(at) {
                    *byte ^= 1 << rng.below(8);
                }
            }
            2 => {
                if let Some(byte) = message.get_mut(at) {
                    *byte = EDGES[rng.below(EDGES.len() as u32) as usize];
                }
            }
            3 => {
                let count = 1 + rng.below(8) as usize;
                let end = message.len().min(at + count);
                message.drain(at.min(end)..end);
            }
            4 => {
                let again = message[at.min(message.len())..].to_vec();
                message.extend_from_slice(&again);
            }
            _ => {
                let from = rng.below(elsewhere.len().max(1) as u32) as usize;
                let piece = elsewhere.iter().skip(from).take(16).copied();
                let at = at.min(message.len());
                message.splice(at..at, piece);
            }
        }
    }
    // A socket's own limit is a little above the room's.
    message.truncate(2 * CLIENT_MESSAGE_BYTES_MAX);
    message
}
