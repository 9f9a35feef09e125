//! Dependencies: their licences and sources, which the lock file tells, and known advisories, which a database does.
//!
//! * What is allowed stands in `deny.toml`, for both.
//! * `cargo xtask test` holds the lock file against it. `cargo xtask deny` lets cargo-deny look at everything; it takes minutes to
//!   build and a network to ask, so the nightly workflow runs it.

use std::process::Command;

use anyhow::{Context as _, ensure};
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};
use serde::Deserialize;

use crate::report::Outcome;
use crate::run::{root, run};
use crate::tools::{CargoTool, ensure_cargo_tool};

const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    version: "0.20.2",
    bin: "cargo-deny",
};

/// `cargo xtask deny`: installs the tool if it is missing and checks everything.
pub(crate) fn deny() -> anyhow::Result<()> {
    println!("{}", dependencies()?);
    let tool = ensure_cargo_tool(&CARGO_DENY)?;
    run(Command::new(tool).arg("check").current_dir(root()))
}

/// The part of `cargo xtask test`.
pub(crate) fn step() -> Outcome {
    Outcome::of(dependencies())
}

/// What `deny.toml` says, as far as it is held here.
#[derive(Debug, Deserialize)]
struct Allowed {
    licenses: Licenses,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

/// Holds every package of the lock file against what is allowed.
fn dependencies() -> anyhow::Result<String> {
    let text = std::fs::read_to_string(root().join("deny.toml")).context("deny.toml")?;
    let allowed: Allowed = toml::from_str(&text).context("deny.toml")?;
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned()])
        .exec()?;
    let findings = findings(&metadata, &allowed.licenses.allow);
    ensure!(
        findings.is_empty(),
        "{} findings\n{}",
        findings.len(),
        findings.join("\n")
    );
    Ok(format!(
        "{} packages: licences, sources, requirements",
        metadata.packages.len()
    ))
}

fn findings(metadata: &Metadata, allowed: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        if let Err(why) = licence(package.license.as_deref(), allowed) {
            findings.push(format!("{name}: {why}"));
        }
        match &package.source {
            Some(source) if !source.is_crates_io() => {
                findings.push(format!("{name} comes from {source}"));
            }
            Some(_) => {}
            None => findings.extend(unbounded(package).map(|of| format!("{name}: {of}"))),
        }
    }
    findings
}

/// Whether an expression can be met with what is allowed.
fn licence(expression: Option<&str>, allowed: &[String]) -> Result<(), String> {
    let expression = expression.ok_or("it names no licence")?;
    let parsed = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .map_err(|error| format!("its licence cannot be read: {error}"))?;
    let is_met = parsed.evaluate(|one| allowed.contains(&one.to_string()));
    is_met
        .then_some(())
        .ok_or_else(|| format!("{expression} is not allowed"))
}

/// Dependencies of an own package that any version meets.
fn unbounded(package: &Package) -> impl Iterator<Item = String> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|of| of.path.is_none() && of.req.comparators.is_empty())
        .map(|of| format!("any version of {} will do", of.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_met_by_what_is_allowed() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for met in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "(MIT OR Unlicense) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(licence(Some(met), &allowed), Ok(()), "{met}");
        }
        for unmet in [
            Some("GPL-3.0-only"),
            Some("MIT AND GPL-3.0-only"),
            Some("MIT WITH LLVM-exception"),
            Some("as you like"),
            None,
        ] {
            assert!(licence(unmet, &allowed).is_err(), "{unmet:?}");
        }
    }
}
