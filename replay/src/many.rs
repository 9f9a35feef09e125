//! Many recordings at once, on all processors.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::exit::{Exit, Failure};
use crate::print;

/// The recordings that these paths are: files as they are, and of folders every file in them, at any depth, that ends in `.rec`.
///
/// # Errors
/// If a folder cannot be read or has none.
pub(crate) fn recordings(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let before = all.len();
        add_folder(path, &mut all)?;
        if all.len() == before {
            return Err(Failure::Usage(format!(
                "{} holds no file that ends in .rec",
                path.display()
            )));
        }
        all[before..].sort();
    }
    Ok(all)
}

fn add_folder(folder: &Path, all: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let no = |error: std::io::Error| {
        Failure::Usage(format!("{} cannot be read: {error}", folder.display()))
    };
    for entry in std::fs::read_dir(folder).map_err(no)? {
        let entry = entry.map_err(no)?;
        // A link to a folder is not followed: it may lead back.
        if entry.file_type().map_err(no)?.is_dir() {
            add_folder(&entry.path(), all)?;
        } else if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "rec")
        {
            all.push(entry.path());
        }
    }
    Ok(())
}

/// Does the work for each file, on all processors; the results in the order of the files.
pub(crate) fn each<T: Send>(files: &[PathBuf], work: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::new());
    let shown = std::io::stderr().is_terminal();
    let workers = thread::available_parallelism().map_or(1, |count| count.get().min(files.len()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { break };
                    let result = work(file);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((at, result));
                    if shown {
                        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                        print::status(&format!("\r{done} of {} recordings", files.len()));
                    }
                }
            });
        }
    });
    if shown {
        print::status("\r\x1b[K");
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// How a run over many ends: as the worst of them. What diverges is worse than what cannot be read, and that worse than damage.
pub(crate) fn worst(exits: impl IntoIterator<Item = Exit>) -> Exit {
    let rank = |exit: &Exit| match exit {
        Exit::Holds => 0,
        Exit::Damaged => 1,
        Exit::Usage => 2,
        Exit::Unreadable => 3,
        Exit::Diverges => 4,
    };
    exits.into_iter().max_by_key(rank).unwrap_or(Exit::Holds)
}
