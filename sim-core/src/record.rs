//! One thing of the world as bytes: fixed lengths, little-endian, every byte decided.

use crate::aim::Aim;
use crate::buttons::Buttons;
use crate::geometry::{Cell, Point, Velocity};
use crate::ids::{PlayerId, ProjectileId, StructureId};
use crate::layout::{PLAYER_BYTES, PROJECTILE_BYTES, STRUCTURE_BYTES};
use crate::player::{Look, Player, Preview};
use crate::projectile::Projectile;
use crate::structure::{Structure, StructureKind};
use crate::units::{Pos, Steps, Vel};

struct Filling<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Filling<N> {
    const fn new() -> Self {
        Self {
            bytes: [0; N],
            at: 0,
        }
    }

    #[inline(always)]
    fn put<const M: usize>(&mut self, field: [u8; M]) {
        let end = self.at.saturating_add(M);
        self.bytes[self.at..end].copy_from_slice(&field);
        self.at = end;
    }

    #[inline(always)]
    fn put_point(&mut self, point: Point) {
        self.put(point.x.to_bits().to_le_bytes());
        self.put(point.y.to_bits().to_le_bytes());
    }

    #[inline(always)]
    fn full(self) -> [u8; N] {
        assert!(self.at == N, "a record is filled exactly");
        self.bytes
    }
}

#[inline]
pub(crate) fn player_record(player: &Player) -> [u8; PLAYER_BYTES] {
    let mut record = Filling::new();
    record.put(player.id.0.to_le_bytes());
    record.put([player.look.body, player.look.colour]);
    record.put_point(player.pos);
    record.put(player.vel.x.to_bits().to_le_bytes());
    record.put(player.vel.y.to_bits().to_le_bytes());
    record.put([player.buttons.to_bits(), player.health]);
    record.put(player.score.to_le_bytes());
    record.put(player.deaths.to_le_bytes());
    record.put(player.fire_wait.0.to_le_bytes());
    record.put(player.build_wait.0.to_le_bytes());
    record.put(player.respawn_wait.0.to_le_bytes());
    record.put(player.protected.0.to_le_bytes());
    record.put(match player.preview {
        None => [0; 4],
        Some(Preview { cell, kind }) => [1, cell.x, cell.y, kind.code()],
    });
    record.full()
}

#[inline]
pub(crate) fn structure_record(structure: &Structure) -> [u8; STRUCTURE_BYTES] {
    let mut record = Filling::new();
    record.put(structure.id.0.to_le_bytes());
    record.put(structure.owner.0.to_le_bytes());
    record.put([
        structure.kind.code(),
        structure.cell.x,
        structure.cell.y,
        structure.hp,
    ]);
    record.full()
}

#[inline]
pub(crate) fn projectile_record(shot: &Projectile) -> [u8; PROJECTILE_BYTES] {
    let mut record = Filling::new();
    record.put(shot.id.0.to_le_bytes());
    record.put(shot.owner.0.to_le_bytes());
    record.put(shot.aim.0.to_le_bytes());
    record.put_point(shot.pos);
    record.put(shot.life.0.to_le_bytes());
    record.full()
}

/// Bytes that are taken from the front.
pub(crate) struct Taking<'a>(pub(crate) &'a [u8]);

/// There were fewer bytes than a field needs.
pub(crate) struct Short;

impl Taking<'_> {
    pub(crate) fn take<const M: usize>(&mut self) -> Result<[u8; M], Short> {
        let (field, rest) = self.0.split_first_chunk().ok_or(Short)?;
        self.0 = rest;
        Ok(*field)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Short> {
        self.take().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Short> {
        self.take().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Short> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Short> {
        self.take().map(u64::from_le_bytes)
    }

    fn i32(&mut self) -> Result<i32, Short> {
        self.take().map(i32::from_le_bytes)
    }

    fn steps(&mut self) -> Result<Steps, Short> {
        self.u16().map(Steps)
    }

    fn point(&mut self) -> Result<Point, Short> {
        Ok(Point {
            x: Pos::from_bits(self.i32()?),
            y: Pos::from_bits(self.i32()?),
        })
    }

    fn cell(&mut self) -> Result<Cell, Short> {
        Ok(Cell {
            x: self.u8()?,
            y: self.u8()?,
        })
    }

    /// A player, or none if a byte has a value that stands for nothing.
    pub(crate) fn player(&mut self) -> Result<Option<Player>, Short> {
        let id = PlayerId(self.u16()?);
        let look = Look {
            body: self.u8()?,
            colour: self.u8()?,
        };
        let pos = self.point()?;
        let vel = Velocity {
            x: Vel::from_bits(self.i32()?),
            y: Vel::from_bits(self.i32()?),
        };
        let buttons = Buttons::from_bits(self.u8()?);
        let health = self.u8()?;
        let (score, deaths) = (self.u16()?, self.u16()?);
        let (fire_wait, build_wait) = (self.steps()?, self.steps()?);
        let (respawn_wait, protected) = (self.steps()?, self.steps()?);
        let preview = match self.take()? {
            [0, 0, 0, 0] => Some(None),
            [1, x, y, kind] => StructureKind::from_code(kind).map(|kind| {
                Some(Preview {
                    cell: Cell { x, y },
                    kind,
                })
            }),
            _ => None,
        };
        let (Some(buttons), Some(preview)) = (buttons, preview) else {
            return Ok(None);
        };
        Ok(Some(Player {
            id,
            look,
            pos,
            vel,
            buttons,
            health,
            score,
            deaths,
            fire_wait,
            build_wait,
            respawn_wait,
            protected,
            preview,
        }))
    }

    /// A structure, or none if its kind is none.
    pub(crate) fn structure(&mut self) -> Result<Option<Structure>, Short> {
        let (id, owner) = (StructureId(self.u32()?), PlayerId(self.u16()?));
        let kind = StructureKind::from_code(self.u8()?);
        let (cell, hp) = (self.cell()?, self.u8()?);
        Ok(kind.map(|kind| Structure {
            id,
            owner,
            kind,
            cell,
            hp,
        }))
    }

    /// A projectile.
    pub(crate) fn projectile(&mut self) -> Result<Projectile, Short> {
        Ok(Projectile {
            id: ProjectileId(self.u32()?),
            owner: PlayerId(self.u16()?),
            aim: Aim(self.u16()?),
            pos: self.point()?,
            life: self.steps()?,
        })
    }
}
