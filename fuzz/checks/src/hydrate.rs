//! Target `hydrate`: whatever the rows of a room's tables are, it begins, lets its users in with a valid character, and
//! stores what it repaired; a user of an older database is made whole once.
//!
//! Records of rows, one that ends them, and then records of [`happenings`](crate::happenings).

use authority::{
    ActiveProfileRow, Checkpoint, CheckpointRow, Encoding, Hydration, Millis, PartialProfileRow,
    Persist, ProfileRow, ResumeHash, RoomCheckpoint, Tables, TokenRow,
};
use harness::Disk;
use sim_core::rules::PLAYERS_MAX;
use sim_core::{PlayerId, ProjectileId, Step, StructureId, World};

use crate::bytes::{Fields, Seed};
use crate::driver::{Driver, ROOM};
use crate::happenings::{Table, USERS, profile};
use crate::views;

const STRUCTURE: u8 = 0;
const ROOM_ROW: u8 = 1;
const ROOM_PLAYER: u8 = 2;
const CHECKPOINT: u8 = 3;
const PROFILE: u8 = 4;
const ACTIVE: u8 = 5;
const TOKEN: u8 = 6;
const BEGIN: u8 = 7;
const CODES: u8 = 8;
/// Bytes that stand for themselves and not for their remainder: kept inputs, older than these rows, do not have them.
const PARTIAL: u8 = 0xf1;
/// Of a table that a migration empties before anybody reads it. Kept inputs have it.
const PRESENCE: u8 = 0xf2;

/// Checks it.
pub fn hydrate(bytes: &[u8]) {
    let mut from = Fields::of(bytes);
    let (rows, partial) = stored(&mut from);
    let mut disk = Disk::default();
    disk.store(rows);
    for row in partial {
        disk.put_partial(row);
    }
    // What the disk holds: of rows with the same key, the last.
    let tables = disk.tables();
    let before = disk.clone();
    let mut driver = Driver::begin(Hydration::Tables(tables.clone()), disk);
    begins(&driver, &tables);
    everybody_is_let_in(&mut driver);
    driver.is_stored();
    users_are_whole(&driver, &before);
    driver.restart(false);
    everybody_is_let_in(&mut driver);
    Table::around(driver, false).happen(&mut from);
}

/// An input whose rows are those of this world, after which nothing happens.
pub(crate) fn seed(world: &World) -> Seed {
    let mut to = Seed::default();
    for structure in world.structures().iter() {
        to.u8(STRUCTURE);
        views::write_structure(&mut to, structure);
    }
    to.u8(ROOM_ROW);
    to.u64(world.step_number().0);
    to.u32(world.next_structure().0);
    to.u32(world.next_projectile().0);
    for (user, player) in (0_u8..).zip(world.players().iter().take(USERS.len())) {
        let saved = sim_core::SavedPlayer {
            pos: player.pos,
            vel: player.vel,
            health: player.health,
            score: player.score,
            deaths: player.deaths,
        };
        let checkpoint = Checkpoint {
            saved: Some(saved),
            buttons: player.buttons,
            next_input_seq: 100,
        };
        to.u8(ROOM_PLAYER);
        to.u16(player.id.0);
        write_checkpoint(&mut to, &checkpoint);
        to.put([CHECKPOINT, user]);
        to.u16(player.id.0);
        to.u64(world.step_number().0);
        write_checkpoint(&mut to, &checkpoint);
        to.put([PROFILE, user]);
        to.text("default");
        to.text("Anna");
        to.look(player.look);
        to.put([ACTIVE, user]);
        to.text("default");
        to.put([TOKEN, user, user]);
        to.u64(u64::MAX / 2);
        to.put([PARTIAL, user]);
        to.text("knight");
        to.put([1]);
        to.text("Sir Anna");
        to.put([0, 1]);
        to.u64(1);
    }
    to.u8(BEGIN);
    to
}

