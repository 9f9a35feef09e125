//! The message that clients send most: which buttons were held in consecutive steps.

use alloc::vec::Vec;

use sim_core::Buttons;

use super::bits::{Reader, Writer};
use super::{Layout, proof};
use crate::client::Envelope;
use crate::command::{ClientCommand, Input, Predicted};
use crate::error::{DecodeError, Reason};
use crate::limits::INPUTS_PER_BATCH_MAX;
use crate::receipt::Receipt;

/// Order of the code for `seq` and for what is counted from it.
const SEQ: u32 = 12;

pub(super) struct Batch<'inputs> {
    pub(super) seq: u32,
    pub(super) client_time: f64,
    pub(super) inputs: &'inputs [Input],
    pub(super) snapshot_ack: Option<u32>,
    pub(super) snapshot_proof: Option<Receipt>,
    pub(super) predicted: Option<Predicted>,
}

impl Batch<'_> {
    pub(super) fn write(&self, out: &mut Writer, layout: Layout) {
        out.number(self.seq.into(), SEQ);
        out.word(self.client_time.to_bits());
        let count = u64::try_from(self.inputs.len()).expect("a usize has at most 64 bits");
        out.number(count, 2);
        // Sequence numbers that do not follow each other are the authority's to refuse, so they must be writable.
        let mut expected = 0;
        let mut held = Buttons::NONE;
        for input in self.inputs {
            out.flag(input.seq == expected);
            if input.seq != expected {
                out.number(input.seq.into(), SEQ);
            }
            out.flag(input.buttons == held);
            if input.buttons != held {
                out.bits(input.buttons.to_bits().into(), 4);
            }
            expected = input.seq.wrapping_add(1);
            held = input.buttons;
        }
        out.flag(self.snapshot_ack.is_some());
        if let Some(ack) = self.snapshot_ack {
            out.number(ack.into(), SEQ);
            if layout.has_proofs() {
                proof::write(out, self.snapshot_proof);
            }
        }
        out.flag(self.predicted.is_some());
        if let Some(Predicted { seq, hash }) = self.predicted {
            out.signed(i64::from(seq) - i64::from(expected), 2);
            out.bits(hash, 32);
        }
    }
}

pub(super) fn read(bytes: &[u8], layout: Layout) -> Result<Envelope, DecodeError> {
    let mut from = Reader::new(bytes, "seq");
    let seq = from.small(SEQ)?;
    from.field = "clientTime";
    let client_time = f64::from_bits(from.word()?);
    from.field = "payload.inputs";
    let count = from.small::<usize>(2)?;
    if count > INPUTS_PER_BATCH_MAX {
        return Err(Reason::TooManyEntries {
            count,
            max: INPUTS_PER_BATCH_MAX,
        }
        .of(from.field));
    }
    let mut inputs: Vec<Input> = Vec::with_capacity(count);
    let mut expected = 0;
    let mut held = Buttons::NONE;
    for _ in 0..count {
        let seq: u32 = if from.flag()? {
            expected
        } else {
            from.small(SEQ)?
        };
        let buttons = if from.flag()? {
            held
        } else {
            buttons(&mut from)?
        };
        expected = seq.wrapping_add(1);
        held = buttons;
        inputs.push(Input { seq, buttons });
    }
    from.field = "payload.snapshotAck";
    let mut snapshot_proof = None;
    let snapshot_ack = if from.flag()? {
        let ack = from.small(SEQ)?;
        if layout.has_proofs() {
            from.field = "payload.snapshotProof";
            snapshot_proof = proof::read(&mut from)?;
        }
        Some(ack)
    } else {
        None
    };
    from.field = "payload.predicted";
    let predicted = if from.flag()? {
        let seq = i64::from(expected).saturating_add(from.signed(2)?);
        let seq = u32::try_from(seq).map_err(|_| from.wrong())?;
        Some(Predicted {
            seq,
            hash: from.bits(32)?,
        })
    } else {
        None
    };
    from.end()?;
    let command = ClientCommand::InputBatch {
        inputs,
        snapshot_ack,
        snapshot_proof,
        predicted,
    };
    Ok(Envelope {
        seq,
        client_time,
        command,
    })
}

fn buttons(from: &mut Reader<'_>) -> Result<Buttons, DecodeError> {
    let bits = from.bits(4)? as u8;
    Buttons::from_bits(bits).ok_or_else(|| from.wrong())
}
