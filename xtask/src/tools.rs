//! The tools that the repository needs, at exact versions: each `ensure_*` installs what is missing and is quick when
//! nothing is.
//!
//! * Two things a person installs first: Rust by rustup, and Node with npm. Whatever else is missing is fetched here.
//! * Cargo tools go to a cache folder of their own, one folder a version, so that they never shadow a person's tools.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::run::{root, run, say, target_dir};
use crate::save::save;

/// What the worker compiles to.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// What runs for seconds, so that optimising it is not worth its minutes.
const TOOL_PROFILE: &str = "tool";

/// The oldest Node that the packages in `worker/package-lock.json` run on.
const NODE_MAJOR_MIN: u32 = 20;

/// A binary from the crate registry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CargoTool {
    /// The crate that holds it.
    pub(crate) package: &'static str,
    /// Exactly this version.
    pub(crate) version: &'static str,
    /// The binary in it.
    pub(crate) bin: &'static str,
}

/// Turns the worker crate into a script and a module that workerd loads.
const WORKER_BUILD: CargoTool = CargoTool {
    package: "worker-build",
    version: "0.8.7",
    bin: "worker-build",
};

/// Changes code in small ways and runs the tests.
pub(crate) const CARGO_MUTANTS: CargoTool = CargoTool {
    package: "cargo-mutants",
    version: "27.1.0",
    bin: "cargo-mutants",
};

/// Everything that building and serving the worker takes.
#[derive(Debug)]
pub(crate) struct WorkerTools {
    pub(crate) worker_build: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) esbuild: PathBuf,
    pub(crate) wasm_opt: PathBuf,
    pub(crate) workerd: PathBuf,
}

/// Everything that building the page takes.
#[derive(Debug)]
pub(crate) struct PageTools {
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) esbuild: PathBuf,
    pub(crate) tsc: PathBuf,
    pub(crate) wasm_opt: PathBuf,
}

/// Installs what the page needs and says where it is.
pub(crate) fn ensure_page_tools() -> anyhow::Result<PageTools> {
    ensure_wasm_target()?;
    ensure_npm_packages()?;
    let bin = root().join("worker/node_modules/.bin");
    Ok(PageTools {
        wasm_bindgen: wasm_bindgen()?,
        esbuild: bin.join("esbuild"),
        tsc: bin.join("tsc"),
        wasm_opt: bin.join("wasm-opt"),
    })
}

/// Installs what the worker needs and says where it is.
pub(crate) fn ensure_worker_tools() -> anyhow::Result<WorkerTools> {
    ensure_wasm_target()?;
    ensure_npm_packages()?;
    let modules = root().join("worker/node_modules");
    Ok(WorkerTools {
        worker_build: ensure_cargo_tool(&WORKER_BUILD)?,
        wasm_bindgen: wasm_bindgen()?,
        esbuild: modules.join(".bin/esbuild"),
        wasm_opt: modules.join(".bin/wasm-opt"),
        workerd: workerd(&modules)?,
    })
}

/// Makes sure that the pinned Rust can compile to wasm.
pub(crate) fn ensure_wasm_target() -> anyhow::Result<()> {
    let sysroot = read(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(root()),
    )
    .context("rustc does not start; install Rust by rustup (https://rustup.rs) first")?;
    if PathBuf::from(sysroot)
        .join("lib/rustlib")
        .join(WASM_TARGET)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(root()))
        .context("the wasm target is missing and rustup could not add it; install Rust by rustup (https://rustup.rs)")
}

/// Installs the packages of `worker/package-lock.json`. Their install scripts never run.
pub(crate) fn ensure_npm_packages() -> anyhow::Result<()> {
    let version = read(Command::new("node").arg("--version")).with_context(|| {
        format!("node does not start; install Node {NODE_MAJOR_MIN} or newer first")
    })?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= NODE_MAJOR_MIN),
        "node is {version}; install Node {NODE_MAJOR_MIN} or newer first"
    );

    let worker = root().join("worker");
    let lock =
        std::fs::read(worker.join("package-lock.json")).context("worker/package-lock.json")?;
    // npm keeps no record of the lock file that it installed from, so a copy of it is that record.
    let installed = worker.join("node_modules/.installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|was| was == lock) {
        return Ok(());
    }
    say("installing the worker's JavaScript tools");
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    run(npm
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&worker))
    .context("npm ci in worker/ failed; npm comes with Node")?;
    save(&installed, &lock)
}

