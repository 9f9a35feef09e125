//! Players of a room in virtual time: who dials gets in, a bad line is felt as it should be, a lost one is made again.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod room;

use std::cell::RefCell;
use std::rc::Rc;

use game_client::delay_line::Disturbance;
use game_client::hud::{Connection, Hud};
use game_client::play::{Happened, Play};
use netcode::{Event, Input, Micros};
use protocol::Profile;
use sim_core::{Action, Buttons, Cell, Look, StructureKind};

use room::{Door, Host, player};

/// A frame of 60 a second, roughly.
const FRAME: Micros = Micros(16_700);

struct Table {
    host: Rc<RefCell<Host>>,
    now: Micros,
    plays: Vec<Play<Door>>,
}

impl Table {
    fn of(users: &[&str]) -> Self {
        let host = Host::new();
        let plays = users.iter().map(|user| player(&host, user)).collect();
        Self {
            host,
            now: Micros(0),
            plays,
        }
    }

    /// Lets time pass, with a frame for everybody at its cadence.
    fn pass(&mut self, length: Micros) {
        let end = self.now.after(length);
        while self.now < end {
            self.now = self.now.after(FRAME);
            self.host.borrow_mut().run(self.now);
            for play in &mut self.plays {
                play.advance(self.now);
            }
        }
    }

    fn seconds(&mut self, seconds: u64) {
        self.pass(Micros::from_millis(seconds * 1_000));
    }

    fn press(&mut self, who: usize, buttons: Buttons) {
        self.plays[who].input(self.now, Input::Buttons(buttons));
    }
}

const RIGHT: Buttons = Buttons::RIGHT;

fn welcomes(play: &mut Play<Door>) -> Vec<bool> {
    let mut welcomes = Vec::new();
    for (_, what) in play.happened() {
        if let Happened::Event(Event::Welcomed { resumed, .. }) = what {
            welcomes.push(resumed);
        }
    }
    welcomes
}

#[test]
fn who_dials_gets_in_and_walks() {
    let mut table = Table::of(&["anna"]);
    table.seconds(1);
    let before = table.plays[0].client().predicted().unwrap().pos;
    table.press(0, RIGHT);
    table.seconds(1);
    table.press(0, Buttons::NONE);
    table.seconds(1);
    let client = table.plays[0].client();
    let after = client.predicted().unwrap().pos;
    assert_ne!(before, after);
    let host = table.host.borrow();
    let id = client.player_id().unwrap();
    assert_eq!(host.room().world().player(id).unwrap().pos, after);
    assert_eq!(client.stats().corrections(), 0);
    drop(host);
    assert_eq!(welcomes(&mut table.plays[0]), [false]);
}

#[test]
fn two_players_see_each_other_walk() {
    let mut table = Table::of(&["anna", "ben"]);
    table.seconds(1);
    let ben = table.plays[1].client().player_id().unwrap();
    let seen = |table: &Table| {
        let scene = table.plays[0].client().scene(table.now);
        let found = scene.players.iter().find(|one| one.player.id == ben);
        found.map(|one| one.player.pos)
    };
    let before = seen(&table).unwrap();
    table.press(1, RIGHT);
    table.seconds(1);
    assert_ne!(seen(&table).unwrap(), before);
}

/// What somebody does with the sliders of the overlay at 100 ms and 30 ms, for a minute of walking to and fro.
#[test]
fn a_slow_and_uneven_line_needs_no_correction() {
    let mut table = Table::of(&["anna"]);
    table.plays[0].disturb(Disturbance {
        latency: Micros::from_millis(50),
        jitter: Micros::from_millis(30),
    });
    table.seconds(3);
    let mut hud = Hud::default();
    for turn in 0..120 {
        let buttons = [RIGHT, Buttons::DOWN, Buttons::LEFT, Buttons::UP][turn % 4];
        table.press(0, buttons);
        table.pass(Micros::from_millis(500));
        let happened: Vec<_> = table.plays[0].happened().collect();
        for (at, what) in happened {
            hud.note(at, &what, table.plays[0].client());
        }
    }
    let reading = hud.read(table.now, table.plays[0].client(), StructureKind::Wall);
    assert_eq!(reading.connection, Connection::Playing);
    assert_eq!(reading.corrections, 0);
    let ping = reading.ping.unwrap();
    assert!((100..=180).contains(&ping), "{ping} ms");
    assert_eq!(table.plays[0].client().stats().starved, 0);
}

