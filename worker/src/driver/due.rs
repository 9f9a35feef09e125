//! What is due while nobody sends: the alarm, what it is set to, and the end of a room.

use std::rc::Rc;

use authority::{CloseCode, Input, Millis, Output, Room};
use worker::{Result, ScheduledTime, console_error, console_log, console_warn};

use super::Driver;
use crate::alarm::{Order, TIMER_LATE_MS};
use crate::schema;

impl Driver {
    /// The alarm has come. A timer that died with its instance is replaced, what is due in a room's sleep is done, and a
    /// room that was empty for long enough is deleted.
    pub(crate) async fn alarm(self: &Rc<Self>, now: Millis) -> Result<()> {
        self.meter.request();
        self.alarm.is_gone();
        if !schema::exists(&self.state)? {
            return Ok(());
        }
        self.awaken(now);
        if self.room.borrow().is_none()
            && let Some(code) = self.named()
        {
            self.open(now, &code)?;
        }
        let ends = self.ends();
        if ends.is_some_and(|at| at <= now) {
            self.delete(now, "it was empty for long enough").await?;
            return Ok(());
        }
        let is_late = self
            .timer
            .at()
            .is_some_and(|at| at.0 + TIMER_LATE_MS < now.0);
        if is_late {
            console_warn!("the room's timer is dead: the room goes on without it");
            self.disarm();
        }
        if is_late || self.timer.at().is_none() {
            self.handle(now, Input::Alarm);
        }
        Ok(())
    }

    /// When this room is deleted, if nobody comes before that.
    fn ends(&self) -> Option<Millis> {
        if !self.sockets.borrow().is_empty() {
            return None;
        }
        let asleep_since = self.room.borrow().as_ref()?.asleep_since()?;
        self.kept.ends(asleep_since)
    }

    /// Sees to it that the alarm comes when it is next needed.
    pub(super) fn set_alarm(&self, now: Millis) {
        let is_asleep = match self.room.borrow().as_ref() {
            Some(room) if self.unplayed.borrow().is_none() => room.is_asleep(),
            Some(_) | None => return,
        };
        let order = if is_asleep {
            let silent = self.room.borrow().as_ref().and_then(Room::idle_deadline);
            self.alarm
                .sleep_until(silent.into_iter().chain(self.ends()).min())
        } else {
            self.alarm.watch(now)
        };
        let storage = self.state.storage();
        match order {
            Order::Leave => {}
            Order::Set(at) => {
                self.meter.rows_written(1);
                let at = js_sys::Date::new(&(at.0 as f64).into());
                wasm_bindgen_futures::spawn_local(async move {
                    if let Err(error) = storage.set_alarm(ScheduledTime::new(at)).await {
                        console_error!("the alarm is not set: {error}");
                    }
                });
            }
            Order::Unset => wasm_bindgen_futures::spawn_local(async move {
                if let Err(error) = storage.delete_alarm().await {
                    console_error!("the alarm is not deleted: {error}");
                }
            }),
        }
    }

    /// Deletes everything of the room and closes its sockets. False where there was never a room.
    pub(crate) async fn delete(&self, now: Millis, why: &str) -> Result<bool> {
        if self.is_new()? {
            return Ok(false);
        }
        let room = self.room.take();
        self.found.take();
        self.forget();
        {
            let mut sockets = self.sockets.borrow_mut();
            if let Some(mut room) = room {
                for output in room.handle(now, Input::Close) {
                    match output {
                        Output::Send { conn, bytes, text } => sockets.send(conn, &bytes, text),
                        Output::Close { conn, code, reason } => sockets.close(conn, code, reason),
                        // What is about to be deleted need not be stored, and nothing more is due.
                        Output::SendStored { .. }
                        | Output::WakeAt(_)
                        | Output::Sleep
                        | Output::Persist(_)
                        | Output::LogStart(_)
                        | Output::Log(_)
                        | Output::Note(_) => {}
                    }
                }
            }
            sockets.close_all(CloseCode::RoomClosed);
        }
        self.state.storage().delete_all().await?;
        self.alarm.is_gone();
        console_log!("the room is deleted: {why}");
        Ok(true)
    }
}
