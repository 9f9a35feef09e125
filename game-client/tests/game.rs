//! The game on the screens of two players, without a screen: hands in, pictures out.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod room;

use std::cell::RefCell;
use std::rc::Rc;

use game_client::art::Picture;
use game_client::game::{Character, Game, Settings};
use game_client::hud::Connection;
use game_client::keys::Action;
use game_client::stage::{Sprite, Viewport};
use netcode::{ClientConfig, Micros};
use sim_core::{Aim, PlayerId, Structure, StructureKind};

use room::{Door, Host};

/// A frame of 60 a second, roughly.
const FRAME: Micros = Micros(16_700);
const VIEWPORT: Viewport = Viewport {
    width: 1_280.0,
    height: 720.0,
};

struct Table {
    host: Rc<RefCell<Host>>,
    now: Micros,
    games: Vec<Game<Door>>,
    /// Who is shown frames; the others are only told of messages.
    shown: Vec<bool>,
}

impl Table {
    fn of(names: &[&str]) -> Self {
        let host = Host::new();
        let game = |(number, name): (usize, &&str)| {
            let dial = Door {
                host: Rc::clone(&host),
                user: (*name).to_owned(),
            };
            let config = ClientConfig {
                seed: number as u64,
                json: false,
                resume_token: None,
            };
            let character = Character {
                id: "default".into(),
                name: (*name).to_owned(),
                body: number as u8,
                colour: number as u8,
            };
            Game::new(dial, config, Settings::default(), Some(character), VIEWPORT)
        };
        Self {
            games: names.iter().enumerate().map(game).collect(),
            shown: names.iter().map(|_| true).collect(),
            host,
            now: Micros(0),
        }
    }

    fn pass(&mut self, length: Micros) {
        let end = self.now.after(length);
        while self.now < end {
            self.now = self.now.after(FRAME);
            self.host.borrow_mut().run(self.now);
            for (game, shown) in self.games.iter_mut().zip(&self.shown) {
                if *shown {
                    game.frame(self.now, VIEWPORT);
                } else {
                    game.advance(self.now);
                }
            }
        }
    }

    fn millis(&mut self, millis: u64) {
        self.pass(Micros::from_millis(millis));
    }

    fn frame(&mut self, who: usize) -> Vec<Sprite> {
        self.games[who].frame(self.now, VIEWPORT).to_vec()
    }

    /// Puts the pointer of one over a place of the arena.
    fn point(&mut self, who: usize, place: (f32, f32)) {
        let game = &mut self.games[who];
        let at = game.camera().point(place);
        game.hands().0.point(Some(at));
    }

    fn hold(&mut self, who: usize, code: &str) {
        let (hands, settings) = self.games[who].hands();
        hands.press(code, settings);
    }

    fn release(&mut self, who: usize, code: &str) {
        self.games[who].hands().0.release(code);
    }

    fn at(&self, who: usize) -> (f32, f32) {
        let player = self.games[who].client().predicted().unwrap();
        game_client::aim::cells(player.pos)
    }
}

fn bodies(sprites: &[Sprite]) -> Vec<&Sprite> {
    let body = |sprite: &&Sprite| matches!(sprite.picture, Picture::Body(_));
    sprites.iter().filter(body).collect()
}

fn count(sprites: &[Sprite], picture: Picture) -> usize {
    sprites.iter().filter(|one| one.picture == picture).count()
}

/// Walks the second player next to the first, and gives back where they are.
fn meet(table: &mut Table) -> ((f32, f32), (f32, f32)) {
    for _ in 0..2_000 {
        let (one, other) = (table.at(0), table.at(1));
        let (x, y) = (one.0 - other.0, one.1 - other.1);
        // Side by side, three cells apart.
        let wanted = [
            ("KeyD", x > 3.2),
            ("KeyA", x < 2.8),
            ("KeyS", y > 0.2),
            ("KeyW", y < -0.2),
        ];
        if wanted.iter().all(|(_, held)| !held) {
            break;
        }
        for (code, held) in wanted {
            if held {
                table.hold(1, code);
            } else {
                table.release(1, code);
            }
        }
        table.millis(17);
    }
    table.games[1].hands().0.release_all();
    table.millis(600);
    (table.at(0), table.at(1))
}

