//! The feed of all connections: snapshots, events and answers, and what each connection has acknowledged.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use protocol::{
    Ack, Encoding, Mode, ServerBody, ServerEvent, ServerMessage, Snapshot, SnapshotDelta, View,
    encode_server,
};
use sim_core::{PlayerId, Step};

use crate::feed::connection::Connection;
use crate::feed::snapshot_stream::{Baseline, Baselines, Turn, next_snapshot, snapshot_id};
use crate::input::ConnId;
use crate::lobby::input_buffer::InputBuffer;
use crate::output::Output;
use crate::stats::Stats;
use crate::time::Millis;

pub(crate) mod connection;
pub(crate) mod proof;
pub(crate) mod snapshot_stream;
mod unread;

/// All connections, and the views that they were sent.
#[derive(Debug)]
pub(crate) struct Feed {
    connections: BTreeMap<ConnId, Connection>,
    baselines: Baselines,
    next_snapshot: Step,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    messages_in: u64,
    bytes_in: u64,
    bytes_out: u64,
    refused: u64,
    full_snapshots: u64,
    delta_snapshots: u64,
    held_snapshots: u64,
    snapshot_bytes: u64,
}

/// Step and time of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) step: Step,
    /// In milliseconds.
    pub(crate) time: f64,
}

/// The snapshots that are due at a step.
#[derive(Debug, Default)]
pub(crate) struct DueSnapshots {
    /// Connections with the baseline of their delta; a full snapshot has none.
    snapshots: Vec<(ConnId, Option<Baseline>)>,
    /// Connections to be closed, because they have acknowledged nothing for too long.
    pub(crate) too_slow: Vec<ConnId>,
}

impl Feed {
    /// Of a room whose world is at this step.
    pub(crate) fn new(step: Step) -> Self {
        Self {
            connections: BTreeMap::new(),
            baselines: Baselines::default(),
            next_snapshot: next_snapshot(step),
            counts: Counts::default(),
        }
    }

    pub(crate) fn get(&self, conn: ConnId) -> Option<&Connection> {
        self.connections.get(&conn)
    }

    pub(crate) fn get_mut(&mut self, conn: ConnId) -> Option<&mut Connection> {
        self.connections.get_mut(&conn)
    }

    pub(crate) fn conns(&self) -> Vec<ConnId> {
        self.connections.keys().copied().collect()
    }

    pub(crate) fn add(&mut self, conn: ConnId, connection: Connection) {
        self.connections.insert(conn, connection);
    }

    pub(crate) fn remove(&mut self, conn: ConnId) -> Option<Connection> {
        self.connections.remove(&conn)
    }

    /// Counts a message. Returns its connection, unless the room has closed that.
    pub(crate) fn receive(&mut self, conn: ConnId, bytes: usize) -> Option<&mut Connection> {
        let connection = self.connections.get_mut(&conn)?;
        self.counts.messages_in += 1;
        self.counts.bytes_in += bytes as u64;
        Some(connection)
    }

    /// Gives all connections the rate limit's credit for a stall of the room.
    pub(crate) fn forgive_stall(&mut self, now: Millis, late_ms: u64) {
        for connection in self.connections.values_mut() {
            connection.bucket.stalled(now, late_ms);
        }
    }

    /// A step found no input of the player whom this connection steers. Whether one was to be expected.
    pub(crate) fn count_starved(&mut self, conn: Option<ConnId>) -> bool {
        let connection = conn.and_then(|conn| self.connections.get_mut(&conn));
        let Some(connection) = connection.filter(|connection| connection.began) else {
            return false;
        };
        connection.starved = connection.starved.saturating_add(1);
        true
    }

    // Messages.

    /// Sends a message, if the connection is still there.
    pub(crate) fn send(
        &mut self,
        at: Moment,
        conn: ConnId,
        body: ServerBody,
        out: &mut VecDeque<Output>,
    ) {
        if let Some(connection) = self.connections.get(&conn) {
            self.send_as(at, conn, connection.encoding, body, out);
        }
    }

