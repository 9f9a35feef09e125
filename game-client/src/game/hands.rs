//! What the player's hands are on: keys, pointer and touch, and what that means for the own player.

use std::cmp::Ordering;

use netcode::{Client, Input, Micros};
use sim_core::build::check_place;
use sim_core::{Aim, Buttons, Player, Point, Preview, StructureKind};

use super::Settings;
use crate::aim::{cell_at, cells, radians, towards};
use crate::keys::{Action, HeldKeys};
use crate::stage::{Camera, Place, Plan};

/// After the last sign of building, how long the plan is still shown.
const PLANS_FOR: Micros = Micros::from_millis(2_500);
/// How far from the own player's middle is built where nothing points at a place, in cells.
/// More than a cell and half a body, so that what is built in front along an axis is never built under the own feet.
const TOUCH_REACH: f32 = 1.4;
/// How fast keys turn the aim, in radians a second: half a turn in a bit more than a second.
const TURN_RATE: f32 = 2.6;
/// A frame that comes late turns no further than this, in seconds.
const TURN_MAX: f32 = 0.1;
/// Part of the way to the stick's edge from which it counts on an axis: then each of eight directions has an eighth.
const STICK_MIN: f32 = 0.38;

/// What the player's hands are on.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    held: HeldKeys,
    pointer: Option<Place>,
    primary: bool,
    secondary: bool,
    stick: (f32, f32),
    touch: Option<(f32, f32)>,
    touch_fires: bool,
    /// Where keys have turned the aim to, until the pointer moves: radians, clockwise from +x.
    turned: Option<f32>,
    /// Which way was walked last: without anything that points, that is the aim.
    faced: (f32, f32),
    turned_at: Micros,
    kind: Option<StructureKind>,
    plans_until: Micros,
    /// What began since it was last asked what is wanted.
    begun: Vec<Action>,
    sent: Option<Buttons>,
    previewed: Option<Preview>,
}

impl Hands {
    /// A key goes down.
    pub fn press(&mut self, code: &str, settings: &Settings) {
        let action = self.held.press(code, &settings.bindings);
        self.begun.extend(action);
    }

    /// A key goes up.
    pub fn release(&mut self, code: &str) {
        self.held.release(code);
    }

    /// Nobody can tell any more what is held.
    pub fn release_all(&mut self) {
        self.held.release_all();
        self.primary = false;
        self.secondary = false;
        self.stick = (0.0, 0.0);
        self.touch_fires = false;
    }

    /// The pointer's buttons are let go, as far as anybody can tell.
    pub fn release_pointer(&mut self) {
        self.primary = false;
        self.secondary = false;
    }

    /// Where the pointer is in the viewport; none if it is elsewhere.
    pub fn point(&mut self, pointer: Option<Place>) {
        if pointer.is_some() && pointer != self.pointer {
            self.turned = None;
        }
        self.pointer = pointer;
    }

    /// Where the pointer is.
    #[must_use]
    pub fn pointer(&self) -> Option<Place> {
        self.pointer
    }

    /// The pointer's first button, which shoots.
    pub fn primary(&mut self, down: bool) {
        self.primary = down;
    }

    /// The pointer's second button, which builds.
    pub fn secondary(&mut self, down: bool) {
        if down && !self.secondary {
            self.begun.push(Action::Place);
        }
        self.secondary = down;
    }

    /// The wheel is turned: another kind is built.
    pub fn wheel(&mut self, by: f32) {
        let kinds = StructureKind::ALL;
        let at = kinds
            .iter()
            .position(|kind| *kind == self.kind())
            .unwrap_or(0);
        let next = match by.partial_cmp(&0.0) {
            Some(Ordering::Less) => at + 1,
            Some(Ordering::Greater) => at + kinds.len() - 1,
            Some(Ordering::Equal) | None => return,
        };
        let action = [Action::Wall, Action::Gate, Action::Fence][next % kinds.len()];
        self.begun.push(action);
    }

    /// A stick that is touched: from -1 to 1 on each axis, nothing when let go.
    pub fn walk(&mut self, x: f32, y: f32) {
        self.stick = (x, y);
    }

    /// A stick that aims, and fires while it is far enough out.
    pub fn aim_by_touch(&mut self, x: f32, y: f32, fires: bool) {
        if towards((x, y)).is_some() {
            let length = x.hypot(y);
            self.touch = Some((x / length, y / length));
        }
        self.touch_fires = fires;
    }

    /// A button that does something once.
    pub fn begin(&mut self, action: Action) {
        self.begun.push(action);
    }

    /// What is built next.
    #[must_use]
    pub fn kind(&self) -> StructureKind {
        self.kind.unwrap_or(StructureKind::Wall)
    }

    /// Which way the own player aims: as it is touched, as keys have turned it, at the pointer, or as was walked last. None
    /// before any of these.
    #[must_use]
    pub fn aim(&self, client: &Client, camera: &Camera) -> Option<Aim> {
        let own = client.predicted().filter(|player| player.is_alive())?;
        towards(self.pointed(own, camera)?)
    }

    /// From the own player to what is pointed at; of what only turns, one cell that way.
    fn pointed(&self, own: &Player, camera: &Camera) -> Option<(f32, f32)> {
        if let Some(vector) = self.steered() {
            return Some(vector);
        }
        let (x, y) = cells(own.pos);
        let point = self.pointer?;
        let at = camera.place(point);
        Some((at.0 - x, at.1 - y))
    }

