//! The browser of the end-to-end scenes. It is the machine's own: none comes from a package registry.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::run::run;

/// What it is called, where it is on the path.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

const MISSING: &str =
    "no Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM";

/// Where it is. On a machine that says it is CI's, and where that can be done without asking, it is installed.
pub(crate) fn ensure_chromium() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        ensure!(
            path.is_file(),
            "CHROMIUM names {}, which is no file",
            path.display()
        );
        return Ok(path);
    }
    if let Some(path) = NAMES.into_iter().find_map(on_path) {
        return Ok(path);
    }
    let may_install = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    if may_install && on_path("apt-get").is_some() && is_root() {
        for args in [
            &["update"][..],
            &["install", "--yes", "--no-install-recommends", "chromium"],
        ] {
            run(Command::new("apt-get")
                .args(args)
                .env("DEBIAN_FRONTEND", "noninteractive"))
            .context(MISSING)?;
        }
        return on_path(NAMES[0]).context(MISSING);
    }
    bail!(MISSING)
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Whoever may write there may install.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    Path::new("/etc/apt").is_dir() && id.is_ok_and(|id| id.stdout.starts_with(b"0\n"))
}