    /// Says no.
    pub(crate) fn send_refusal(
        &mut self,
        at: Moment,
        conn: ConnId,
        body: ServerBody,
        out: &mut VecDeque<Output>,
    ) {
        self.counts.refused += 1;
        self.send(at, conn, body, out);
    }

    /// Tells everybody who takes what they are told.
    pub(crate) fn broadcast(
        &mut self,
        at: Moment,
        events: &[ServerEvent],
        out: &mut VecDeque<Output>,
    ) {
        let takes = |(_, connection): &(&ConnId, &Connection)| !connection.snapshots.is_stuck();
        let conns: Vec<ConnId> = self
            .connections
            .iter()
            .filter(takes)
            .map(|(conn, _)| *conn)
            .collect();
        for event in events {
            for &conn in &conns {
                self.send(at, conn, ServerBody::Event(*event), out);
            }
        }
    }

    /// Sends a message in this encoding, also to a connection that was refused.
    pub(crate) fn send_as(
        &mut self,
        at: Moment,
        conn: ConnId,
        encoding: Encoding,
        body: ServerBody,
        out: &mut VecDeque<Output>,
    ) {
        let bytes = encode_server(&said(at, body), encoding, None);
        self.send_bytes(conn, bytes, encoding.is_text(), out);
    }

    /// Sends bytes that are no snapshot, and counts them.
    pub(crate) fn send_bytes(
        &mut self,
        conn: ConnId,
        bytes: Vec<u8>,
        text: bool,
        out: &mut VecDeque<Output>,
    ) {
        self.count(conn, bytes.len());
        out.push_back(Output::Send { conn, bytes, text });
    }

    /// Acknowledges a change as durable, if the connection is still there.
    pub(crate) fn send_stored(
        &mut self,
        at: Moment,
        conn: ConnId,
        ack: Ack,
        out: &mut VecDeque<Output>,
    ) {
        let Some(connection) = self.connections.get(&conn) else {
            return;
        };
        let ack = Ack {
            durable: true,
            ..ack
        };
        let encoding = connection.encoding;
        let bytes = encode_server(&said(at, ServerBody::Ack(ack)), encoding, None);
        self.count(conn, bytes.len());
        let text = encoding.is_text();
        out.push_back(Output::SendStored { conn, bytes, text });
    }

