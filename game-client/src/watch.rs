//! A recording on somebody's screen: what [`Viewer`] is at becomes pictures.
//!
//! * No engine and no page is in here, as in [`crate::game`].
//! * Between two steps everything is drawn where it is on its way from one to the other.

use kernel::Translate;
use netcode::{Micros, ShotKey};
use sim_core::{Look, Player, PlayerId, Point, Projectile, Step};

use crate::aim::{cells, radians};
use crate::art::{Picture, Rgb};
use crate::game::{Label, Settings};
use crate::stage::{
    Camera, Effects, Facings, Happenings, Layer, Place, Shown, ShownPlayer, ShownShot, Sprite,
    Stage, Viewport, field,
};
use crate::viewer::{
    Ghost, Info, OpenError, Play, Recorded, ShownWorld, Status, Transport, Viewer,
};

/// What a client predicted.
const PREDICTED: Rgb = Rgb(0xff, 0xd1, 0x5c);
/// Steps that are rerun with a frame, besides those that are shown, to list who was shot down.
const SURVEYED_A_FRAME: u64 = 120;
/// A step that is further than this from the last one shown is no motion.
const CUT_STEPS: u64 = 60;

/// A recording on somebody's screen.
pub struct Watch {
    viewer: Option<Box<dyn Play>>,
    settings: Settings,
    camera: Camera,
    stage: Stage,
    effects: Effects,
    facings: Facings,
    happenings: Happenings,
    labels: Vec<Label>,
    drawn_at: Option<Micros>,
    shown: Step,
    /// The place under the pointer when it was pressed.
    grabbed: Option<Place>,
    pointer: Option<Place>,
}

impl Watch {
    /// Without a recording.
    #[must_use]
    pub fn new(settings: Settings, viewport: Viewport) -> Self {
        let mut watch = Self {
            viewer: None,
            settings: Settings::default(),
            camera: Camera::new(viewport),
            stage: Stage::default(),
            effects: Effects::default(),
            facings: Facings::default(),
            happenings: Happenings::default(),
            labels: Vec::new(),
            drawn_at: None,
            shown: Step(0),
            grabbed: None,
            pointer: None,
        };
        watch.set(settings);
        watch
    }

    /// The settings are others now.
    pub fn set(&mut self, settings: Settings) {
        self.effects.calm(settings.reduced_motion);
        self.settings = settings;
    }

