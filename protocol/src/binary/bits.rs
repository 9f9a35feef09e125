//! Bits in bytes, least significant first, and the codes for numbers that are mostly small.

use alloc::vec::Vec;

use crate::error::{DecodeError, Reason};

#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits that fill no byte yet, and how many they are.
    pending: u64,
    filled: u32,
}

impl Writer {
    /// The lower `count` bits of `value`, at most 32; the others must be zero.
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        assert!(
            count == 32 || value >> count == 0,
            "{value} has more than {count} bits"
        );
        self.pending |= u64::from(value) << self.filled;
        self.filled += count;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// One bit.
    pub(super) fn flag(&mut self, value: bool) {
        self.bits(value.into(), 1);
    }

    /// 64 bits.
    pub(super) fn word(&mut self, value: u64) {
        self.bits(value as u32, 32);
        self.bits((value >> 32) as u32, 32);
    }

    /// An exponential Golomb code of order `order`: the shortest are `order` + 1 bits, for numbers below 2^`order`.
    pub(super) fn number(&mut self, value: u64, order: u32) {
        let shifted = u128::from(value) + (1 << order);
        let more = shifted.ilog2() - order;
        for _ in 0..more {
            self.flag(false);
        }
        self.flag(true);
        for place in (0..order + more).rev() {
            self.flag(shifted >> place & 1 == 1);
        }
    }

    /// A number of either sign, small ones short.
    pub(super) fn signed(&mut self, value: i64, order: u32) {
        self.number((value.wrapping_shl(1) ^ (value >> 63)) as u64, order);
    }

    /// Five bits for the size, then the sign and the bits below the leading one. For numbers of any size.
    pub(super) fn sized(&mut self, value: i32) {
        let magnitude = value.unsigned_abs();
        let size = 32 - magnitude.leading_zeros();
        self.bits(size.min(31), 5);
        match size {
            0 => {}
            1..=30 => {
                self.flag(value.is_negative());
                self.bits(magnitude - (1 << (size - 1)), size - 1);
            }
            _ => self.bits(value.cast_unsigned(), 32),
        }
    }

    /// The bytes, the last filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.filled > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

/// Bits that `Writer::sized` takes.
pub(super) const fn sized_bits(value: i32) -> u32 {
    match 32 - value.unsigned_abs().leading_zeros() {
        0 => 5,
        size @ 1..=30 => 5 + size,
        _ => 37,
    }
}

#[derive(Debug)]
pub(super) struct Reader<'bytes> {
    bytes: &'bytes [u8],
    /// Bits that were read.
    at: usize,
    /// What is read at the moment, for errors.
    pub(super) field: &'static str,
}

impl<'bytes> Reader<'bytes> {
    pub(super) const fn new(bytes: &'bytes [u8], field: &'static str) -> Self {
        Self {
            bytes,
            at: 0,
            field,
        }
    }

    pub(super) fn flag(&mut self) -> Result<bool, DecodeError> {
        let Some(byte) = self.bytes.get(self.at / 8) else {
            return Err(self.ended());
        };
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Ok(bit == 1)
    }

    /// The next bits, at most 32.
    pub(super) fn bits(&mut self, count: u32) -> Result<u32, DecodeError> {
        let end = self.at + count as usize;
        if end > 8 * self.bytes.len() {
            return Err(self.ended());
        }
        let bytes = &self.bytes[self.at / 8..end.div_ceil(8)];
        let window = bytes
            .iter()
            .rev()
            .fold(0, |window, byte| window << 8 | u64::from(*byte));
        let value = window >> (self.at % 8) & ((1 << count) - 1);
        self.at = end;
        Ok(value as u32)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.bits(8)? as u8)
    }

    pub(super) fn word(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from(self.bits(32)?) | u64::from(self.bits(32)?) << 32)
    }

    pub(super) fn number(&mut self, order: u32) -> Result<u64, DecodeError> {
        let mut more = 0;
        while !self.flag()? {
            more += 1;
            if more + order > 64 {
                return Err(self.wrong());
            }
        }
        let mut shifted = 1_u128;
        for _ in 0..order + more {
            shifted = shifted << 1 | u128::from(self.flag()?);
        }
        u64::try_from(shifted - (1 << order)).map_err(|_| self.wrong())
    }

    /// A number that fits `T`.
    pub(super) fn small<T: TryFrom<u64>>(&mut self, order: u32) -> Result<T, DecodeError> {
        let value = self.number(order)?;
        T::try_from(value).map_err(|_| self.wrong())
    }

    pub(super) fn signed(&mut self, order: u32) -> Result<i64, DecodeError> {
        let value = self.number(order)?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    pub(super) fn sized(&mut self) -> Result<i32, DecodeError> {
        match self.bits(5)? {
            0 => Ok(0),
            31 => {
                let value = self.bits(32)?.cast_signed();
                if sized_bits(value) == 37 {
                    Ok(value)
                } else {
                    Err(self.wrong())
                }
            }
            size => {
                let negative = self.flag()?;
                let magnitude = (self.bits(size - 1)? + (1 << (size - 1))).cast_signed();
                Ok(if negative { -magnitude } else { magnitude })
            }
        }
    }

    /// Up to the end of the last byte there may only be zeros.
    pub(super) fn end(mut self) -> Result<(), DecodeError> {
        let last = self.at.div_ceil(8);
        while self.at < last * 8 {
            if self.flag()? {
                return Err(self.wrong());
            }
        }
        match self.bytes.len() - last {
            0 => Ok(()),
            bytes => Err(Reason::TrailingBytes { bytes }.into()),
        }
    }

    /// Apart, because every bit is asked whether it is there.
    #[cold]
    fn ended(&self) -> DecodeError {
        Reason::Truncated.of(self.field)
    }

    /// What was read is nothing that a writer writes.
    #[cold]
    pub(super) fn wrong(&self) -> DecodeError {
        Reason::NotCanonical.of(self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(
            word: u64, small in 0_u64..300, order in 0_u32..12, signed: i64, sized: i32, near in -70_000_i32..70_000,
        ) {
            let mut out = Writer::default();
            out.number(word, order);
            out.number(small, order);
            out.signed(signed, order);
            out.sized(sized);
            out.sized(near);
            out.word(word);
            let bytes = out.finish();
            let mut from = Reader::new(&bytes, "test");
            prop_assert_eq!(from.number(order), Ok(word));
            prop_assert_eq!(from.number(order), Ok(small));
            prop_assert_eq!(from.signed(order), Ok(signed));
            prop_assert_eq!(from.sized(), Ok(sized));
            prop_assert_eq!(from.sized(), Ok(near));
            prop_assert_eq!(from.word(), Ok(word));
            prop_assert_eq!(from.end(), Ok(()));
        }

        #[test]
        fn the_size_of_a_sized_number_is_known(value in prop_oneof![any::<i32>(), -9..9_i32]) {
            let mut out = Writer::default();
            out.sized(value);
            prop_assert_eq!(out.finish().len(), sized_bits(value).div_ceil(8) as usize);
        }
    }

    #[test]
    fn small_numbers_are_short() {
        let mut out = Writer::default();
        (0..8).for_each(|_| out.number(0, 0));
        assert_eq!(out.finish(), [0xFF]);
    }

    #[test]
    fn bits_behind_the_end_are_refused() {
        let mut from = Reader::new(&[0b11], "test");
        assert_eq!(from.flag(), Ok(true));
        assert_eq!(from.end(), Err(Reason::NotCanonical.of("test")));
    }
}
