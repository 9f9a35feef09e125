//! The targets: how each is built and run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use super::compare::{Column, first_line};
use crate::live;
use crate::run::{cargo, root, run, run_for_output, target_dir};
use crate::tools::{WASM_TARGET, ensure_wasm_target};

/// Something that recordings are rerun on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// This machine, in a profile of cargo.
    Native(&'static str),
    /// Another processor: what rustc calls it, what links it, and the emulator that runs it.
    Foreign {
        triple: &'static str,
        linker: &'static str,
        emulator: &'static str,
        /// Where the emulator finds libraries.
        libraries: Option<&'static str>,
    },
    /// A wasm module in Node.
    Node,
    /// The archived kernel in the tool.
    Archived,
}

/// Links statically without any tool of the other system; it comes with the compiler.
const RUST_LLD: &str = "rust-lld";

/// Every target; the first is what the others are held against.
pub(crate) fn all() -> [Target; 7] {
    let foreign = |name, triple, emulator| Target {
        name,
        kind: Kind::Foreign {
            triple,
            linker: RUST_LLD,
            emulator,
            libraries: None,
        },
    };
    let here = |name, kind| Target { name, kind };
    [
        here("release", Kind::Native("release")),
        here("debug", Kind::Native("dev")),
        here("wasm in Node", Kind::Node),
        here("archived kernel", Kind::Archived),
        foreign("aarch64", "aarch64-unknown-linux-musl", "qemu-aarch64"),
        foreign("i686", "i686-unknown-linux-musl", "qemu-i386"),
        Target {
            name: "s390x (big-endian)",
            kind: Kind::Foreign {
                triple: "s390x-unknown-linux-gnu",
                linker: "s390x-linux-gnu-gcc",
                emulator: "qemu-s390x",
                libraries: Some("/usr/s390x-linux-gnu"),
            },
        },
    ]
}

impl Target {
    /// Builds what is run on it.
    ///
    /// # Errors
    /// Which of its tools is missing.
    pub(crate) fn ready(&self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Native(profile) => build(&["--profile", profile]),
            Kind::Node => {
                ensure_wasm_target()?;
                run(&mut cargo(&[
                    "rustc",
                    "--locked",
                    "--package",
                    "targets",
                    "--lib",
                    "--crate-type",
                    "cdylib",
                    "--release",
                    "--target",
                    WASM_TARGET,
                ]))
            }
            Kind::Archived => live::build(),
            Kind::Foreign {
                triple,
                linker,
                emulator,
                ..
            } => {
                has(emulator)?;
                if linker != RUST_LLD {
                    has(linker)?;
                }
                let mut add = Command::new("rustup");
                run(add.args(["target", "add", triple]).current_dir(root()))?;
                let mut command =
                    cargo(&["build", "--locked", "--package", "targets", "--release"]);
                command.args(["--target", triple]);
                let variable = triple.to_uppercase().replace('-', "_");
                command.env(format!("CARGO_TARGET_{variable}_LINKER"), linker);
                if linker == RUST_LLD {
                    let flags = "-C link-self-contained=yes -C linker-flavor=ld.lld";
                    command.env(format!("CARGO_TARGET_{variable}_RUSTFLAGS"), flags);
                }
                run(&mut command)
            }
        }
    }

    /// What everything comes to on it.
    pub(crate) fn column(
        &self,
        recordings: &[PathBuf],
        seed: &str,
        lines: &[&str],
    ) -> anyhow::Result<Column> {
        let mut cells = Vec::new();
        if let Kind::Archived = self.kind {
            for recording in recordings {
                cells.push(archived(recording)?);
            }
            // It plays no sessions.
            cells.extend(lines.iter().map(|_| String::new()));
        } else {
            let mut rerun = self.program();
            rerun.arg("digest").args(recordings);
            cells.extend(told(&mut rerun, recordings.len())?);
            let mut record = self.program();
            record.args(["recorded", seed]).args(lines);
            cells.extend(told(&mut record, lines.len())?);
        }
        Ok(Column {
            name: self.name,
            cells,
        })
    }

    /// The program on this target.
    fn program(&self) -> Command {
        let folder = |of: &str| target_dir().join(of).join("targets");
        match self.kind {
            Kind::Native("dev") => Command::new(folder("debug")),
            Kind::Native(profile) => Command::new(folder(profile)),
            Kind::Foreign {
                triple,
                emulator,
                libraries,
                ..
            } => {
                let mut command = Command::new(emulator);
                if let Some(libraries) = libraries {
                    command.args(["-L", libraries]);
                }
                command.arg(folder(&format!("{triple}/release")));
                command
            }
            Kind::Node | Kind::Archived => {
                let module = target_dir().join(WASM_TARGET).join("release/targets.wasm");
                let mut node = Command::new("node");
                node.arg(root().join("xtask/targets/run.mjs")).arg(module);
                node
            }
        }
    }
}

fn build(flags: &[&str]) -> anyhow::Result<()> {
    run(cargo(&["build", "--locked", "--package", "targets"]).args(flags))
}

fn has(program: &str) -> anyhow::Result<()> {
    let found = Command::new(program).arg("--version").output();
    found.map(|_| ()).with_context(|| {
        format!("{program} is missing; Debian has it in qemu-user and gcc-s390x-linux-gnu")
    })
}

fn told(command: &mut Command, count: usize) -> anyhow::Result<Vec<String>> {
    let (text, succeeded) = run_for_output(command.current_dir(root()), false)?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    ensure!(
        succeeded && lines.len() == count,
        "{} lines of {count}: {text}",
        lines.len()
    );
    Ok(lines)
}

/// The digest by the archived kernel that the recording names.
fn archived(recording: &Path) -> anyhow::Result<String> {
    let mut verify = Command::new(live::built("replay"));
    verify
        .args(["verify", "--archived", "--json"])
        .arg(recording);
    let (text, _) = run_for_output(&mut verify, false)?;
    let line = text.lines().last().context("replay said nothing")?;
    let verdict: serde_json::Value = serde_json::from_str(line)?;
    match verdict["digest"].as_str() {
        Some(digest) if verdict["ok"] == true => Ok(digest.to_owned()),
        _ => bail!("{line}"),
    }
}

/// Where a rerun that stopped at a step differs from the reference: the phase and the field.
pub(crate) fn explain(
    reference: &Target,
    target: &Target,
    recording: &Path,
    cell: &str,
) -> Option<String> {
    let step = cell.strip_prefix("step ")?.split(':').next()?;
    if let Kind::Node | Kind::Archived = target.kind {
        return Some(cell.to_owned());
    }
    let phases = |of: &Target| {
        let mut program = of.program();
        program.arg("phases").arg(recording).arg(step);
        run_for_output(program.current_dir(root()), false).ok()
    };
    let (expected, actual) = (phases(reference)?.0, phases(target)?.0);
    let line = first_line(&expected, &actual);
    Some(format!(
        "step {step}, {}",
        line.unwrap_or_else(|| cell.to_owned())
    ))
}