/// The repository's own build of wasm-bindgen's command: `xtask/bindgen` says why.
fn wasm_bindgen() -> anyhow::Result<PathBuf> {
    run(&mut crate::run::cargo(&[
        "build",
        "--locked",
        "--profile",
        TOOL_PROFILE,
        "--package",
        "bindgen",
    ]))
    .context("building wasm-bindgen's command")?;
    let file = format!("bindgen{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir().join(TOOL_PROFILE).join(file))
}

/// Where a binary is that was installed at its exact version.
fn cargo_tool(tool: &CargoTool) -> anyhow::Result<Option<PathBuf>> {
    let path = cargo_tool_folder(tool)?.join("bin").join(format!(
        "{}{}",
        tool.bin,
        std::env::consts::EXE_SUFFIX
    ));
    Ok(path.is_file().then_some(path))
}

fn cargo_tool_folder(tool: &CargoTool) -> anyhow::Result<PathBuf> {
    Ok(cache()?.join(format!("{}-{}", tool.package, tool.version)))
}

/// Installs one binary at its exact version and gives back its path.
pub(crate) fn ensure_cargo_tool(tool: &CargoTool) -> anyhow::Result<PathBuf> {
    if let Some(path) = cargo_tool(tool)? {
        return Ok(path);
    }
    let CargoTool {
        package,
        version,
        bin,
    } = *tool;
    let folder = cargo_tool_folder(tool)?;
    say(&format!(
        "installing {package} {version} into {}; this takes some minutes, once",
        folder.display()
    ));
    let mut install = crate::run::cargo(&[
        "install",
        package,
        "--version",
        &format!("={version}"),
        "--bin",
        bin,
        "--locked",
    ]);
    install
        .arg("--root")
        .arg(&folder)
        // Cargo then builds in a folder that it removes, and the repository's own target folder stays as it was.
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_BUILD_TARGET_DIR")
        // They run for seconds, so that optimising them is not worth its minutes.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    run(&mut install)?;
    cargo_tool(tool)?
        .with_context(|| format!("{package} {version} was installed but {bin} is missing"))
}

/// `BITFORT_TOOLS`, or `bitfort/tools` in the person's cache folder.
fn cache() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("BITFORT_TOOLS") {
        return Ok(folder.into());
    }
    if let Some(cache) = std::env::var_os("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(cache).join("bitfort/tools"));
    }
    let home =
        std::env::home_dir().context("no home folder; set BITFORT_TOOLS to a folder for tools")?;
    Ok(home.join(".cache/bitfort/tools"))
}

/// The binary itself: what `.bin/workerd` names is a script in front of it, and ending the script leaves it running.
fn workerd(modules: &std::path::Path) -> anyhow::Result<PathBuf> {
    let package = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "workerd-linux-64",
        ("linux", "aarch64") => "workerd-linux-arm64",
        ("macos", "x86_64") => "workerd-darwin-64",
        ("macos", "aarch64") => "workerd-darwin-arm64",
        ("windows", "x86_64") => "workerd-windows-64",
        (os, arch) => bail!("workerd is not published for {os} on {arch}"),
    };
    let path = modules
        .join("@cloudflare")
        .join(package)
        .join("bin/workerd");
    let path = path.with_extension(std::env::consts::EXE_EXTENSION);
    ensure!(
        path.is_file(),
        "{} is missing; remove worker/node_modules and try again",
        path.display()
    );
    Ok(path)
}

fn read(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "ended with {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn the_commands_are_the_versions_that_the_worker_links() {
        let manifest = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
        let (workspace, worker) = (manifest("Cargo.toml"), manifest("worker/Cargo.toml"));
        let version = |name: &str| {
            let begin = format!("\n{name} = \"");
            let (_, rest) = workspace.split_once(&begin).unwrap();
            rest.split_once('"').unwrap().0.to_owned()
        };
        assert_eq!(version("wasm-bindgen-cli-support"), version("wasm-bindgen"));
        let linked = format!("wasm-bindgen = \"{}\"", version("wasm-bindgen"));
        assert!(worker.contains(&linked), "{linked}: {worker}");
        let built = format!("worker = \"={}\"", WORKER_BUILD.version);
        assert!(worker.contains(&built), "{built}: {worker}");
    }

    #[test]
    fn the_lock_file_names_no_registry_host() {
        let lock = std::fs::read_to_string(root().join("worker/package-lock.json")).unwrap();
        assert!(!lock.contains("\"resolved\""));
    }
}
