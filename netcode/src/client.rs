//! The client as its driver sees it.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

use protocol::limits::{INPUTS_PER_BATCH_MAX, NUMBER_LAST};
use protocol::{ClientCommand, Encoding, Profile, Timing, View};
use sim_core::{Action, Buttons, Player, PlayerId, Preview, StructureId, Structures};

use crate::characters::Characters;
use crate::clock::ServerClock;
use crate::history::History;
use crate::input::Input;
use crate::interpolate::{self, between_steps};
use crate::merge::Views;
use crate::output::{Output, Outputs};
use crate::pace::Pace;
use crate::predict::{self, ACTIONS_PER_STEP_MAX, PredictedState};
use crate::scene::{DrawnPlayer, DrawnShot, Scene, ShotKey};
use crate::session::Session;
use crate::shots::Fires;
use crate::stats::Stats;
use crate::time::Micros;
use crate::visual_correction::VisualCorrection;

/// What a client needs to know from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    /// Seed of the waits between attempts to connect.
    pub seed: u64,
    /// Whether to speak JSON in text messages; otherwise the binary encoding. Either is understood.
    pub json: bool,
    /// The seat to take again, from a session before.
    pub resume_token: Option<String>,
}

/// One client of a room. Call [`Client::handle`] with everything that happens; begin with [`Input::Advance`], whose
/// first output is [`Output::Connect`].
#[derive(Debug)]
pub struct Client {
    pub(crate) session: Session,
    pub(crate) views: Views,
    pub(crate) clock: ServerClock,
    pub(crate) pace: Pace,
    pub(crate) player: Option<PlayerId>,
    /// The structures of the newest view.
    pub(crate) authoritative: Structures,
    /// What is predicted; `None` until the authority has shown the own player.
    pub(crate) local: Option<Local>,
    pub(crate) fires: Fires,
    pub(crate) visual_correction: VisualCorrection,
    pub(crate) held: Buttons,
    pub(crate) actions: Vec<Action>,
    pub(crate) preview: PreviewSync,
    /// Inputs of the next batch.
    pub(crate) unsent: Vec<protocol::Input>,
    /// The seq of the next local step.
    pub(crate) next_seq: u32,
    /// The first seq that this connection could carry.
    pub(crate) first_seq: u32,
    /// Whether time was skipped before the next local step.
    pub(crate) slipped: bool,
    /// Whether the stall that the client is in was reported as a correction.
    pub(crate) stall_told: bool,
    pub(crate) timing: Timing,
    /// Snapshots in a row that consumed nothing of a full history.
    pub(crate) unanswered: u32,
    /// Since when the history has been full.
    pub(crate) full_since: Option<Micros>,
    /// Nothing was stepped for a while because there was nothing to do.
    pub(crate) rested: bool,
    /// Up to this input some may have found no place at the authority.
    pub(crate) dropped_until: Option<u32>,
    pub(crate) characters: Characters,
    pub(crate) counts: Stats,
    pub(crate) outputs: VecDeque<Output>,
}

/// What is predicted, and what of.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) history: History,
    pub(crate) predicted: PredictedState,
}

/// What is about to be built, and what the authority was told of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PreviewSync {
    pub(crate) wanted: Option<Preview>,
    pub(crate) sent: Option<Preview>,
    pub(crate) sent_at: Micros,
}

