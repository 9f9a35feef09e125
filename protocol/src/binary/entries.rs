//! Lists of changes, and the entries of the channels that do not move.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use sim_core::rules::ARENA_CELLS;
use sim_core::{Cell, PlayerId, Preview, ProjectileId, Structure, StructureId, StructureKind};

use super::bits::{Reader, Writer};
use crate::changes::Changes;
use crate::error::{DecodeError, Reason};

/// Order of the code for how many there are.
const COUNT: u32 = 2;
/// Bits of a cell on one axis.
const CELL: u32 = ARENA_CELLS.ilog2();
/// Bits of a kind.
const KIND: u32 = 2;
const _: () = assert!(1 << CELL == ARENA_CELLS && StructureKind::ALL.len() <= 1 << KIND);

/// Ids as numbers, with the order of the code for the gaps between them.
pub(super) trait Id: Copy + Ord {
    const GAP: u32;
    fn number(self) -> u32;
    fn from_number(number: u32) -> Option<Self>;
}

impl Id for PlayerId {
    const GAP: u32 = 0;
    fn number(self) -> u32 {
        self.0.into()
    }
    fn from_number(number: u32) -> Option<Self> {
        u16::try_from(number).ok().map(Self)
    }
}

impl Id for StructureId {
    const GAP: u32 = 1;
    fn number(self) -> u32 {
        self.0
    }
    fn from_number(number: u32) -> Option<Self> {
        Some(Self(number))
    }
}

impl Id for ProjectileId {
    const GAP: u32 = 0;
    fn number(self) -> u32 {
        self.0
    }
    fn from_number(number: u32) -> Option<Self> {
        Some(Self(number))
    }
}

/// Removals, then upserts: each a list of ascending ids, the first counted from `anchor`, and the upserts' entries. What
/// the base knows of an entry is handed to `write`.
pub(super) fn write_changes<I: Id, Entry>(
    out: &mut Writer,
    changes: &Changes<I, Entry>,
    base: &BTreeMap<I, Entry>,
    mut write: impl FnMut(&mut Writer, I, Option<&Entry>, &Entry),
) {
    let Changes { upserts, removals } = changes;
    out.flag(changes.is_empty());
    if changes.is_empty() {
        return;
    }
    write_ids(
        out,
        removals.iter().copied(),
        removals.len(),
        base.keys().next(),
    );
    // What is new usually has an id behind all others.
    write_ids(
        out,
        upserts.keys().copied(),
        upserts.len(),
        base.keys().next_back(),
    );
    for (id, entry) in upserts {
        write(out, *id, base.get(id), entry);
    }
}

pub(super) fn read_changes<I: Id, Entry>(
    from: &mut Reader<'_>,
    base: &BTreeMap<I, Entry>,
    max: usize,
    mut read: impl FnMut(&mut Reader<'_>, I, Option<&Entry>) -> Result<Entry, DecodeError>,
) -> Result<Changes<I, Entry>, DecodeError> {
    if from.flag()? {
        return Ok(Changes {
            upserts: BTreeMap::new(),
            removals: BTreeSet::new(),
        });
    }
    let removals = read_ids(from, max, base.keys().next())?;
    let ids = read_ids(from, max, base.keys().next_back())?;
    let mut upserts = BTreeMap::new();
    for id in ids {
        upserts.insert(id, read(from, id, base.get(&id))?);
    }
    Ok(Changes {
        upserts,
        removals: removals.into_iter().collect(),
    })
}

fn write_ids<I: Id>(
    out: &mut Writer,
    ids: impl Iterator<Item = I>,
    count: usize,
    anchor: Option<&I>,
) {
    out.number(
        u64::try_from(count).expect("a usize has at most 64 bits"),
        COUNT,
    );
    let mut before: Option<u32> = None;
    for id in ids {
        let number = id.number();
        match before {
            None => {
                let anchor = anchor.map_or(0, |anchor| anchor.number());
                out.signed(i64::from(number) - i64::from(anchor), COUNT);
            }
            Some(before) => out.number((number - before - 1).into(), I::GAP),
        }
        before = Some(number);
    }
}

fn read_ids<I: Id>(
    from: &mut Reader<'_>,
    max: usize,
    anchor: Option<&I>,
) -> Result<Vec<I>, DecodeError> {
    let count: usize = from.small(COUNT)?;
    if count > max {
        return Err(Reason::TooManyEntries { count, max }.of(from.field));
    }
    let mut ids = Vec::with_capacity(count);
    let mut before: Option<u32> = None;
    for _ in 0..count {
        let number = match before {
            None => {
                let anchor = anchor.map_or(0, |anchor| anchor.number());
                i64::from(anchor).checked_add(from.signed(COUNT)?)
            }
            Some(before) => {
                let gap: u32 = from.small(I::GAP)?;
                Some(i64::from(before) + 1 + i64::from(gap))
            }
        };
        let number = number
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| from.wrong())?;
        ids.push(I::from_number(number).ok_or_else(|| from.wrong())?);
        before = Some(number);
    }
    Ok(ids)
}

/// Nothing of a structure changes but its hit points; anything else is written as if it were new.
pub(super) fn write_structure(out: &mut Writer, known: Option<&Structure>, entry: &Structure) {
    if let Some(known) = known {
        let damaged = Structure {
            hp: entry.hp,
            ..*known
        } == *entry;
        out.flag(damaged);
        if damaged {
            out.bits(entry.hp.into(), 8);
            return;
        }
    }
    out.number(entry.owner.0.into(), 4);
    write_site(out, entry.cell, entry.kind);
    let is_new = entry.hp == entry.kind.hp_max();
    out.flag(is_new);
    if !is_new {
        out.bits(entry.hp.into(), 8);
    }
}

pub(super) fn read_structure(
    from: &mut Reader<'_>,
    id: StructureId,
    known: Option<&Structure>,
) -> Result<Structure, DecodeError> {
    if let Some(known) = known
        && from.flag()?
    {
        return Ok(Structure {
            hp: from.byte()?,
            ..*known
        });
    }
    let owner = PlayerId(from.small(4)?);
    let (cell, kind) = read_site(from)?;
    let hp = if from.flag()? {
        kind.hp_max()
    } else {
        from.byte()?
    };
    Ok(Structure {
        id,
        owner,
        kind,
        cell,
        hp,
    })
}

pub(super) fn write_preview(out: &mut Writer, entry: &Preview) {
    write_site(out, entry.cell, entry.kind);
}

pub(super) fn read_preview(from: &mut Reader<'_>) -> Result<Preview, DecodeError> {
    let (cell, kind) = read_site(from)?;
    Ok(Preview { cell, kind })
}

fn write_site(out: &mut Writer, cell: Cell, kind: StructureKind) {
    out.bits(cell.x.into(), CELL);
    out.bits(cell.y.into(), CELL);
    out.bits(kind.code().into(), KIND);
}

fn read_site(from: &mut Reader<'_>) -> Result<(Cell, StructureKind), DecodeError> {
    let cell = Cell {
        x: from.bits(CELL)? as u8,
        y: from.bits(CELL)? as u8,
    };
    let kind = StructureKind::from_code(from.bits(KIND)? as u8).ok_or_else(|| from.wrong())?;
    Ok((cell, kind))
}
