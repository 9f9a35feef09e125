//! A snapshot in bits, counted from its base: structures first, because walks are guessed among them, then players,
//! because shots are guessed from where their owners were.

use alloc::collections::BTreeMap;

use sim_core::Step;

use super::bits::{Reader, Writer};
use super::entries;
use super::grid::Grid;
use super::motion::{self, Tracks};
use super::{Layout, presence, proof, shots};
use crate::changes::Changes;
use crate::error::{DecodeError, Reason};
use crate::limits::{SNAPSHOT_PLAYERS_MAX, SNAPSHOT_PROJECTILES_MAX, SNAPSHOT_STRUCTURES_MAX};
use crate::server::{Mode, ServerBody, ServerMessage, Snapshot, Timing};
use crate::snapshot_delta::{BuildChanges, SnapshotDelta};
use crate::view::View;

/// Clocks below this many milliseconds are written as whole numbers if they are.
const WHOLE_CLOCK: u64 = 1 << 48;
/// Orders of the codes for what is mostly small, or mostly of that many bits.
const ID: u32 = 9;
const SEQ: u32 = 14;
const CLOCK: u32 = 41;
const AGE: u32 = 2;
const STEPS: u32 = 4;
const COUNT: u32 = 2;

pub(super) fn write(
    out: &mut Writer,
    layout: Layout,
    server_time: f64,
    step: Step,
    snapshot: &Snapshot,
    base: Option<&View>,
) {
    let Snapshot {
        id,
        proof,
        mode,
        base_id,
        local_ack_seq,
        timing,
        features,
    } = snapshot;
    out.number((*id).into(), ID);
    out.flag(*mode == Mode::Delta);
    let nothing = View {
        step,
        ..View::default()
    };
    let base = match (mode, base_id) {
        (Mode::Full, None) => {
            out.number(step.0, SEQ);
            &nothing
        }
        (Mode::Delta, Some(base_id)) => {
            let base = base.expect("a delta is written with its base");
            assert!(
                base_id < id && base.step <= step,
                "a base is older than its delta"
            );
            out.number((id - base_id - 1).into(), AGE);
            out.number(step.since(base.step), STEPS);
            base
        }
        (Mode::Full, Some(_)) | (Mode::Delta, None) => {
            panic!("a delta has a base, a full snapshot none")
        }
    };
    let whole = server_time as u64;
    let is_whole = whole < WHOLE_CLOCK && whole as f64 == server_time;
    out.flag(is_whole);
    if is_whole {
        out.number(whole, CLOCK);
    } else {
        out.word(server_time.to_bits());
    }
    out.flag(local_ack_seq.is_some());
    if let Some(seq) = local_ack_seq {
        out.number((*seq).into(), SEQ);
    }
    out.number(timing.buffer_depth.into(), COUNT);
    out.number(timing.starved.into(), COUNT);
    out.number(timing.dropped.into(), COUNT);
    out.flag(timing.idle);
    if layout.has_proofs() {
        proof::write(out, *proof);
    }

    let SnapshotDelta {
        presence,
        movement,
        build,
        projectile,
    } = features;
    let BuildChanges {
        structures,
        previews,
    } = build;
    entries::write_changes(out, presence, &base.presence, |out, _, known, entry| {
        presence::write(out, known, entry);
    });
    entries::write_changes(out, structures, &base.structures, |out, _, known, entry| {
        entries::write_structure(out, known, entry);
    });
    entries::write_changes(out, previews, &base.previews, |out, _, _, entry| {
        entries::write_preview(out, entry);
    });
    let grid = Grid::new(&base.structures, structures);
    let elapsed = step.since(base.step);
    let mut tracks = Tracks::new(&base.players, &movement.removals);
    entries::write_changes(out, movement, &base.players, |out, id, known, entry| {
        let track = motion::write(out, id, known, entry, elapsed, &grid);
        tracks.insert(id, track);
    });
    entries::write_changes(out, projectile, &base.projectiles, |out, _, _, shot| {
        shots::write(out, shot, &tracks);
    });
}

