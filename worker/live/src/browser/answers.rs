//! What a scene in a browser asks for: a server, its end, a recording, a token, other players.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail, ensure};
use clerk_stand_in::{Clerk, Forge, ISSUER, PARTY, SigningKey};
use local_worker::{Serve, Server};
use serde_json::{Value, json};

use super::bots::Bots;
use crate::bot::Room;
use crate::stage::{ADMIN_SECRET, Stage, run_sql};

/// A secret of nothing.
const SECRET: &str = "sk_test_stand_in";
/// The address in it is `clerk.bitfort.test$` in base64: nobody's.
const PUBLISHABLE: &str = "pk_test_Y2xlcmsuYml0Zm9ydC50ZXN0JA";

/// Structures to begin with: by the time of the measurement a fifth is shot down, and the budget is about 512.
const STRUCTURES: u32 = 640;
const STRUCTURES_SHAPE: &str = "(structure_id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, kind INTEGER NOT NULL, \
     x INTEGER NOT NULL, y INTEGER NOT NULL, hp INTEGER NOT NULL) STRICT";

/// What answers a scene.
pub(super) struct Answers<'a> {
    stage: &'a Stage,
    pictures: PathBuf,
    /// Whether somebody looks at them.
    pictures_are_kept: bool,
    serve: Option<Serve>,
    server: Option<Server>,
    clerk: Option<Clerk>,
    bots: Option<Bots>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(stage: &'a Stage, pictures: PathBuf, pictures_are_kept: bool) -> Self {
        Self {
            stage,
            pictures,
            pictures_are_kept,
            serve: None,
            server: None,
            clerk: None,
            bots: None,
        }
    }

    /// The answer to a question.
    pub(super) fn to(&mut self, asked: &Value) -> anyhow::Result<Value> {
        match asked["ask"].as_str().unwrap_or_default() {
            "furnish" => self.furnish(text(asked, "room")?),
            "serve" => self.serve(asked["clerk"] == true),
            "kill" => {
                self.server = None;
                Ok(json!({}))
            }
            "start" => {
                let serve = self.serve.as_ref().context("nothing was served")?;
                self.server = Some(serve.start()?);
                Ok(json!({}))
            }
            "recording" => self.recording(text(asked, "room")?),
            "predicted" => self.predicted(asked),
            "goldens" => self.goldens(),
            "hash" => self.hash(asked),
            "why" => self.why(asked),
            "other-rules" => self.other_rules(asked),
            "token" => self.token(asked),
            "session" => self.session(asked),
            "bots" => self.send_bots(asked),
            "bots-leave" => {
                self.bots = None;
                Ok(json!({}))
            }
            other => bail!("nobody knows what `{other}` asks for"),
        }
    }

    /// Before anything is served: as many structures in the room as its budget is about, at its left side.
    fn furnish(&self, room: &str) -> anyhow::Result<Value> {
        let mut statements = vec![format!("CREATE TABLE structures {STRUCTURES_SHAPE}")];
        for at in 0..STRUCTURES {
            let (owner, kind) = (1 + at / 48, at % 3);
            let (x, y) = (at % 8, at / 8);
            statements.push(format!(
                "INSERT INTO structures VALUES ({}, {owner}, {kind}, {x}, {y}, 40)",
                at + 1
            ));
        }
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        let storage = self.stage.storage().start()?;
        run_sql(storage.port(), room, &statements)?;
        Ok(json!({}))
    }

    fn serve(&mut self, clerk: bool) -> anyhow::Result<Value> {
        let mut serve = self.stage.serve(&[])?;
        serve.config = "play.capnp".into();
        serve.files = Some(self.stage.root.join("worker/public"));
        if clerk {
            let clerk = Clerk::serve(0, SECRET)?;
            clerk.set_keys(&[SigningKey::first().jwk()]);
            let api = format!("http://127.0.0.1:{}", clerk.port());
            serve.settings.extend([
                ("CLERK_SECRET_KEY", SECRET.to_owned()),
                ("CLERK_ISSUER", ISSUER.to_owned()),
                ("CLERK_AUTHORIZED_PARTIES", PARTY.to_owned()),
                ("CLERK_API_URL", api),
                ("CLERK_PUBLISHABLE_KEY", PUBLISHABLE.to_owned()),
            ]);
            self.clerk = Some(clerk);
        }
        let server = serve.start()?;
        let base = server.http();
        self.server = Some(server);
        self.serve = Some(serve);
        Ok(json!({
            "base": base,
            "pictures": self.pictures,
            "picturesAreKept": self.pictures_are_kept,
            "adminSecret": ADMIN_SECRET,
        }))
    }

    fn server(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("no server runs")
    }

    /// Fetches the room's newest recording and reruns it.
    fn recording(&self, room: &str) -> anyhow::Result<Value> {
        let room = self.room(room)?;
        let (path, steps) = self.stage.newest(self.server()?, &room)?;
        let info = self.stage.replay("info", &[path.as_os_str()])?;
        Ok(json!({ "path": path, "steps": steps, "lastStep": info["lastStep"] }))
    }

    /// Holds what a page predicted against a rerun of the room's recording.
    fn predicted(&self, asked: &Value) -> anyhow::Result<Value> {
        let room = self.room(text(asked, "room")?)?;
        let player = asked["player"].as_u64().context("no player")?.to_string();
        let (recording, _) = self.stage.newest(self.server()?, &room)?;
        let file = self.stage.state.join("predictions.json");
        std::fs::write(&file, text(asked, "predictions")?)?;
        let more = [
            recording.as_os_str(),
            file.as_os_str(),
            OsStr::new("--player"),
            OsStr::new(&player),
        ];
        self.stage.replay("predictions", &more)
    }

    /// Every golden recording: its file, and what a native rerun of it comes to.
    fn goldens(&self) -> anyhow::Result<Value> {
        let mut goldens = Vec::new();
        for entry in std::fs::read_dir(self.stage.root.join("recordings"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "rec") {
                let verdict = self.stage.replay("verify", &[path.as_os_str()])?;
                goldens.push(json!({ "path": path, "verdict": verdict }));
            }
        }
        ensure!(!goldens.is_empty(), "recordings/ holds no recording");
        Ok(json!({ "goldens": goldens }))
    }

    /// A recording of other rules, their module, and what a rerun of the one by the other comes to: a verdict, and the hash
    /// after a step if one is asked for.
    fn other_rules(&self, asked: &Value) -> anyhow::Result<Value> {
        let module = std::env::var_os("OTHER_RULES_MODULE");
        let module = PathBuf::from(module.context("OTHER_RULES_MODULE names no module")?);
        let recording = self.stage.root.join("kernel/other-rules/clean.rec");
        let more = [
            recording.as_os_str(),
            OsStr::new("--kernel"),
            module.as_os_str(),
        ];
        let verdict = self.stage.replay("verify", &more)?;
        ensure!(verdict["ok"] == true, "{verdict}");
        let info = self.stage.replay("info", &more)?;
        let step = asked["step"].as_u64().unwrap_or(1).to_string();
        let at_step = [&more[..], &[OsStr::new("--step"), OsStr::new(&step)]].concat();
        let world = self.stage.replay("inspect", &at_step)?;
        Ok(json!({
            "module": module,
            "recording": recording,
            "verdict": verdict,
            "info": info,
            "hash": world["hash"],
        }))
    }

    /// What happened to a player of a golden recording.
    fn why(&self, asked: &Value) -> anyhow::Result<Value> {
        let name = text(asked, "name")?;
        let file = self.stage.root.join(format!("recordings/{name}.rec"));
        let player = asked["player"].as_u64().context("no player")?.to_string();
        let more = [
            file.as_os_str(),
            OsStr::new("--player"),
            OsStr::new(&player),
        ];
        self.stage.replay("why", &more)
    }

    /// The hash after a step of a golden recording, rerun natively.
    fn hash(&self, asked: &Value) -> anyhow::Result<Value> {
        let name = text(asked, "name")?;
        let file = self.stage.root.join(format!("recordings/{name}.rec"));
        let step = asked["step"].as_u64().context("which step?")?.to_string();
        let more = [file.as_os_str(), OsStr::new("--step"), OsStr::new(&step)];
        let world = self.stage.replay("inspect", &more)?;
        let hash = world["hash"].as_str().context("no hash")?;
        Ok(json!({ "hash": hash }))
    }

    fn clerk(&self) -> anyhow::Result<&Clerk> {
        self.clerk.as_ref().context("no Clerk is served")
    }

    fn token(&self, asked: &Value) -> anyhow::Result<Value> {
        let (user, session) = (text(asked, "user")?, text(asked, "session")?);
        let ago = asked["secondsAgo"].as_u64().unwrap_or(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let token = Forge::new(user, session, now - ago).sign(SigningKey::first());
        Ok(json!({ "token": token }))
    }

    fn session(&self, asked: &Value) -> anyhow::Result<Value> {
        let (user, session) = (text(asked, "user")?, text(asked, "session")?);
        self.clerk()?
            .set_session(session, user, text(asked, "status")?);
        Ok(json!({}))
    }

    fn send_bots(&mut self, asked: &Value) -> anyhow::Result<Value> {
        let room = self.room(text(asked, "room")?)?;
        let count = asked["count"].as_u64().context("how many?")?;
        let kind = crate::kind(text(asked, "kind")?).map_err(anyhow::Error::msg)?;
        let shoots = asked["shoots"] == true;
        self.bots = Some(Bots::send(room, usize::try_from(count)?, kind, shoots));
        Ok(json!({}))
    }

    fn room(&self, code: &str) -> anyhow::Result<Room> {
        Ok(Room {
            port: self.server()?.port(),
            code: code.to_owned(),
        })
    }
}

fn text<'v>(asked: &'v Value, name: &str) -> anyhow::Result<&'v str> {
    asked[name].as_str().with_context(|| format!("no {name}"))
}