    /// The direction of whatever has no place to point at, if that is what counts.
    fn steered(&self) -> Option<(f32, f32)> {
        let turned = self.turned.map(|angle| (angle.cos(), angle.sin()));
        let faced = (self.pointer.is_none() && self.faced != (0.0, 0.0)).then_some(self.faced);
        self.touch.or(turned).or(faced)
    }

    /// Keys turn the aim, from where it is.
    fn turn(&mut self, now: Micros, client: &Client, camera: &Camera, settings: &Settings) {
        let elapsed = now.since(self.turned_at).0 as f32 / 1_000_000.0;
        self.turned_at = now;
        let held = |action| self.held.is_held(action, &settings.bindings);
        let by = f32::from(held(Action::TurnRight)) - f32::from(held(Action::TurnLeft));
        let axis = |less, more| f32::from(held(more)) - f32::from(held(less));
        let walked = (
            axis(Action::Left, Action::Right),
            axis(Action::Up, Action::Down),
        );
        if walked != (0.0, 0.0) {
            let length = walked.0.hypot(walked.1);
            self.faced = (walked.0 / length, walked.1 / length);
        }
        if by != 0.0 {
            let angle = self.aim(client, camera).map_or(0.0, radians);
            self.turned = Some(angle + by * TURN_RATE * elapsed.min(TURN_MAX));
        }
    }

    /// What the own player is about to build, if it is about to build.
    #[must_use]
    pub fn plan(
        &self,
        now: Micros,
        client: &Client,
        own: &Player,
        camera: &Camera,
    ) -> Option<Plan> {
        let planning = self.is_placing_by_pointer() || now < self.plans_until;
        if !planning || !own.is_alive() {
            return None;
        }
        let cell = cell_at(self.target(own, camera)?)?;
        let kind = self.kind();
        // A plan is not forbidden for the moment that the last placing takes.
        let rested = Player {
            build_wait: sim_core::Steps(0),
            ..*client.predicted()?
        };
        let allowed = check_place(client.structures(), others(client), &rested, cell, kind).is_ok();
        Some(Plan {
            cell,
            kind,
            allowed,
        })
    }

    /// What follows from all of this for the client.
    pub(crate) fn wants(
        &mut self,
        now: Micros,
        client: &Client,
        camera: &Camera,
        settings: &Settings,
    ) -> Vec<Input<'static>> {
        let mut inputs = Vec::new();
        self.turn(now, client, camera, settings);
        let buttons = self.buttons(settings);
        if self.sent != Some(buttons) {
            self.sent = Some(buttons);
            inputs.push(Input::Buttons(buttons));
        }
        let begun = std::mem::take(&mut self.begun);
        for action in &begun {
            if let Some(kind) = action.kind() {
                self.kind = Some(kind);
                self.plans_until = now.after(PLANS_FOR);
            }
        }
        let own = client.predicted().copied();
        let own = own.filter(|player| player.is_alive() && client.is_playing());
        let bindings = &settings.bindings;
        let places = self.secondary || self.held.is_held(Action::Place, bindings);
        let fires = self.primary || self.touch_fires || self.held.is_held(Action::Fire, bindings);
        if let Some(own) = own {
            let target = self.target(&own, camera).and_then(cell_at);
            if fires
                && own.fire_wait.is_zero()
                && let Some(aim) = self.aim(client, camera)
            {
                inputs.push(Input::Act(sim_core::Action::Fire { aim }));
            }
            let asked = begun.contains(&Action::Place);
            if places || asked {
                self.plans_until = now.after(PLANS_FOR);
            }
            if let Some(cell) = target
                && (places || asked)
            {
                let kind = self.kind();
                let check =
                    || check_place(client.structures(), others(client), &own, cell, kind).is_ok();
                // Once, so that the player is told why not; held, only where it works.
                if asked || check() {
                    inputs.push(Input::Act(sim_core::Action::Place { cell, kind }));
                }
            }
            if begun.contains(&Action::Remove)
                && let Some(structure) = target.and_then(|cell| client.structures().at(cell))
            {
                inputs.push(Input::Act(sim_core::Action::Remove { id: structure.id }));
            }
        }
        let preview = own
            .and_then(|own| self.plan(now, client, &own, camera))
            .filter(|plan| plan.allowed)
            .map(|Plan { cell, kind, .. }| Preview { cell, kind });
        if self.previewed != preview {
            self.previewed = preview;
            inputs.push(Input::Preview(preview));
        }
        inputs
    }

    fn is_placing_by_pointer(&self) -> bool {
        self.secondary
    }

    /// The place that is built at or taken away from.
    fn target(&self, own: &Player, camera: &Camera) -> Option<Place> {
        let (x, y) = cells(own.pos);
        match self.steered() {
            Some((to_x, to_y)) => Some((x + to_x * TOUCH_REACH, y + to_y * TOUCH_REACH)),
            None => self.pointer.map(|point| camera.place(point)),
        }
    }

    fn buttons(&self, settings: &Settings) -> Buttons {
        let keys = self.held.buttons(&settings.bindings);
        let (x, y) = self.stick;
        keys.with(Buttons::new(
            y < -STICK_MIN,
            y > STICK_MIN,
            x < -STICK_MIN,
            x > STICK_MIN,
        ))
    }
}

/// Middles of all other living players, as far as is known.
fn others(client: &Client) -> impl Iterator<Item = Point> {
    let own_id = client.player_id();
    client
        .view()
        .into_iter()
        .flat_map(|view| view.players.iter())
        .filter(move |(id, state)| Some(**id) != own_id && state.is_alive())
        .map(|(_, state)| state.pos)
}
