//! Between the platform and the room: one input in, its outputs out, the next wake-up armed.
//!
//! * The clock is read once a callback, by whoever calls.
//! * Nothing here waits. It sends first and writes last, so that the platform's output gate holds nothing back that
//!   needs no row.
//! * A room that failed to write is thrown away with its sockets: what is on disk is then the truth, and the clients
//!   come back with their resume tokens.

mod asked;
mod due;
mod flood;
mod opening;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use authority::{CloseCode, ConnId, Encoding, Input, Millis, Output, ResumeHash, Room};
use protocol::{KEEPALIVE, KEEPALIVE_ANSWER};
use sim_core::Step;
use worker::worker_sys::WebSocketRequestResponsePair;
use worker::{Date, Error, Result, State, WebSocket, console_error, console_log};

use crate::alarm::{Alarm, Kept};
use crate::attachment::Attachment;
use crate::meter::Meter;
use crate::panics::Busy;
use crate::rows::{LogEnd, Write, commit};
use crate::sockets::Sockets;
use crate::sweep::Sweep;
use crate::timer::Timer;
use crate::unplayed::Unplayed;

/// Everything that one object holds.
pub(crate) struct Driver {
    state: State,
    room: RefCell<Option<Room>>,
    /// What it is called, once that is known.
    code: OnceCell<Rc<str>>,
    sockets: RefCell<Sockets>,
    log: Cell<Option<LogEnd>>,
    sweep: RefCell<Sweep>,
    timer: Timer,
    /// When to arm the timer again, while the gate is closed; the inner one is none for a room that sleeps.
    paused: Cell<Option<Option<Millis>>>,
    meter: Meter,
    alarm: Alarm,
    kept: Kept,
    /// What a room gave to be stored before anybody played in it. None once the room has tables.
    unplayed: RefCell<Option<Unplayed>>,
    /// Sockets that outlived the memory and of which the room does not know yet.
    found: RefCell<Vec<Attachment>>,
}

/// The time of this callback.
pub(crate) fn now() -> Millis {
    Millis(Date::now().as_millis())
}

impl Driver {
    /// An object that comes to life. Sockets that outlived its memory go on with the first event that is the room's: an
    /// operator who looks does not wake it.
    pub(crate) fn new(state: State, kept: Kept) -> Rc<Self> {
        match WebSocketRequestResponsePair::new(KEEPALIVE, KEEPALIVE_ANSWER) {
            Ok(pair) => state.set_websocket_auto_response(&pair),
            // The room answers it then, and does not leave memory.
            Err(error) => console_error!("keepalives are not answered by the platform: {error:?}"),
        }
        let (sockets, found) = Sockets::restore(&state);
        Rc::new(Self {
            state,
            room: RefCell::new(None),
            code: OnceCell::new(),
            sockets: RefCell::new(sockets),
            log: Cell::new(None),
            sweep: RefCell::new(Sweep::default()),
            timer: Timer::default(),
            paused: Cell::new(None),
            meter: Meter::new(now()),
            alarm: Alarm::new(),
            kept,
            unplayed: RefCell::new(None),
            found: RefCell::new(found),
        })
    }

    /// Takes a new socket in.
    pub(crate) fn accept(
        self: &Rc<Self>,
        now: Millis,
        socket: WebSocket,
        encoding: Encoding,
        user_id: String,
        resume: Option<ResumeHash>,
    ) -> Result<()> {
        let conn =
            self.sockets
                .borrow_mut()
                .accept(&self.state, now, socket, &user_id, encoding)?;
        self.connect(now, conn, encoding, user_id, resume)
    }

    fn connect(
        self: &Rc<Self>,
        now: Millis,
        conn: ConnId,
        encoding: Encoding,
        user_id: String,
        resume: Option<ResumeHash>,
    ) -> Result<()> {
        self.load(now, &user_id)?;
        let entropy = entropy()?;
        self.handle(
            now,
            Input::Connect {
                conn,
                encoding,
                user_id,
                resume,
                entropy,
            },
        );
        Ok(())
    }

    /// Whether a user gets no further socket for now: the platform still holds too many that were closed.
    pub(crate) fn holds_too_much(&self, now: Millis, user_id: &str) -> bool {
        self.sockets.borrow_mut().holds_too_much(user_id, now)
    }

    /// A socket is gone.
    pub(crate) fn disconnect(self: &Rc<Self>, now: Millis, conn: ConnId, on_purpose: bool) {
        self.awaken(now);
        self.sockets.borrow_mut().forget(conn, now);
        self.handle(now, Input::Disconnect { conn, on_purpose });
    }

