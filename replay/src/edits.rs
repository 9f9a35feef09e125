//! Every single change of a frame, cheapest first: what a recording may have held before one entry was altered.

use std::ops::ControlFlow;

use sim_core::rules::{ARENA_CELLS, BODIES, COLOURS, REACH};
use sim_core::{
    Action, Aim, Buttons, Cell, Command, Frame, Join, Look, Player, PlayerId, Preview,
    StructureKind,
};

use kernel::Moment;

use crate::altered::{Tried, What};

type Visit<'v> = dyn FnMut(&Tried<'_>) -> ControlFlow<()> + 'v;

/// Shows every single change of `frame` to `visit` until it breaks. `later` are the frames from this one on: whoever
/// they name and the world does not know may have joined here.
pub(crate) fn each(world: &Moment, frame: &Frame, later: &[&Frame], visit: &mut Visit<'_>) {
    // Whether it broke or came to the end is known to `visit`.
    let _ = all(world, frame, later, visit);
}

fn all(world: &Moment, frame: &Frame, later: &[&Frame], visit: &mut Visit<'_>) -> ControlFlow<()> {
    buttons(world, frame, visit)?;
    membership(world, frame, later, visit)?;
    fewer_commands(world, frame, visit)?;
    other_commands(world, frame, visit)?;
    more_commands(world, frame, visit)
}

fn buttons(world: &Moment, frame: &Frame, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let joining = frame.joins.iter().map(|join| join.player);
    let players = world.players.iter().map(|player| player.id).chain(joining);
    for player in players {
        let at = frame.buttons.iter().position(|(id, _)| *id == player);
        let recorded = at.map(|at| frame.buttons[at].1);
        let all = (0..=Buttons::ALL.to_bits()).map(|bits| Some(Buttons::from_bits_truncate(bits)));
        for fits in [None]
            .into_iter()
            .chain(all)
            .filter(|fits| *fits != recorded)
        {
            let mut frame = frame.clone();
            frame.buttons.retain(|(id, _)| *id != player);
            if let Some(buttons) = fits {
                let place = frame.buttons.partition_point(|(id, _)| *id < player);
                frame.buttons.insert(place, (player, buttons));
            }
            let what = What::Buttons {
                player,
                recorded,
                fits,
            };
            visit(&Tried {
                frame: &frame,
                what,
            })?;
        }
    }
    ControlFlow::Continue(())
}

fn membership(
    world: &Moment,
    frame: &Frame,
    later: &[&Frame],
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    for (at, &player) in frame.leaves.iter().enumerate() {
        let mut frame = frame.clone();
        frame.leaves.remove(at);
        let what = What::Leave {
            player,
            added: true,
        };
        visit(&Tried {
            frame: &frame,
            what,
        })?;
    }
    for player in &world.players {
        let mut frame = frame.clone();
        frame.leaves.push(player.id);
        let what = What::Leave {
            player: player.id,
            added: false,
        };
        visit(&Tried {
            frame: &frame,
            what,
        })?;
    }
    for (at, join) in frame.joins.iter().enumerate() {
        let mut without = frame.clone();
        without.joins.remove(at);
        let what = What::JoinAdded {
            player: join.player,
        };
        visit(&Tried {
            frame: &without,
            what,
        })?;
        for fits in looks().filter(|look| *look != join.look) {
            let mut frame = frame.clone();
            frame.joins[at].look = fits;
            let what = What::JoinLook {
                player: join.player,
                recorded: join.look,
                fits,
            };
            visit(&Tried {
                frame: &frame,
                what,
            })?;
        }
    }
    for player in strangers(world, frame, later) {
        for look in looks() {
            let mut frame = frame.clone();
            frame.joins.push(Join {
                player,
                look,
                saved: None,
            });
            let what = What::JoinMissing { player, look };
            visit(&Tried {
                frame: &frame,
                what,
            })?;
        }
    }
    ControlFlow::Continue(())
}

/// Players whom the frames name and the world does not know.
fn strangers(world: &Moment, frame: &Frame, later: &[&Frame]) -> Vec<PlayerId> {
    let mut named: Vec<PlayerId> = later
        .iter()
        .flat_map(|frame| {
            let pressed = frame.buttons.iter().map(|(player, _)| *player);
            pressed.chain(frame.commands.iter().map(|(player, _)| *player))
        })
        .filter(|&player| world.player(player).is_none())
        .filter(|&player| frame.joins.iter().all(|join| join.player != player))
        .collect();
    named.sort_unstable();
    named.dedup();
    named
}

