//! Players without a screen, beside those in browsers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use harness::Behaviour;
use netcode::Input;
use sim_core::{Action, Aim};

use crate::bot::{Bot, Room};
use crate::crowd::Crowd;

/// How long they play before it is seen whether they are to go on or to shoot.
const TURN: Duration = Duration::from_millis(20);
/// From one shot's angle to the next: they go every way.
const ASIDE: u16 = 10_007;

/// Players without a screen, on a thread of their own. They leave with the value.
pub(super) struct Bots {
    enough: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bots {
    pub(super) fn send(room: Room, count: usize, kind: Behaviour, shoots: bool) -> Self {
        let enough = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&enough);
        let thread = std::thread::spawn(move || {
            let mut crowd = Crowd::new(&room, count, &[kind], 1);
            let mut aims = 0_u16;
            while !told.load(Ordering::Relaxed) {
                crowd.play_for(TURN);
                for bot in crowd.bots.iter_mut().filter(|bot| shoots && may_shoot(bot)) {
                    aims = aims.wrapping_add(ASIDE);
                    bot.input(Input::Act(Action::Fire { aim: Aim(aims) }));
                }
            }
            crowd.leave();
        });
        Self {
            enough,
            thread: Some(thread),
        }
    }
}

impl Drop for Bots {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }
}

fn may_shoot(bot: &Bot) -> bool {
    let own = bot.client.predicted();
    own.is_some_and(|own| own.is_alive() && own.fire_wait.is_zero())
}
