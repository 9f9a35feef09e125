//! A room's database as a file, while nobody serves it: <https://www.sqlite.org/fileformat2.html>.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

/// Of the file's header: where the size of a page stands.
const PAGE_SIZE_AT: usize = 16;
const WAL_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// Every page, as the last commit left it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    bytes: Vec<u8>,
    page_bytes: usize,
}

impl Database {
    /// Reads the file, and what stands in its write-ahead log.
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut bytes = fs::read(path).with_context(|| format!("{}", path.display()))?;
        let log = fs::read(beside(path, "-wal")).unwrap_or_default();
        let page_bytes = match log.get(8..12) {
            Some(size) => be(size) as usize,
            None => usize::from(u16::from_be_bytes(
                bytes
                    .get(PAGE_SIZE_AT..PAGE_SIZE_AT + 2)
                    .context("the file has no header")?
                    .try_into()?,
            )),
        };
        for (page, content) in committed(&log, page_bytes) {
            let at = (page as usize - 1) * page_bytes;
            if bytes.len() < at + page_bytes {
                bytes.resize(at + page_bytes, 0);
            }
            bytes[at..at + page_bytes].copy_from_slice(content);
        }
        ensure!(
            !bytes.is_empty() && bytes.len().is_multiple_of(page_bytes),
            "{} bytes are not whole pages",
            bytes.len()
        );
        Ok(Self { bytes, page_bytes })
    }

    pub(super) fn pages(&self) -> usize {
        self.bytes.len() / self.page_bytes
    }

    /// The same with one page, counted from 1, of which every byte is something else.
    pub(super) fn damaged(&self, page: usize) -> Self {
        let mut damaged = self.clone();
        let begin = (page - 1) * self.page_bytes;
        for byte in &mut damaged.bytes[begin..begin + self.page_bytes] {
            *byte ^= 0xa5;
        }
        damaged
    }

    /// Puts it in another's place.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        for end in ["-wal", "-shm"] {
            let file = beside(path, end);
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
        fs::write(path, &self.bytes).with_context(|| format!("{}", path.display()))
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn be(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |all, byte| all << 8 | u32::from(*byte))
}

/// The newest content of each page that a commit stands behind. A frame with other salts is of a log before this one.
fn committed(log: &[u8], page_bytes: usize) -> BTreeMap<u32, &[u8]> {
    let (mut pages, mut uncommitted) = (BTreeMap::new(), BTreeMap::new());
    let Some((header, frames)) = log.split_at_checked(WAL_HEADER_BYTES) else {
        return pages;
    };
    for frame in frames.chunks_exact(FRAME_HEADER_BYTES + page_bytes) {
        let (head, content) = frame.split_at(FRAME_HEADER_BYTES);
        if head[8..16] != header[16..24] {
            break;
        }
        uncommitted.insert(be(&head[..4]), content);
        if be(&head[4..8]) > 0 {
            pages.append(&mut uncommitted);
        }
    }
    pages
}