fn fewer_commands(world: &Moment, frame: &Frame, visit: &mut Visit<'_>) -> ControlFlow<()> {
    for (index, &(player, command)) in frame.commands.iter().enumerate() {
        let mut without = frame.clone();
        without.commands.remove(index);
        let what = What::CommandAdded {
            index,
            player,
            command,
        };
        visit(&Tried {
            frame: &without,
            what,
        })?;
        for other in world.players.iter().filter(|other| other.id != player) {
            changed(frame, index, (other.id, command), visit)?;
        }
        if index + 1 < frame.commands.len() {
            let mut swapped = frame.clone();
            swapped.commands.swap(index, index + 1);
            let what = What::CommandsSwapped {
                index,
                frame: &swapped,
            };
            visit(&Tried {
                frame: &swapped,
                what,
            })?;
        }
    }
    ControlFlow::Continue(())
}

fn other_commands(world: &Moment, frame: &Frame, visit: &mut Visit<'_>) -> ControlFlow<()> {
    for (index, &(id, command)) in frame.commands.iter().enumerate() {
        let Some(player) = world.player(id) else {
            continue;
        };
        let others: Vec<Command> = match command {
            Command::Act(Action::Fire { .. }) => shots().collect(),
            Command::Act(Action::Place { .. }) => placings(player),
            Command::Act(Action::Remove { .. }) => removals(world, player),
            Command::Preview(_) => previews(player),
            Command::SetLook(_) => looks().map(Command::SetLook).collect(),
        };
        for fits in others.into_iter().filter(|fits| *fits != command) {
            changed(frame, index, (id, fits), visit)?;
        }
    }
    ControlFlow::Continue(())
}

fn changed(
    frame: &Frame,
    index: usize,
    fits: (PlayerId, Command),
    visit: &mut Visit<'_>,
) -> ControlFlow<()> {
    let recorded = frame.commands[index];
    let mut frame = frame.clone();
    frame.commands[index] = fits;
    let what = What::CommandChanged {
        index,
        recorded,
        fits,
    };
    visit(&Tried {
        frame: &frame,
        what,
    })
}

/// Commands that the frame lacks. Where in the list they stood matters seldom; the end is tried.
fn more_commands(world: &Moment, frame: &Frame, visit: &mut Visit<'_>) -> ControlFlow<()> {
    let mut added = |player: &Player, command: Command| {
        let mut frame = frame.clone();
        frame.commands.push((player.id, command));
        let what = What::CommandMissing {
            player: player.id,
            command,
        };
        visit(&Tried {
            frame: &frame,
            what,
        })
    };
    for player in &world.players {
        let looks = looks().map(Command::SetLook);
        let few = placings(player).into_iter();
        let few = few.chain(removals(world, player)).chain(previews(player));
        for command in few.chain(looks) {
            added(player, command)?;
        }
    }
    for player in &world.players {
        // Only who can fire has fired; a wait of one step is over when commands run.
        if player.is_alive() && player.fire_wait.is_zero() {
            shots().try_for_each(|command| added(player, command))?;
        }
    }
    ControlFlow::Continue(())
}

fn looks() -> impl Iterator<Item = Look> {
    (0..BODIES).flat_map(|body| (0..COLOURS).map(move |colour| Look { body, colour }))
}

fn shots() -> impl Iterator<Item = Command> {
    (0..=u16::MAX).map(|aim| Command::Act(Action::Fire { aim: Aim(aim) }))
}

fn placings(player: &Player) -> Vec<Command> {
    within_reach(player)
        .map(|(cell, kind)| Command::Act(Action::Place { cell, kind }))
        .collect()
}

fn previews(player: &Player) -> Vec<Command> {
    let shown =
        within_reach(player).map(|(cell, kind)| Command::Preview(Some(Preview { cell, kind })));
    shown.chain([Command::Preview(None)]).collect()
}

fn removals(world: &Moment, player: &Player) -> Vec<Command> {
    let own = world.structures.iter().filter(|at| at.owner == player.id);
    own.map(|at| Command::Act(Action::Remove { id: at.id }))
        .collect()
}

/// Cells that the player reaches, or reached a step ago, with every kind.
fn within_reach(player: &Player) -> impl Iterator<Item = (Cell, StructureKind)> {
    let reach = (REACH.to_bits() >> 16) + 2;
    let (column, row) = (player.pos.x.cell(), player.pos.y.cell());
    let axis = move |middle: i32| {
        (middle - reach..=middle + reach)
            .filter_map(|cell| u8::try_from(cell).ok())
            .filter(|&cell| cell < ARENA_CELLS)
    };
    axis(row)
        .flat_map(move |y| axis(column).map(move |x| Cell { x, y }))
        .flat_map(|cell| StructureKind::ALL.map(|kind| (cell, kind)))
}
