//! Building the module of a kernel.
//!
//! * A module's bytes follow from its source, the toolchain and the flags: no path of the machine that builds it is in it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::run::{cargo, root, run, target_dir};
use crate::tools::{WASM_TARGET, ensure_wasm_target};

/// What cargo is told, besides the package and where it puts things.
pub(crate) const FLAGS: &[&str] = &["--lib", "--crate-type", "cdylib", "--profile", "kernel"];

/// The module of a package, built from this checkout.
pub(crate) fn build(package: &str) -> anyhow::Result<PathBuf> {
    build_in(&root(), package)
}

pub(crate) fn build_in(root: &Path, package: &str) -> anyhow::Result<PathBuf> {
    ensure_wasm_target()?;
    let mut command = cargo(&["rustc", "--locked", "--package", package]);
    command.args(FLAGS).args(["--target", WASM_TARGET]);
    command
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target_dir());
    run(command.env("CARGO_ENCODED_RUSTFLAGS", remapped(root)?))?;
    Ok(module(package))
}

/// Where the module of a package is once it is built.
pub(crate) fn module(package: &str) -> PathBuf {
    let file = format!("{}.wasm", package.replace('-', "_"));
    target_dir().join(WASM_TARGET).join("kernel").join(file)
}

/// Flags by which neither the checkout nor cargo's folder is named in the module.
fn remapped(root: &Path) -> anyhow::Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let sources = home
        .context("neither CARGO_HOME nor HOME is set")?
        .join("registry/src");
    let mut flags = vec![format!("--remap-path-prefix={}=bitfort", root.display())];
    // One folder for each registry; the crates are below it.
    for registry in std::fs::read_dir(&sources).with_context(|| format!("{}", sources.display()))? {
        flags.push(format!(
            "--remap-path-prefix={}=crates",
            registry?.path().display()
        ));
    }
    Ok(flags.join("\x1f"))
}
