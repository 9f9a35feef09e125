//! What proves that a snapshot was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::Hex32;

/// Bits that stand in a snapshot and nowhere else: who brings them back has read it. They mean nothing to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Receipt(#[serde(with = "Hex32")] pub u32);
