//! The archive: one wasm module for each version of the rules that sessions were recorded with.
//!
//! * `archive/NAME.wasm.zlib` is a module of the crate `kernel`, compressed; `archive/NAME.json` is its [`Provenance`]. NAME is
//!   the version and the beginning of the module's hash. `cargo xtask kernel --keep` adds both.
//! * A module that was added stays, because recordings of its version need it, until one of the same rules takes its place that reads
//!   whatever it reads, such as an older layout of evidence.
#![forbid(unsafe_code)]

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

include!(concat!(env!("OUT_DIR"), "/archive.rs"));

/// The longest module that is unpacked, in bytes.
pub const MODULE_BYTES_MAX: usize = 16 << 20;

/// What a module is and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provenance {
    /// `SIM_VERSION` of its rules.
    pub sim_version: u32,
    /// Hash over the constants of its rules: 16 hexadecimal digits.
    pub rules_hash: String,
    /// SHA-256 of the module: 64 hexadecimal digits.
    pub hash: String,
    /// Bytes of the module.
    pub bytes: usize,
    /// The commit that it was built from.
    pub commit: String,
    /// What `rustc --version` says of the compiler.
    pub toolchain: String,
    /// What cargo was told, besides the package.
    pub flags: String,
}

/// A module that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its files' name, without the endings.
    pub name: &'static str,
    /// What it is.
    pub provenance: Provenance,
    packed: &'static [u8],
}

/// A module is not what its provenance says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered(pub &'static str);

impl fmt::Display for Altered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "the archived kernel {} is not the module whose hash its name has",
            self.0
        )
    }
}

impl std::error::Error for Altered {}

impl Kept {
    /// The module.
    ///
    /// # Errors
    /// If it is not the one whose hash is known.
    pub fn module(&self) -> Result<Vec<u8>, Altered> {
        let unpacked =
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(self.packed, MODULE_BYTES_MAX);
        let module = unpacked.map_err(|_| Altered(self.name))?;
        if hash(&module) != self.provenance.hash {
            return Err(Altered(self.name));
        }
        Ok(module)
    }

    /// Bytes of the compressed module.
    #[must_use]
    pub const fn packed_bytes(&self) -> usize {
        self.packed.len()
    }
}

/// Every module, oldest version first.
///
/// # Panics
/// Never: a test reads every provenance.
#[must_use]
pub fn all() -> Vec<Kept> {
    let mut all: Vec<Kept> = FILES
        .iter()
        .map(|(name, provenance, packed)| Kept {
            name,
            provenance: serde_json::from_str(provenance).expect("a test reads every provenance"),
            packed,
        })
        .collect();
    all.sort_by_key(|kept| (kept.provenance.sim_version, kept.name));
    all
}

/// The module for recordings of these rules.
#[must_use]
pub fn find(sim_version: u32, rules_hash: u64) -> Option<Kept> {
    let constants = format!("{rules_hash:016x}");
    all().into_iter().rev().find(|kept| {
        let of = &kept.provenance;
        of.sim_version == sim_version && of.rules_hash == constants
    })
}

/// SHA-256 of a module, in hexadecimal digits.
#[must_use]
pub fn hash(module: &[u8]) -> String {
    Sha256::digest(module)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The name of a module's files, without their endings.
#[must_use]
pub fn name(sim_version: u32, hash: &str) -> String {
    format!("{sim_version}-{}", hash.get(..16).unwrap_or(hash))
}

/// The module as it is kept.
#[must_use]
pub fn pack(module: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(module, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_the_module_that_its_name_and_provenance_say() {
        for kept in all() {
            let of = &kept.provenance;
            let module = kept.module().expect("it unpacks");
            assert_eq!(kept.name, name(of.sim_version, &of.hash));
            assert_eq!(module.len(), of.bytes);
            assert_eq!(of.rules_hash.len(), 16);
            assert_eq!(of.commit.len(), 40);
            let found = find(
                of.sim_version,
                u64::from_str_radix(&of.rules_hash, 16).unwrap_or(0),
            );
            assert!(found.is_some(), "{}", kept.name);
        }
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same() {
        let module: Vec<u8> = (0..10_000_u32).map(|at| (at / 7) as u8).collect();
        let packed = pack(&module);
        assert!(packed.len() < module.len());
        let unpacked = miniz_oxide::inflate::decompress_to_vec_zlib(&packed);
        assert_eq!(unpacked.ok(), Some(module));
    }
}
