//! What a room begins with: nothing, its tables, or its recording and its tables.
//!
//! * Rows that contradict each other or the rules are left out and counted; a room always begins.
//! * A room that has counted too far goes on, and counts anew with its next flush, as it would have without leaving memory: its
//!   connections may have outlived it. Only a step that no room can have stored is not believed.
//! * Of two checkpoints of a player, the later one counts.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use input_log::Writer;
use protocol::limits::NUMBER_LAST;
use sim_core::rules::{STRUCTURES_MAX, STRUCTURES_PER_PLAYER_MAX};
use sim_core::{PlayerId, ProjectileId, Step, Structure, StructureId, Structures, World};

use crate::archive::store::Store;
use crate::input::{Hydration, RoomConfig, Tables};
use crate::limits::{SLEPT_MS_MAX, STORED_STEP_MAX, USER_ID_BYTES_MAX};
use crate::lobby::characters::Characters;
use crate::lobby::saved;
use crate::lobby::seats::{Absence, Seat, Seats};
use crate::lobby::users::{User, Users};
use crate::rates::{Bucket, Rate};
use crate::recover::Recovered;
use crate::rows::CheckpointRow;
use crate::time::Millis;

/// What a room begins with.
#[derive(Debug)]
pub(crate) struct HydratedState {
    pub(crate) world: World,
    /// The recording to go on with, and how many steps it holds.
    pub(crate) recording: Option<(Writer, u64)>,
    pub(crate) users: Users,
    pub(crate) seats: Seats,
    pub(crate) store: Store,
    pub(crate) rows_left_out: usize,
    /// Since when it sleeps, if it was left asleep.
    pub(crate) asleep_since: Option<Millis>,
}

impl HydratedState {
    pub(crate) fn of(config: &RoomConfig, hydration: Hydration) -> Self {
        match hydration {
            Hydration::Fresh => {
                Self::with(config, World::new(config.seed), None, Tables::default())
            }
            Hydration::Tables(mut tables) => {
                if let Some(room) = &mut tables.room
                    && room.step > STORED_STEP_MAX
                {
                    room.step = Step(0);
                }
                let (world, left_out) = world_of(config.seed, &tables);
                let mut hydrated = Self::with(config, world, None, tables);
                hydrated.rows_left_out += left_out;
                hydrated
            }
            Hydration::Log { recovered, tables }
                if is_behind(&recovered, &tables)
                    || recovered.world.step_number() > STORED_STEP_MAX =>
            {
                // Both are written at once: if the log is behind, its end was lost.
                Self::of(config, Hydration::Tables(tables))
            }
            Hydration::Log { recovered, tables } => {
                let Recovered {
                    world,
                    writer,
                    steps,
                } = recovered;
                Self::with(config, world, writer.map(|writer| (writer, steps)), tables)
            }
        }
    }

    fn with(
        config: &RoomConfig,
        world: World,
        recording: Option<(Writer, u64)>,
        tables: Tables,
    ) -> Self {
        let step = world.step_number();
        let asleep_since = tables
            .room
            .as_ref()
            .filter(|room| room.step == step)
            .and_then(|room| room.asleep_since)
            .filter(|since| config.started_at_ms.saturating_sub(since.0) <= SLEPT_MS_MAX);
        let mut hydrated = Self {
            store: Store::holding(&tables.structures, tables.room.clone()),
            world,
            recording,
            users: Users::default(),
            seats: Seats::default(),
            rows_left_out: 0,
            asleep_since,
        };
        let heard = tables.room.as_ref().map(|room| room.heard.clone());
        hydrated.take_users(tables, Millis(config.started_at_ms));
        hydrated.take_seats(step, &heard.unwrap_or_default());
        hydrated
    }

