//! Inputs made from what was played: where the fuzzer begins.

use std::collections::BTreeMap;

use harness::Script;
use input_log::{Entry, Kind, OpenError, Recording};
use protocol::{Identity, View};
use sim_core::{Action, Command, Frame, PlayerId, World};

use crate::bytes::Seed as Bytes;
use crate::happenings::{USERS, write};
use crate::{delta_merge, hydrate, recordings, sim_step};

mod samples;

/// An input of a target.
#[derive(Clone, Debug)]
pub struct Seed {
    /// [`Target::name`](crate::Target).
    pub target: &'static str,
    /// For its file.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// From one seed of a recording to the next, in steps: five seconds.
const EVERY_STEPS: usize = 300;
/// Steps that one seed plays: a second and a half.
const PLAYED_STEPS: usize = 90;
/// Each is another mix of players, links and faults.
const RANDOM_SCRIPTS: u64 = 40;
/// Longer inputs than this are too slow to be a beginning.
const BYTES_MAX: usize = 4_096;

/// One message of every kind, in both encodings.
#[must_use]
pub fn of_messages() -> Vec<Seed> {
    let all = samples::client().into_iter().chain(samples::server());
    all.enumerate()
        .map(|(nth, bytes)| Seed {
            target: "messages",
            name: format!("sample-{nth:02}"),
            bytes,
        })
        .collect()
}

/// Sessions drawn at random, as far as they fit into inputs.
#[must_use]
pub fn of_random_scripts() -> Vec<Seed> {
    (1..=RANDOM_SCRIPTS)
        .map(|seed| of_script(&format!("random-{seed:02}"), &Script::random(seed)))
        .collect()
}

/// A script is an input of `reconcile`.
#[must_use]
pub fn of_script(name: &str, script: &Script) -> Seed {
    Seed {
        target: "reconcile",
        name: name.to_owned(),
        bytes: script.to_bytes(),
    }
}

/// Inputs of every target but `reconcile`, in which the recording is played again.
///
/// # Errors
/// If the bytes are no recording.
pub fn of_recording(name: &str, bytes: &[u8]) -> Result<Vec<Seed>, OpenError> {
    let recording = Recording::open(bytes)?;
    let session = Session::of(&recording);
    let mut seeds = Vec::new();
    let mut push = |target, nth: usize, bytes: Vec<u8>| {
        if bytes.len() <= BYTES_MAX {
            let name = format!("{name}-{nth:03}");
            seeds.push(Seed {
                target,
                name,
                bytes,
            });
        }
    };
    for (nth, (world, frames)) in session.parts().enumerate() {
        push("sim_step", nth, sim_step::seed(world, frames));
        push("hydrate", nth, hydrate::seed(world).into_bytes());
        let views = session.views(nth);
        push("delta_merge", nth, delta_merge::seed(&views));
        for (by, bytes) in views
            .first()
            .into_iter()
            .flat_map(samples::snapshots)
            .enumerate()
        {
            push("messages", 10 * nth + by, bytes);
        }
        push("hostile_room", nth, room_seed(world, frames));
    }
    if let Some((_, frames)) = session.parts().next() {
        let seed = recording.header().seed;
        push("input_log", 0, recordings::session_seed(seed, frames));
    }
    for (nth, bytes) in log_seeds(&recording, bytes).into_iter().enumerate() {
        push("input_log", 1 + nth, bytes);
    }
    Ok(seeds)
}

/// The recording's front as a file, and its blocks a few at a time.
fn log_seeds(recording: &Recording<'_>, bytes: &[u8]) -> Vec<Vec<u8>> {
    let end = |limit| {
        let ends = recording.blocks().iter();
        ends.map(|block| block.at_byte + block.bytes)
            .take_while(|end| *end < limit)
            .last()
    };
    let mut seeds: Vec<Vec<u8>> = end(BYTES_MAX)
        .map(|end| recordings::file_seed(&bytes[..end]))
        .into_iter()
        .collect();
    let keyframes = recording.blocks().iter().enumerate();
    let keyframes = keyframes.filter(|(_, block)| block.kind == Kind::Keyframe);
    for (start, _) in keyframes {
        let blocks = recording.blocks()[start..].iter().take(4);
        let blocks = blocks.map(|block| {
            let payload = block.at_byte + block.bytes - 4 - block.payload_bytes;
            let payload = &bytes[payload..payload + block.payload_bytes];
            (block.kind, block.first_step, block.steps, payload)
        });
        seeds.push(recordings::blocks_seed(
            recording.header().hash_detail,
            blocks,
        ));
    }
    seeds
}

/// A recording played again.
struct Session {
    frames: Vec<Frame>,
    /// The world before every [`EVERY_STEPS`]th frame.
    worlds: Vec<World>,
}

impl Session {
    fn of(recording: &Recording<'_>) -> Self {
        let mut session = Self {
            frames: Vec::new(),
            worlds: Vec::new(),
        };
        let mut world = World::new(0);
        let mut entries = recording.entries();
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Keyframe(keyframe) => match keyframe.world() {
                    Ok(decoded) => world = decoded,
                    // Made with other rules: only its bytes are of use.
                    Err(_) => break,
                },
                Entry::Step { frame, .. } => {
                    if session.frames.len().is_multiple_of(EVERY_STEPS) {
                        session.worlds.push(world.clone());
                    }
                    world.step(frame);
                    session.frames.push(frame.clone());
                }
                Entry::Gap { steps, .. } => world.fast_forward(steps),
                Entry::Digest { .. } | Entry::Evidence(_) | Entry::End => {}
            }
        }
        session
    }

    fn parts(&self) -> impl Iterator<Item = (&World, &[Frame])> {
        let frames = self.frames.chunks(EVERY_STEPS);
        let frames = frames.map(|frames| &frames[..frames.len().min(PLAYED_STEPS)]);
        self.worlds.iter().zip(frames)
    }

    /// What three snapshots of a part show.
    fn views(&self, part: usize) -> Vec<View> {
        let (mut world, frames) = (
            self.worlds[part].clone(),
            &self.frames[part * EVERY_STEPS..],
        );
        let identities: BTreeMap<PlayerId, Identity> = world
            .players()
            .iter()
            .map(|player| {
                let identity = Identity {
                    name: format!("Player {}", player.id),
                    connected: true,
                };
                (player.id, identity)
            })
            .collect();
        let mut views = vec![View::capture(&world, &identities)];
        for frames in frames.chunks(6).take(3) {
            frames.iter().for_each(|frame| world.step(frame));
            views.push(View::capture(&world, &identities));
        }
        views
    }
}

