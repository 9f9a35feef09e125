//! What may be built is known before the authority says so.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod table;

use netcode::{Event, Input};
use protocol::Encoding;
use sim_core::{Action, Aim, Buttons, Cell, Reject, StructureKind};
use table::{NEAR, OTHER, Table};

#[test]
fn nothing_is_built_where_another_stands_who_lives() {
    for lives in [true, false] {
        let mut table = Table::new(NEAR, Encoding::Binary);
        table.idle(2_000);
        for _ in 0..5 {
            if !lives {
                table.give(Input::Act(Action::Fire { aim: Aim(0) }));
            }
            table.idle(300);
        }
        table.give(Input::Buttons(Buttons::RIGHT));
        table.idle(1_200);
        table.give(Input::Buttons(Buttons::NONE));
        table.idle(300);
        let other = *table.room.world.player(OTHER).unwrap();
        assert_eq!(other.is_alive(), lives);
        let cell = other.pos.cell().unwrap();
        let kind = StructureKind::Wall;
        table.give(Input::Act(Action::Place { cell, kind }));
        table.idle(34);
        let refused = Event::Refused(Reject::CellOccupied);
        assert_eq!(table.events.contains(&refused), lives);
        assert_eq!(table.client.structures().at(cell).is_some(), !lives);
        table.idle(300);
        assert_eq!(table.client.structures(), table.room.world.structures());
    }
}

#[test]
fn a_structure_that_was_taken_away_here_alone_comes_back() {
    let mut table = Table::new(NEAR, Encoding::Binary);
    table.idle(2_000);
    let at = table.room.me().pos.cell().unwrap();
    let cell = Cell {
        x: at.x,
        y: at.y - 2,
    };
    let kind = StructureKind::Wall;
    table.give(Input::Act(Action::Place { cell, kind }));
    table.idle(500);
    let id = table.room.world.structures().at(cell).unwrap().id;
    table.room.ignores_actions = true;
    table.give(Input::Act(Action::Remove { id }));
    table.idle(34);
    assert!(table.client.structures().at(cell).is_none());
    table.idle(300);
    assert_eq!(table.client.structures(), table.room.world.structures());
}
