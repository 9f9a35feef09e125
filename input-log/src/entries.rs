//! Going through a recording step by step.

use crate::block::BlockInfo;
use crate::entry::EntryOf;
use crate::header::Header;
use crate::kernel::Kernel;
use crate::native::Native;
use crate::unpack::Unpack;

/// Goes through the entries. Not an `Iterator`, because an entry borrows the frame that the next one overwrites:
/// `while let Some(entry) = entries.next() { .. }`.
#[derive(Clone, Debug)]
pub struct Entries<'r, K: Kernel = Native> {
    bytes: &'r [u8],
    blocks: core::slice::Iter<'r, BlockInfo>,
    unpack: Unpack<'r, K>,
}

impl<'r, K: Kernel> Entries<'r, K> {
    pub(crate) fn of(kernel: K, bytes: &'r [u8], blocks: &'r [BlockInfo], header: &Header) -> Self {
        Self {
            bytes,
            blocks: blocks.iter(),
            unpack: Unpack::new(kernel, header),
        }
    }

    /// The next entry; none at the end of the intact part.
    #[expect(
        clippy::should_implement_trait,
        reason = "an entry borrows the frame that is used again for the next"
    )]
    pub fn next(&mut self) -> Option<EntryOf<'_, K>> {
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
