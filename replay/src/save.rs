//! Files that are written: a path has its old file or the whole new one, whenever it is looked at and however the process
//! ends.
//!
//! * [`Target::at`] is asked before the work is done. It refuses what cannot be written and changes nothing.
//! * [`Target::write`] writes a file beside the old one, waits until the disk has it, and puts it in the old one's place. A
//!   process that is killed in between leaves a file whose name begins with `.replay-` and ends with `.part`.
//! * Devices and pipes have no old content: they are opened at once and get the bytes.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::exit::Failure;

/// Links that are followed one behind the other; what Linux follows.
const LINKS_MAX: usize = 40;
/// Names that are tried for the file beside the old one. Those of this process differ; more are taken only by what killed
/// processes of the same number left.
const NAMES_MAX: usize = 1_000;

/// Where a file will be written.
#[derive(Debug)]
pub(crate) struct Target {
    /// As it was asked for.
    asked: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// A device or a pipe.
    Stream(File),
    /// A file; links to it stay.
    File {
        path: PathBuf,
        old: Option<Metadata>,
    },
}

impl Target {
    /// Whether a file can be written there, as far as that can be known before.
    ///
    /// # Errors
    /// If it cannot; the text says what to do.
    pub(crate) fn at(asked: &Path) -> Result<Self, Failure> {
        let no = |why: String| refused(asked, &why);
        let ends_as_folder = asked.as_os_str().to_string_lossy().ends_with(['/', '\\']);
        let old = match fs::metadata(asked) {
            Ok(old) => Some(old),
            Err(error) if error.kind() == ErrorKind::NotFound && !ends_as_folder => None,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(no("it names a folder. Name a file.".to_owned()));
            }
            Err(error) => return Err(no(format!("{error}. Name another file."))),
        };
        if old.as_ref().is_some_and(Metadata::is_dir) {
            return Err(no("it is a folder. Name a file in it.".to_owned()));
        }
        if old.as_ref().is_some_and(is_standard_output) {
            return Err(no(
                "standard output has the answer. Name another file.".to_owned()
            ));
        }
        let mut writing = OpenOptions::new();
        writing.write(true);
        let place = match old {
            Some(old) if !old.is_file() => {
                let stream = writing.open(asked).map_err(|error| no(error.to_string()))?;
                Place::Stream(stream)
            }
            Some(_) | None => {
                let path = followed(asked).map_err(|error| no(error.to_string()))?;
                if old.is_some() {
                    writing.open(&path).map_err(|error| {
                        no(format!("{error}. Make the file writable, or name another."))
                    })?;
                }
                takes_files(folder_of(&path)).map_err(no)?;
                Place::File { path, old }
            }
        };
        Ok(Self {
            asked: asked.to_owned(),
            place,
        })
    }

    /// Writes the file, whole or not at all. Gives back the path that was asked for.
    ///
    /// # Errors
    /// If the disk or what is behind the pipe does not take it.
    pub(crate) fn write(self, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let (written, left) = match self.place {
            Place::Stream(mut stream) => (stream.write_all(bytes), "Only a part of it was taken."),
            Place::File { path, old } => {
                let left = match old {
                    Some(_) => "The old file is as it was.",
                    None => "No file is there.",
                };
                (replace(&path, old.as_ref(), bytes), left)
            }
        };
        match written {
            Ok(()) => Ok(self.asked),
            Err(error) => Err(refused(&self.asked, &format!("{error}. {left}"))),
        }
    }
}

/// Makes a folder, if there is none, and finds out whether files can be written into it.
///
/// # Errors
/// If they cannot; the text says what to do.
pub(crate) fn folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::Usage(format!(
            "{} cannot be made: {error}. Name another folder.",
            folder.display()
        ))
    })?;
    takes_files(folder).map_err(|why| refused(folder, &why))
}

fn refused(path: &Path, why: &str) -> Failure {
    Failure::Usage(format!("{} cannot be written: {why}", path.display()))
}

/// Where a path leads to, also if nothing is there yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..LINKS_MAX {
        match fs::symlink_metadata(&at) {
            Ok(is) if is.is_symlink() => at = folder_of(&at).join(fs::read_link(&at)?),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => return Ok(at),
        }
    }
    Err(io::Error::other("it is a link to a link without an end"))
}

fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().unwrap_or(path);
    if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    }
}

/// Finds out by trying: no mode or owner tells it for every file system.
fn takes_files(folder: &Path) -> Result<(), String> {
    match beside(folder, None) {
        Ok((path, _)) => {
            // It can be made, so it can be removed; if not, the write fails later and says so.
            let _ = fs::remove_file(path);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!(
            "there is no folder {}. Make it first.",
            folder.display()
        )),
        Err(error) => Err(format!(
            "no new file can be made in the folder {}: {error}. Change that, or name a file in another folder.",
            folder.display()
        )),
    }
}

/// A new empty file, with the rights of the one that it will replace.
fn beside(folder: &Path, old: Option<&Metadata>) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mut last = io::Error::other("no name is free");
    for _ in 0..NAMES_MAX {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".replay-{}-{number}.part", std::process::id()));
        match open_new(&path, old.is_some()) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

fn replace(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let (new, mut file) = beside(folder, old)?;
    let written = old
        .map_or(Ok(()), |old| keep_rights(&file, old))
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // What is reported is why it could not be written.
        let _ = fs::remove_file(&new);
        return written;
    }
    // The name is on the disk once the folder is. Not every system lets a folder be opened for this.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Until the rights of the old file are set, nobody else may open the new one.
#[cfg(unix)]
fn open_new(path: &Path, is_private: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    if is_private {
        new.mode(0o600);
    }
    new.open(path)
}

#[cfg(not(unix))]
fn open_new(path: &Path, _: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(unix)]
fn keep_rights(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only a superuser gives a file away. Whoever may write the old file may have one of its own in its place.
        let _ = fchown(file, Some(old.uid()), Some(old.gid()))
            .or_else(|_| fchown(file, None, Some(old.gid())));
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_rights(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Whether the answer would go into the same file. The null device takes both.
#[cfg(unix)]
fn is_standard_output(of: &Metadata) -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::MetadataExt as _;
    let same = |other: Metadata| (other.dev(), other.ino()) == (of.dev(), of.ino());
    let stdout = io::stdout().as_fd().try_clone_to_owned();
    let stdout = stdout.and_then(|stdout| File::from(stdout).metadata());
    stdout.is_ok_and(same) && !fs::metadata("/dev/null").is_ok_and(same)
}

#[cfg(not(unix))]
fn is_standard_output(_: &Metadata) -> bool {
    false
}
