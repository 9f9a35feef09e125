//! The tool as a process, and folders for its files.
#![allow(dead_code, reason = "each of the tests uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of one test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // What an earlier run left there would be taken for what this one wrote.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A recording of a few seconds.
    pub(crate) fn recorded(&self) -> String {
        let out = self.file("a.rec");
        let args = [
            "record",
            "--players",
            "3",
            "--seconds",
            "6",
            "--seed",
            "5",
            "--out",
            &out,
        ];
        assert_eq!(replay(&args).status.code(), Some(0));
        out
    }
}

pub(crate) fn replay(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_replay"))
        .args(args)
        .output()
        .unwrap()
}

/// The exit code and the last line, as JSON.
pub(crate) fn answer(args: &[&str]) -> (Option<i32>, Value) {
    let output = replay(args);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .last()
        .unwrap_or_else(|| panic!("{args:?} said nothing"));
    (output.status.code(), serde_json::from_str(line).unwrap())
}
