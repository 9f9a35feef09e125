//! The smallest authority that keeps the protocol: one seat, one connection, no limits.

use std::collections::{BTreeMap, VecDeque};

use protocol::limits::INPUT_SEQ_FIRST_MAX;
use protocol::{
    Ack, ClientCommand, ClientMessage, Identity, Limits, Mode, Profile, Rates, Receipt, ServerBody,
    Snapshot, Timing, View, Welcome,
};
use sim_core::{
    Buttons, Command, Event as SimEvent, Frame, Join, Look, Player, PlayerId, SIM_VERSION, World,
    rules_hash,
};

use super::{ME, OTHER};

/// Inputs that it holds.
const BUFFER_MAX: usize = 12;

/// One seat's room.
pub struct Room {
    pub world: World,
    pub buffer: VecDeque<protocol::Input>,
    pub received: u32,
    pub consumed: Option<u32>,
    pub timing: Timing,
    /// What happens to others on the next step.
    pub frame: Frame,
    pub views: BTreeMap<u32, View>,
    pub acked: Option<u32>,
    pub snapshot_id: u32,
    pub full_sent: u32,
    pub delta_sent: u32,
    /// The own player after each input, as the authority has it.
    pub truth: BTreeMap<u32, Player>,
    /// Every batch that arrived: time, inputs.
    pub batches: Vec<(u64, usize)>,
    pub commands: Vec<ClientCommand>,
    pub message_seqs: Vec<u32>,
    /// What the player asks for is never done.
    pub ignores_actions: bool,
    pending: Vec<(u32, u32, Command)>,
    held: Buttons,
    ticks: u64,
}

impl Room {
    pub fn new(seed: u64, first_seq: u32) -> Self {
        let mut world = World::new(seed);
        world.step(&Frame {
            joins: vec![join(ME), join(OTHER)],
            ..Frame::default()
        });
        Self {
            world,
            buffer: VecDeque::new(),
            received: first_seq.wrapping_sub(1),
            consumed: None,
            timing: Timing::default(),
            frame: Frame::default(),
            views: BTreeMap::new(),
            acked: None,
            snapshot_id: 0,
            full_sent: 0,
            delta_sent: 0,
            truth: BTreeMap::new(),
            batches: Vec::new(),
            commands: Vec::new(),
            message_seqs: Vec::new(),
            ignores_actions: false,
            pending: Vec::new(),
            held: Buttons::NONE,
            ticks: 0,
        }
    }

    /// Sets the own player down elsewhere, at rest, between two steps.
    pub fn displace(&mut self, by: sim_core::Shift) {
        let me = *self.me();
        self.frame.leaves.push(ME);
        self.frame.joins.push(Join {
            player: ME,
            look: me.look,
            saved: Some(sim_core::SavedPlayer {
                pos: sim_core::Point {
                    x: me.pos.x + by,
                    y: me.pos.y,
                },
                vel: me.vel,
                health: me.health,
                score: me.score,
                deaths: me.deaths,
            }),
        });
        self.held = Buttons::NONE;
    }

    pub fn me(&self) -> &Player {
        self.world.player(ME).unwrap()
    }

    /// A connection begins.
    pub fn connect(&mut self, resumed: bool) -> ServerBody {
        self.views.clear();
        self.acked = None;
        self.snapshot_id = 0;
        self.timing = Timing::default();
        self.pending.clear();
        if self.consumed.is_some() && self.received > INPUT_SEQ_FIRST_MAX {
            // The numbers begin again. The first connection of a test begins where the test wants it to.
            self.received = 0;
            self.consumed = None;
            self.buffer.clear();
        }
        ServerBody::Welcome(Welcome {
            room: "table".into(),
            player_id: ME,
            user_id: "user".into(),
            resume_token: "token".into(),
            resumed,
            next_input_seq: self.received.wrapping_add(1),
            sim_version: SIM_VERSION,
            rules_hash: rules_hash(),
            protocol: 2,
            rates: Rates::CURRENT,
            limits: Limits::CURRENT,
            profile: profile(),
            characters: vec![profile()],
        })
    }

    pub fn receive(&mut self, now: u64, message: ClientMessage) -> Option<ServerBody> {
        self.message_seqs.push(message.seq());
        let envelope = match message {
            ClientMessage::Ping { seq, client_time } => {
                return Some(ServerBody::Pong { seq, client_time });
            }
            ClientMessage::Command(envelope) => envelope,
        };
        self.commands.push(envelope.command.clone());
        match envelope.command {
            ClientCommand::InputBatch {
                inputs,
                snapshot_ack,
                snapshot_proof,
                predicted,
            } => {
                assert!(predicted.is_some());
                assert_eq!(snapshot_proof, snapshot_ack.map(proof), "it was read");
                self.batches.push((now, inputs.len()));
                self.acked = snapshot_ack;
                for input in inputs {
                    if (input.seq.wrapping_sub(self.received) as i32) <= 0 {
                        continue;
                    }
                    assert_eq!(input.seq, self.received.wrapping_add(1), "no gaps");
                    self.received = input.seq;
                    if self.buffer.len() < BUFFER_MAX {
                        self.buffer.push_back(input);
                    } else {
                        self.timing.dropped += 1;
                    }
                }
            }
            ClientCommand::Act { input_seq, action } => {
                if !self.ignores_actions {
                    self.later(envelope.seq, input_seq, Command::Act(action));
                }
            }
            ClientCommand::SelectCharacter { .. } | ClientCommand::SaveCharacter { .. } => {
                return Some(ServerBody::Ack(Ack {
                    seq: envelope.seq,
                    structure_id: None,
                    projectile_id: None,
                    durable: false,
                }));
            }
            ClientCommand::Preview(_) => {}
        }
        None
    }

