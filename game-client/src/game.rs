//! The game on somebody's screen: what they do becomes the client's inputs, and what the client shows becomes pictures.
//!
//! * No engine and no page is in here: keys, pointer and time come in, a list of pictures and words goes out.
//! * [`Game::advance`] may be called without a frame, as on a page that is not shown; [`Game::frame`] is called with each.

mod drawn;
mod hands;
mod known;
mod label;
mod said;
mod seen;
mod settings;
#[cfg(feature = "desktop")]
mod written;

use netcode::{Client, ClientConfig, Input, Micros};
use sim_core::{Look, PlayerId};

use crate::aim::{cells, radians};
use crate::delay_line::Disturbance;
use crate::hud::{Hud, Reading};
#[cfg(feature = "window")]
use crate::keys::Action;
use crate::play::{Happened, Play};
use crate::predictions::Predictions;
use crate::socket::Dial;
use crate::stage::{
    Camera, Effects, Facings, Happenings, Layer, Place, Shown, ShownPlayer, ShownShot, Sprite,
    Stage, Trace, Viewport, field, traces,
};
use crate::timeline::NetcodeReading;
use crate::words::Notice;

use drawn::{look, shown};
pub use hands::Hands;
pub use known::{Known, KnownPlayer};
pub use label::Label;
pub use said::Said;
pub use seen::{Seen, SeenFrom, SeenPlayer, SeenStructure};
pub use settings::{Character, Settings};

use crate::art::Picture;

/// Corrections that are drawn at once.
const TRACES_MAX: usize = 32;
/// How long a correction is drawn.
const TRACED: Micros = Micros::from_millis(2_000);
/// The game on somebody's screen.
pub struct Game<D: Dial> {
    play: Play<D>,
    hands: Hands,
    hud: Hud,
    said: Said,
    settings: Settings,
    /// What the player wants to be, until the room has been told.
    character: Option<Character>,
    camera: Camera,
    stage: Stage,
    effects: Effects,
    facings: Facings,
    happenings: Happenings,
    overlay: bool,
    corrected: Vec<(Micros, Place, Place)>,
    labels: Vec<Label>,
    /// Who was drawn last, and how many shots.
    shown: Vec<ShownPlayer>,
    shots: usize,
    drawn_at: Option<Micros>,
}

impl<D: Dial> Game<D> {
    /// A game that is not connected yet. `character` is told to the room at the first welcome, if it is another.
    #[must_use]
    pub fn new(
        dial: D,
        config: ClientConfig,
        settings: Settings,
        character: Option<Character>,
        viewport: Viewport,
    ) -> Self {
        let mut game = Self {
            play: Play::new(dial, config),
            hands: Hands::default(),
            hud: Hud::default(),
            said: Said::default(),
            settings: Settings::default(),
            character,
            camera: Camera::new(viewport),
            stage: Stage::default(),
            effects: Effects::default(),
            facings: Facings::default(),
            happenings: Happenings::default(),
            overlay: false,
            corrected: Vec::new(),
            labels: Vec::new(),
            shown: Vec::new(),
            shots: 0,
            drawn_at: None,
        };
        game.set(settings);
        game
    }

    /// The settings are others now.
    pub fn set(&mut self, settings: Settings) {
        self.effects.calm(settings.reduced_motion);
        self.settings = settings;
    }

    /// What the player's hands are on.
    pub fn hands(&mut self) -> (&mut Hands, &Settings) {
        (&mut self.hands, &self.settings)
    }

    /// Takes what has come, and does what is due and what the hands want.
    pub fn advance(&mut self, now: Micros) {
        self.play.advance(now);
        let happened: Vec<_> = self.play.happened().collect();
        for (at, what) in happened {
            self.hud.note(at, &what, self.play.client());
            self.said.note(at, &what);
            if let Happened::Corrected { from, to, .. } = what {
                if self.corrected.len() >= TRACES_MAX {
                    self.corrected.remove(0);
                }
                self.corrected.push((at, cells(from), cells(to)));
            }
        }
        if self.play.client().is_playing()
            && let Some(character) = self.character.take()
        {
            self.become_if_other(now, character);
        }
        for input in self
            .hands
            .wants(now, self.play.client(), &self.camera, &self.settings)
        {
            self.play.input(now, input);
        }
    }

