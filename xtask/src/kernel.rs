//! The kernel of this build: the wasm module of its rules, and the archive that keeps one for each version of them.

use std::process::Command;

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::live;
use crate::module::{FLAGS, build, build_in};
use crate::run::{cargo, root, run, run_for_output, say, target_dir};

#[derive(Debug, Args)]
pub(crate) struct KernelArgs {
    /// Add the module to the archive. What it is built from must be committed.
    #[arg(long)]
    keep: bool,
    /// Build the newest archived module again, from the commit that it names, and compare.
    #[arg(long, conflicts_with = "keep")]
    rebuild: bool,
    /// Rerun recordings by the archived kernels and by a kernel of other rules, and compare.
    #[arg(long, conflicts_with_all = ["keep", "rebuild"])]
    check: bool,
}

pub(crate) fn kernel(args: &KernelArgs) -> anyhow::Result<()> {
    if args.rebuild {
        return rebuild();
    }
    if args.check {
        return check().map(|note| println!("{note}"));
    }
    let module = build("kernel-wasm")?;
    live::build()?;
    let mut told = Command::new(live::built("replay"));
    told.arg("kernels").arg(&module);
    if args.keep {
        let (commit, _) = git(&["rev-parse", "HEAD"])?;
        let (changed, _) = git(&[
            "status",
            "--porcelain",
            "--",
            "*.rs",
            "*.toml",
            "Cargo.lock",
        ])?;
        ensure!(
            changed.trim().is_empty(),
            "commit what the module is built from first:\n{changed}"
        );
        let (toolchain, _) = run_for_output(Command::new("rustc").arg("--version"), false)?;
        told.arg("--keep").arg(root().join("kernels/archive"));
        told.args(["--commit", commit.trim(), "--toolchain", toolchain.trim()]);
        told.args(["--flags", &FLAGS.join(" ")]);
    }
    run(&mut told)
}

/// The tests of archived kernels, with the optimised tool whose engine is there anyway.
pub(crate) fn check() -> anyhow::Result<String> {
    let module = build("other-rules")?;
    let mut tests = cargo(&["test", "--release", "--locked", "--package", "replay"]);
    tests.args(["--lib", "--test", "kernels", "--test", "kept"]);
    tests.args(["--", "--include-ignored"]);
    let (told, passed) = run_for_output(tests.env("OTHER_RULES_MODULE", module), true)?;
    let ran: u64 = told
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next())
        .filter_map(|count| count.parse::<u64>().ok())
        .sum();
    ensure!(
        passed && ran > 0,
        "{ran} tests passed, and one failed or none ran"
    );
    Ok(format!("{ran} tests of archived kernels"))
}

/// Builds the newest archived module from the commit that it names.
fn rebuild() -> anyhow::Result<()> {
    live::build()?;
    let (told, _) = run_for_output(
        Command::new(live::built("replay")).args(["kernels", "--json"]),
        false,
    )?;
    let told: serde_json::Value = serde_json::from_str(told.trim())?;
    let newest = told["kernels"].as_array().and_then(|all| all.last());
    let newest = newest.context("the archive is empty")?;
    let text = |name: &str| newest[name].as_str().unwrap_or_default().to_owned();
    let (commit, hash) = (text("commit"), text("hash"));
    let (toolchain, _) = run_for_output(Command::new("rustc").arg("--version"), false)?;
    if toolchain.trim() != text("toolchain") {
        say(&format!(
            "note: it was built with {}, and this is {}",
            text("toolchain"),
            toolchain.trim()
        ));
    }
    let checkout = target_dir().join("kernel-source");
    let at = checkout.display().to_string();
    let (_, known) = git(&["cat-file", "-e", &format!("{commit}^{{commit}}")])?;
    ensure!(
        known,
        "this clone does not have commit {commit}; fetch all of its history"
    );
    git(&["worktree", "remove", "--force", &at])?;
    let (_, added) = git(&["worktree", "add", "--detach", "--force", &at, &commit])?;
    ensure!(added, "git cannot check out {commit}");
    let built = build_in(&checkout, "kernel-wasm");
    let read = built.and_then(|module| Ok(std::fs::read(module)?));
    git(&["worktree", "remove", "--force", &at])?;
    let module = read?;
    let rebuilt = sha256(&module);
    ensure!(
        rebuilt == hash,
        "commit {commit} builds {rebuilt}, and the archive holds {hash}"
    );
    println!(
        "{hash} is what commit {commit} builds: {} bytes",
        module.len()
    );
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn git(args: &[&str]) -> anyhow::Result<(String, bool)> {
    run_for_output(Command::new("git").args(args).current_dir(root()), false)
}