    fn later(&mut self, message: u32, input_seq: u32, command: Command) {
        assert!(
            (input_seq.wrapping_sub(self.received) as i32) > 0,
            "an action comes before the batch with its input"
        );
        self.pending.push((message, input_seq, command));
    }

    /// Two steps; returns what is to be sent.
    pub fn tick(&mut self) -> Vec<ServerBody> {
        let mut out = Vec::new();
        for _ in 0..2 {
            self.step(&mut out);
        }
        self.ticks += 1;
        if self.ticks.is_multiple_of(3) {
            out.push(ServerBody::Snapshot(self.snapshot()));
        }
        out
    }

    fn step(&mut self, out: &mut Vec<ServerBody>) {
        let mut frame = std::mem::take(&mut self.frame);
        let mut messages = Vec::new();
        let consumed = self.buffer.pop_front();
        match consumed {
            Some(input) => {
                if input.buttons != self.held {
                    self.held = input.buttons;
                    frame.buttons.insert(0, (ME, input.buttons));
                }
                for (message, _, command) in
                    self.pending.extract_if(.., |(_, seq, _)| *seq == input.seq)
                {
                    frame.commands.push((ME, command));
                    messages.push(message);
                }
                self.consumed = Some(input.seq);
            }
            None => self.timing.starved += 1,
        }
        self.world.step(&frame);
        if let Some(input) = consumed {
            self.truth.insert(input.seq, *self.me());
        }
        for event in self.world.events() {
            let (structure_id, projectile_id) = match event {
                SimEvent::Placed { player: ME, id, .. } => (Some(*id), None),
                SimEvent::Fired { player: ME, id } => (None, Some(*id)),
                SimEvent::Joined { .. }
                | SimEvent::Left { .. }
                | SimEvent::Placed { .. }
                | SimEvent::Removed { .. }
                | SimEvent::Destroyed { .. }
                | SimEvent::Fired { .. }
                | SimEvent::Hit { .. }
                | SimEvent::Died { .. }
                | SimEvent::Respawned { .. }
                | SimEvent::Rejected { .. } => continue,
            };
            if !messages.is_empty() {
                out.push(ServerBody::Ack(Ack {
                    seq: messages.remove(0),
                    structure_id,
                    projectile_id,
                    durable: false,
                }));
            }
        }
    }

    pub fn view(&self) -> View {
        let identity = |name: &str| Identity {
            name: name.into(),
            connected: true,
        };
        View::capture(
            &self.world,
            &BTreeMap::from([(ME, identity("me")), (OTHER, identity("other"))]),
        )
    }

    fn snapshot(&mut self) -> Snapshot {
        let now = self.view();
        let base = self.acked.filter(|id| self.views.contains_key(id));
        let features = View::diff(base.map(|id| &self.views[&id]), &now);
        self.snapshot_id += 1;
        self.views.insert(self.snapshot_id, now);
        match base {
            Some(_) => self.delta_sent += 1,
            None => self.full_sent += 1,
        }
        Snapshot {
            id: self.snapshot_id,
            proof: Some(proof(self.snapshot_id)),
            mode: if base.is_some() {
                Mode::Delta
            } else {
                Mode::Full
            },
            base_id: base,
            local_ack_seq: self.consumed,
            timing: Timing {
                buffer_depth: self.buffer.len() as u16,
                ..self.timing
            },
            features,
        }
    }
}

/// What stands in a snapshot of this number.
pub fn proof(snapshot: u32) -> Receipt {
    Receipt(snapshot.wrapping_mul(0x9e37_79b9))
}

pub fn join(player: PlayerId) -> Join {
    Join {
        player,
        look: Look::default(),
        saved: Some(sim_core::SavedPlayer {
            pos: sim_core::Cell {
                x: 20 + 10 * player.0 as u8,
                y: 30,
            }
            .centre(),
            vel: sim_core::Velocity::ZERO,
            health: 100,
            score: 0,
            deaths: 0,
        }),
    }
}

fn profile() -> Profile {
    Profile {
        character_id: "default".into(),
        name: "name".into(),
        look: Look::default(),
    }
}
