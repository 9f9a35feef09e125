//! The client as its driver sees it: who of its parts hears of what.

use protocol::limits::NUMBER_LAST;
use protocol::{ClientCommand, Profile, View};
use sim_core::{Player, PlayerId, StructureId, Structures};

use crate::characters::Characters;
use crate::config::ClientConfig;
use crate::controls::Controls;
use crate::input::Input;
use crate::link::Link;
use crate::output::Outputs;
use crate::prediction::{self, Prediction};
use crate::presentation::Presentation;
use crate::scene::Scene;
use crate::stats::Stats;
use crate::time::Micros;

mod receive;

/// One client of a room. Call [`Client::handle`] with everything that happens; begin with [`Input::Advance`], whose
/// first output is [`Output::Connect`](crate::Output::Connect).
#[derive(Debug)]
pub struct Client {
    link: Link,
    controls: Controls,
    prediction: Prediction,
    presentation: Presentation,
    characters: Characters,
}

impl Client {
    /// A client that is not connected.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self {
            link: Link::new(config),
            controls: Controls::default(),
            prediction: Prediction::new(),
            presentation: Presentation::default(),
            characters: Characters::default(),
        }
    }

    /// What follows from the input. `now` never goes back.
    pub fn handle(&mut self, now: Micros, input: Input<'_>) -> Outputs<'_> {
        // Whatever this input is, it may end a rest.
        if self.rests() {
            self.link.note_rest();
        }
        match input {
            Input::Opened => self.link.opened(now),
            Input::Message { bytes, text } => self.receive(now, bytes, text),
            Input::Closed { code } => {
                if self.link.closed(now, code) {
                    self.disconnected();
                }
            }
            Input::Buttons(buttons) => self.controls.hold(buttons),
            Input::Act(action) => {
                // Without a player nobody acts.
                if self.prediction.player().is_some() {
                    self.controls.act(action);
                }
            }
            Input::Preview(preview) => self.controls.set_preview(preview),
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
                self.link.leave();
                self.disconnected();
            }
            Input::Advance => self.advance(now),
        }
        self.link.outputs()
    }

    /// Does what is due.
    fn advance(&mut self, now: Micros) {
        // With the next connection the numbers of messages and inputs begin again. A room closes one whose numbers are used
        // up itself; this is for one that does not.
        let used_up = self.link.is_used_up() || self.next_seq() > NUMBER_LAST;
        if self.is_playing() && used_up {
            self.link.give_up(now);
            self.disconnected();
        }
        let needs_no_room = self.needs_no_room();
        if self.link.advance(now, needs_no_room) {
            self.disconnected();
        }
        self.run_due_steps(now);
    }

    fn run_due_steps(&mut self, now: Micros) {
        let Self {
            link,
            controls,
            prediction,
            presentation,
            ..
        } = self;
        prediction.note_full(now);
        if prediction.has_news_but_is_full(controls, link)
            || prediction
                .unanswered_deadline(link)
                .is_some_and(|until| until <= now)
        {
            prediction.forget_history(now, link, presentation);
            prediction.restart_full_wait();
        }
        if !self.can_step() {
            return;
        }
        let due = self.link.due_steps(now);
        self.prediction.note_due(due);
        for _ in 0..due.steps {
            if !self.can_step() {
                break;
            }
            self.prediction
                .step(now, &mut self.controls, &mut self.link);
        }
        self.prediction.note_full(now);
        self.prediction
            .send_tick(now, &mut self.controls, &mut self.link);
    }

    /// Whether local steps can be predicted: somebody listens, and has not been silent for the whole history.
    fn can_step(&self) -> bool {
        self.is_playing() && !self.rests() && self.prediction.has_room()
    }

    /// Whether there is nothing to say: nothing moves in the room, and nothing of the player's would.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.is_playing()
            && self.link.is_room_idle()
            && self.controls.are_idle()
            && self.prediction.rests()
    }

    /// Whether pings may be answered by the host alone: a room that is asleep has nothing to say either.
    fn needs_no_room(&self) -> bool {
        let waits_idly = || {
            self.prediction.is_full_and_idle()
                && !self
                    .prediction
                    .has_news_but_is_full(&self.controls, &self.link)
        };
        self.rests() || waits_idly()
    }

    /// The connection is gone: nothing is predicted until there is a new one. Inputs stay in the history.
    fn disconnected(&mut self) {
        self.prediction.disconnected();
        self.controls.disconnected();
        self.link.stop_pace();
    }

    /// Sends a change of a character, or keeps it until somebody listens.
    fn change_character(&mut self, now: Micros, command: ClientCommand) {
        if self.is_playing() {
            let seq = self.link.command(now, command.clone());
            self.characters.asked(seq, command);
        } else {
            self.characters.wait(command);
        }
    }

    /// When the next local step, message or attempt to connect is due: no `Advance` before has an effect. `None` if there
    /// is nothing to wait for but inputs.
    #[must_use]
    pub fn due(&self) -> Option<Micros> {
        let has_news = self
            .prediction
            .has_news_but_is_full(&self.controls, &self.link);
        let steps = self.can_step() || has_news;
        let step = steps.then(|| self.link.step_due()).flatten();
        let moments = [
            self.link.due(),
            step,
            self.prediction.unanswered_deadline(&self.link),
        ];
        moments.into_iter().flatten().min()
    }

    /// Counts and measurements.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        self.link.report(&mut stats);
        self.prediction.report(&mut stats);
        stats
    }

    /// The own player's name; `None` before the first welcome.
    #[must_use]
    pub fn player_id(&self) -> Option<PlayerId> {
        self.prediction.me()
    }

    /// The newest authoritative state, merged from the snapshots; `None` before the first full one.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.link.newest()
    }

    /// The authority's time of the newest view; `None` before the first full snapshot.
    #[must_use]
    pub fn view_time(&self) -> Option<Micros> {
        self.link.views().back().map(|held| held.time)
    }

    /// The own player in the predicted present.
    #[must_use]
    pub fn predicted(&self) -> Option<&Player> {
        self.prediction.player()
    }

    /// The own player as the authority last showed it: what the prediction goes on from.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Player> {
        self.prediction.confirmed()
    }

    /// The own player as predicted after this input; `None` if the authority has long consumed it or it is not predicted
    /// yet.
    #[must_use]
    pub fn predicted_after(&self, seq: u32) -> Option<&Player> {
        self.prediction.after(seq)
    }

    /// Structures in the predicted present.
    #[must_use]
    pub fn structures(&self) -> &Structures {
        self.prediction.structures()
    }

    /// Whether the structure is a predicted placing that the authority has not named yet.
    #[must_use]
    pub fn is_provisional(id: StructureId) -> bool {
        prediction::is_provisional(id)
    }

    /// Number of the newest merged snapshot: what the next batch acknowledges.
    #[must_use]
    pub fn snapshot_ack(&self) -> Option<u32> {
        self.link.ack()
    }

    /// The seq that the next local step consumes.
    #[must_use]
    pub fn next_seq(&self) -> u32 {
        self.prediction.next_seq()
    }

    /// Whether the room has let the client in and the connection is up.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.link.is_playing()
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
        self.link.token()
    }

    /// What to draw now.
    #[must_use]
    pub fn scene(&self, now: Micros) -> Scene<'_> {
        let own = self.prediction.own_side(self.link.phase(now));
        let frozen = !self.can_step() && !self.rests();
        let mut scene = self.presentation.scene(now, &self.link, own, frozen);
        if let Some(local) = &mut scene.local {
            local.player.preview = self.controls.preview();
        }
        scene
    }
}
