//! What a player was told to be stored stays, whatever happens to the room.
//!
//! No storage fault excuses a loss: rows and log are committed at once, so a log whose newest block is torn, or that means
//! nothing to other rules, leaves the tables of the same flush. What happened since that flush may be undone, so a structure
//! that was told to stand and was destroyed later may stand again until its end is stored, too.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Encoding, ServerBody, decode_server};
use sim_core::{Step, Structure, StructureId, World};

use super::Violation;
use crate::disk::Disk;

/// What players were told to be stored, as long as nothing that was stored later undid it.
#[derive(Debug, Default)]
pub(crate) struct Told {
    stands: BTreeMap<StructureId, Structure>,
    /// Ids are not used again before the room counts anew, so these stay away until then.
    gone: BTreeSet<StructureId>,
}

impl Told {
    /// The world of this step was stored, and the room is at the world now.
    pub(crate) fn stored(&mut self, step: Step, world: &World) {
        let is_all_stored = step == world.step_number();
        let gone = &mut self.gone;
        self.stands.retain(|id, _| {
            let stands = world.structures().get(*id).is_some();
            // Steps that were run after the flush may have ended it, of which a crash knows nothing.
            if !stands && is_all_stored {
                gone.insert(*id);
            }
            stands
        });
    }

    /// The room gave every structure another id, and stored that. A place holds one structure, so each is found by it; one
    /// that is not has ended in a step behind that, of which nothing is stored yet.
    pub(crate) fn counted_anew(&mut self, world: &World) {
        let before = std::mem::take(&mut self.stands).into_values();
        let now = |one: Structure| {
            let renamed = |is: &&Structure| is_the_same(&Structure { id: is.id, ..one }, is);
            world.structures().iter().find(renamed).copied()
        };
        self.stands = before.filter_map(now).map(|is| (is.id, is)).collect();
        self.gone.clear();
    }

