//! Frames as records: one thing that happens, or the end of a step.

use sim_core::{Action, Cell, Command, Frame, Join, PlayerId, Preview, StructureId, World};

use crate::bytes::{Fields, Seed};

/// Steps that one input may cause.
pub(crate) const STEPS_MAX: u32 = 600;

const JOIN: u8 = 0;
const LEAVE: u8 = 1;
const BUTTONS: u8 = 2;
const FIRE: u8 = 3;
const PLACE: u8 = 4;
const PLACE_NEAR: u8 = 5;
const REMOVE: u8 = 6;
const PREVIEW: u8 = 7;
const LOOK: u8 = 8;
const STEP: u8 = 9;
const STEPS: u8 = 10;
/// Codes of records; the target that reads them gives the ones above a meaning of its own.
pub(crate) const CODES: u8 = 11;

/// What a record means.
#[derive(Debug)]
pub(crate) enum Record {
    /// It was put into the frame.
    Happened,
    /// The frame is whole, and after it come so many empty ones.
    Steps { empty: u8 },
}

/// Reads the record with this code into the frame. `world` is what it will happen to.
pub(crate) fn read(code: u8, from: &mut Fields<'_>, world: &World, frame: &mut Frame) -> Record {
    let command = match code {
        JOIN => {
            let player = from.player();
            let look = from.look();
            let saved = if from.flag() {
                Some(from.saved())
            } else {
                None
            };
            frame.joins.push(Join {
                player,
                look,
                saved,
            });
            return Record::Happened;
        }
        LEAVE => {
            frame.leaves.push(from.player());
            return Record::Happened;
        }
        BUTTONS => {
            frame.buttons.push((from.player(), from.buttons()));
            return Record::Happened;
        }
        STEP => return Record::Steps { empty: 0 },
        STEPS => return Record::Steps { empty: from.u8() },
        FIRE => (
            from.player(),
            Command::Act(Action::Fire { aim: from.aim() }),
        ),
        PLACE => {
            let player = from.player();
            let cell = from.cell();
            let kind = from.kind();
            (player, Command::Act(Action::Place { cell, kind }))
        }
        PLACE_NEAR => {
            let player = from.player();
            let cell = near(world, player, from);
            let kind = from.kind();
            (player, Command::Act(Action::Place { cell, kind }))
        }
        REMOVE => {
            let player = from.player();
            let id = StructureId(from.u32());
            (player, Command::Act(Action::Remove { id }))
        }
        PREVIEW => {
            let player = from.player();
            let shown = from.flag();
            let (cell, kind) = (from.cell(), from.kind());
            let preview = shown.then_some(Preview { cell, kind });
            (player, Command::Preview(preview))
        }
        _ => (from.player(), Command::SetLook(from.look())),
    };
    frame.commands.push(command);
    Record::Happened
}

/// A cell that a player may well reach: up to eight cells away on each axis.
fn near(world: &World, player: PlayerId, from: &mut Fields<'_>) -> Cell {
    let by = from.u8();
    let pos = world.player(player).map(|player| player.pos);
    let axis = |middle: Option<i32>, by: u8| {
        let at = middle.unwrap_or(0) + i32::from(by % 16) - 8;
        at.clamp(0, u8::MAX.into()) as u8
    };
    Cell {
        x: axis(pos.map(|pos| pos.x.cell()), by),
        y: axis(pos.map(|pos| pos.y.cell()), by >> 4),
    }
}

/// The records that make this frame and end its step.
pub(crate) fn write(to: &mut Seed, frame: &Frame) {
    let Frame {
        joins,
        leaves,
        buttons,
        commands,
    } = frame;
    for Join {
        player,
        look,
        saved,
    } in joins
    {
        to.u8(JOIN);
        to.u16(player.0);
        to.look(*look);
        to.u8(u8::from(saved.is_some()));
        if let Some(saved) = saved {
            to.saved(saved);
        }
    }
    for player in leaves {
        to.u8(LEAVE);
        to.u16(player.0);
    }
    for (player, buttons) in buttons {
        to.u8(BUTTONS);
        to.u16(player.0);
        to.u8(buttons.to_bits());
    }
    for (player, command) in commands {
        write_command(to, *player, command);
    }
    to.u8(STEP);
}

fn write_command(to: &mut Seed, player: PlayerId, command: &Command) {
    let mut begin = |code| {
        to.u8(code);
        to.u16(player.0);
    };
    match *command {
        Command::Act(Action::Fire { aim }) => {
            begin(FIRE);
            to.u16(aim.0);
        }
        Command::Act(Action::Place { cell, kind }) => {
            begin(PLACE);
            to.cell(cell);
            to.kind(kind);
        }
        Command::Act(Action::Remove { id }) => {
            begin(REMOVE);
            to.u32(id.0);
        }
        Command::Preview(preview) => {
            begin(PREVIEW);
            to.u8(u8::from(preview.is_some()));
            if let Some(Preview { cell, kind }) = preview {
                to.cell(cell);
                to.kind(kind);
            } else {
                to.put([0; 3]);
            }
        }
        Command::SetLook(look) => {
            begin(LOOK);
            to.look(look);
        }
    }
}