/// The players of a part come into a new room and do what they did.
fn room_seed(world: &World, frames: &[Frame]) -> Vec<u8> {
    let mut to = Bytes::default();
    let mut held = BTreeMap::new();
    let players = world.players().iter().take(USERS.len() - 1);
    let players: BTreeMap<PlayerId, u8> = players.map(|player| player.id).zip(0..).collect();
    for (player, user) in &players {
        write::open(&mut to, *user, user % 2 == 1);
        held.insert(*player, world.player(*player).map(|player| player.buttons));
    }
    for frames in frames.chunks(2) {
        for frame in frames {
            for (player, buttons) in &frame.buttons {
                held.insert(*player, Some(*buttons));
            }
            let commands = frame.commands.iter();
            for (player, command) in commands {
                if let Some(user) = players.get(player) {
                    room_command(&mut to, *user, command);
                }
            }
        }
        for (player, user) in &players {
            let buttons = held.get(player).copied().flatten().unwrap_or_default();
            write::inputs(&mut to, *user, 2, buttons);
        }
        write::pass(&mut to, 32);
    }
    write::raw(
        &mut to,
        0,
        b"{\"v\":2,\"kind\":\"ping\",\"seq\":900,\"clientTime\":1.5}",
    );
    write::other(&mut to);
    write::restart(&mut to, frames.len().is_multiple_of(2));
    write::leave(&mut to, 0);
    to.into_bytes()
}

fn room_command(to: &mut Bytes, user: u8, command: &Command) {
    if let Command::Act(Action::Fire { aim }) = *command {
        write::fire(to, user, aim.0);
    } else if let Command::Act(Action::Place { cell, kind }) = *command {
        write::place(to, user, (cell.x, cell.y), kind);
    }
}
