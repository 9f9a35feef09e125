//! What a wasm module is made of: the bytes of its functions, by the crate that each is from.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Context as _;
use rustc_demangle::demangle;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// Crates that are listed; the rest is added up.
const LISTED: usize = 12;

/// One line for each of the largest crates. The module must have its names.
pub(crate) fn shares(wasm: &[u8]) -> anyhow::Result<String> {
    let mut names = BTreeMap::new();
    let mut bodies = Vec::new();
    let (mut imported, mut data) = (0_u32, 0_u64);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("not a wasm module")?;
        if let Payload::ImportSection(section) = payload {
            for import in section.into_imports() {
                imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
            }
        } else if let Payload::CodeSectionEntry(body) = payload {
            bodies.push(length(body.range()));
        } else if let Payload::DataSection(section) = payload {
            data += length(section.range());
        } else if let Payload::CustomSection(section) = payload
            && let KnownCustom::Name(reader) = section.as_known()
        {
            for part in reader {
                let Name::Function(map) = part? else { continue };
                for naming in map {
                    let naming = naming?;
                    names.insert(naming.index, crate_of(naming.name));
                }
            }
        }
    }
    let mut by_crate: BTreeMap<&str, u64> = BTreeMap::new();
    for (index, bytes) in (imported..).zip(&bodies) {
        let name = names.get(&index).map_or("without a name", String::as_str);
        *by_crate.entry(name).or_default() += bytes;
    }
    by_crate.insert("(constants)", data);
    let total: u64 = by_crate.values().sum();
    let mut largest: Vec<_> = by_crate.into_iter().collect();
    largest.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let rest: u64 = largest.iter().skip(LISTED).map(|(_, bytes)| bytes).sum();
    largest.truncate(LISTED);
    largest.push(("(all others)", rest));
    let line = |(name, bytes): &(&str, u64)| {
        let part = 100.0 * *bytes as f64 / total.max(1) as f64;
        format!("{part:>6.1} %  {bytes:>9}  {name}\n")
    };
    Ok(largest.iter().map(line).collect())
}

fn length(range: Range<u64>) -> u64 {
    range.end - range.start
}

/// The crate of a function: of the type, where it is a trait's for a type.
fn crate_of(mangled: &str) -> String {
    let name = format!("{:#}", demangle(mangled));
    // What is done for every type is its trait's.
    let name = name.strip_prefix("<T as ").unwrap_or(&name);
    let inner = name.trim_start_matches(['<', '&', '(', '[', '*']);
    let inner = ["mut ", "dyn ", "const "]
        .into_iter()
        .fold(inner, |name, word| name.strip_prefix(word).unwrap_or(name));
    let end = inner.find(|one: char| !one.is_alphanumeric() && one != '_');
    inner[..end.unwrap_or(inner.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_of_the_crate_of_its_type() {
        for (mangled, of) in [
            ("_ZN4core3fmt5write17h0123456789abcdefE", "core"),
            (
                "_ZN59_$LT$bevy_ecs..world..World$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
                "bevy_ecs",
            ),
            ("_RNvC7mycrate3foo", "mycrate"),
            (
                "_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$4into17h0123456789abcdefE",
                "core",
            ),
            ("memcpy", "memcpy"),
        ] {
            assert_eq!(crate_of(mangled), of);
        }
    }
}
