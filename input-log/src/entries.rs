//! Going through a recording step by step.

use crate::block::BlockInfo;
use crate::entry::Entry;
use crate::header::HashDetail;
use crate::unpack::Unpack;

/// Goes through the entries. Not an `Iterator`, because an entry borrows the frame that the next one overwrites:
/// `while let Some(entry) = entries.next() { .. }`.
#[derive(Clone, Debug)]
pub struct Entries<'r> {
    bytes: &'r [u8],
    blocks: core::slice::Iter<'r, BlockInfo>,
    unpack: Unpack<'r>,
}

impl<'r> Entries<'r> {
    pub(crate) fn of(bytes: &'r [u8], blocks: &'r [BlockInfo], detail: HashDetail) -> Self {
        Self {
            bytes,
            blocks: blocks.iter(),
            unpack: Unpack::new(detail),
        }
    }

    /// The next entry; none at the end of the intact part.
    #[expect(
        clippy::should_implement_trait,
        reason = "an entry borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<Entry<'_>> {
        while self.unpack.is_done() {
            let block = self.blocks.next()?.of(self.bytes);
            self.unpack
                .begin(&block)
                .expect("the block was decoded when the recording was opened");
        }
        self.unpack
            .next()
            .expect("the block was decoded when the recording was opened")
    }
}
