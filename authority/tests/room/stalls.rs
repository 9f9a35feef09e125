//! A room that is held up, and a timer that never fires because of what comes: ticks run nevertheless, and nobody is blamed.

use authority::limits::{CATCH_UP_TICKS_MAX, STALL_CREDIT_MS_MAX};
use authority::{CloseCode, ConnId, Input};
use protocol::ErrorCode;
use sim_core::Buttons;
use sim_core::rules::STEPS_PER_TICK;

use crate::rig::Rig;

const NONE: Buttons = Buttons::NONE;

/// From one tick to the next, to the next millisecond.
const TICK_MS: u64 = 34;

impl Rig {
    /// The clock goes on, and no timer fires.
    fn starve(&mut self, ms: u64) {
        self.now += ms;
    }

    fn step(&self) -> u64 {
        self.room.world().step_number().0
    }
}

#[test]
fn messages_run_the_ticks_of_a_timer_that_never_fires() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], NONE, 30);
    let before = rig.step();
    // Who walks to and fro keeps the room awake.
    for number in 0..500 {
        rig.starve(20);
        let left = number / 25 % 2 == 0;
        rig.inputs(anna, &[Buttons::new(false, false, left, !left)]);
    }
    // Ten seconds are 600 steps. What is not late by a whole tick is left to the timer.
    let ran = rig.step() - before;
    assert!(
        (600 - 3 * u64::from(STEPS_PER_TICK)..=600).contains(&ran),
        "{ran}"
    );
}

#[test]
fn a_message_runs_only_what_is_late_by_a_whole_tick() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], NONE, 30);
    let (due, before) = (rig.wake.unwrap(), rig.step());
    rig.now = due + TICK_MS - 2;
    rig.ping(anna);
    assert_eq!(rig.step(), before, "the timer is late, and may still fire");
    rig.starve(2);
    rig.ping(anna);
    assert_eq!(rig.step(), before + 2 * u64::from(STEPS_PER_TICK));
    // The timer is armed anew: for a time that has not come.
    assert!(rig.wake.unwrap() > rig.now);
}

#[test]
fn connections_that_come_and_go_run_what_is_late_too() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], NONE, 30);
    let before = rig.step();
    rig.starve(100);
    let bert = rig.join("bert");
    let after = rig.step();
    assert!(after > before);
    rig.starve(100);
    rig.leave(bert);
    assert!(rig.step() > after);
    // So does what a closed connection goes on sending.
    let after = rig.step();
    rig.starve(100);
    rig.handle(Input::Message {
        conn: bert,
        bytes: b"anything",
    });
    assert!(rig.step() > after);
}

#[test]
fn a_sleeping_room_is_not_late() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], NONE, 30);
    rig.leave(anna);
    rig.pass(60_000);
    assert!(rig.room.is_asleep());
    let before = rig.step();
    rig.starve(60_000);
    rig.handle(Input::Message {
        conn: anna,
        bytes: b"late",
    });
    assert!(rig.room.is_asleep());
    assert_eq!(rig.step(), before);
}

/// What two players sent while the room did not run comes at once, in whatever order.
fn after_a_stall(ms: u64, first: impl Fn(&mut Rig)) -> (Rig, [ConnId; 2]) {
    let mut rig = Rig::new();
    let both = [rig.join("anna"), rig.join("bert")];
    rig.play(&both, NONE, 60);
    rig.starve(ms);
    first(&mut rig);
    for conn in both {
        // 30 batches a second, a ping now and then, and some commands.
        for _ in 0..ms * 40 / 1_000 {
            rig.ping(conn);
        }
    }
    (rig, both)
}

#[test]
fn nobody_is_closed_for_what_waited_while_the_room_was_held_up() {
    let nothing = |_: &mut Rig| {};
    let timer = |rig: &mut Rig| rig.handle(Input::Wake);
    for ms in [500, 3_000, 11_000, STALL_CREDIT_MS_MAX] {
        for (rig, both) in [after_a_stall(ms, nothing), after_a_stall(ms, timer)] {
            for conn in both {
                assert_eq!(rig.peers[&conn].closed, None, "after {ms} ms");
                assert!(rig.errors(conn).is_empty(), "after {ms} ms");
            }
        }
    }
}

#[test]
fn a_stall_excuses_no_flood() {
    let (mut rig, [anna, bert]) = after_a_stall(5_000, |_| {});
    for _ in 0..1_000 {
        if rig.peers[&anna].closed.is_none() {
            rig.ping(anna);
        }
    }
    assert_eq!(
        rig.peers[&anna].closed,
        Some(CloseCode::RateLimited.number())
    );
    assert!(
        rig.errors(anna)
            .iter()
            .all(|error| error.code == ErrorCode::RateLimited)
    );
    assert_eq!(rig.peers[&bert].closed, None);
}

#[test]
fn a_long_stall_is_caught_up_with_in_bounds_whoever_finds_it() {
    let mut rig = Rig::new();
    let anna = rig.join("anna");
    rig.play(&[anna], NONE, 30);
    let before = rig.step();
    rig.starve(10_000);
    rig.ping(anna);
    let most = CATCH_UP_TICKS_MAX * u64::from(STEPS_PER_TICK);
    assert_eq!(rig.step(), before + most);
    rig.ping(anna);
    assert_eq!(rig.step(), before + most);
}
