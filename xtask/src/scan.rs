//! What a compiled wasm module must not hold: floating point, and the 128-bit multiplication routine.
//!
//! * Every function of the module is read, not only the ones that the rules are known to call.
//! * A module without function names is refused: then the absence of a routine could not be seen.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef, ValType};

/// The routine that rustc calls for 64 x 64 -> 128 bit products, six to eight times dearer than an `i64` one.
const WIDE_MULTIPLICATION: &str = "__multi3";

/// What was read and what was found in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Functions with a body.
    pub(crate) functions: usize,
    /// Instructions in them.
    pub(crate) operators: usize,
    /// What must not be there: the function and what it holds, in the order of the module.
    pub(crate) findings: Vec<String>,
}

/// Reads a whole module.
pub(crate) fn scan(wasm: &[u8]) -> anyhow::Result<Scan> {
    let mut scan = Scan::default();
    let mut names = BTreeMap::new();
    let mut imported: u32 = 0;
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut index: u32 = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.context("not a wasm module")?;
        if let Payload::ImportSection(section) = payload {
            for import in section.into_imports() {
                if matches!(import?.ty, TypeRef::Func(_)) {
                    imported += 1;
                }
            }
        } else if let Payload::CustomSection(section) = payload {
            if let KnownCustom::Name(reader) = section.as_known() {
                for part in reader {
                    if let Name::Function(map) = part? {
                        for naming in map {
                            let naming = naming?;
                            names.insert(naming.index, naming.name.to_owned());
                        }
                    }
                }
            }
        } else if let Payload::CodeSectionEntry(body) = payload {
            for local in body.get_locals_reader()? {
                let (_, kind) = local?;
                if matches!(kind, ValType::F32 | ValType::F64 | ValType::V128) {
                    found.push((index, format!("a local of type {kind}")));
                }
            }
            for operator in body.get_operators_reader()? {
                let shown = format!("{:?}", operator?);
                scan.operators += 1;
                let name = shown.split([' ', '{']).next().unwrap_or_default();
                if ["F16", "F32", "F64"]
                    .iter()
                    .any(|float| name.contains(float))
                {
                    found.push((index, name.to_owned()));
                }
            }
            index += 1;
        }
    }
    ensure!(index > 0, "the module has no code");
    ensure!(
        !names.is_empty(),
        "the module has no function names, so nothing can be said of its routines"
    );
    scan.functions = index as usize;
    for (body, what) in found {
        let at = imported + body;
        let name = names
            .get(&at)
            .map_or("a function without a name", String::as_str);
        scan.findings.push(format!("{name}: {what}"));
    }
    for name in names
        .values()
        .filter(|name| name.contains(WIDE_MULTIPLICATION))
    {
        scan.findings.push(format!("{name} is linked in"));
    }
    Ok(scan)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    /// A module of one function `() -> ()` with this name and these instructions.
    fn module(name: &str, locals: &[u8], code: &[u8]) -> Vec<u8> {
        fn section(id: u8, body: &[u8]) -> Vec<u8> {
            let mut bytes = vec![id, u8::try_from(body.len()).unwrap()];
            bytes.extend_from_slice(body);
            bytes
        }
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend(section(1, &[1, 0x60, 0, 0]));
        bytes.extend(section(3, &[1, 0]));
        let mut body = vec![1, u8::try_from(locals.len() + code.len() + 1).unwrap()];
        body.extend_from_slice(locals);
        body.extend_from_slice(code);
        body.push(0x0b);
        bytes.extend(section(10, &body));
        let mut functions = vec![1, 0, u8::try_from(name.len()).unwrap()];
        functions.extend_from_slice(name.as_bytes());
        let mut custom = vec![4];
        custom.extend_from_slice(b"name");
        custom.extend(section(1, &functions));
        bytes.extend(section(0, &custom));
        bytes
    }

    #[test]
    fn integers_are_let_through() {
        // i64.const 2, i64.const 3, i64.mul, drop
        let scan = scan(&module("mul", &[0], &[0x42, 2, 0x42, 3, 0x7e, 0x1a])).unwrap();
        assert_eq!(
            scan,
            Scan {
                functions: 1,
                operators: 5,
                findings: vec![]
            }
        );
    }

    #[test]
    fn a_float_constant_is_caught_and_its_function_named() {
        // f32.const 0, drop
        let scan = scan(&module("leak", &[0], &[0x43, 0, 0, 0, 0, 0x1a])).unwrap();
        assert_eq!(scan.findings, ["leak: F32Const"]);
    }

    #[test]
    fn a_conversion_from_an_integer_is_caught() {
        // i32.const 7, f64.convert_i32_s, i32.trunc_sat_f64_s, drop
        let scan = scan(&module("turn", &[0], &[0x41, 7, 0xb7, 0xfc, 2, 0x1a])).unwrap();
        assert_eq!(
            scan.findings,
            ["turn: F64ConvertI32S", "turn: I32TruncSatF64S"]
        );
    }

    #[test]
    fn a_float_local_is_caught() {
        let scan = scan(&module("hold", &[1, 1, 0x7c], &[])).unwrap();
        assert_eq!(scan.findings, ["hold: a local of type f64"]);
    }

    #[test]
    fn the_wide_multiplication_is_caught_by_its_name() {
        let scan = scan(&module("__multi3", &[0], &[])).unwrap();
        assert_eq!(scan.findings, ["__multi3 is linked in"]);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(scan(b"\0asm").is_err());
        assert!(scan(b"").is_err());
    }
}
