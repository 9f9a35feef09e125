//! Checkpoints of players and of the room, and their bytes.

use alloc::vec;
use alloc::vec::Vec;

use sim_core::rules::PLAYERS_MAX;
use sim_core::{
    Buttons, PlayerId, Point, Pos, ProjectileId, SavedPlayer, Step, StructureId, Vel, Velocity,
};

use crate::time::Millis;

/// Checkpoint of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position, velocity, health and score; none of a player who never entered the world.
    pub saved: Option<SavedPlayer>,
    /// Buttons that were held.
    pub buttons: Buttons,
    /// The `seq` that the next input must have.
    pub next_input_seq: u32,
}

/// Checkpoint of a room, in one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomCheckpoint {
    /// After which step.
    pub step: Step,
    /// The next structure's id.
    pub next_structure: StructureId,
    /// The next projectile's id.
    pub next_projectile: ProjectileId,
    /// Everybody who is in, by player.
    pub players: Vec<(PlayerId, Checkpoint)>,
    /// Since when the room sleeps, if it does.
    pub asleep_since: Option<Millis>,
    /// The step after which each of them last brought an input; none of those in a row that does not tell.
    pub heard: Vec<(PlayerId, Step)>,
}

/// Why bytes are no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The bytes end too early.
    #[error("the checkpoint is cut off")]
    Truncated,
    /// Bytes follow the checkpoint.
    #[error("bytes follow the checkpoint")]
    Trailing,
    /// The version is not known.
    #[error("version {0} of the checkpoint is not known")]
    Version(u8),
    /// A value is out of range.
    #[error("the checkpoint's {0} stands for nothing")]
    Field(&'static str),
}

/// First byte of every player's checkpoint.
const VERSION: u8 = 1;
/// First byte of every room's checkpoint. In version 1 it did not say whether the room sleeps, in version 2 not when
/// somebody was last heard.
const ROOM_VERSION: u8 = 3;
/// Since this version a room says whether it sleeps.
const SLEEP_VERSION: u8 = 2;

impl Checkpoint {
    /// The bytes for a table.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        self.put(&mut bytes);
        bytes
    }

    /// From the bytes of a table.
    ///
    /// # Errors
    /// If no checkpoint has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut rest = Rest::opened(bytes)?;
        let checkpoint = Self::take(&mut rest)?;
        rest.end()?;
        Ok(checkpoint)
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.next_input_seq.to_le_bytes());
        bytes.push(self.buttons.to_bits());
        bytes.push(u8::from(self.saved.is_some()));
        if let Some(saved) = self.saved {
            let SavedPlayer {
                pos,
                vel,
                health,
                score,
                deaths,
            } = saved;
            for bits in [
                pos.x.to_bits(),
                pos.y.to_bits(),
                vel.x.to_bits(),
                vel.y.to_bits(),
            ] {
                bytes.extend(bits.to_le_bytes());
            }
            bytes.push(health);
            bytes.extend(score.to_le_bytes());
            bytes.extend(deaths.to_le_bytes());
        }
    }

    fn take(rest: &mut Rest<'_>) -> Result<Self, CheckpointError> {
        let next_input_seq = u32::from_le_bytes(rest.take()?);
        if next_input_seq == 0 {
            return Err(CheckpointError::Field("next input"));
        }
        let [buttons] = rest.take()?;
        let buttons = Buttons::from_bits(buttons).ok_or(CheckpointError::Field("buttons"))?;
        let saved = match rest.take()? {
            [0] => None,
            [1] => {
                let mut bits = || rest.take().map(i32::from_le_bytes);
                let pos = Point {
                    x: Pos::from_bits(bits()?),
                    y: Pos::from_bits(bits()?),
                };
                let vel = Velocity {
                    x: Vel::from_bits(bits()?),
                    y: Vel::from_bits(bits()?),
                };
                let [health] = rest.take()?;
                Some(SavedPlayer {
                    pos,
                    vel,
                    health,
                    score: u16::from_le_bytes(rest.take()?),
                    deaths: u16::from_le_bytes(rest.take()?),
                })
            }
            [_] => return Err(CheckpointError::Field("player")),
        };
        Ok(Self {
            saved,
            buttons,
            next_input_seq,
        })
    }
}

