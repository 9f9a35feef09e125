//! What proves that a snapshot was read, in bits.

use super::bits::{Reader, Writer};
use crate::error::DecodeError;
use crate::receipt::Receipt;

pub(super) fn write(out: &mut Writer, proof: Option<Receipt>) {
    out.flag(proof.is_some());
    if let Some(Receipt(bits)) = proof {
        out.bits(bits, 32);
    }
}

pub(super) fn read(from: &mut Reader<'_>) -> Result<Option<Receipt>, DecodeError> {
    if from.flag()? {
        from.bits(32).map(Receipt).map(Some)
    } else {
        Ok(None)
    }
}
