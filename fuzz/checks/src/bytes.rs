//! Fields of a fuzzer's input, taken from its front, and put there again.

use arbitrary::Unstructured;
use sim_core::{
    Aim, Buttons, Cell, Look, PlayerId, Point, Pos, SavedPlayer, StructureKind, Vel, Velocity,
};

/// What is left of an input. Behind its end everything is zero.
#[derive(Debug)]
pub(crate) struct Fields<'b>(Unstructured<'b>);

impl<'b> Fields<'b> {
    pub(crate) fn of(bytes: &'b [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .fill_buffer(&mut bytes)
            .expect("what is missing is filled with zeros");
        bytes
    }

    pub(crate) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    fn i32(&mut self) -> i32 {
        i32::from_le_bytes(self.array())
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.u8() % 2 == 1
    }

    /// At most so many bytes.
    pub(crate) fn some(&mut self, count: usize) -> &'b [u8] {
        let count = count.min(self.0.len());
        self.0.bytes(count).expect("so many are there")
    }

    /// A length in two bytes, and at most so many.
    pub(crate) fn block(&mut self) -> &'b [u8] {
        let count = self.u16();
        self.some(count.into())
    }

    pub(crate) fn rest(&mut self) -> &'b [u8] {
        self.some(usize::MAX)
    }

    /// A length in one byte, and so much text; what is not UTF-8 is replaced.
    pub(crate) fn text(&mut self) -> String {
        let count = self.u8();
        String::from_utf8_lossy(self.some(count.into())).into_owned()
    }

    pub(crate) fn player(&mut self) -> PlayerId {
        PlayerId(self.u16())
    }

    pub(crate) fn aim(&mut self) -> Aim {
        Aim(self.u16())
    }

    pub(crate) fn buttons(&mut self) -> Buttons {
        Buttons::from_bits_truncate(self.u8())
    }

    /// Not always in the arena.
    pub(crate) fn cell(&mut self) -> Cell {
        let [x, y] = self.array();
        Cell { x, y }
    }

    pub(crate) fn cell_in_arena(&mut self) -> Cell {
        let Cell { x, y } = self.cell();
        let cells = sim_core::rules::ARENA_CELLS;
        Cell {
            x: x % cells,
            y: y % cells,
        }
    }

    pub(crate) fn kind(&mut self) -> StructureKind {
        let kinds = StructureKind::ALL;
        kinds[usize::from(self.u8()) % kinds.len()]
    }

    /// Not always one that exists.
    pub(crate) fn look(&mut self) -> Look {
        let [body, colour] = self.array();
        Look { body, colour }
    }

    pub(crate) fn point(&mut self) -> Point {
        Point {
            x: Pos::from_bits(self.i32()),
            y: Pos::from_bits(self.i32()),
        }
    }

    pub(crate) fn velocity(&mut self) -> Velocity {
        Velocity {
            x: Vel::from_bits(self.i32()),
            y: Vel::from_bits(self.i32()),
        }
    }

    /// Not always possible.
    pub(crate) fn saved(&mut self) -> SavedPlayer {
        SavedPlayer {
            pos: self.point(),
            vel: self.velocity(),
            health: self.u8(),
            score: self.u16(),
            deaths: self.u16(),
        }
    }
}

/// An input being written: the inverse of [`Fields`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Seed(Vec<u8>);

impl Seed {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn put<const N: usize>(&mut self, field: [u8; N]) {
        self.0.extend(field);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.put([value]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.put(value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.put(value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.put(value.to_le_bytes());
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// As much as a length of two bytes can say.
    pub(crate) fn block(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(u16::MAX.into());
        self.u16(count as u16);
        self.raw(&bytes[..count]);
    }

    pub(crate) fn text(&mut self, text: &str) {
        let count = text.len().min(u8::MAX.into());
        self.u8(count as u8);
        self.raw(&text.as_bytes()[..count]);
    }

    pub(crate) fn cell(&mut self, cell: Cell) {
        self.put([cell.x, cell.y]);
    }

    pub(crate) fn kind(&mut self, kind: StructureKind) {
        let place = StructureKind::ALL.iter().position(|one| *one == kind);
        self.u8(place.unwrap_or(0) as u8);
    }

    pub(crate) fn look(&mut self, look: Look) {
        self.put([look.body, look.colour]);
    }

    pub(crate) fn point(&mut self, point: Point) {
        self.put(point.x.to_bits().to_le_bytes());
        self.put(point.y.to_bits().to_le_bytes());
    }

    pub(crate) fn velocity(&mut self, velocity: Velocity) {
        self.put(velocity.x.to_bits().to_le_bytes());
        self.put(velocity.y.to_bits().to_le_bytes());
    }

    pub(crate) fn saved(&mut self, saved: &SavedPlayer) {
        self.point(saved.pos);
        self.velocity(saved.vel);
        self.u8(saved.health);
        self.u16(saved.score);
        self.u16(saved.deaths);
    }
}
