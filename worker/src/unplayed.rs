//! What a room in which nobody has played yet gives to be stored. It stays in memory, so that whoever opens rooms and
//! leaves again costs nothing that is kept.

use authority::Persist;

use crate::rows::Write;

/// Bytes of a recording that are held: some ten minutes in which nobody presses anything.
const HELD_BYTES_MAX: usize = 64 << 10;

/// What would have been stored.
#[derive(Default)]
pub(crate) struct Unplayed {
    rows: Persist,
    start: Option<Vec<u8>>,
    log: Vec<u8>,
}

impl Unplayed {
    /// Holds what comes behind what is held already. False if it is too much: such a room is not worth going on.
    pub(crate) fn hold(&mut self, writes: Vec<Write>) -> bool {
        for write in writes {
            match write {
                Write::Persist(batch) => self.rows.absorb(*batch),
                Write::LogStart(header) if self.start.is_none() => self.start = Some(header),
                Write::LogStart(_) => return false,
                Write::Log(block) => self.log.extend(block),
            }
        }
        self.log.len() <= HELD_BYTES_MAX
    }

    /// What is to be stored first, now that somebody has played.
    pub(crate) fn take(&mut self) -> Vec<Write> {
        let Self { rows, start, log } = std::mem::take(self);
        let mut writes = Vec::new();
        if !rows.is_empty() {
            writes.push(Write::Persist(rows.into()));
        }
        writes.extend(start.map(Write::LogStart));
        if !log.is_empty() {
            writes.push(Write::Log(log));
        }
        writes
    }
}

#[cfg(test)]
mod tests {
    use authority::{ActiveProfileRow, Persist};

    use super::*;

    fn active(character: &str) -> Write {
        let row = ActiveProfileRow {
            user_id: "ann".into(),
            character_id: character.into(),
        };
        let batch = Persist {
            active: vec![row],
            ..Persist::default()
        };
        Write::Persist(batch.into())
    }

    #[test]
    fn what_was_held_comes_as_one() {
        let mut unplayed = Unplayed::default();
        assert!(unplayed.hold(vec![active("a"), Write::LogStart(vec![1])]));
        assert!(unplayed.hold(vec![Write::Log(vec![2]), active("b"), Write::Log(vec![3])]));
        let writes = unplayed.take();
        let [
            Write::Persist(rows),
            Write::LogStart(start),
            Write::Log(log),
        ] = writes.as_slice()
        else {
            panic!("{writes:?}");
        };
        assert_eq!(rows.active.len(), 1);
        assert_eq!(rows.active[0].character_id, "b");
        assert_eq!((start.as_slice(), log.as_slice()), (&[1][..], &[2, 3][..]));
        assert!(unplayed.take().is_empty());
    }

    #[test]
    fn a_room_that_is_never_played_is_not_held_for_ever() {
        let mut unplayed = Unplayed::default();
        assert!(unplayed.hold(vec![Write::LogStart(vec![1])]));
        assert!(unplayed.hold(vec![Write::Log(vec![0; HELD_BYTES_MAX])]));
        assert!(!unplayed.hold(vec![Write::Log(vec![0])]));
        let mut unplayed = Unplayed::default();
        assert!(unplayed.hold(vec![Write::LogStart(vec![1])]));
        assert!(!unplayed.hold(vec![Write::LogStart(vec![1])]));
    }
}