fn stored(from: &mut Fields<'_>) -> (Persist, Vec<PartialProfileRow>) {
    let mut rows = Persist::default();
    let mut partial = Vec::new();
    while !from.is_empty() {
        let code = from.u8();
        match code {
            PRESENCE => {
                user(from);
                maybe(from, Fields::text);
                continue;
            }
            PARTIAL => {
                partial.push(PartialProfileRow {
                    user_id: user(from),
                    character_id: from.text(),
                    name: maybe(from, Fields::text),
                    body: maybe(from, |from| from.u64() as i64),
                    colour: maybe(from, |from| from.u64() as i64),
                });
                continue;
            }
            _ => {}
        }
        match code % CODES {
            STRUCTURE => rows.structures.push(views::structure(from)),
            ROOM_ROW => {
                rows.room = Some(RoomCheckpoint {
                    heard: Vec::new(),
                    step: Step(from.u64()),
                    next_structure: StructureId(from.u32()),
                    next_projectile: ProjectileId(from.u32()),
                    players: Vec::new(),
                    asleep_since: None,
                });
            }
            ROOM_PLAYER => {
                let entry = (from.player(), checkpoint(from));
                if let Some(room) = &mut rows.room
                    && room.players.len() < PLAYERS_MAX
                {
                    room.players.push(entry);
                }
            }
            CHECKPOINT => rows.checkpoints.push(CheckpointRow {
                user_id: user(from),
                player_id: PlayerId(from.u16()),
                step: Step(from.u64()),
                connected: false,
                checkpoint: checkpoint(from),
            }),
            PROFILE => {
                let user = user(from);
                rows.profiles.push(profile(&user, from));
            }
            ACTIVE => {
                let user_id = user(from);
                let mut character_id = from.text();
                // Two texts are rarely the same.
                if let Some(row) = rows.profiles.last()
                    && character_id.is_empty()
                {
                    character_id.clone_from(&row.character_id);
                }
                rows.active.push(ActiveProfileRow {
                    user_id,
                    character_id,
                });
            }
            TOKEN => {
                let user_id = user(from);
                rows.tokens.push(TokenRow {
                    hash: ResumeHash::of(ROOM, &format!("token-{}", from.u8())),
                    user_id,
                    expires_at: Millis(from.u64()),
                });
            }
            _ => break,
        }
    }
    (rows, partial)
}

/// Mostly one of those who come, sometimes anybody.
fn user(from: &mut Fields<'_>) -> String {
    let user = usize::from(from.u8());
    match USERS.get(user % (USERS.len() + 1)) {
        Some(user) => (*user).to_owned(),
        None => from.text(),
    }
}

fn maybe<'b, T>(from: &mut Fields<'b>, value: impl FnOnce(&mut Fields<'b>) -> T) -> Option<T> {
    from.flag().then(|| value(from))
}

/// As a table has it: bytes that decode.
fn checkpoint(from: &mut Fields<'_>) -> Checkpoint {
    let next_input_seq = from.u32().max(1);
    let buttons = from.buttons();
    let saved = if from.flag() {
        Some(from.saved())
    } else {
        None
    };
    let checkpoint = Checkpoint {
        saved,
        buttons,
        next_input_seq,
    };
    assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
    checkpoint
}

fn write_checkpoint(to: &mut Seed, checkpoint: &Checkpoint) {
    to.u32(checkpoint.next_input_seq);
    to.u8(checkpoint.buttons.to_bits());
    to.u8(u8::from(checkpoint.saved.is_some()));
    if let Some(saved) = &checkpoint.saved {
        to.saved(saved);
    }
}

/// The world is one of the rules, with nothing in it that is in no row.
fn begins(driver: &Driver, tables: &Tables) {
    let world = driver.room.world();
    assert_eq!(World::decode(&world.encode()).as_ref(), Ok(world));
    let mut stands = world.structures().iter();
    assert!(stands.all(|one| tables.structures.contains(one)));
    let missing = tables.structures.len() - world.structures().len();
    assert!(
        driver.rows_left_out >= missing,
        "what is left out is counted"
    );
}

fn everybody_is_let_in(driver: &mut Driver) {
    for (nth, user) in USERS.iter().enumerate() {
        let conn = driver.open(user, Encoding::ALL[nth % 2], None);
        let conn = conn.expect("there is a place");
        let welcome = driver.peers[&conn].welcome.clone();
        let profile = welcome.expect("who is let in is welcome").profile;
        let own = driver.disk.rows_of(user);
        if let Some(active) = own.active {
            assert_eq!(active, profile.character_id, "the selection is repaired");
            let row = own.profiles.iter().find(|row| row.character_id == active);
            let row = row.expect("the selection exists");
            assert_eq!((&row.name, row.look), (&profile.name, profile.look));
        } else {
            assert_eq!(profile.character_id, "default");
        }
    }
    for _ in 0..4 {
        let at = driver.wake().expect("the room is awake");
        driver.wake_at(at);
    }
}

/// Whoever came and has a row of a character has a default one and plays one that exists, and whole rows are as they were.
fn users_are_whole(driver: &Driver, before: &Disk) {
    for user_id in USERS {
        let (now, before) = (driver.disk.rows_of(user_id), before.rows_of(user_id));
        for row in before.profiles.iter().filter(|row| is_possible(row)) {
            assert!(now.profiles.contains(row), "{row:?} was whole");
        }
        let had_none = before.profiles.is_empty() && before.partial_profiles.is_empty();
        if had_none && before.active.is_none() {
            assert!(now.profiles.is_empty(), "a default needs no row: {now:?}");
            continue;
        }
        let is_there = |id: &str| {
            let mut own = now.profiles.iter().filter(|row| is_possible(row));
            own.any(|row| row.character_id == id)
        };
        assert!(is_there("default"), "{user_id:?} has {now:?}");
        let active = now.active.as_deref().expect("something is selected");
        assert!(is_there(active), "{user_id:?} plays {active:?}");
    }
}

fn is_possible(row: &ProfileRow) -> bool {
    protocol::check_name(&row.name).is_ok()
        && row.look.exists()
        && !row.character_id.is_empty()
        && !row.character_id.chars().any(char::is_control)
}
