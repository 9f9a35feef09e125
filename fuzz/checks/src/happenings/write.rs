//! Writes records of happenings. Users are numbered without the honest one.

use sim_core::{Buttons, StructureKind};

use super::{
    COMMAND, FLUSH, INPUTS, LEAVE, OPEN, OVERSLEEP, PASS, RAW, REPLAY, RESTART, STORED, WAKE,
};
use crate::bytes::Seed;

pub(crate) fn open(to: &mut Seed, user: u8, is_json: bool) {
    to.put([OPEN, user, u8::from(is_json), 0]);
}

pub(crate) fn leave(to: &mut Seed, user: u8) {
    to.put([LEAVE, user]);
}

pub(crate) fn pass(to: &mut Seed, ms: u8) {
    to.put([PASS, ms / 4]);
}

pub(crate) fn inputs(to: &mut Seed, user: u8, count: u8, held: Buttons) {
    to.put([INPUTS, user, 0, count.saturating_sub(1), held.to_bits()]);
}

pub(crate) fn fire(to: &mut Seed, user: u8, aim: u16) {
    to.put([COMMAND, user, 0, 0]);
    to.u16(aim);
}

pub(crate) fn place(to: &mut Seed, user: u8, by: (u8, u8), kind: StructureKind) {
    to.put([COMMAND, user, 1, 0, by.0 & 7 | (by.1 & 7) << 4]);
    to.kind(kind);
}

pub(crate) fn raw(to: &mut Seed, user: u8, bytes: &[u8]) {
    to.put([RAW, user]);
    to.block(bytes);
}

pub(crate) fn restart(to: &mut Seed, exact: bool) {
    to.put([FLUSH, RESTART, u8::from(exact)]);
}

pub(crate) fn other(to: &mut Seed) {
    to.put([OVERSLEEP, 200, 1, WAKE, STORED, REPLAY, 1, 0]);
}
