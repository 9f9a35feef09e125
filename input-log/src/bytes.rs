//! Taking fields from the front of bytes that may be wrong, and putting them.

use alloc::vec::Vec;

/// Why there is no field at the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The bytes end before it does.
    Short,
    /// It is written in another way than [`put_varint`] writes it.
    Spelling,
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taking<'b> {
    pub(crate) rest: &'b [u8],
}

impl<'b> Taking<'b> {
    pub(crate) const fn from(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'b [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Unreadable::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Unreadable::Short)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Unreadable> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Unreadable> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Unreadable> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Unreadable> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// LEB128 of a `u64`, in its shortest form only, so that a number has one spelling.
    pub(crate) fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return Err(Unreadable::Spelling);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return if byte == 0 && shift > 0 {
                    Err(Unreadable::Spelling)
                } else {
                    Ok(number)
                };
            }
        }
        Err(Unreadable::Spelling)
    }
}

/// LEB128: seven bits a byte, the lowest first, the top bit set on all but the last.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn numbers_have_one_spelling() {
        for number in [
            0,
            1,
            127,
            128,
            300,
            u64::from(u32::MAX),
            u64::MAX - 1,
            u64::MAX,
        ] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, number);
            let mut taking = Taking::from(&bytes);
            assert_eq!(taking.varint(), Ok(number));
            assert!(taking.rest.is_empty());
            assert_eq!(
                Taking::from(&bytes[..bytes.len() - 1]).varint(),
                Err(Unreadable::Short)
            );
            *bytes.last_mut().unwrap() |= 0x80;
            bytes.push(0);
            assert_eq!(
                Taking::from(&bytes).varint(),
                Err(Unreadable::Spelling),
                "{number} with a needless byte"
            );
        }
        let beyond = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
        assert_eq!(Taking::from(&beyond).varint(), Err(Unreadable::Spelling));
    }
}