    /// A message leaves that was to wait for the disk.
    pub(crate) fn leaves(
        &mut self,
        bytes: &[u8],
        text: bool,
        world: &World,
        disk: &Disk,
    ) -> Option<Violation> {
        let encoding = if text {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        let violated = |what: String| Some(Violation::NotStored { what });
        let message = match decode_server(bytes, encoding, |_| None) {
            Ok(message) => message,
            Err(error) => return violated(format!("a message that is none: {error}")),
        };
        let ServerBody::Ack(ack) = message.body else {
            return violated(format!("{:?} waited for the disk", message.body));
        };
        let Some(id) = ack.structure_id.filter(|_| ack.durable) else {
            return violated(format!("{ack:?} waited for the disk"));
        };
        let stored = disk.structure(id);
        match world.structures().get(id) {
            Some(stands) => {
                self.stands.insert(id, *stands);
                let is_there = stored.is_some_and(|row| is_the_same(row, stands));
                if !is_there {
                    return violated(format!("{stands:?} was told to be, there is {stored:?}"));
                }
            }
            // It was removed, or ended before the flush; steps that were run after the flush do not count.
            None if message.step == world.step_number() => {
                self.gone.insert(id);
                if stored.is_some() {
                    return violated(format!("no {} was told to be, there is {stored:?}", id.0));
                }
            }
            None => {}
        }
        None
    }

    /// A room was made from what was stored.
    pub(crate) fn came_back(&self, world: &World) -> Option<Violation> {
        let now = world.structures();
        let mut stands = self.stands.values();
        let lost = stands.find(|one| now.get(one.id).is_none_or(|is| !is_the_same(is, one)));
        if let Some(one) = lost {
            let what = format!("{one:?}, now {:?}", now.get(one.id));
            return Some(Violation::NotStored { what });
        }
        let back = self.gone.iter().find_map(|id| now.get(*id))?;
        let what = format!("{back:?} is back, which was told to be no more");
        Some(Violation::NotStored { what })
    }
}

/// Hit points change without anybody being told.
fn is_the_same(one: &Structure, other: &Structure) -> bool {
    let what = |of: &Structure| (of.id, of.owner, of.kind, of.cell);
    what(one) == what(other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use authority::Persist;
    use protocol::{Ack, ServerMessage, encode_server};
    use sim_core::{Cell, DurableWorld, PlayerId, ProjectileId, StructureKind};

    use super::*;

    const ID: StructureId = StructureId(7);
    const WALL: Structure = Structure {
        id: ID,
        owner: PlayerId(1),
        kind: StructureKind::Wall,
        cell: Cell { x: 3, y: 4 },
        hp: 1,
    };

    fn world(step: u64, structures: &[Structure]) -> World {
        World::hydrate(DurableWorld {
            step: Step(step),
            seed: 1,
            structures: structures.to_vec(),
            next_structure: StructureId(8),
            next_projectile: ProjectileId(1),
        })
        .unwrap()
    }

    fn disk(structures: &[Structure]) -> Disk {
        let mut disk = Disk::default();
        disk.store(Persist {
            structures: structures.to_vec(),
            ..Persist::default()
        });
        disk
    }

    fn told(step: u64, durable: bool) -> Vec<u8> {
        let message = ServerMessage {
            server_time: 0.0,
            step: Step(step),
            body: ServerBody::Ack(Ack {
                seq: 1,
                structure_id: Some(ID),
                projectile_id: None,
                durable,
            }),
        };
        encode_server(&message, Encoding::Json, None)
    }

    #[test]
    fn what_stands_and_is_told_to_must_be_on_the_disk_and_come_back() {
        let stands = world(10, &[WALL]);
        let moved = Structure {
            cell: Cell { x: 5, y: 4 },
            ..WALL
        };
        let mut of = Told::default();
        let leaves = |of: &mut Told, disk: &Disk| of.leaves(&told(10, true), true, &stands, disk);
        assert_eq!(leaves(&mut of, &disk(&[WALL])), None);
        for other in [&[][..], &[moved][..]] {
            assert!(leaves(&mut Told::default(), &disk(other)).is_some());
            assert!(of.came_back(&world(9, other)).is_some());
        }
        let hit = Structure { hp: 2, ..WALL };
        assert_eq!(of.came_back(&world(9, &[hit])), None);
    }

    #[test]
    fn what_is_told_to_be_gone_must_not_be_on_the_disk_nor_come_back() {
        let without = world(10, &[]);
        let mut of = Told::default();
        let text = told(10, true);
        assert_eq!(of.leaves(&text, true, &without, &disk(&[])), None);
        assert_eq!(of.came_back(&without), None);
        assert!(of.came_back(&world(9, &[WALL])).is_some());
        assert!(of.leaves(&text, true, &without, &disk(&[WALL])).is_some());
        // The flush was earlier, when it stood.
        let earlier = told(8, true);
        let mut of = Told::default();
        assert_eq!(of.leaves(&earlier, true, &without, &disk(&[WALL])), None);
        assert_eq!(of.came_back(&world(8, &[WALL])), None);
    }

    #[test]
    fn only_an_end_that_is_stored_counts() {
        let (stands, without) = (world(10, &[WALL]), world(20, &[]));
        let begin = || {
            let mut of = Told::default();
            let text = told(10, true);
            assert_eq!(of.leaves(&text, true, &stands, &disk(&[WALL])), None);
            of
        };
        // It ended, and the crash came before a flush.
        assert!(begin().came_back(&without).is_some());
        let mut stored = begin();
        stored.stored(Step(20), &without);
        assert_eq!(stored.came_back(&without), None);
        assert!(stored.came_back(&stands).is_some());
        // It ended in one of the steps behind the flush, or before: both are right.
        let mut either = begin();
        either.stored(Step(18), &without);
        assert_eq!(either.came_back(&without), None);
        assert_eq!(either.came_back(&stands), None);
    }

    #[test]
    fn when_ids_are_counted_anew_what_stands_is_known_by_its_place() {
        let other = Structure {
            id: StructureId(6),
            cell: Cell { x: 9, y: 9 },
            ..WALL
        };
        let mut of = Told::default();
        let both = world(10, &[other, WALL]);
        of.leaves(&told(10, true), true, &both, &disk(&[other, WALL]));
        of.gone.insert(StructureId(1));
        let renamed = |of: Structure, id| Structure {
            id: StructureId(id),
            ..of
        };
        let anew = [renamed(other, 1), renamed(WALL, 2)];
        of.counted_anew(&world(0, &anew));
        assert_eq!(of.came_back(&world(0, &anew)), None, "1 is another one now");
        assert!(of.came_back(&world(0, &anew[..1])).is_some());
    }

    #[test]
    fn nothing_else_waits_for_the_disk() {
        let stands = world(10, &[WALL]);
        for bytes in [told(10, false), b"{}".to_vec()] {
            let found = Told::default().leaves(&bytes, true, &stands, &disk(&[WALL]));
            assert!(found.is_some());
        }
    }
}