    /// Shows this recording from its first step on, rerun by this kernel.
    ///
    /// # Errors
    /// If nothing of it can be shown. What was shown before still is.
    pub fn open<K: Translate + 'static>(
        &mut self,
        kernel: K,
        bytes: Vec<u8>,
    ) -> Result<&Info, OpenError> {
        let recorded = Recorded::open_with(kernel, bytes)?;
        let viewer = self.viewer.insert(Box::new(Viewer::new(recorded)));
        self.happenings.forget();
        Ok(viewer.info())
    }

    /// What is known of the recording; none if there is none.
    #[must_use]
    pub fn info(&self) -> Option<&Info> {
        self.viewer.as_ref().map(|viewer| viewer.info())
    }

    /// What there is to say of the step at hand.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.viewer.as_ref().map(|viewer| viewer.status())
    }

    /// How it plays.
    #[must_use]
    pub fn transport(&self) -> Option<Transport> {
        self.viewer.as_ref().map(|viewer| viewer.transport())
    }

    /// Plays it like this from now on.
    pub fn set_transport(&mut self, transport: Transport) {
        if let Some(viewer) = &mut self.viewer {
            viewer.set_transport(transport);
        }
    }

    /// Goes to a step.
    pub fn seek(&mut self, step: Step) {
        if let Some(viewer) = &mut self.viewer {
            viewer.seek(step);
        }
    }

    /// Where the picture was taken from in the last frame.
    #[must_use]
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// Where names stood in the last frame.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Where the pointer is in the viewport. The arena goes with it while it is pressed.
    pub fn point(&mut self, pointer: Option<Place>) {
        if let Some((pointer, grabbed)) = pointer.zip(self.grabbed) {
            let (x, y) = self.camera.place(pointer);
            self.camera.centre.0 += grabbed.0 - x;
            self.camera.centre.1 += grabbed.1 - y;
        }
        self.pointer = pointer;
    }

    /// The pointer is pressed or not. While a player is followed that changes nothing.
    pub fn press(&mut self, down: bool) {
        let follows = self.transport().is_some_and(|now| now.follow.is_some());
        self.grabbed = self
            .pointer
            .filter(|_| down && !follows)
            .map(|pointer| self.camera.place(pointer));
    }

    /// Everything that is to be drawn, the lowest first.
    pub fn frame(&mut self, now: Micros, viewport: Viewport) -> &[Sprite] {
        let seconds = self.drawn_at.map_or(0.0, |at| now.since(at).0 as f32 / 1e6);
        self.drawn_at = Some(now);
        self.camera.resize(viewport);
        self.stage.clear();
        self.labels.clear();
        let Some(viewer) = &mut self.viewer else {
            return self.stage.sorted();
        };
        viewer.advance(now);
        // Whoever is listed can be gone to; the effects of what was seen are made from what is shown.
        viewer.survey(SURVEYED_A_FRAME);
        let is_near = viewer.step().0.abs_diff(self.shown.0) <= CUT_STEPS;
        if viewer.step() < self.shown || !is_near {
            self.happenings.forget();
        }
        self.shown = viewer.step();

        let (phase, follow) = (viewer.phase(), viewer.transport().follow);
        let ghosts = viewer.ghosts().clone();
        let (
            before,
            ShownWorld {
                moment: world,
                structures,
            },
        ) = viewer.pictures();
        self.effects.advance(seconds);
        self.facings.advance(world.players.iter(), seconds);
        let players: Vec<ShownPlayer> = world
            .players
            .iter()
            .map(|player| ShownPlayer {
                player: *player,
                at: on_its_way(before.moment.player(player.id), player, phase),
                facing: self.facings.angle(player.id),
                alpha: 1.0,
            })
            .collect();
        if let Some(followed) = players.iter().find(|shown| Some(shown.player.id) == follow) {
            self.camera.glide(followed.at, seconds);
            let at = self.camera.centre;
            self.camera.follow(at, None, seconds);
        }
        let shots: Vec<ShownShot> = world
            .projectiles
            .iter()
            .map(|shot| shown_shot(before, shot, phase))
            .collect();
        let looks = |id: PlayerId| -> Option<Look> { world.player(id).map(|player| player.look) };
        let moment = Shown {
            players: &players,
            own: follow,
            shots: &shots,
            structures,
            plan: None,
            looks: &looks,
            seconds: (now.0 % 3_600_000_000) as f32 / 1e6,
        };
        let palette = self.settings.palette;
        self.happenings
            .see(&moment, palette, &mut self.effects, &mut self.facings);
        field(&mut self.stage, &self.camera, palette, &moment);
        self.effects.draw(&mut self.stage, &self.camera);
        for shown in &players {
            if let Some(predicted) = ghosts.get(&shown.player.id) {
                ghost(&mut self.stage, shown, predicted, phase);
            }
            if shown.player.is_alive() && self.camera.sees(shown.at) {
                self.labels.push(Label::of(shown, &self.camera));
            }
        }
        self.stage.sorted()
    }
}

fn between(from: Point, to: Point, phase: f32) -> Place {
    let ((x, y), (to_x, to_y)) = (cells(from), cells(to));
    (x + (to_x - x) * phase, y + (to_y - y) * phase)
}

/// Where a player is drawn. Who has just come back did not walk there.
fn on_its_way(before: Option<&Player>, player: &Player, phase: f32) -> Place {
    match before {
        Some(before) if before.is_alive() && player.is_alive() => {
            between(before.pos, player.pos, phase)
        }
        Some(_) | None => cells(player.pos),
    }
}

fn shown_shot(before: &ShownWorld, shot: &Projectile, phase: f32) -> ShownShot {
    let shots = &before.moment.projectiles;
    let at = shots.binary_search_by_key(&shot.id, |shot| shot.id);
    let was = at.ok().and_then(|at| shots.get(at));
    let from = was.map_or(shot.pos, |was| was.pos);
    ShownShot {
        key: ShotKey::Room(shot.id),
        owner: shot.owner,
        at: between(from, shot.pos, phase),
        angle: radians(shot.aim),
    }
}

fn ghost(stage: &mut Stage, shown: &ShownPlayer, ghost: &Ghost, phase: f32) {
    if !ghost.player.is_alive() {
        return;
    }
    let at = on_its_way(ghost.before.as_ref(), &ghost.player, phase);
    let outline = Sprite::new(Picture::Ghost, at, Layer::Marks);
    stage.put(outline.tinted(PREDICTED).faded(0.9));
    stage.put(Sprite::line(shown.at, at, 0.05, PREDICTED, Layer::Marks).faded(0.7));
}

#[cfg(feature = "window")]
impl crate::window::Show for Watch {
    fn frame(&mut self, now: Micros, viewport: Viewport) -> &[Sprite] {
        Watch::frame(self, now, viewport)
    }

    fn eye(&self) -> &Camera {
        &self.camera
    }

    fn point(&mut self, pointer: Option<Place>) {
        Watch::point(self, pointer);
    }

    fn button(&mut self, second: bool, down: bool) {
        if !second {
            self.press(down);
        }
    }

    fn leave(&mut self) {
        self.press(false);
    }
}