#[test]
fn a_line_that_is_cut_is_made_again_with_the_same_player() {
    let mut table = Table::of(&["anna"]);
    table.seconds(1);
    let before = table.plays[0].client().player_id();
    assert_eq!(welcomes(&mut table.plays[0]), [false]);
    table.host.borrow_mut().cut();
    table.seconds(5);
    assert_eq!(table.plays[0].client().player_id(), before);
    assert!(table.plays[0].client().is_playing());
    assert_eq!(welcomes(&mut table.plays[0]), [true]);
}

#[test]
fn who_leaves_is_gone_in_a_moment_and_whose_page_is_closed_is_waited_for() {
    let mut table = Table::of(&["ann", "bob", "eve"]);
    table.seconds(2);
    table.plays[1].input(table.now, Input::Leave);
    // A page that is closed takes its connection with it.
    drop(table.plays.pop());
    let there = |table: &Table| table.plays[0].client().view().unwrap().players.len();
    table.seconds(4);
    assert_eq!(there(&table), 3);
    table.seconds(2);
    assert_eq!(there(&table), 2);
    table.seconds(26);
    assert_eq!(there(&table), 1);
}

#[test]
fn a_stall_of_a_second_is_gone_a_moment_later() {
    let mut table = Table::of(&["anna"]);
    table.seconds(2);
    table.press(0, RIGHT);
    let now = table.now;
    table.plays[0].stall(now, Micros::from_millis(1_000));
    table.seconds(2);
    table.press(0, Buttons::NONE);
    table.seconds(2);
    let client = table.plays[0].client();
    let host = table.host.borrow();
    let id = client.player_id().unwrap();
    let really = host.room().world().player(id).unwrap().pos;
    assert_eq!(client.predicted().unwrap().pos, really);
    let drawn = client.scene(table.now).local.unwrap().player.pos;
    assert_eq!(drawn, really, "an offset stays");
    assert_eq!(client.stats().connects, 1);
}

#[test]
fn what_is_built_is_seen_by_the_other_and_told_to_be_stored() {
    let mut table = Table::of(&["anna", "ben"]);
    table.seconds(1);
    let at = table.plays[0].client().predicted().unwrap().pos;
    let cell = at.cell().unwrap();
    let beside = Cell {
        x: if cell.x > 2 { cell.x - 2 } else { cell.x + 2 },
        y: cell.y,
    };
    let now = table.now;
    table.plays[0].input(
        now,
        Input::Act(Action::Place {
            cell: beside,
            kind: StructureKind::Wall,
        }),
    );
    table.seconds(3);
    let view = table.plays[1].client().view().unwrap();
    assert!(view.structures.values().any(|one| one.cell == beside));
    let stored = table.plays[0]
        .happened()
        .filter(|(_, what)| matches!(what, Happened::Event(Event::Stored { .. })));
    assert_eq!(stored.count(), 1);
}

#[test]
fn characters_are_listed_as_they_are_saved_and_on_every_new_page() {
    let mut table = Table::of(&["ann"]);
    table.seconds(2);
    let look = |body, colour| Look { body, colour };
    let known = |table: &Table, who: usize| -> Vec<(String, String, Look)> {
        let all = table.plays[who].client().characters().iter();
        let told = |one: &Profile| (one.character_id.clone(), one.name.clone(), one.look);
        all.map(told).collect()
    };
    assert_eq!(known(&table, 0).len(), 1, "everybody has one");
    for (id, name, look) in [
        ("knight", "Ann the Knight", look(3, 4)),
        ("default", "Ann", look(1, 2)),
    ] {
        let save = Input::SaveCharacter {
            character_id: id.into(),
            name: name.into(),
            look,
        };
        table.plays[0].input(table.now, save);
    }
    let select = |id: &str| Input::SelectCharacter {
        character_id: id.into(),
    };
    table.plays[0].input(table.now, select("knight"));
    table.plays[0].input(table.now, select("nobody"));
    table.seconds(1);
    let expected = [
        ("default".to_owned(), "Ann".to_owned(), look(1, 2)),
        ("knight".to_owned(), "Ann the Knight".to_owned(), look(3, 4)),
    ];
    assert_eq!(known(&table, 0), expected);
    assert_eq!(table.plays[0].client().active_character(), Some("knight"));

    table.plays.push(player(&table.host, "ann"));
    table.seconds(2);
    assert_eq!(known(&table, 1), expected, "and to who comes anew");
    assert_eq!(table.plays[1].client().active_character(), Some("knight"));
}
