//! What proves that a snapshot was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::form::Hex;

/// Bits that stand in a snapshot and nowhere else: who brings them back has read it. They mean nothing to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Receipt(#[serde(with = "Hex::<8>")] pub u32);
