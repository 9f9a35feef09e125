//! Files that are written: a path has its old file or the whole new one, also if the command is killed meanwhile.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Writes a file beside the old one, waits until the disk has it, and puts it in the old one's place.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = part(path);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// The name while it is not whole. The next run writes over what a killed one left there.
fn part(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = std::env::temp_dir().join(format!("bitfort-save-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("report.md");
        fs::write(part(&path), "what a killed run left there, and longer").unwrap();
        for text in ["old", "new"] {
            save(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(save(&folder.join("absent/report.md"), b"").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
