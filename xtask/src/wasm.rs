//! The pure crates as wasm: they build, sim-core's code in it holds no float, and it computes what native code does.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::run::{cargo, root, run, run_for_output, target_dir};
use crate::scan::scan;
use crate::tidy::PURE;
use crate::tools::{WASM_TARGET, ensure_wasm_target};

/// The session that is compared: long enough that everybody has joined, built, shot, died and come back.
const SEED: &str = "7";
const STEPS: &str = "20000";

/// Profiles whose code may differ: the one that is tested and the one that is shipped.
const PROFILES: &[&str] = &["release", "wasm"];

/// Builds every pure crate for wasm, in the profile that is shipped.
pub(crate) fn build() -> anyhow::Result<String> {
    ensure_wasm_target()?;
    let mut command = cargo(&[
        "build",
        "--locked",
        "--profile",
        "wasm",
        "--target",
        WASM_TARGET,
    ]);
    for name in PURE {
        command.args(["--package", name]);
    }
    run(&mut command)?;
    Ok(PURE.join(", "))
}

/// Looks for floats and for the wide multiplication in all of sim-core that a session reaches.
pub(crate) fn no_floats() -> anyhow::Result<String> {
    let mut notes = Vec::new();
    for profile in PROFILES {
        let module = probe(profile)?;
        let bytes = std::fs::read(&module).with_context(|| format!("{}", module.display()))?;
        let scan = scan(&bytes)?;
        ensure!(
            scan.findings.is_empty(),
            "{} in profile {profile}\n{}",
            scan.findings.len(),
            scan.findings.join("\n")
        );
        notes.push(format!(
            "{profile}: {} functions, {} instructions",
            scan.functions, scan.operators
        ));
    }
    Ok(notes.join("; "))
}

/// Runs the same session in wasm and natively, in each profile, and compares the hash over all its steps.
pub(crate) fn same_hash() -> anyhow::Result<String> {
    let mut results = Vec::new();
    for profile in PROFILES {
        let mut node = Command::new("node");
        node.arg(root().join("xtask/wasm-probe/run.mjs"))
            .arg(probe(profile)?)
            .args([SEED, STEPS]);
        results.push((format!("wasm {profile}"), printed(&mut node)?));
    }
    for profile in ["dev", "release"] {
        let mut native = cargo(&[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "wasm-probe",
            "--profile",
            profile,
        ]);
        results.push((
            format!("native {profile}"),
            printed(native.args(["--", SEED, STEPS]))?,
        ));
    }
    let shown: Vec<_> = results
        .iter()
        .map(|(name, hash)| format!("{name} {hash}"))
        .collect();
    ensure!(
        results.iter().all(|(_, hash)| *hash == results[0].1),
        "not the same: {}",
        shown.join(", ")
    );
    let names: Vec<_> = results.iter().map(|(name, _)| name.as_str()).collect();
    Ok(format!(
        "{} after {STEPS} steps in {}",
        results[0].1,
        names.join(", ")
    ))
}

/// The module that holds the scripted session.
fn probe(profile: &str) -> anyhow::Result<PathBuf> {
    ensure_wasm_target()?;
    // The crate type is given here, so that native builds of the workspace link no shared library.
    let kind = [
        "rustc",
        "--locked",
        "--package",
        "wasm-probe",
        "--lib",
        "--crate-type",
        "cdylib",
    ];
    run(cargo(&kind).args(["--profile", profile, "--target", WASM_TARGET]))?;
    Ok(target_dir()
        .join(WASM_TARGET)
        .join(profile)
        .join("wasm_probe.wasm"))
}

fn printed(command: &mut Command) -> anyhow::Result<String> {
    let (output, succeeded) = run_for_output(command, false)?;
    ensure!(succeeded, "failed after printing {output:?}");
    let hash = output.trim().to_owned();
    ensure!(
        hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "no hash in {output:?}"
    );
    Ok(hash)
}
