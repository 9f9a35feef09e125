//! Models of what the range coder codes: symbols of a few bits, and numbers of any size.

use crate::native::range::{Coder, Prob};

/// A symbol below `N`, a power of two: one probability for each node of the tree that its bits walk down.
#[derive(Clone, Debug)]
pub(crate) struct Symbol<const N: usize>([Prob; N]);

impl<const N: usize> Symbol<N> {
    const BITS: u32 = {
        assert!(N.is_power_of_two());
        N.ilog2()
    };

    pub(crate) const fn new() -> Self {
        Self([Prob::EVEN; N])
    }

    pub(crate) fn code(&mut self, coder: &mut impl Coder, symbol: usize) -> usize {
        self.code_bits(coder, Self::BITS, symbol)
    }

    /// A symbol of fewer bits than `N` has.
    fn code_bits(&mut self, coder: &mut impl Coder, bits: u32, symbol: usize) -> usize {
        let mut node = 1;
        for place in (0..bits).rev() {
            let bit = coder.bit(&mut self.0[node], symbol >> place & 1 == 1);
            node = node << 1 | usize::from(bit);
        }
        node ^ 1 << bits
    }
}

/// A number: whether it is 0, its length in bits less one as a symbol, then the bits behind its first one, of which the
/// upper ones are learnt.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    more: Prob,
    length: Symbol<64>,
    upper: [Symbol<8>; LEARNT_LENGTHS],
}

/// Longer numbers are rare, and are all different.
const LEARNT_LENGTHS: usize = 11;
const UPPER_BITS: u32 = 3;

impl Number {
    pub(crate) const fn new() -> Self {
        Self {
            more: Prob::EVEN,
            length: Symbol::new(),
            upper: [const { Symbol::new() }; LEARNT_LENGTHS],
        }
    }

    pub(crate) fn code(&mut self, coder: &mut impl Coder, number: u64) -> u64 {
        if !coder.bit(&mut self.more, number > 0) {
            return 0;
        }
        let behind = number.checked_ilog2().unwrap_or(0) as usize;
        let behind = self.length.code(coder, behind) as u32;
        let mut decoded = 1;
        let mut even = behind;
        if let Some(model) = self.upper.get_mut(behind as usize) {
            let learnt = behind.min(UPPER_BITS);
            even = behind - learnt;
            let upper = (number >> even) as usize & ((1 << learnt) - 1);
            decoded = 1 << learnt | model.code_bits(coder, learnt, upper) as u64;
        }
        decoded << even | coder.even_bits(even, number & ((1 << even) - 1))
    }

    /// A number that may be negative; small ones of either sign are cheap.
    pub(crate) fn code_signed(&mut self, coder: &mut impl Coder, number: i64) -> i64 {
        let folded = self.code(coder, ((number << 1) ^ (number >> 63)) as u64);
        (folded >> 1) as i64 ^ -((folded & 1) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::range::{Decoder, Encoder};
    use alloc::vec::Vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            symbols in prop::collection::vec(0_usize..16, 0..200),
            numbers in prop::collection::vec((any::<u64>(), 0_u32..64).prop_map(|(n, s)| n >> s), 0..200),
        ) {
            let mut encoder = Encoder::new();
            let (mut symbol, mut number, mut signed) = (Symbol::<16>::new(), Number::new(), Number::new());
            for &it in &symbols {
                symbol.code(&mut encoder, it);
            }
            for &it in &numbers {
                number.code(&mut encoder, it);
                signed.code_signed(&mut encoder, it as i64);
            }
            let bytes = encoder.finish();
            let mut decoder = Decoder::new(&bytes);
            let (mut symbol, mut number, mut signed) = (Symbol::<16>::new(), Number::new(), Number::new());
            for &it in &symbols {
                prop_assert_eq!(symbol.code(&mut decoder, 0), it);
            }
            for &it in &numbers {
                prop_assert_eq!(number.code(&mut decoder, 0), it);
                prop_assert_eq!(signed.code_signed(&mut decoder, 0), it as i64);
            }
            prop_assert!(decoder.is_at_end());
        }

        #[test]
        fn any_bytes_decode_and_say_that_they_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut decoder = Decoder::new(&bytes);
            let mut number = Number::new();
            let decoded: Vec<u64> = core::iter::from_fn(|| {
                (!decoder.is_exhausted()).then(|| number.code(&mut decoder, 0))
            }).take(100_000).collect();
            prop_assert!(decoder.is_exhausted() || decoded.len() == 100_000);
        }
    }
}
