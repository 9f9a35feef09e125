//! Recordings whose checksums and chain are right whatever is in their blocks, so that changed bytes get past them.
//!
//! Written from `docs/FORMAT.md`, not with the writer of `input_log`.

use input_log::{HashDetail, Header, Kind};
use sim_core::Step;
use xxhash_rust::xxh64::xxh64;

use crate::bytes::{Fields, Seed};

/// The numbers of the block follow; without it they are those that fit behind the block before.
const EXPLICIT: u8 = 0x80;

/// A recording from records: one a block.
pub(crate) fn recording(from: &mut Fields<'_>) -> Vec<u8> {
    let flags = from.u8();
    let mut header = header(if flags & 1 == 0 {
        HashDetail::EveryStep
    } else {
        HashDetail::Check
    });
    // Worlds of other versions are not looked into.
    header.sim_version += u32::from(flags & 2 == 2);
    let mut out = header.encode();
    let mut chain = xxh64(&out, 0) as u32;
    let mut last = Step(0);
    while !from.is_empty() {
        let code = from.u8();
        let kind = code & !EXPLICIT;
        let (first, steps) = if code & EXPLICIT != 0 {
            (Step(from.u64()), from.u64())
        } else {
            fitting(kind, last, from)
        };
        let start = out.len();
        out.push(kind);
        let payload = from.block();
        for number in [first.0, steps, payload.len() as u64] {
            put_varint(&mut out, number);
        }
        out.extend(chain.to_le_bytes());
        out.extend_from_slice(payload);
        let checksum = crc32c::crc32c(&out[start..]);
        out.extend(checksum.to_le_bytes());
        chain = xxh64(&out[start..], 0) as u32;
        last = if steps > 0 && kind != Kind::Evidence.code() {
            first.after(steps - 1)
        } else {
            last.max(first)
        };
    }
    out
}

fn fitting(kind: u8, last: Step, from: &mut Fields<'_>) -> (Step, u64) {
    let of = |one: Kind| one.code() == kind;
    if of(Kind::Keyframe) || of(Kind::End) {
        (last, 0)
    } else {
        (last.after(1), from.u16().into())
    }
}

/// The records of these blocks: kind, first step, steps and payload of each.
pub(crate) fn write<'b>(
    to: &mut Seed,
    detail: HashDetail,
    blocks: impl IntoIterator<Item = (Kind, Step, u64, &'b [u8])>,
) {
    to.u8(u8::from(detail == HashDetail::Check));
    for (kind, first, steps, payload) in blocks {
        to.u8(EXPLICIT | kind.code());
        to.u64(first.0);
        to.u64(steps);
        to.block(payload);
    }
}

/// Of every recording here.
pub(crate) fn header(detail: HashDetail) -> Header {
    Header::of_this_build("fuzz".to_owned(), "fuzz".to_owned(), 0, 1, detail)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