impl RoomCheckpoint {
    /// The bytes for a table.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![ROOM_VERSION];
        bytes.extend(self.step.0.to_le_bytes());
        bytes.extend(self.next_structure.0.to_le_bytes());
        bytes.extend(self.next_projectile.0.to_le_bytes());
        bytes.extend((self.players.len() as u16).to_le_bytes());
        for (player, checkpoint) in &self.players {
            bytes.extend(player.0.to_le_bytes());
            checkpoint.put(&mut bytes);
        }
        bytes.push(u8::from(self.asleep_since.is_some()));
        if let Some(Millis(since)) = self.asleep_since {
            bytes.extend(since.to_le_bytes());
        }
        bytes.extend((self.heard.len() as u16).to_le_bytes());
        for (player, step) in &self.heard {
            bytes.extend(player.0.to_le_bytes());
            bytes.extend(step.0.to_le_bytes());
        }
        bytes
    }

    /// From the bytes of a table.
    ///
    /// # Errors
    /// If no checkpoint has these bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut rest = Rest(bytes);
        let [version] = rest.take()?;
        if !(VERSION..=ROOM_VERSION).contains(&version) {
            return Err(CheckpointError::Version(version));
        }
        let step = Step(u64::from_le_bytes(rest.take()?));
        let next_structure = StructureId(u32::from_le_bytes(rest.take()?));
        let next_projectile = ProjectileId(u32::from_le_bytes(rest.take()?));
        let count = rest.count()?;
        let players = (0..count)
            .map(|_| {
                let player = PlayerId(u16::from_le_bytes(rest.take()?));
                Ok((player, Checkpoint::take(&mut rest)?))
            })
            .collect::<Result<_, _>>()?;
        let asleep_since = if version < SLEEP_VERSION {
            None
        } else {
            match rest.take()? {
                [0] => None,
                [1] => Some(Millis(u64::from_le_bytes(rest.take()?))),
                [_] => return Err(CheckpointError::Field("sleep")),
            }
        };
        let heard = if version < ROOM_VERSION {
            Vec::new()
        } else {
            let count = rest.count()?;
            (0..count)
                .map(|_| {
                    let player = PlayerId(u16::from_le_bytes(rest.take()?));
                    Ok((player, Step(u64::from_le_bytes(rest.take()?))))
                })
                .collect::<Result<_, _>>()?
        };
        rest.end()?;
        Ok(Self {
            heard,
            step,
            next_structure,
            next_projectile,
            players,
            asleep_since,
        })
    }
}

/// Bytes that are still to be read.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn opened(bytes: &'b [u8]) -> Result<Self, CheckpointError> {
        let mut rest = Self(bytes);
        match rest.take()? {
            [VERSION] => Ok(rest),
            [version] => Err(CheckpointError::Version(version)),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], CheckpointError> {
        let (taken, rest) = self
            .0
            .split_first_chunk()
            .ok_or(CheckpointError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// How many players follow.
    fn count(&mut self) -> Result<u16, CheckpointError> {
        let count = u16::from_le_bytes(self.take()?);
        if usize::from(count) > PLAYERS_MAX {
            return Err(CheckpointError::Field("number of players"));
        }
        Ok(count)
    }

    fn end(self) -> Result<(), CheckpointError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(CheckpointError::Trailing)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            saved: Some(SavedPlayer {
                pos: Point {
                    x: Pos::from_bits(1),
                    y: Pos::from_bits(-2),
                },
                vel: Velocity {
                    x: Vel::from_bits(3),
                    y: Vel::from_bits(i32::MIN),
                },
                health: 4,
                score: 5,
                deaths: 6,
            }),
            buttons: Buttons::LEFT,
            next_input_seq: 7,
        }
    }

    #[test]
    fn checkpoints_come_back_from_their_bytes() {
        let some = checkpoint();
        let none = Checkpoint {
            saved: None,
            ..some
        };
        for checkpoint in [some, none] {
            assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
        }
        let room = RoomCheckpoint {
            step: Step(1 << 40),
            next_structure: StructureId(9),
            next_projectile: ProjectileId(10),
            players: vec![(PlayerId(1), some), (PlayerId(2), none)],
            asleep_since: Some(Millis(1 << 41)),
            heard: vec![(PlayerId(1), Step(7)), (PlayerId(2), Step(1 << 39))],
        };
        assert_eq!(RoomCheckpoint::decode(&room.encode()), Ok(room.clone()));
        let awake = RoomCheckpoint {
            asleep_since: None,
            heard: Vec::new(),
            ..room
        };
        let bytes = awake.encode();
        assert_eq!(RoomCheckpoint::decode(&bytes), Ok(awake.clone()));
        // As versions 2 and 1 wrote it.
        let (mut second, mut first) = (bytes.clone(), bytes);
        second[0] = 2;
        second.truncate(second.len() - 2);
        first[0] = 1;
        first.truncate(first.len() - 3);
        for older in [second, first] {
            assert_eq!(RoomCheckpoint::decode(&older), Ok(awake.clone()));
        }
    }

    #[test]
    fn more_players_than_a_room_holds_are_refused_as_such() {
        for count in [PLAYERS_MAX + 1, PLAYERS_MAX + 2, usize::from(u16::MAX)] {
            let count = (count as u16).to_le_bytes();
            let refused = CheckpointError::Field("number of players");
            assert_eq!(Rest(&count).count(), Err(refused));
        }
        let most = PLAYERS_MAX as u16;
        assert_eq!(Rest(&most.to_le_bytes()).count(), Ok(most));
    }

    #[test]
    fn other_bytes_are_refused() {
        let bytes = checkpoint().encode();
        for length in 0..bytes.len() {
            assert_eq!(
                Checkpoint::decode(&bytes[..length]),
                Err(CheckpointError::Truncated)
            );
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Checkpoint::decode(&longer), Err(CheckpointError::Trailing));
        let mut other = bytes;
        other[0] = 9;
        assert_eq!(Checkpoint::decode(&other), Err(CheckpointError::Version(9)));
    }
}