    /// Gives the room one input and does what it answers. Of no effect when there is no room.
    pub(crate) fn handle(self: &Rc<Self>, now: Millis, input: Input<'_>) {
        let mut writes = Vec::new();
        let mut when_stored = Vec::new();
        // None leaves the timer as it is; the inner one is none for a room that sleeps.
        let mut wake = None;
        let was_played;
        {
            let mut room = self.room.borrow_mut();
            let Some(room) = room.as_mut() else { return };
            let _busy = self.busy(room.world().step_number());
            let mut sockets = self.sockets.borrow_mut();
            for output in room.handle(now, input) {
                match output {
                    Output::Send { conn, bytes, text } => sockets.send(conn, &bytes, text),
                    Output::SendStored { conn, bytes, text } => {
                        when_stored.push((conn, bytes, text));
                    }
                    Output::Close { conn, code, reason } => sockets.close(conn, code, reason),
                    Output::WakeAt(at) => wake = Some(Some(at)),
                    Output::Sleep => wake = Some(None),
                    Output::Persist(batch) => writes.push(Write::Persist(batch.into())),
                    Output::LogStart(header) => writes.push(Write::LogStart(header)),
                    Output::Log(block) => writes.push(Write::Log(block)),
                    Output::Note(note) => console_log!("{note}"),
                }
            }
            was_played = room.was_played();
        }
        if !was_played {
            if !self.hold(writes) {
                return self.let_go();
            }
        } else if !writes.is_empty()
            && let Err(error) = self.store(now, writes)
        {
            return self.fail(&error);
        }
        for (conn, bytes, text) in when_stored {
            self.sockets.borrow().send(conn, &bytes, text);
        }
        match wake {
            Some(Some(at)) => self.arm(now, at),
            Some(None) => self.disarm(),
            None => {}
        }
        self.set_alarm(now);
    }

    /// Holds what nobody needs yet.
    fn hold(&self, writes: Vec<Write>) -> bool {
        match self.unplayed.borrow_mut().as_mut() {
            Some(unplayed) => unplayed.hold(writes),
            None => true,
        }
    }

    fn store(&self, now: Millis, writes: Vec<Write>) -> Result<()> {
        let mut all = Vec::new();
        if let Some(mut unplayed) = self.unplayed.take() {
            let code = self.code.get().map(Rc::clone).unwrap_or_default();
            self.make_tables(&code)?;
            all = unplayed.take();
        }
        all.extend(writes);
        let storage = self.state.storage();
        let begins = all.iter().any(|one| matches!(one, Write::LogStart(_)));
        let stored = commit(&storage, now, all, self.log.get())?;
        self.meter.rows_written(stored.rows_written);
        self.log.set(stored.log);
        let mut sweep = self.sweep.borrow_mut();
        if begins {
            sweep.look_for_old_recordings();
        }
        if let Some(room) = self.room.borrow().as_ref() {
            self.meter.rows_written(sweep.go_on(&storage.sql(), room));
        }
        Ok(())
    }

    /// Leaves a room alone in which there are only sockets that do nothing.
    fn let_go(&self) {
        console_log!("nobody plays here: the room is let go");
        self.forget();
        self.sockets.borrow_mut().close_all(CloseCode::IdleTimeout);
    }

    /// A request came.
    pub(crate) fn count_request(&self) {
        self.meter.request();
    }

    fn busy(&self, step: Step) -> Option<Busy> {
        self.code.get().map(|code| Busy::with(code, step))
    }

    /// Keeps one timer. While it is pending the platform keeps the object in memory.
    fn arm(self: &Rc<Self>, now: Millis, at: Millis) {
        if self.paused.get().is_some() {
            self.paused.set(Some(Some(at)));
            return;
        }
        if self.timer.at() == Some(at) {
            return;
        }
        let (driver, fires) = (Rc::clone(self), self.timer.arm(now, at));
        wasm_bindgen_futures::spawn_local(async move {
            if fires.await {
                driver.timer.fired();
                driver.handle(self::now(), Input::Wake);
            }
        });
    }

    fn disarm(&self) {
        if self.paused.get().is_some() {
            self.paused.set(Some(None));
        }
        self.timer.disarm();
    }

    /// Forgets the room, and nothing that is stored of it.
    fn forget(&self) {
        self.disarm();
        self.room.replace(None);
        self.log.set(None);
        self.sweep.replace(Sweep::default());
        self.unplayed.replace(None);
    }

    /// Throws room and sockets away. The next connection opens the room as it is stored.
    fn fail(&self, error: &Error) {
        let code = self.code.get().map_or("", |code| code);
        console_error!("room {code} is thrown away: {error}");
        self.forget();
        self.sockets.borrow_mut().close_all(CloseCode::Internal);
    }
}

/// Random bits of the platform's generator.
fn entropy<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(bytes)
}
