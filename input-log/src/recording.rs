//! Opening a recording: every block before the first damage, and what is lost behind it.

use alloc::vec::Vec;

use sim_core::Step;

use crate::block::{self, Block, BlockInfo, Chain, Kind};
use crate::entries::Entries;
use crate::header::{FORMAT_VERSION, Header, OpenError};
use crate::kernel::{Kernel, RecordableKernel};
use crate::loss::{Lost, LostReason};
use crate::native::Native;
use crate::unpack::Unpack;
use crate::writer::Writer;

/// A recording whose intact part has been checked and decoded once.
#[derive(Clone, Debug)]
pub struct Recording<'b, K: Kernel = Native> {
    kernel: K,
    bytes: &'b [u8],
    header: Header,
    /// What is intact: blocks, bytes of the header and them, digest of the last, last step.
    blocks: Vec<BlockInfo>,
    intact_bytes: usize,
    chain: Chain,
    last_step: Option<Step>,
    lost: Option<Lost>,
}

impl<'b> Recording<'b> {
    /// Checks and decodes all of it, by the rules of this build.
    ///
    /// # Errors
    /// Only damage to the header; damage to blocks is said in [`Recording::lost`].
    pub fn open(bytes: &'b [u8]) -> Result<Self, OpenError> {
        Self::open_with(Native, bytes)
    }
}

impl<'b, K: Kernel> Recording<'b, K> {
    /// Checks and decodes all of it, by the rules of this kernel. Worlds are decoded if the recording is of its
    /// `SIM_VERSION`.
    ///
    /// # Errors
    /// Only damage to the header; damage to blocks is said in [`Recording::lost`].
    pub fn open_with(kernel: K, bytes: &'b [u8]) -> Result<Self, OpenError> {
        let (header, header_bytes) = Header::decode(bytes)?;
        let mut recording = Self {
            kernel,
            bytes,
            chain: Chain::of(&bytes[..header_bytes]),
            intact_bytes: header_bytes,
            last_step: None,
            blocks: Vec::new(),
            lost: None,
            header,
        };
        recording.lost = recording.read_blocks().err().map(|reason| Lost {
            at_byte: recording.intact_bytes,
            first_missing_step: recording.last_step.map_or(Step(0), |last| last.after(1)),
            reason,
        });
        Ok(recording)
    }

    /// Takes over every intact block; the reason why one is not, or why there should be more.
    fn read_blocks(&mut self) -> Result<(), LostReason> {
        let mut unpack = Unpack::new(self.kernel.clone(), &self.header);
        while self.intact_bytes < self.bytes.len() {
            if self.has_ended() {
                return Err(LostReason::Trailing);
            }
            let block = block::take(&self.bytes[self.intact_bytes..], self.chain)?;
            self.decode_all(&mut unpack, &block)?;
            self.blocks.push(BlockInfo {
                kind: block.kind,
                first_step: block.first,
                steps: block.steps,
                at_byte: self.intact_bytes,
                bytes: block.bytes.len(),
                payload_bytes: block.payload.len(),
            });
            self.chain = Chain::of(block.bytes);
            self.intact_bytes += block.bytes.len();
            self.last_step = unpack.last();
        }
        self.has_ended().then_some(()).ok_or(LostReason::NoEnd)
    }

    fn decode_all(&self, unpack: &mut Unpack<'b, K>, block: &Block<'b>) -> Result<(), LostReason> {
        unpack.begin(block)?;
        if self.header.sim_version == self.kernel.sim_version() {
            unpack.check_world()?;
        }
        while unpack.next()?.is_some() {}
        Ok(())
    }

    /// The rules that it is read by.
    pub(crate) const fn kernel(&self) -> &K {
        &self.kernel
    }

    /// Where it comes from.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What it no longer holds; none if it is whole and ended in order.
    #[must_use]
    pub const fn lost(&self) -> Option<Lost> {
        self.lost
    }

    /// The intact blocks, in order.
    #[must_use]
    pub fn blocks(&self) -> &[BlockInfo] {
        &self.blocks
    }

    /// Everything, from the first keyframe on.
    #[must_use]
    pub fn entries(&self) -> Entries<'_, K> {
        Entries::of(self.kernel.clone(), self.bytes, &self.blocks, &self.header)
    }

    /// Everything from the last keyframe whose step is at most `step`; from the first if there is none.
    #[must_use]
    pub fn entries_from(&self, step: Step) -> Entries<'_, K> {
        let is_before =
            |block: &BlockInfo| block.kind == Kind::Keyframe && block.first_step <= step;
        let start = self.blocks.iter().rposition(is_before).unwrap_or(0);
        Entries::of(
            self.kernel.clone(),
            self.bytes,
            &self.blocks[start..],
            &self.header,
        )
    }

    /// Last step that it holds, a gap's steps included; none without a keyframe.
    #[must_use]
    pub const fn last_step(&self) -> Option<Step> {
        self.last_step
    }

    /// Bytes of the header and the intact blocks. Before [`Recording::resume`], a store drops what is behind them.
    #[must_use]
    pub const fn intact_bytes(&self) -> usize {
        self.intact_bytes
    }

    /// Digest of the last intact block; of the header, if there is none.
    #[must_use]
    pub const fn chain(&self) -> Chain {
        self.chain
    }

    fn has_ended(&self) -> bool {
        self.blocks
            .last()
            .is_some_and(|block| block.kind == Kind::End)
    }
}

impl<K: RecordableKernel> Recording<'_, K> {
    /// A writer that goes on behind the last intact block. None if the recording has ended, never began, or is of an older
    /// format than writers write.
    #[must_use]
    pub fn resume(&self) -> Option<Writer<K>> {
        let last = self.last_step?;
        let resume = || {
            Writer::resume_with(
                self.kernel.clone(),
                self.header.hash_detail,
                self.chain,
                last,
            )
        };
        let goes_on = !self.has_ended() && self.header.format == FORMAT_VERSION;
        goes_on.then(resume)
    }
}
