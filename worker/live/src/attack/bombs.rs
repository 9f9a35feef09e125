//! A bomb: a message of some kilobytes that inflates to a thousand times its size.

/// Zeros, deflated as well as can be: a literal, then matches of 258 bytes in two bits each (RFC 1951, 3.2.7). It ends as
/// a message of permessage-deflate does, with an empty block whose last four bytes are left out (RFC 7692, 7.2.1).
pub(super) fn deflated_zeros(bytes: usize) -> Vec<u8> {
    const MATCH_BYTES: usize = 258;
    let mut bits = Bits::default();
    // Not the last block; its codes are in front of it. 286 codes of literals and lengths, one of distances, and 18 of the
    // lengths of codes.
    bits.number(0, 1);
    bits.number(2, 2);
    bits.number(286 - 257, 5);
    bits.number(0, 5);
    bits.number(18 - 4, 4);
    // Lengths of the codes of lengths, in the order that the format has: only 18 (zeros), 2 and 1 are used.
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1] {
        bits.number(
            match symbol {
                18 => 1,
                1 | 2 => 2,
                _ => 0,
            },
            3,
        );
    }
    let one = [true, false];
    let two = [true, true];
    // A literal zero has two bits, the end two, a match of 258 one. The only distance, 1, has one.
    bits.code(&two);
    bits.zeros(138);
    bits.zeros(255 - 138);
    bits.code(&two);
    bits.zeros(28);
    bits.code(&one);
    bits.code(&one);
    bits.code(&[true, false]);
    for _ in 0..(bytes - 1) / MATCH_BYTES {
        bits.code(&[false, false]);
    }
    bits.code(&[true, true]);
    // The empty stored block.
    bits.number(0, 3);
    bits.bytes
}

/// A stream of bits, the lowest of a byte first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// How many bits of the last byte are used; 0 if all are.
    used: u32,
}

impl Bits {
    fn bit(&mut self, bit: bool) {
        if self.used == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << self.used;
        }
        self.used = (self.used + 1) % 8;
    }

    /// Numbers have their lowest bit first, codes the highest.
    fn number(&mut self, number: u32, bits: u32) {
        for at in 0..bits {
            self.bit(number >> at & 1 == 1);
        }
    }

    fn code(&mut self, code: &[bool]) {
        for bit in code {
            self.bit(*bit);
        }
    }

    /// So many symbols without a code, 11 to 138 of them.
    fn zeros(&mut self, count: u32) {
        self.code(&[false]);
        self.number(count - 11, 7);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_a_thousandth_of_what_it_inflates_to() {
        let bomb = deflated_zeros(30_000_000);
        assert!((28_000..31_000).contains(&bomb.len()), "{}", bomb.len());
        // zlib inflates these bytes, with the four that are left out, to 2,581 zeros.
        let small = [
            0xec, 0xc0, 0x81, 0, 0, 0, 0, 0x80, 0xa0, 0xfd, 0xa9, 0x17, 0xa9, 0, 0, 0x60, 0,
        ];
        assert_eq!(deflated_zeros(2_581), small);
    }
}
