//! An adaptive binary range coder: integers only, so it gives the same bytes everywhere.
//!
//! The construction is LZMA's (32-bit range, carry by a delayed byte), with 15-bit probabilities and without LZMA's
//! constant first byte and four of its five last ones. Model code is written once, against [`Coder`]: the encoder takes
//! the bit it is given, the decoder gives the bit it finds.

use alloc::vec::Vec;

const PROB_BITS: u32 = 15;
const RANGE_MIN: u32 = 1 << 24;

/// Bits after which a probability is sure of itself. Until then it is nearly the mean of what it has seen; from then on
/// a bit takes a 1/64 of the distance, which follows a player who changes habits and costs about 1 % more than knowing.
const SURE: u8 = 62;

/// What part of the distance the bit takes that comes after so many: 2^16 / (bits + 1.6).
const STEP_OF: [u16; SURE as usize + 1] = {
    let mut steps = [0; SURE as usize + 1];
    let mut bits = 0;
    while bits < steps.len() {
        steps[bits] = (655_360 / (10 * bits + 16)) as u16;
        bits += 1;
    }
    steps
};

/// The decoder looks four bytes ahead, and the encoder leaves the three of them out that may be zero.
const LOOKAHEAD_BYTES: usize = 4;

/// How likely a bit is 0, in 2^-15, and after how many bits that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prob {
    zero: u16,
    seen: u8,
}

const ONE: u32 = 1 << PROB_BITS;
/// Nothing is certain: a probability stays this far from 0 and 1.
const DOUBT: u32 = 16;

impl Prob {
    pub(crate) const EVEN: Self = Self {
        zero: 1 << (PROB_BITS - 1),
        seen: 0,
    };
    /// 1 bit in 12 is set: how often players change their buttons.
    pub(crate) const MOSTLY_0: Self = Self {
        zero: 30_037,
        seen: SURE / 2,
    };

    fn learn(&mut self, bit: bool) {
        let step = u32::from(STEP_OF[usize::from(self.seen)]);
        let zero = u32::from(self.zero);
        let zero = if bit {
            zero - ((zero * step) >> 16)
        } else {
            zero + (((ONE - zero) * step) >> 16)
        };
        self.zero = zero.clamp(DOUBT, ONE - DOUBT) as u16;
        self.seen = (self.seen + 1).min(SURE);
    }
}

/// The two directions of coding.
pub(crate) trait Coder {
    /// Codes a bit. The encoder returns `bit`; the decoder ignores it and returns what was encoded.
    fn bit(&mut self, prob: &mut Prob, bit: bool) -> bool;

    /// Codes the low `count` bits of `bits`, highest first, each as likely 0 as 1.
    fn even_bits(&mut self, count: u32, bits: u64) -> u64;
}

/// Bits to bytes.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    low: u64,
    range: u32,
    /// The last byte made, which a carry may still change, and the 0xFF bytes behind it.
    cache: u8,
    pending: usize,
    out: Vec<u8>,
}

impl Encoder {
    pub(crate) fn new() -> Self {
        Self {
            low: 0,
            range: u32::MAX,
            cache: 0,
            pending: 1,
            out: Vec::new(),
        }
    }

    /// Bytes so far.
    pub(crate) const fn len(&self) -> usize {
        self.out.len() + self.pending
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        // `range` is at least 2^24, so the interval contains a number whose low 24 bits are zero.
        let mask = u64::from(RANGE_MIN - 1);
        self.low = (self.low + mask) & !mask;
        self.shift();
        self.shift();
        // The first byte is what would have been before the point; a carry cannot reach it.
        self.out.remove(0);
        self.out
    }

    fn narrow(&mut self) {
        while self.range < RANGE_MIN {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        if self.low < 0xFF00_0000 || self.low > 0xFFFF_FFFF {
            let carry = (self.low >> 32) as u8;
            self.out.push(self.cache.wrapping_add(carry));
            for _ in 1..self.pending {
                self.out.push(0xFF_u8.wrapping_add(carry));
            }
            self.pending = 0;
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low & 0x00FF_FFFF) << 8;
    }
}

impl Coder for Encoder {
    fn bit(&mut self, prob: &mut Prob, bit: bool) -> bool {
        let bound = (self.range >> PROB_BITS) * u32::from(prob.zero);
        if bit {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        prob.learn(bit);
        self.narrow();
        bit
    }

    fn even_bits(&mut self, count: u32, bits: u64) -> u64 {
        for place in (0..count).rev() {
            self.range >>= 1;
            if bits >> place & 1 == 1 {
                self.low += u64::from(self.range);
            }
            self.narrow();
        }
        bits
    }
}

/// Bytes to bits. Any bytes decode to some bits; whether they were the right number of bytes says [`Decoder::is_at_end`].
#[derive(Clone, Debug)]
pub(crate) struct Decoder<'b> {
    bytes: &'b [u8],
    place: Place,
}

/// How far a decoder has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    at: usize,
    range: u32,
    code: u32,
}

impl<'b> Decoder<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        let start = Place {
            at: 0,
            range: u32::MAX,
            code: 0,
        };
        let mut decoder = Self::at(bytes, start);
        for _ in 0..LOOKAHEAD_BYTES {
            decoder.shift();
        }
        decoder
    }

    /// Goes on with bytes of which some have been read.
    pub(crate) const fn at(bytes: &'b [u8], place: Place) -> Self {
        Self { bytes, place }
    }

    /// How far it has come.
    pub(crate) const fn place(&self) -> Place {
        self.place
    }

    /// Whether more was read than an encoder could have meant.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.place.at >= self.bytes.len() + LOOKAHEAD_BYTES
    }

    /// Whether exactly all bytes were read.
    pub(crate) const fn is_at_end(&self) -> bool {
        self.place.at + 1 == self.bytes.len() + LOOKAHEAD_BYTES
    }

    fn shift(&mut self) {
        let byte = self.bytes.get(self.place.at).copied().unwrap_or(0);
        self.place.at += 1;
        self.place.code = self.place.code << 8 | u32::from(byte);
    }

    fn narrow(&mut self) {
        while self.place.range < RANGE_MIN {
            self.place.range <<= 8;
            self.shift();
        }
    }
}

impl Coder for Decoder<'_> {
    fn bit(&mut self, prob: &mut Prob, _: bool) -> bool {
        let bound = (self.place.range >> PROB_BITS) * u32::from(prob.zero);
        let bit = self.place.code >= bound;
        if bit {
            self.place.code -= bound;
            self.place.range -= bound;
        } else {
            self.place.range = bound;
        }
        prob.learn(bit);
        self.narrow();
        bit
    }

    fn even_bits(&mut self, count: u32, _: u64) -> u64 {
        let mut bits = 0;
        for _ in 0..count {
            self.place.range >>= 1;
            let bit = self.place.code >= self.place.range;
            if bit {
                self.place.code -= self.place.range;
            }
            bits = bits << 1 | u64::from(bit);
            self.narrow();
        }
        bits
    }
}
