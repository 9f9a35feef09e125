//! The client as a page serves it: the game in wasm, and the page's scripts around it, built into `worker/public`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::run::{cargo, compiler, root, run, say, target_dir};
use crate::save::save;
use crate::shares::shares;
use crate::tools::{PageTools, WASM_TARGET, ensure_page_tools};

/// How the game is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// As it is shipped, except for the last optimisation.
    Small,
    /// As it is shipped.
    Shipped,
    /// Quickly, to work on it.
    Quick,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Self::Small | Self::Shipped => "web",
            Self::Quick => "web-dev",
        }
    }
}

/// What browsers of the last years have and rustc uses; with all features some come in that no browser has yet.
const FEATURES: [&str; 7] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The game's file among those that are served.
const GAME: &str = "client_bg.wasm";

/// `cargo xtask client`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ClientArgs {
    /// Optimise the game once more, as it is deployed: some minutes for a part of its size.
    #[arg(long, conflicts_with = "quick")]
    shipped: bool,
    /// Build quickly, to work on it: larger and slower.
    #[arg(long)]
    quick: bool,
}

impl ClientArgs {
    /// What is asked for.
    pub(crate) fn build(&self) -> Build {
        match (self.shipped, self.quick) {
            (true, _) => Build::Shipped,
            (false, true) => Build::Quick,
            (false, false) => Build::Small,
        }
    }
}

/// Builds everything that the page consists of.
pub(crate) fn build(build: Build) -> anyhow::Result<()> {
    let tools = ensure_page_tools()?;
    let public = public();
    game(&tools, &public, build)?;
    page(&tools, &public)
}

/// What is served.
pub(crate) fn public() -> PathBuf {
    root().join("worker/public")
}

/// The page's files and scripts. They know how large the game is.
fn page(tools: &PageTools, public: &Path) -> anyhow::Result<()> {
    let web = root().join("game-client/web");
    copy(&web.join("public"), public)?;
    kernels(&public.join("kernels"))?;
    let game = public.join(GAME);
    let bytes = std::fs::metadata(&game)
        .with_context(|| format!("{}", game.display()))?
        .len();
    run(Command::new(&tools.esbuild)
        .arg("src/main.ts")
        .args([
            "--bundle",
            "--format=esm",
            "--target=es2022",
            "--minify",
            "--external:/client.js",
            "--log-level=warning",
        ])
        .arg(format!("--define:GAME_BYTES={bytes}"))
        .arg(format!("--outfile={}", public.join("main.js").display()))
        .current_dir(&web))
    .context("bundling game-client/web")
}

/// The archived kernels, and a list of what they are.
fn kernels(to: &Path) -> anyhow::Result<()> {
    let archive = root().join("kernels/archive");
    std::fs::create_dir_all(to)?;
    let mut list = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(&archive)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let (path, name) = (file.path(), file.file_name().to_string_lossy().into_owned());
        if let Some(name) = name.strip_suffix(".json") {
            let mut of: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)
                .with_context(|| path.display().to_string())?;
            of["name"] = name.into();
            list.push(of);
        } else {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    save(&to.join("index.json"), &serde_json::to_vec(&list)?)
}

/// Checks the page's types, and tests what of it needs no browser.
pub(crate) fn check_page() -> anyhow::Result<String> {
    let tools = ensure_page_tools()?;
    let web = root().join("game-client/web");
    run(Command::new(&tools.tsc).args(["-p", "."]).current_dir(&web))
        .context("game-client/web does not hold its types")?;
    let folder = target_dir().join("page-tests");
    let tests = page_tests(&web.join("test"))?;
    run(Command::new(&tools.esbuild)
        .args(&tests)
        .args([
            "--bundle",
            "--platform=node",
            "--format=esm",
            "--out-extension:.js=.mjs",
            "--log-level=warning",
        ])
        .arg(format!("--outdir={}", folder.display()))
        .current_dir(web.join("test")))?;
    run(Command::new("node")
        .arg("--test")
        .arg("--test-reporter=dot")
        .args(tests.iter().map(|name| folder.join(name))))
    .context("tests of game-client/web")?;
    Ok(format!("{} files of tests", tests.len()))
}

/// The names of the page's tests.
fn page_tests(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            names.push(name);
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "{} has no test", folder.display());
    Ok(names)
}

/// The game in wasm, and the script that loads it.
fn game(tools: &PageTools, public: &Path, build: Build) -> anyhow::Result<()> {
    // The crate type is given here: with more than one in the manifest there is no optimisation across crates.
    run(cargo(&[
        "rustc",
        "--locked",
        "--package",
        "game-client",
        "--features",
        "window",
        "--lib",
        "--crate-type",
        "cdylib",
    ])
    .args(["--profile", build.profile(), "--target", WASM_TARGET]))
    .context("building the game; it takes ten minutes the first time")?;
    let module = target_dir()
        .join(WASM_TARGET)
        .join(build.profile())
        .join("game_client.wasm");
    run(Command::new(&tools.wasm_bindgen)
        .args([
            "--target",
            "web",
            "--no-typescript",
            "--remove-name-section",
        ])
        .args(["--out-name", "client", "--out-dir"])
        .arg(public)
        .arg(&module))
    .context("making the script that loads the game")?;
    if build == Build::Shipped {
        let whole = std::fs::read(&module).with_context(|| format!("{}", module.display()))?;
        say("what the game is made of, before its last optimisation:");
        say(shares(&whole)?.trim_end());
        let module = public.join(GAME);
        run(compiler(&tools.wasm_opt)
            .arg("-Oz")
            .args(FEATURES)
            .arg("-o")
            .arg(&module)
            .arg(&module))
        .context("optimising the game")?;
    }
    Ok(())
}

/// Copies a folder's files; it has no folders in it.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("{}", to.display()))?;
    let entries = std::fs::read_dir(from).with_context(|| format!("{}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().context("a file has a name")?;
        std::fs::copy(&path, to.join(name)).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}
