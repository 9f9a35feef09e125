//! What is accepted and how long it is believed, each with its reason.

/// Bytes of a token. Clerk keeps its session tokens below the 4 KB that a browser's cookie holds.
pub const TOKEN_BYTES_MAX: usize = 4_096;
/// Bytes of a user's or a session's id. Clerk's have some 32.
pub const ID_BYTES_MAX: usize = 64;
/// Bytes of a key's id. Clerk's have some 32.
pub const KEY_ID_BYTES_MAX: usize = 128;
/// How far Clerk's clock and ours may be apart. Clerk's own libraries allow as much.
pub const LEEWAY_MILLIS: u64 = 5_000;

/// Bytes of an answer from Clerk. A key has some 500, a session some 2,000.
pub const ANSWER_BYTES_MAX: usize = 65_536;
/// Keys in a set. An instance has one, and two while it rotates them.
pub const KEYS_MAX: usize = 16;
/// Bits of an RSA modulus at least: RFC 7518 asks for that of RS256.
pub const KEY_BITS_MIN: usize = 2_048;
/// Bits of an RSA modulus at most: the check's time grows with their square.
pub const KEY_BITS_MAX: usize = 8_192;

/// Keys of this age are asked for again at the next use.
pub const KEYS_FRESH_MILLIS: u64 = 3_600_000;
/// Keys of this age are not believed any more, even when Clerk is out of reach.
pub const KEYS_OLD_MILLIS: u64 = 24 * 3_600_000;
/// Between two requests for keys while there are some that are believed. Anybody can send a token with a key's id that
/// nobody knows; this is what it costs Clerk.
pub const KEYS_ASK_MILLIS: u64 = 10_000;
/// The same while there are none: short, because nobody gets in.
pub const KEYS_RETRY_MILLIS: u64 = 1_000;
/// Requests for keys in each such span while there are none: a whole room that arrives at once gets through.
pub const KEYS_ASKS_MAX: u32 = 64;

/// How long a session's status is believed. A session that is revoked can enter for so long.
pub const SESSION_FRESH_MILLIS: u64 = 15_000;
/// Between two requests for the same session while Clerk is out of reach.
pub const SESSION_RETRY_MILLIS: u64 = 1_000;
/// Sessions that are remembered. Those of some thirty full rooms, a few hundred kilobytes.
pub const SESSIONS_MAX: usize = 1_024;

const _: () = assert!(KEY_BITS_MIN <= KEY_BITS_MAX);
const _: () = assert!(KEYS_FRESH_MILLIS < KEYS_OLD_MILLIS);
const _: () = assert!(KEYS_RETRY_MILLIS <= KEYS_ASK_MILLIS && KEYS_ASK_MILLIS < KEYS_FRESH_MILLIS);
const _: () = assert!(SESSION_RETRY_MILLIS <= SESSION_FRESH_MILLIS);
