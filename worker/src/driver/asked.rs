//! What operators ask of a room.

use std::rc::Rc;
use std::time::Duration;

use authority::{Input, Millis};
use worker::{Delay, Response, Result};

use super::Driver;
use crate::routes::Session;
use crate::{recording, stats};

impl Driver {
    /// The list of recordings. None, and nothing made, where there was never a room.
    pub(crate) fn recordings(self: &Rc<Self>, now: Millis) -> Result<Option<Response>> {
        if !self.is_there()? {
            return Ok(None);
        }
        self.handle(now, Input::Flush);
        recording::answer_with_list(&self.state).map(Some)
    }

    /// A recording, with all that was played before now. None, and nothing made, where there is none.
    pub(crate) fn recording(
        self: &Rc<Self>,
        now: Millis,
        room: &str,
        which: Session,
    ) -> Result<Option<Response>> {
        if !self.is_there()? {
            return Ok(None);
        }
        self.handle(now, Input::Flush);
        recording::answer(&self.state, room, which)
    }

    /// What is counted. None, and nothing made, where there was never a room.
    pub(crate) fn stats(&self, now: Millis) -> Result<Option<Response>> {
        if !self.is_there()? && self.room.borrow().is_none() {
            return Ok(None);
        }
        let room = self.room.borrow();
        let sockets = self.sockets.borrow().counts();
        stats::answer(&self.state, room.as_ref(), &self.meter, sockets, now).map(Some)
    }

    /// The room panics in a moment, between two of its events. None where there was never a room.
    pub(crate) fn panic(self: &Rc<Self>, now: Millis) -> Result<Option<Response>> {
        if !self.is_there()? {
            return Ok(None);
        }
        self.awaken(now);
        let driver = Rc::clone(self);
        wasm_bindgen_futures::spawn_local(async move {
            Delay::from(Duration::from_millis(1)).await;
            let room = driver.room.borrow();
            let step = room.as_ref().map(|room| room.world().step_number());
            let _busy = driver.busy(step.unwrap_or_default());
            panic!("an operator asked for it");
        });
        Ok(Some(Response::empty()?.with_status(202)))
    }

    /// The room's timer never fires, as if it had died with its instance. None where there was never a room.
    pub(crate) fn stall(&self) -> Result<Option<Response>> {
        if !self.is_there()? {
            return Ok(None);
        }
        self.timer.die();
        Ok(Some(Response::empty()?.with_status(202)))
    }
}
