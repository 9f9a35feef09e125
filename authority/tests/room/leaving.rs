//! Leaving on purpose: sooner than a lost line, and no way out of a fight.

use authority::limits::{GRACE_STEPS, LEAVE_STEPS};
use authority::{ConnId, Encoding, Hydration, Input};
use protocol::{ClientCommand, ErrorCode};
use sim_core::rules::PLAYERS_MAX;
use sim_core::{Action, Aim, Buttons, Cell, PlayerId, SavedPlayer, Velocity};

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

/// Anna in cell 20,20 and Bert three cells to her right, neither protected any more.
fn duel() -> (Rig, ConnId, ConnId) {
    let mut before = Rig::new();
    for name in ["anna", "bert"] {
        before.join(name);
    }
    before.pass(100);
    before.handle(Input::Flush);
    let mut tables = before.disk.tables.clone();
    let players = &mut tables.room.as_mut().unwrap().players;
    for ((_, checkpoint), x) in players.iter_mut().zip([20, 23]) {
        checkpoint.saved = Some(SavedPlayer {
            pos: Cell { x, y: 20 }.centre(),
            vel: Velocity::ZERO,
            health: 100,
            score: 0,
            deaths: 0,
        });
    }
    let mut rig = Rig::from(Hydration::Tables(tables), before.disk.clone(), before.now);
    let (anna, bert) = (rig.join("anna"), rig.join("bert"));
    rig.play(&[anna, bert], NONE, 70);
    (rig, anna, bert)
}

/// Anna fires to the right.
fn fire(rig: &mut Rig, anna: ConnId) {
    let input_seq = rig.peers[&anna].next_input;
    let action = Action::Fire { aim: Aim(0) };
    rig.send(anna, ClientCommand::Act { input_seq, action });
}

/// Steps that Anna plays until the player is gone.
fn steps_until_gone(rig: &mut Rig, anna: ConnId, player: PlayerId) -> u64 {
    let before = rig.room.world().step_number();
    while rig.room.world().player(player).is_some() {
        rig.play(&[anna], NONE, 1);
    }
    rig.room.world().step_number().since(before)
}

#[test]
fn who_leaves_on_purpose_is_gone_after_five_seconds_and_who_loses_the_line_after_thirty() {
    for (on_purpose, wait) in [(true, LEAVE_STEPS), (false, GRACE_STEPS)] {
        let (mut rig, anna, bert) = duel();
        let player = rig.player_id(bert);
        if on_purpose {
            rig.leave_on_purpose(bert);
        } else {
            rig.leave(bert);
        }
        let steps = steps_until_gone(&mut rig, anna, player);
        // The player goes with the step after the wait, and two steps are a tick.
        assert!((wait + 1..=wait + 3).contains(&steps), "{steps} steps");
    }
}

#[test]
fn who_leaves_in_a_fight_stays_for_five_seconds_from_the_last_hit_on() {
    let (mut rig, anna, bert) = duel();
    let player = rig.player_id(bert);
    rig.leave_on_purpose(bert);
    rig.play(&[anna], NONE, 120);
    fire(&mut rig, anna);
    rig.play(&[anna], NONE, 10);
    assert_eq!(rig.room.world().player(player).unwrap().health, 80);
    let steps = steps_until_gone(&mut rig, anna, player);
    assert!(
        (LEAVE_STEPS - 20..=LEAVE_STEPS).contains(&steps),
        "{steps} steps"
    );
}

#[test]
fn who_leaves_a_full_room_does_not_vanish_because_another_knocks() {
    let mut rig = Rig::new();
    let conns: Vec<_> = (0..PLAYERS_MAX)
        .map(|n| rig.join(&format!("user-{n}")))
        .collect();
    rig.ticks(1);
    rig.leave_on_purpose(conns[5]);
    let early = rig.open("late", Encoding::Json, None);
    assert_eq!(rig.last_error(early).code, ErrorCode::RoomFull);
    rig.ticks(LEAVE_STEPS as usize / 2 + 1);
    rig.join("late");
}

#[test]
fn who_left_and_comes_back_in_time_finds_everything_as_it_was() {
    let (mut rig, anna, bert) = duel();
    let before = rig.player(bert);
    let token = rig.welcome(bert).unwrap().resume_token;
    rig.leave_on_purpose(bert);
    rig.play(&[anna], NONE, 60);
    let again = rig.open("bert", Encoding::Json, Some(&token));
    let welcome = rig.welcome(again).unwrap();
    assert!(welcome.resumed);
    // Back is back: nothing of the leaving is left.
    rig.play(&[anna, again], NONE, LEAVE_STEPS as usize);
    assert_eq!(rig.player(again), before);
}