#[test]
fn who_walks_is_seen_walking_with_name_and_look() {
    let mut table = Table::of(&["Ann", "Bo"]);
    table.millis(2_000);
    let (one, other) = meet(&mut table);
    assert!((one.0 - other.0 - 3.0).abs() < 0.6, "{one:?} {other:?}");

    for who in 0..2 {
        let sprites = table.frame(who);
        let bodies = bodies(&sprites);
        assert_eq!(bodies.len(), 2, "each sees both");
        let looks: Vec<Picture> = bodies.iter().map(|sprite| sprite.picture).collect();
        assert!(looks.contains(&Picture::Body(0)) && looks.contains(&Picture::Body(1)));
        assert_eq!(table.games[who].labels().len(), 2);
        let now = table.now;
        let reading = table.games[who].read(now);
        let names: Vec<&str> = reading
            .players
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert!(names.contains(&"Ann") && names.contains(&"Bo"), "{names:?}");
        assert_eq!(reading.connection, Connection::Playing);
        assert_eq!(reading.corrections, 0);
    }
}

#[test]
fn what_one_plans_and_builds_the_other_sees() {
    let mut table = Table::of(&["Ann", "Bo"]);
    table.millis(2_000);
    meet(&mut table);
    let (x, y) = table.at(0);
    table.games[0].hands().0.begin(Action::Gate);
    table.point(0, (x, y - 2.0));
    table.millis(400);
    let plan = Picture::Plan(StructureKind::Gate);
    assert_eq!(count(&table.frame(0), plan), 1);
    assert_eq!(count(&table.frame(1), plan), 1, "the other sees the plan");

    table.games[0].hands().0.secondary(true);
    table.millis(50);
    let gate = Picture::Structure(StructureKind::Gate, 0);
    assert_eq!(count(&table.frame(0), gate), 1, "it is predicted");
    table.games[0].hands().0.secondary(false);
    table.millis(400);
    assert_eq!(count(&table.frame(1), gate), 1);

    table.point(0, (x, y - 2.0));
    table.hold(0, "KeyQ");
    table.millis(400);
    assert_eq!(count(&table.frame(0), gate), 0);
    assert_eq!(count(&table.frame(1), gate), 0, "and taken away");
}

#[test]
fn who_is_shot_down_is_gone_for_three_seconds_and_both_are_told() {
    let mut table = Table::of(&["Ann", "Bo"]);
    table.millis(2_500);
    meet(&mut table);
    let victim = PlayerId(2);
    table.games[0].hands().0.primary(true);
    let mut shots = 0;
    let mut hurt = false;
    for _ in 0..400 {
        let target = table.at(1);
        table.point(0, target);
        table.millis(17);
        shots = shots.max(count(&table.frame(1), Picture::Shot));
        let own = table.games[1].client().predicted().unwrap();
        hurt |= own.health < 100 && own.is_alive();
        if !own.is_alive() {
            break;
        }
    }
    table.games[0].hands().0.primary(false);
    assert!(shots > 0, "shots are seen by who is shot at");
    assert!(hurt, "health goes before the life does");
    table.millis(500);
    let now = table.now;
    for who in 0..2 {
        assert_eq!(bodies(&table.frame(who)).len(), 1, "the dead are not shown");
        let labels = table.games[who].labels();
        assert!(labels.iter().all(|label| label.player != victim));
        let reading = table.games[who].read(now);
        let line = reading.feed.last().unwrap();
        assert_eq!((line.by.as_str(), line.whom.as_str()), ("Ann", "Bo"));
        assert!(line.own);
    }
    assert!(
        table.games[1]
            .read(now)
            .respawn
            .is_some_and(|wait| wait < 3_000)
    );
    table.millis(3_000);
    assert!(table.games[1].client().predicted().unwrap().is_alive());
    assert_eq!(table.games[0].read(table.now).players[0].score, 1);
}