pub(super) fn read<'view>(
    bytes: &[u8],
    layout: Layout,
    base: impl FnOnce(u32) -> Option<&'view View>,
) -> Result<ServerMessage, DecodeError> {
    let mut reader = Reader::new(bytes, "id");
    let from = &mut reader;
    let id: u32 = from.small(ID)?;
    from.field = "mode";
    let is_delta = from.flag()?;
    let nothing;
    let (base, base_id, step) = if is_delta {
        from.field = "baseId";
        let age: u32 = from.small(AGE)?;
        let base_id = id.checked_sub(age).and_then(|newer| newer.checked_sub(1));
        let base_id = base_id.ok_or_else(|| from.wrong())?;
        let base = base(base_id).ok_or(Reason::UnknownBase { base_id }.of("baseId"))?;
        from.field = "step";
        let step = base
            .step
            .0
            .checked_add(from.number(STEPS)?)
            .ok_or_else(|| from.wrong())?;
        (base, Some(base_id), Step(step))
    } else {
        from.field = "step";
        let step = Step(from.number(SEQ)?);
        nothing = View {
            step,
            ..View::default()
        };
        (&nothing, None, step)
    };
    from.field = "serverTime";
    let server_time = if from.flag()? {
        let whole = from.number(CLOCK)?;
        if whole >= WHOLE_CLOCK {
            return Err(from.wrong());
        }
        whole as f64
    } else {
        f64::from_bits(from.word()?)
    };
    from.field = "localAckSeq";
    let local_ack_seq = if from.flag()? {
        Some(from.small(SEQ)?)
    } else {
        None
    };
    from.field = "timing";
    let timing = Timing {
        buffer_depth: from.small(COUNT)?,
        starved: from.small(COUNT)?,
        dropped: from.small(COUNT)?,
        idle: from.flag()?,
    };
    from.field = "proof";
    let proof = if layout.has_proofs() {
        proof::read(from)?
    } else {
        None
    };

    let players = SNAPSHOT_PLAYERS_MAX;
    from.field = "features.presence";
    let presence = entries::read_changes(from, &base.presence, players, |from, _, known| {
        presence::read(from, known)
    })?;
    from.field = "features.build.structures";
    let max = SNAPSHOT_STRUCTURES_MAX;
    let structures = entries::read_changes(from, &base.structures, max, entries::read_structure)?;
    from.field = "features.build.previews";
    let previews = entries::read_changes(from, &base.previews, players, |from, _, _| {
        entries::read_preview(from)
    })?;
    from.field = "features.movement";
    let grid = Grid::new(&base.structures, &structures);
    let elapsed = step.since(base.step);
    let mut found = BTreeMap::new();
    let movement = entries::read_changes(from, &base.players, players, |from, id, known| {
        let (state, track) = motion::read(from, id, known, elapsed, &grid)?;
        found.insert(id, track);
        Ok(state)
    })?;
    let mut tracks = Tracks::new(&base.players, &movement.removals);
    found
        .into_iter()
        .for_each(|(id, track)| tracks.insert(id, track));
    from.field = "features.projectile";
    let max = SNAPSHOT_PROJECTILES_MAX;
    let projectile: Changes<_, _> =
        entries::read_changes(from, &base.projectiles, max, |from, id, _| {
            shots::read(from, id, &tracks)
        })?;
    reader.end()?;
    Ok(ServerMessage {
        server_time,
        step,
        body: ServerBody::Snapshot(Snapshot {
            id,
            proof,
            mode: if is_delta { Mode::Delta } else { Mode::Full },
            base_id,
            local_ack_seq,
            timing,
            features: SnapshotDelta {
                presence,
                movement,
                build: BuildChanges {
                    structures,
                    previews,
                },
                projectile,
            },
        }),
    })
}
