//! Bytes that are mostly lists of records, through the range coder: deflate makes 1.4 to 1.7 times as much of a world.
//!
//! * A byte's model is chosen by its place in its record. Where the records are says the writer; it is only a hint, any
//!   bytes with any hints come back as they were.
//! * The first bytes of records with ascending ids are coded as what they are more than in the record before.

use alloc::vec::Vec;

use crate::bytes::{Taking, put_varint};
use crate::native::model::Symbol;
use crate::native::range::{Coder, Decoder, Encoder};

/// Records of one length, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Records {
    /// Number of records.
    pub(crate) count: usize,
    /// Bytes of each.
    pub(crate) bytes: usize,
    /// So many of its first bytes are coded as the difference to the record before.
    pub(crate) ascending: usize,
}

/// Kinds of records that one payload may name, and bytes of the longest record: what bounds the models.
const KINDS_MAX: usize = 8;
pub(crate) const RECORD_BYTES_MAX: usize = 64;

/// Puts `bytes` behind what is in `out`. Those behind the last record are records of one byte.
pub(crate) fn put(out: &mut Vec<u8>, bytes: &[u8], kinds: &[Records]) {
    assert!(
        kinds.len() <= KINDS_MAX,
        "no payload names more kinds than its reader allows"
    );
    put_varint(out, bytes.len() as u64);
    put_varint(out, kinds.len() as u64);
    for kind in kinds {
        put_varint(out, kind.count as u64);
        out.extend_from_slice(&[kind.bytes as u8, kind.ascending as u8]);
    }
    let mut coder = Encoder::new();
    let mut given = bytes.iter();
    code(&mut coder, kinds, bytes.len(), || {
        given.next().copied().unwrap_or(0)
    });
    out.extend(coder.finish());
}

/// All of what is left, as at most `bytes_max` bytes. None if no writer writes such bytes.
pub(crate) fn read(mut taking: Taking<'_>, bytes_max: usize) -> Option<Vec<u8>> {
    let length = usize::try_from(taking.varint().ok()?).ok()?;
    let kinds_count = taking.varint().ok()?;
    if length > bytes_max || kinds_count > KINDS_MAX as u64 {
        return None;
    }
    let mut kinds = Vec::new();
    for _ in 0..kinds_count {
        let kind = Records {
            count: usize::try_from(taking.varint().ok()?).ok()?,
            bytes: usize::from(taking.u8().ok()?),
            ascending: usize::from(taking.u8().ok()?),
        };
        if kind.bytes == 0 || kind.bytes > RECORD_BYTES_MAX || kind.ascending > kind.bytes {
            return None;
        }
        kinds.push(kind);
    }
    let mut coder = Decoder::new(taking.rest);
    let bytes = code(&mut coder, &kinds, length, || 0);
    coder.is_at_end().then_some(bytes)
}

/// Codes `length` bytes, given (when encoding) by `next`.
fn code(
    coder: &mut impl Coder,
    kinds: &[Records],
    length: usize,
    mut next: impl FnMut() -> u8,
) -> Vec<u8> {
    let rest = Records {
        count: length,
        bytes: 1,
        ascending: 0,
    };
    let mut bytes = Vec::with_capacity(length);
    for kind in kinds.iter().chain([&rest]) {
        let mut models = alloc::vec![Symbol::<256>::new(); kind.bytes];
        for record in 0..kind.count {
            for (place, model) in models.iter_mut().enumerate() {
                if bytes.len() == length {
                    return bytes;
                }
                let above = if record > 0 && place < kind.ascending {
                    bytes[bytes.len() - kind.bytes]
                } else {
                    0
                };
                let more = model.code(coder, usize::from(next().wrapping_sub(above)));
                bytes.push(above.wrapping_add(more as u8));
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_kind() -> impl Strategy<Value = Records> {
        (0_usize..40, 1..=RECORD_BYTES_MAX, 0..=RECORD_BYTES_MAX).prop_map(
            |(count, bytes, ascending)| Records {
                count,
                bytes,
                ascending: ascending.min(bytes),
            },
        )
    }

    /// What `put` writes for two bytes, but with these hints.
    fn with_hints(kinds: &[Records]) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint(&mut out, 2);
        put_varint(&mut out, kinds.len() as u64);
        for kind in kinds {
            put_varint(&mut out, kind.count as u64);
            out.extend_from_slice(&[kind.bytes as u8, kind.ascending as u8]);
        }
        let mut coder = Encoder::new();
        code(&mut coder, kinds, 2, || 7);
        out.extend(coder.finish());
        out
    }

    #[test]
    fn each_hint_that_no_writer_gives_is_refused_for_itself() {
        let read = |kinds: &[Records]| read(Taking::from(&with_hints(kinds)), 2);
        let hint = |bytes, ascending| Records {
            count: 1,
            bytes,
            ascending,
        };
        let longest = hint(RECORD_BYTES_MAX, RECORD_BYTES_MAX);
        assert_eq!(read(&[longest; KINDS_MAX]), Some([7, 7].into()));
        assert_eq!(read(&[longest; KINDS_MAX + 1]), None);
        assert_eq!(read(&[hint(RECORD_BYTES_MAX + 1, 0)]), None);
        assert_eq!(read(&[hint(1, 2)]), None);
        // Any number of them would be read, although nothing is in them.
        assert_eq!(read(&[hint(0, 0)]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_with_any_hints_come_back(
            bytes in prop::collection::vec(any::<u8>(), 0..600),
            kinds in prop::collection::vec(any_kind(), 0..=KINDS_MAX),
        ) {
            let mut out = Vec::new();
            put(&mut out, &bytes, &kinds);
            prop_assert_eq!(read(Taking::from(&out), bytes.len()), Some(bytes.clone()));
            if !bytes.is_empty() {
                prop_assert_eq!(read(Taking::from(&out), bytes.len() - 1), None);
            }
        }

        #[test]
        fn bytes_that_nobody_wrote_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let read = read(Taking::from(&bytes), 10_000);
            prop_assert!(read.is_none_or(|read| read.len() <= 10_000));
        }
    }
}
