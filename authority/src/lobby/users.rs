//! Users that the room knows: each with its player, checkpoint, resume token and characters.
//!
//! * A user keeps the same player, because structures belong to players.
//! * A token is valid for one user and one use.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use sim_core::{PlayerId, SavedPlayer, Step, Structures};

use crate::limits::{CHARACTER_CHANGES_PER_MINUTE_MAX, USERS_MAX};
use crate::lobby::characters::Characters;
use crate::rates::Bucket;
use crate::refusal::Refusal;
use crate::rows::{CheckpointRow, TokenRow};
use crate::time::Millis;
use crate::token::ResumeHash;

/// A user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) player: PlayerId,
    /// The player as it left the world.
    pub(crate) saved: Option<SavedPlayer>,
    /// The number that the next input must have, as of when the player left.
    pub(crate) next_input_seq: u32,
    /// Step at which the user last had a seat.
    pub(crate) seen: Step,
    /// The valid resume token.
    pub(crate) token: Option<Token>,
    pub(crate) characters: Characters,
    /// Whether the user's rows have been read.
    pub(crate) is_loaded: bool,
    /// Rate limit of changes of the characters.
    pub(crate) changes: Bucket,
    /// The user's row, as it is stored or will be with the next flush.
    pub(crate) kept: Option<CheckpointRow>,
}

/// A token by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) hash: ResumeHash,
    pub(crate) expires_at: Millis,
}

/// All users that the room knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    by_id: BTreeMap<String, User>,
    by_player: BTreeMap<PlayerId, String>,
}

impl Users {
    pub(crate) fn get(&self, id: &str) -> Option<&User> {
        self.by_id.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut User> {
        self.by_id.get_mut(id)
    }

    pub(crate) fn owner_of(&self, player: PlayerId) -> Option<&str> {
        self.by_player.get(&player).map(String::as_str)
    }

    /// Whether another user fits.
    pub(crate) fn has_place(&self) -> bool {
        self.by_id.len() < USERS_MAX
    }

    /// Whether another user fits, and neither the user nor the player is known.
    pub(crate) fn takes(&self, id: &str, player: PlayerId) -> bool {
        self.has_place() && !self.by_id.contains_key(id) && !self.by_player.contains_key(&player)
    }

    /// Adds a user. False if the user or the player is known, or no user fits.
    pub(crate) fn insert(&mut self, id: String, user: User) -> bool {
        if !self.takes(&id, user.player) {
            return false;
        }
        self.by_player.insert(user.player, id.clone());
        self.by_id.insert(id, user);
        assert_eq!(self.by_id.len(), self.by_player.len());
        true
    }

    /// Forgets the user who was away longest of those without a seat and without structures.
    pub(crate) fn forget_one(
        &mut self,
        is_in: impl Fn(PlayerId) -> bool,
        structures: &Structures,
    ) -> Option<String> {
        let owners: BTreeSet<PlayerId> = structures.iter().map(|at| at.owner).collect();
        let (id, _) = self
            .by_id
            .iter()
            .filter(|(_, user)| !is_in(user.player) && !owners.contains(&user.player))
            .min_by_key(|(id, user)| (user.seen, id.as_str()))?;
        let id = id.clone();
        let user = self.by_id.remove(&id)?;
        self.by_player.remove(&user.player);
        Some(id)
    }

    /// Restarts the step count: every user counts as last seen at this step.
    pub(crate) fn all_seen_at(&mut self, step: Step) {
        for user in self.by_id.values_mut() {
            user.seen = step;
            user.kept = None;
        }
    }

    /// The lowest player id that no user has and no structure names as its owner.
    pub(crate) fn free_player(&self, structures: &Structures) -> Option<PlayerId> {
        let owners: BTreeSet<PlayerId> = structures.iter().map(|at| at.owner).collect();
        (1..=u16::MAX)
            .map(PlayerId)
            .find(|id| !self.by_player.contains_key(id) && !owners.contains(id))
    }
}

impl Token {
    pub(crate) fn of(row: &TokenRow) -> Self {
        Self {
            hash: row.hash,
            expires_at: row.expires_at,
        }
    }
}

impl User {
    /// Counts a change of a character against the rate limit.
    pub(crate) fn change_characters(&mut self, now: Millis) -> Result<(), Refusal> {
        let per_minute = CHARACTER_CHANGES_PER_MINUTE_MAX;
        let refusal = Refusal::CharactersTooOften { per_minute };
        self.changes.take(now).then_some(()).ok_or(refusal)
    }

    /// Whether the token is this user's and has not expired.
    pub(crate) fn admits(&self, hash: ResumeHash, now: Millis) -> bool {
        self.token
            .is_some_and(|token| token.hash == hash && now < token.expires_at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use alloc::borrow::ToOwned as _;

    use sim_core::{
        Cell, DurableWorld, ProjectileId, Structure, StructureId, StructureKind, World,
    };

    use super::*;
    use crate::rates::Rate;

    fn user(player: u16, seen: u64) -> User {
        let player = PlayerId(player);
        User {
            player,
            saved: None,
            next_input_seq: 1,
            seen: Step(seen),
            token: None,
            characters: Characters::assumed(player),
            is_loaded: true,
            changes: Bucket::full(Rate::CHARACTER_CHANGES, Millis(0)),
            kept: None,
        }
    }

    /// Four users, the one who was seen last first in the alphabet; a structure is the second's.
    fn four() -> (Users, World) {
        let mut users = Users::default();
        for (id, player, seen) in [("d", 1, 10), ("c", 2, 20), ("b", 3, 30), ("a", 4, 40)] {
            assert!(users.insert(id.to_owned(), user(player, seen)));
        }
        let world = World::hydrate(DurableWorld {
            step: Step(50),
            seed: 1,
            structures: alloc::vec![Structure {
                id: StructureId(1),
                owner: PlayerId(2),
                kind: StructureKind::Wall,
                cell: Cell { x: 5, y: 5 },
                hp: 120,
            }],
            next_structure: StructureId(2),
            next_projectile: ProjectileId(1),
        });
        (users, world.unwrap())
    }

    #[test]
    fn who_is_in_and_who_owns_something_is_never_forgotten() {
        let (mut users, world) = four();
        let is_in = |player| player == PlayerId(1);
        let mut forget = || users.forget_one(is_in, world.structures());
        assert_eq!(forget().as_deref(), Some("b"), "who was away longest");
        assert_eq!(forget().as_deref(), Some("a"));
        assert_eq!(forget(), None);
        assert!(users.get("d").is_some() && users.get("c").is_some());
    }

    #[test]
    fn a_forgotten_user_s_player_is_free_again() {
        let (mut users, world) = four();
        assert_eq!(users.free_player(world.structures()), Some(PlayerId(5)));
        let forgotten = users.forget_one(|_| false, world.structures());
        assert_eq!(forgotten.as_deref(), Some("d"));
        assert_eq!(users.owner_of(PlayerId(1)), None);
        assert_eq!(users.free_player(world.structures()), Some(PlayerId(1)));
    }
}