#[test]
fn by_keys_alone_who_plays_aims_shoots_and_builds() {
    let mut table = Table::of(&["Ann"]);
    table.millis(2_500);
    let aim = |table: &mut Table| {
        let hands = table.games[0].hands().0.clone();
        let game = &table.games[0];
        hands.aim(game.client(), game.camera()).unwrap()
    };
    table.hold(0, "KeyD");
    table.millis(300);
    table.release(0, "KeyD");
    table.millis(600);
    assert_eq!(aim(&mut table), Aim(0), "where was walked");

    table.hold(0, "KeyL");
    table.millis(604);
    table.release(0, "KeyL");
    let turned = aim(&mut table).0;
    assert!(turned.abs_diff(16_384) < 1_200, "a quarter: {turned}");
    table.hold(0, "Space");
    table.millis(100);
    table.release(0, "Space");
    let sprites = table.frame(0);
    let shots: Vec<_> = sprites
        .iter()
        .filter(|one| one.picture == Picture::Shot)
        .collect();
    let own = table.at(0);
    assert!(
        shots.iter().any(|shot| shot.at.1 > own.1 + 0.5),
        "nothing flies down: {shots:?} {own:?}"
    );

    table.hold(0, "KeyE");
    table.millis(100);
    table.release(0, "KeyE");
    table.millis(400);
    let client = table.games[0].client();
    let below = |structure: &Structure| {
        f32::from(structure.cell.y) >= own.1 && structure.cell.x == own.0 as u8
    };
    assert!(
        client.structures().iter().any(below),
        "nothing stands in front"
    );

    // The pointer has the word again when it moves.
    table.point(0, (own.0 - 5.0, own.1));
    table.millis(50);
    assert_eq!(aim(&mut table), Aim(32_768));
}

#[test]
fn a_page_that_is_not_shown_for_half_a_minute_comes_back_without_a_burst_or_an_offset() {
    let mut table = Table::of(&["Ann", "Bo"]);
    table.millis(2_000);
    table.shown[0] = false;
    table.hold(1, "KeyD");
    for turn in 0..30 {
        table.millis(1_000);
        table.games[1].hands().0.release_all();
        table.hold(1, if turn % 2 == 0 { "KeyA" } else { "KeyD" });
    }
    table.shown[0] = true;
    let before = table.games[0].client().stats();
    table.millis(2_000);
    let after = table.games[0].client().stats();
    let steps = after.steps - before.steps;
    assert!(steps <= 126, "two seconds are 120 steps, not {steps}");
    assert_eq!(after.corrections(), 0);
    assert_eq!(after.resyncs, before.resyncs);
    let held = table.games[0].client().scene(table.now).players;
    assert!(held.iter().all(|player| !player.frozen));
}

#[test]
fn the_overlay_shows_where_the_room_has_the_own_player() {
    let mut table = Table::of(&["Ann"]);
    table.millis(2_000);
    assert_eq!(count(&table.frame(0), Picture::Ghost), 0);
    table.games[0].overlay(true);
    table.hold(0, "KeyD");
    table.millis(700);
    let sprites = table.frame(0);
    let ghost = sprites
        .iter()
        .find(|one| one.picture == Picture::Ghost)
        .unwrap();
    let ahead = table.at(0).0 - ghost.at.0;
    assert!(ahead > 0.1, "the prediction is ahead by {ahead}");
    let reading = table.games[0].netcode(table.now);
    assert!(reading.snapshots.len() > 10);
    assert!(reading.snapshots.iter().all(|one| one.bytes > 0));
}

#[test]
fn who_asks_for_what_is_not_allowed_is_told_once() {
    let mut table = Table::of(&["Ann"]);
    table.millis(2_000);
    let (x, y) = table.at(0);
    let inwards = if x > 32.0 { -7.0 } else { 7.0 };
    table.point(0, (x + inwards, y));
    table.games[0].hands().0.secondary(true);
    table.millis(1_000);
    let told = table.games[0].said();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].text.contains("Too far"), "{told:?}");
    assert!(!told[0].lasting);
}

#[test]
fn who_has_let_go_is_known_to_move_until_room_and_prediction_agree() {
    let mut table = Table::of(&["Ann"]);
    table.millis(2_000);
    let inwards = if table.at(0).0 > 32.0 { "KeyA" } else { "KeyD" };
    table.hold(0, inwards);
    table.millis(700);
    let known = table.games[0].known();
    let (own, told) = (known.own.unwrap(), known.told[0]);
    assert!(own.held && own.vx.abs() > 0.09, "{own:?}");
    assert!(own.x != told.x, "the room is told later: {own:?} {told:?}");
    assert!(!known.rests);

    table.release(0, inwards);
    table.millis(50);
    let own = table.games[0].known().own.unwrap();
    assert!(!own.held && own.vx != 0.0, "it still slides: {own:?}");

    table.millis(3_000);
    let known = table.games[0].known();
    let own = known.own.unwrap();
    assert_eq!(known.told, [own], "nothing is left to be told");
    assert!(known.rests && !own.held && own.vx == 0.0 && own.vy == 0.0);
    let drawn = table.games[0].seen().own.unwrap();
    assert_eq!((drawn.x, drawn.y), (own.x, own.y));
}
