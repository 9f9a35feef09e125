//! Messages, also of those who send faster than they are handled: ticks go on, and everybody else is heard.

use std::rc::Rc;

use authority::{ConnId, Input, Millis};
use sim_core::rules::{STEPS_PER_SECOND, STEPS_PER_TICK};
use worker::console_error;

use super::{Driver, now};
use crate::pause::pause;

/// A tick, in milliseconds, to the next whole one.
const TICK_MS: u64 = (1_000 * STEPS_PER_TICK as u64).div_ceil(STEPS_PER_SECOND as u64);

impl Driver {
    /// A socket that is open brought a message.
    pub(crate) fn message(self: &Rc<Self>, now: Millis, conn: ConnId, bytes: &[u8]) {
        // The timer did not fire, so nobody else was heard either.
        let starved = self.is_overdue(now);
        self.awaken(now);
        self.handle(now, Input::Message { conn, bytes });
        if starved {
            self.pause();
        }
    }

    /// A socket that the room has closed brought a message. It is counted, and is nobody's business besides: not even
    /// whose it is is asked. Whoever goes on like that is heard once a pause: what the platform makes for a message stays in
    /// memory until garbage is collected.
    pub(crate) fn message_after_close(self: &Rc<Self>, now: Millis, bytes: usize) {
        self.meter.message_after_close(bytes);
        if self.is_overdue(now) {
            self.handle(now, Input::Wake);
        }
        self.pause();
    }

    /// Whether the timer should have fired a whole tick ago.
    fn is_overdue(&self, now: Millis) -> bool {
        let late = self.timer.at().map(|at| now.0.saturating_sub(at.0));
        late.is_some_and(|late| late >= TICK_MS)
    }

    /// Lets the platform hear everybody else.
    fn pause(self: &Rc<Self>) {
        if self.paused.get().is_some() {
            return;
        }
        self.paused.set(Some(self.timer.at()));
        self.timer.disarm();
        let (driver, ends) = (Rc::clone(self), pause(&self.state));
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(error) = ends.await {
                console_error!("the gate did not open in order: {error}");
            }
            let now = now();
            match driver.paused.take().flatten() {
                // Its timer might not come to it before the next pause.
                Some(at) if at <= now => driver.handle(now, Input::Wake),
                Some(at) => driver.arm(now, at),
                None => {}
            }
        });
    }
}
