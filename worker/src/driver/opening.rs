//! How a room comes into memory: from its tables and its recording, with the users that it lacks.

use std::rc::Rc;

use authority::{
    CloseCode, ConnId, HashDetail, Hydration, Input, Millis, Room, RoomConfig, UserRows,
};
use sim_core::Step;
use worker::{Result, console_error, console_log};

use super::{Driver, entropy};
use crate::attachment::Attachment;
use crate::hydrate::{self, Opened, room_code};
use crate::rebuild::rebuild;
use crate::rows::name_room;
use crate::schema;
use crate::survey::Survey;
use crate::sweep::Sweep;
use crate::unplayed::Unplayed;
use crate::users;

/// Which build this is, for recordings: what the build was told, or the crate's version.
const BUILD_ID: &str = match option_env!("BITFORT_BUILD_ID") {
    Some(id) => id,
    None => env!("CARGO_PKG_VERSION"),
};

impl Driver {
    /// Something comes for the room. Sockets that waited for it go on.
    pub(crate) fn awaken(self: &Rc<Self>, now: Millis) {
        let found = self.found.take();
        if !found.is_empty()
            && let Err(error) = self.go_on(now, found)
        {
            self.fail(&error);
        }
    }

    fn go_on(self: &Rc<Self>, now: Millis, found: Vec<Attachment>) -> Result<()> {
        // Where nobody has played, nothing of the room is left.
        let exists = schema::exists(&self.state)?;
        let named = if exists { self.named() } else { None };
        let Some(code) = named else {
            if exists {
                console_error!(
                    "there are sockets, and nothing says of which room: they are closed"
                );
            }
            self.sockets.borrow_mut().close_all(CloseCode::GoingAway);
            return Ok(());
        };
        self.open(now, &code)?;
        for attachment in found {
            let conn = ConnId(attachment.conn);
            let encoding = attachment.encoding();
            let entropy = entropy()?;
            let user_id = attachment.user_id;
            self.load(now, &user_id)?;
            self.handle(
                now,
                Input::Restore {
                    conn,
                    encoding,
                    user_id,
                    entropy,
                },
            );
        }
        Ok(())
    }

    /// Somebody says what the room is called.
    pub(crate) fn is_called(&self, room: &str) {
        self.code.get_or_init(|| Rc::from(room));
    }

    /// What the room is called. None if nobody has said so, and nothing that is stored does.
    pub(super) fn named(&self) -> Option<Rc<str>> {
        if self.code.get().is_none()
            && let Some(code) = room_code(&self.state.storage().sql())
        {
            self.is_called(&code);
        }
        self.code.get().map(Rc::clone)
    }

    /// Makes sure that the room is there: a new one, or the one that storage holds.
    pub(crate) fn open(self: &Rc<Self>, now: Millis, code: &str) -> Result<()> {
        if self.room.borrow().is_some() {
            return Ok(());
        }
        self.is_called(code);
        let _busy = self.busy(Step(0));
        let storage = self.state.storage();
        let (hydration, log) = if schema::exists(&self.state)? {
            let survey = self.survey(code)?;
            self.unplayed.replace(None);
            let Opened {
                hydration,
                log,
                rows_written,
            } = hydrate::open(&storage, code, survey)?;
            self.meter.rows_written(rows_written);
            self.sweep.replace(Sweep::plan(&storage.sql(), code)?);
            (hydration, log)
        } else {
            self.unplayed.replace(Some(Unplayed::default()));
            (Hydration::Fresh, None)
        };
        let config = RoomConfig {
            room_code: code.to_owned(),
            seed: u64::from_le_bytes(entropy()?),
            build_id: BUILD_ID.to_owned(),
            started_at_ms: now.0,
            hash_detail: HashDetail::Check,
        };
        self.log.set(log);
        if let Hydration::Log { recovered, .. } = &hydration {
            let step = recovered.world.step_number();
            console_log!("the room goes on after step {step} of its recording");
        }
        let room = Room::new(config, hydration);
        let lacking = room.lacking();
        self.room.replace(Some(room));
        for user_id in lacking {
            self.load(now, &user_id)?;
        }
        Ok(())
    }

    /// Reads what is stored of a user, if the room needs it.
    pub(super) fn load(self: &Rc<Self>, now: Millis, user_id: &str) -> Result<()> {
        match self.room.borrow().as_ref() {
            Some(room) if room.lacks_rows_of(user_id) => {}
            Some(_) | None => return Ok(()),
        }
        let mut rows = UserRows::default();
        // Of a room in which nobody has played, nothing is stored.
        if self.unplayed.borrow().is_none() {
            let code = self.code.get().map(Rc::clone).unwrap_or_default();
            rows = users::rows_of(&self.state.storage().sql(), &code, user_id);
        }
        let user_id = user_id.to_owned();
        self.handle(now, Input::UserLoaded { user_id, rows });
        Ok(())
    }

    /// Whether there is no such room yet: the next connection makes it.
    pub(crate) fn is_new(&self) -> Result<bool> {
        Ok(self.room.borrow().is_none() && !schema::exists(&self.state)?)
    }

    /// Looks at what there is, sets aside what is damaged, and makes the tables those of this build.
    fn survey(&self, code: &str) -> Result<Survey> {
        let storage = self.state.storage();
        if let Some(written) = rebuild(&storage, code)? {
            self.alarm.is_gone();
            self.meter.rows_written(written);
        }
        let mut survey = Survey::of(&storage.sql())?;
        self.meter.rows_written(survey.set_aside(&storage, code)?);
        self.make_tables(code)?;
        Ok(survey)
    }

    /// Makes sure that the tables are those of this build, and that they tell the room's name.
    pub(super) fn make_tables(&self, code: &str) -> Result<()> {
        let storage = self.state.storage();
        self.meter.rows_written(schema::migrate(&storage, code)?);
        if room_code(&storage.sql()).is_none() {
            self.meter.rows_written(name_room(&storage, code)?);
        }
        Ok(())
    }

    /// Whether there was ever a room. If so, its tables are those of this build.
    pub(super) fn is_there(&self) -> Result<bool> {
        let exists = schema::exists(&self.state)?;
        if exists
            && self.room.borrow().is_none()
            && let Some(code) = self.named()
        {
            self.survey(&code)?;
        }
        Ok(exists)
    }
}