impl Client {
    /// A client that is not connected.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let encoding = if config.json {
            Encoding::Json
        } else {
            Encoding::Binary
        };
        Self {
            session: Session::new(config.seed, encoding, config.resume_token),
            views: Views::default(),
            clock: ServerClock::new(),
            pace: Pace::new(),
            player: None,
            authoritative: Structures::new(),
            local: None,
            fires: Fires::default(),
            visual_correction: VisualCorrection::default(),
            held: Buttons::NONE,
            actions: Vec::new(),
            preview: PreviewSync::default(),
            unsent: Vec::with_capacity(INPUTS_PER_BATCH_MAX),
            next_seq: 0,
            first_seq: 0,
            slipped: false,
            stall_told: false,
            timing: Timing::default(),
            unanswered: 0,
            full_since: None,
            rested: false,
            dropped_until: None,
            characters: Characters::default(),
            counts: Stats::default(),
            outputs: VecDeque::new(),
        }
    }

    /// What follows from the input. `now` never goes back.
    pub fn handle(&mut self, now: Micros, input: Input<'_>) -> Outputs<'_> {
        // Whatever this input is, it may end a rest.
        self.rested |= self.rests();
        match input {
            Input::Opened => self.session.opened(now),
            Input::Message { bytes, text } => self.receive(now, bytes, text),
            Input::Closed { code } => {
                let before = self.session.state;
                self.session.closed(now, code, &mut self.outputs);
                if self.session.state != before {
                    self.disconnected();
                }
            }
            Input::Buttons(buttons) => self.held = buttons,
            Input::Act(action) => self.want(action),
            Input::Preview(preview) => {
                self.preview.wanted = preview.filter(|preview| preview.cell.in_arena());
            }
            Input::SelectCharacter { character_id } => {
                self.change_character(now, ClientCommand::SelectCharacter { character_id });
            }
            Input::SaveCharacter {
                character_id,
                name,
                look,
            } => {
                let save = ClientCommand::SaveCharacter {
                    character_id,
                    name,
                    look,
                };
                self.change_character(now, save);
            }
            Input::Leave => {
                self.session.leave(&mut self.outputs);
                self.disconnected();
            }
            Input::Advance => {
                self.renew(now);
                let alone = self.needs_no_room();
                if self.session.advance(now, alone, &mut self.outputs) {
                    self.disconnected();
                }
                self.run_due_steps(now);
            }
        }
        Outputs(&mut self.outputs)
    }

    /// When the next local step, message or attempt to connect is due: no `Advance` before has an effect. `None` if there
    /// is nothing to wait for but inputs.
    #[must_use]
    pub fn due(&self) -> Option<Micros> {
        let steps = self.can_step() || self.is_waiting_with_news();
        let step = steps.then(|| self.pace.due()).flatten();
        let moments = [self.session.due(), step, self.unheard_until()];
        moments.into_iter().flatten().min()
    }

    /// Counts and measurements.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            step: self
                .views
                .newest()
                .map(|view| view.step)
                .unwrap_or_default(),
            rtt: self.session.rtt,
            jitter: self.clock.jitter().unwrap_or_default(),
            connects: self.session.connects,
            buffer_depth: self.timing.buffer_depth,
            buffer_target: self.pace.target(),
            starved: self.timing.starved,
            dropped: self.timing.dropped,
            rate_ppm: self.pace.rate_ppm(),
            unacked: self.local.as_ref().map_or(0, |local| local.history.len()) as u16,
            interpolation_delay: self.clock.interpolation_delay(),
            ..self.counts
        }
    }

    /// The own player's name; `None` before the first welcome.
    #[must_use]
    pub fn player_id(&self) -> Option<PlayerId> {
        self.player
    }

    /// The newest authoritative state, merged from the snapshots; `None` before the first full one.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.views.newest()
    }

    /// The authority's time of the newest view; `None` before the first full snapshot.
    #[must_use]
    pub fn view_time(&self) -> Option<Micros> {
        self.views.held().back().map(|held| held.time)
    }

    /// The own player in the predicted present.
    #[must_use]
    pub fn predicted(&self) -> Option<&Player> {
        self.local.as_ref().map(|local| &local.predicted.player)
    }

    /// The own player as the authority last showed it: what the prediction goes on from.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Player> {
        self.local.as_ref().map(|local| local.history.base())
    }

    /// The own player as predicted after this input; `None` if the authority has long consumed it or it is not predicted
    /// yet.
    #[must_use]
    pub fn predicted_after(&self, seq: u32) -> Option<&Player> {
        self.local.as_ref()?.history.at(seq)
    }

    /// Structures in the predicted present.
    #[must_use]
    pub fn structures(&self) -> &Structures {
        self.local.as_ref().map_or(&self.authoritative, |local| {
            &local.predicted.known.structures
        })
    }

    /// Whether the structure is a predicted placing that the authority has not named yet.
    #[must_use]
    pub fn is_provisional(id: StructureId) -> bool {
        predict::is_provisional(id)
    }

    /// Number of the newest merged snapshot: what the next batch acknowledges.
    #[must_use]
    pub fn snapshot_ack(&self) -> Option<u32> {
        self.views.ack()
    }

    /// The seq that the next local step consumes.
    #[must_use]
    pub fn next_seq(&self) -> u32 {
        self.next_seq
    }

    /// Whether the room has let the client in and the connection is up.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.session.is_playing()
    }

    /// The user's characters as the room knows them, in the order of their ids; none before the first welcome.
    #[must_use]
    pub fn characters(&self) -> &[Profile] {
        self.characters.all()
    }

    /// The id of the character that is played; `None` before the first welcome.
    #[must_use]
    pub fn active_character(&self) -> Option<&str> {
        self.characters.active()
    }

    /// The token of the own seat, for a later session.
    #[must_use]
    pub fn resume_token(&self) -> Option<&str> {
        self.session.token.as_deref()
    }

    /// What to draw now.
    #[must_use]
    pub fn scene(&self, now: Micros) -> Scene<'_> {
        let structures = self.structures();
        let time = self.clock.drawn(now);
        let (mut players, mut shots) = match time {
            Some(time) => interpolate::others(self.views.held(), time, self.player, structures),
            None => (Vec::new(), Vec::new()),
        };
        if self.session.is_playing() && self.timing.idle {
            // Nothing newer is to be known.
            for player in &mut players {
                player.frozen = false;
            }
        }
        if let Some(local) = &self.local {
            shots.extend(self.own_shots(now, local));
        }
        Scene {
            time,
            local: self.local.as_ref().map(|local| self.own_player(now, local)),
            players,
            shots,
            structures,
        }
    }

    fn own_player(&self, now: Micros, local: &Local) -> DrawnPlayer {
        let mut player = local.predicted.player;
        player.pos = self
            .visual_correction
            .apply(now, self.simulated_position(now, local));
        player.preview = self.preview.wanted;
        DrawnPlayer {
            player,
            frozen: !self.can_step() && !self.rests(),
        }
    }

    /// Where the own player is between its last two steps, without the offset.
    pub(crate) fn simulated_position(&self, now: Micros, local: &Local) -> sim_core::Point {
        let before = local.history.before_newest();
        let player = &local.predicted.player;
        if before.is_alive() == player.is_alive() {
            between_steps(before.pos, player.pos, self.pace.phase(now))
        } else {
            player.pos
        }
    }

    fn own_shots(&self, now: Micros, local: &Local) -> impl Iterator<Item = DrawnShot> {
        let phase = self.pace.phase(now);
        local.predicted.known.shots.iter().map(move |shot| {
            let flying = shot.projectile;
            let velocity = flying.velocity();
            let before = sim_core::Point {
                x: flying.pos.x + -velocity.x,
                y: flying.pos.y + -velocity.y,
            };
            DrawnShot {
                key: shot.fired_by.map_or(ShotKey::Room(flying.id), ShotKey::Own),
                owner: flying.owner,
                pos: between_steps(before, flying.pos, phase),
                projectile: flying,
            }
        })
    }

    /// Keeps an action for the next local step. Without a player nobody acts; beyond the bound it is dropped.
    fn want(&mut self, action: Action) {
        if self.local.is_some() && self.actions.len() < ACTIONS_PER_STEP_MAX {
            self.actions.push(action);
        }
    }

    /// Comes back when the numbers of messages or inputs are used up: with the next connection they begin again. A room closes
    /// such a connection itself; this is for one that does not.
    fn renew(&mut self, now: Micros) {
        let used_up = self.session.is_used_up() || self.next_seq > NUMBER_LAST;
        if self.session.is_playing() && used_up {
            self.session.give_up(now, &mut self.outputs);
            self.disconnected();
        }
    }

    /// The connection is gone: nothing is predicted until there is a new one. Inputs stay in the history.
    pub(crate) fn disconnected(&mut self) {
        self.unsent.clear();
        self.actions.clear();
        self.preview.sent = None;
        self.pace.begin();
    }
}