    fn count(&mut self, conn: ConnId, bytes: usize) {
        self.counts.bytes_out += bytes as u64;
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.snapshots.unread.send(bytes);
        }
    }

    // Snapshots.

    /// The snapshots that are due at this step.
    pub(crate) fn due_snapshots(&mut self, step: Step) -> DueSnapshots {
        let mut due = DueSnapshots::default();
        if step < self.next_snapshot {
            return due;
        }
        self.next_snapshot = next_snapshot(step);
        for (conn, connection) in &mut self.connections {
            match connection.snapshots.turn(step) {
                Turn::Snapshot(base) => due.snapshots.push((*conn, base)),
                Turn::HeldBack => self.counts.held_snapshots += 1,
                Turn::TooSlow => due.too_slow.push(*conn),
            }
        }
        due
    }

    /// Sends the snapshots that are due. `buffer_of` gives a player's input buffer.
    pub(crate) fn send_snapshots<'l>(
        &mut self,
        due: DueSnapshots,
        view: View,
        time: f64,
        idle: bool,
        buffer_of: impl Fn(PlayerId) -> &'l InputBuffer,
        out: &mut VecDeque<Output>,
    ) {
        let view = Arc::new(view);
        let mut shown = BTreeMap::new();
        for (conn, base) in due.snapshots {
            self.send_snapshot(conn, base, &view, time, idle, &mut shown, &buffer_of, out);
        }
        self.baselines.push(view);
    }

    /// `shown` caches the delta against each baseline, because connections share baselines.
    #[expect(clippy::too_many_arguments, reason = "they are those of one tick")]
    fn send_snapshot<'l>(
        &mut self,
        conn: ConnId,
        base: Option<Baseline>,
        view: &View,
        time: f64,
        idle: bool,
        shown: &mut BTreeMap<Option<Step>, SnapshotDelta>,
        buffer_of: impl Fn(PlayerId) -> &'l InputBuffer,
        out: &mut VecDeque<Output>,
    ) {
        let base = base.map(|base| {
            let view = self.baselines.at(base.step);
            let view = view.expect("views are kept as long as a delta may be against them");
            (base.id, Arc::clone(view))
        });
        let base_view = base.as_ref().map(|(_, view)| view.as_ref());
        let features = shown
            .entry(base_view.map(|view| view.step))
            .or_insert_with(|| View::diff(base_view, view))
            .clone();
        let connection = self.connections.get_mut(&conn).expect("it is connected");
        let buffer = buffer_of(connection.player);
        let mode = match base {
            Some(_) => Mode::Delta,
            None => Mode::Full,
        };
        let id = snapshot_id(view.step);
        let snapshot = Snapshot {
            id,
            proof: Some(connection.snapshots.proof(id)),
            mode,
            base_id: base.as_ref().map(|(id, _)| *id),
            local_ack_seq: buffer.consumed(),
            timing: connection.timing(buffer, idle),
            features,
        };
        let at = Moment {
            step: view.step,
            time,
        };
        let message = said(at, ServerBody::Snapshot(snapshot));
        let bytes = encode_server(&message, connection.encoding, base_view);
        connection
            .snapshots
            .sent(view.step, bytes.len(), mode == Mode::Full);
        if idle {
            connection.tell_idle(id);
        }
        self.counts.snapshot_bytes += bytes.len() as u64;
        self.counts.bytes_out += bytes.len() as u64;
        match mode {
            Mode::Full => self.counts.full_snapshots += 1,
            Mode::Delta => self.counts.delta_snapshots += 1,
        }
        out.push_back(Output::Send {
            conn,
            bytes,
            text: connection.encoding.is_text(),
        });
    }

    /// Whether every connection was sent a snapshot of this step or a later one.
    pub(crate) fn all_were_sent(&self, step: Step) -> bool {
        self.connections
            .values()
            .all(|connection| connection.snapshots.has_heard_of(step))
    }

    /// The view of the newest snapshots.
    pub(crate) fn newest_view(&self) -> Option<&View> {
        self.baselines.newest()
    }

    /// Schedules the next snapshots after this step, because steps were skipped.
    pub(crate) fn restart_snapshots_at(&mut self, step: Step) {
        self.next_snapshot = next_snapshot(step);
    }

    /// Restarts the step count at 0. No connection is left.
    pub(crate) fn restart_step_count(&mut self) {
        self.baselines = Baselines::default();
        self.restart_snapshots_at(Step(0));
    }

    /// Adds what is known here.
    pub(crate) fn report(&self, stats: &mut Stats) {
        let Counts {
            messages_in,
            bytes_in,
            bytes_out,
            refused,
            full_snapshots,
            delta_snapshots,
            held_snapshots,
            snapshot_bytes,
        } = self.counts;
        *stats = Stats {
            messages_in,
            bytes_in,
            bytes_out,
            refused,
            full_snapshots,
            delta_snapshots,
            held_snapshots,
            snapshot_bytes,
            ..*stats
        };
    }
}

impl DueSnapshots {
    /// Connections that get a snapshot.
    pub(crate) fn conns(&self) -> impl Iterator<Item = ConnId> {
        self.snapshots.iter().map(|(conn, _)| *conn)
    }

    /// Whether any connection gets a snapshot.
    pub(crate) fn any(&self) -> bool {
        !self.snapshots.is_empty()
    }
}

fn said(at: Moment, body: ServerBody) -> ServerMessage {
    ServerMessage {
        server_time: at.time,
        step: at.step,
        body,
    }
}