    fn take_users(&mut self, tables: Tables, now: Millis) {
        let world_step = self.world.step_number();
        let mut later = BTreeMap::new();
        if let Some(room) = &tables.room {
            later.extend(
                room.players
                    .iter()
                    .map(|(player, checkpoint)| (*player, (room.step, *checkpoint))),
            );
        }
        for row in tables.checkpoints {
            if !is_possible(&row) || !self.users.takes(&row.user_id, row.player_id) {
                self.rows_left_out += 1;
                continue;
            }
            // A row of a later step than the room's is from before the room counted anew.
            let row_step = if row.step > world_step {
                Step(0)
            } else {
                row.step
            };
            let (step, checkpoint) = later
                .get(&row.player_id)
                .filter(|(step, _)| *step >= row_step)
                .copied()
                .unwrap_or((row_step, row.checkpoint));
            let mut kept = row.clone();
            // The room's next checkpoint tells only of who is in, so what this one told of others needs its own row.
            if step > row_step && self.world.player(row.player_id).is_none() {
                kept = CheckpointRow {
                    step,
                    connected: false,
                    checkpoint,
                    ..kept
                };
                self.store.rows.checkpoints.push(kept.clone());
            }
            let user = User {
                player: row.player_id,
                saved: checkpoint.saved,
                // Only a row that is wrong says that a connection went on behind the end of the numbers.
                next_input_seq: match checkpoint.next_input_seq {
                    next @ 1..=NUMBER_LAST => next,
                    _ => 1,
                },
                seen: step,
                token: None,
                characters: Characters::assumed(row.player_id),
                is_loaded: false,
                changes: Bucket::full(Rate::CHARACTER_CHANGES, now),
                kept: Some(kept),
            };
            let is_new = self.users.insert(row.user_id, user);
            assert!(is_new, "it was just asked for");
        }
    }

    /// Who is in the world waits for a connection; of whom no user is known, the first step takes leave.
    /// `heard` says after which step each of them last brought an input.
    fn take_seats(&mut self, step: Step, heard: &[(PlayerId, Step)]) {
        let heard: BTreeMap<PlayerId, Step> = heard.iter().copied().collect();
        for player in self.world.players() {
            let Some(user_id) = self.users.owner_of(player.id) else {
                continue;
            };
            let user_id = user_id.to_owned();
            let Some(user) = self.users.get_mut(&user_id) else {
                continue;
            };
            user.saved = Some(saved(player));
            // A room that counts anew has rows that are ahead of it.
            let heard = heard.get(&player.id).copied().unwrap_or(step).min(step);
            let absence = Absence::of_a_lost_line(step);
            let seat = Seat::left_behind(user_id, user.next_input_seq, absence, heard);
            self.seats.insert(player.id, seat);
        }
    }
}

/// Whether the tables know of a later step than the log.
fn is_behind(recovered: &Recovered, tables: &Tables) -> bool {
    let stored = tables.room.as_ref().map(|room| room.step);
    stored.is_some_and(|step| step > recovered.world.step_number())
}

fn is_possible(row: &CheckpointRow) -> bool {
    (1..=USER_ID_BYTES_MAX).contains(&row.user_id.len()) && row.player_id != PlayerId(0)
}

/// The world of the tables, and how many structures had no place in it.
fn world_of(seed: u64, tables: &Tables) -> (World, usize) {
    let mut admitted: Vec<Structure> = Vec::new();
    let mut structures = Structures::new();
    for row in &tables.structures {
        let fits = row.id != StructureId(u32::MAX)
            && structures.len() < STRUCTURES_MAX
            && structures.owned_by(row.owner) < STRUCTURES_PER_PLAYER_MAX
            && structures.insert(*row).is_ok();
        if fits {
            admitted.push(*row);
        }
    }
    let left_out = tables.structures.len() - admitted.len();
    let above = admitted.iter().map(|at| at.id.0 + 1).max().unwrap_or(1);
    let room = tables.room.as_ref();
    let durable = sim_core::DurableWorld {
        step: room.map_or(Step(0), |room| room.step),
        seed,
        structures: admitted,
        next_structure: StructureId(room.map_or(1, |room| room.next_structure.0).max(above)),
        next_projectile: room.map_or(ProjectileId(1), |room| room.next_projectile),
    };
    let world = World::hydrate(durable).expect("only structures that fit were admitted");
    (world, left_out)
}
