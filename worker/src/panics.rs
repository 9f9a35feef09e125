//! What is said of a panic: which room it was, and how far it had come.
//!
//! * After a panic the platform's shim throws the isolate's whole memory away, with every room in it. Each comes back
//!   from its log, with its sockets, on its own next event.
//! * The message and its place are of this program's source; no token and no name goes into either.

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::Rc;

use sim_core::Step;
use worker::console_error;

thread_local! {
    static HOOKED: Cell<bool> = const { Cell::new(false) };
    static BUSY: RefCell<Option<(Rc<str>, Step)>> = const { RefCell::new(None) };
}

/// From now on panics are logged. Memory that is new after a panic has no hook either, so every object calls this.
pub(crate) fn watch() {
    if HOOKED.replace(true) {
        return;
    }
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let busy = BUSY.with(|busy| busy.try_borrow().ok().and_then(|busy| busy.clone()));
        match busy {
            Some((room, step)) => {
                console_error!("room {room} panicked in the event after step {step}: {panic}");
            }
            None => console_error!("the worker panicked outside of a room: {panic}"),
        }
        // It tells the shim.
        before(panic);
    }));
}

/// While it lives, a panic is this room's.
pub(crate) struct Busy(());

impl Busy {
    /// The room takes an event.
    pub(crate) fn with(room: &Rc<str>, step: Step) -> Self {
        BUSY.with(|busy| busy.replace(Some((Rc::clone(room), step))));
        Self(())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        BUSY.with(|busy| busy.replace(None));
    }
}