    /// Everything that is to be drawn, the lowest first.
    pub fn frame(&mut self, now: Micros, viewport: Viewport) -> &[Sprite] {
        self.advance(now);
        self.hud.frame(now);
        let seconds = self.drawn_at.map_or(0.0, |at| now.since(at).0 as f32 / 1e6);
        self.drawn_at = Some(now);
        self.camera.resize(viewport);
        self.effects.advance(seconds);

        let client = self.play.client();
        let scene = client.scene(now);
        let own = scene.local.map(|local| local.player);
        if let Some(own) = own {
            let pointer = self
                .hands
                .pointer()
                .filter(|_| !self.settings.reduced_motion);
            self.camera.follow(cells(own.pos), pointer, seconds);
        }
        let everybody = || scene.players.iter().chain(scene.local.as_ref());
        let states = everybody().map(|drawn| &drawn.player);
        self.facings.advance(states, seconds);
        if let Some((own, angle)) = own.zip(self.aimed()) {
            self.facings.turn(own.id, angle);
        }
        let players: Vec<ShownPlayer> = everybody()
            .map(|drawn| shown(drawn, client, &self.facings))
            .collect();
        let shots: Vec<ShownShot> = scene
            .shots
            .iter()
            .map(|shot| ShownShot {
                key: shot.key,
                owner: shot.owner,
                at: cells(shot.pos),
                angle: radians(shot.projectile.aim),
            })
            .collect();
        let plan = own.and_then(|own| self.hands.plan(now, client, &own, &self.camera));
        let looks = |id: PlayerId| look(client, id);
        let moment = Shown {
            players: &players,
            own: client.player_id(),
            shots: &shots,
            structures: scene.structures,
            plan,
            looks: &looks,
            seconds: (now.0 % 3_600_000_000) as f32 / 1e6,
        };
        let palette = self.settings.palette;
        self.happenings
            .see(&moment, palette, &mut self.effects, &mut self.facings);

        self.stage.clear();
        field(&mut self.stage, &self.camera, palette, &moment);
        self.effects.draw(&mut self.stage, &self.camera);
        if self.overlay {
            let server = client.confirmed().map(|player| cells(player.pos));
            let drawn = own.map(|own| cells(own.pos));
            self.corrected.retain(|(at, ..)| now.since(*at) < TRACED);
            let marks: Vec<Trace> = self
                .corrected
                .iter()
                .map(|(at, from, to)| Trace {
                    from: *from,
                    to: *to,
                    age: now.since(*at).0 as f32 / 1e6,
                })
                .collect();
            traces(&mut self.stage, server, drawn, &marks);
        }
        if let Some(point) = self.hands.pointer().filter(|_| own.is_some()) {
            let at = self.camera.place(point);
            self.stage
                .put(Sprite::new(Picture::Pointer, at, Layer::Marks));
        }
        self.labels.clear();
        for shown in players.iter().filter(|shown| shown.player.is_alive()) {
            if self.camera.sees(shown.at) {
                self.labels.push(Label::of(shown, &self.camera));
            }
        }
        self.shots = shots.len();
        self.shown = players;
        self.stage.sorted()
    }

    /// Where the camera was in the last frame.
    #[must_use]
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// Where names stood in the last frame.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// What there is to say now.
    pub fn read(&mut self, now: Micros) -> Reading {
        let kind = self.hands.kind();
        self.hud.read(now, self.play.client(), kind)
    }

    /// Sentences since this was last asked.
    pub fn said(&mut self) -> Vec<Notice> {
        self.said.take()
    }

    /// How the netcode is doing.
    #[must_use]
    pub fn netcode(&self, now: Micros) -> NetcodeReading {
        self.play.timeline().read(now, self.play.client())
    }

    /// What was predicted.
    #[must_use]
    pub fn predictions(&self) -> &Predictions {
        self.play.predictions()
    }

    /// The client, for what else there is to know.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.play.client()
    }

    /// Shows the netcode's doings in the arena, or not.
    pub fn overlay(&mut self, shown: bool) {
        self.overlay = shown;
    }

    /// Whether they are shown.
    #[must_use]
    pub fn has_overlay(&self) -> bool {
        self.overlay
    }

    /// Makes the line worse, or as it is again.
    pub fn disturb(&mut self, disturbance: Disturbance) {
        self.play.disturb(disturbance);
    }

    /// Lets nothing through for this long.
    pub fn stall(&mut self, now: Micros, length: Micros) {
        self.play.stall(now, length);
    }

    /// Makes or changes a character.
    pub fn save(&mut self, now: Micros, character: Character) {
        let Character {
            id,
            name,
            body,
            colour,
        } = character;
        let input = Input::SaveCharacter {
            character_id: id,
            name,
            look: Look { body, colour },
        };
        self.play.input(now, input);
    }

    /// Leaves the room: the player stays in it for a moment, see `docs/PROTOCOL.md`.
    pub fn leave_room(&mut self, now: Micros) {
        self.play.input(now, Input::Leave);
    }

    /// Plays as another character.
    pub fn select(&mut self, now: Micros, character_id: String) {
        self.play
            .input(now, Input::SelectCharacter { character_id });
    }

    fn become_if_other(&mut self, now: Micros, character: Character) {
        let active = self.client().active_character().map(str::to_owned);
        let id = active.unwrap_or(character.id);
        let wanted = Look {
            body: character.body,
            colour: character.colour,
        };
        let known = self.client().characters().iter().any(|profile| {
            profile.character_id == id && profile.name == character.name && profile.look == wanted
        });
        if !known {
            self.save(now, Character { id, ..character });
        }
    }

    /// Which way the own player aims; none without a pointer.
    fn aimed(&self) -> Option<f32> {
        self.hands
            .aim(self.play.client(), &self.camera)
            .map(radians)
    }
}

#[cfg(feature = "window")]
impl<D: Dial> crate::window::Show for Game<D> {
    fn frame(&mut self, now: Micros, viewport: Viewport) -> &[Sprite] {
        Game::frame(self, now, viewport)
    }

    fn eye(&self) -> &Camera {
        &self.camera
    }

    fn key(&mut self, code: &str, down: bool) {
        if down {
            // A page has its own key for it, with sliders besides.
            if cfg!(feature = "desktop")
                && self.settings.bindings.action(code) == Some(Action::Overlay)
            {
                self.overlay = !self.overlay;
            }
            self.hands.press(code, &self.settings);
        } else {
            self.hands.release(code);
        }
    }

    fn point(&mut self, pointer: Option<Place>) {
        self.hands.point(pointer);
    }

    fn button(&mut self, second: bool, down: bool) {
        if second {
            self.hands.secondary(down);
        } else {
            self.hands.primary(down);
        }
    }

    fn wheel(&mut self, by: f32) {
        self.hands.wheel(by);
    }

    fn leave(&mut self) {
        self.hands.release_all();
    }

    #[cfg(feature = "desktop")]
    fn written(&mut self, now: Micros) -> Vec<crate::text::Text> {
        Game::written(self, now)
    }
}
