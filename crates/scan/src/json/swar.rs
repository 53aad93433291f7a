//! Eight bytes at a time in a 64-bit register: which of them are equal to what. Nothing of JSON is known here.

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Eight bytes, the first in the lowest bits. Answers have the high bit of each byte that is meant.
#[derive(Clone, Copy)]
pub(super) struct Word(u64);

impl Word {
    #[inline]
    pub(super) fn new(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }

    /// The bytes that are equal to `byte`.
    #[inline]
    pub(super) fn equal(self, byte: u8) -> u64 {
        let other = self.0 ^ (LOW_BITS * u64::from(byte));
        !(((other & !HIGH_BITS) + !HIGH_BITS) | other) & HIGH_BITS
    }

    /// The same with bit 5 of each byte set: both of `[` and `{`, or of `]` and `}`.
    #[inline]
    pub(super) fn equal_in_two_cases(self, byte: u8) -> u64 {
        Self(self.0 | LOW_BITS << 5).equal(byte)
    }

    /// The first byte that is equal to `byte`; above it anything.
    #[inline]
    pub(super) fn first(self, byte: u8) -> u64 {
        first_zero(self.0 ^ (LOW_BITS * u64::from(byte)))
    }

    /// The first byte below the space; above it anything.
    #[inline]
    pub(super) fn first_control(self) -> u64 {
        first_zero(self.0 & (LOW_BITS * 0xe0))
    }
}

/// How many of the eight bytes are digits before any that is none, and the number that they make.
#[inline]
pub(super) fn digits(bytes: [u8; 8]) -> (usize, u64) {
    let word = u64::from_le_bytes(bytes) ^ (LOW_BITS * u64::from(b'0'));
    // Bytes above 9 get their high bit, or have it.
    let others = (word.wrapping_add(LOW_BITS * (0x80 - 10)) | word) & HIGH_BITS;
    if others == 0 {
        return (8, number(word));
    }
    let n_digits = index(others);
    // Zeros come in front, in place of what follows.
    (n_digits, number(word << (8 * (7 - n_digits)) << 8))
}

/// The number that eight digits make.
#[inline]
fn number(word: u64) -> u64 {
    // Neighbours become pairs, pairs fours, fours all eight: each time the earlier one counts for more.
    let pairs = (word * 10 + (word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

/// Whether a text begins with another one, without a call where that is short.
#[inline]
pub(super) fn begins(text: &[u8], with: &[u8]) -> bool {
    let Some(text) = text.get(..with.len()) else { return false };
    match with.len() {
        4..8 => same_ends::<4>(text, with),
        8..=16 => same_ends::<8>(text, with),
        _ => text == with,
    }
}

/// Whether the first and the last bytes are equal, which may overlap.
#[inline]
fn same_ends<const N: usize>(left: &[u8], right: &[u8]) -> bool {
    left.first_chunk::<N>() == right.first_chunk() && left.last_chunk::<N>() == right.last_chunk()
}

/// The first byte that is zero; above it anything, for the borrow goes upwards.
#[inline]
fn first_zero(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

/// The index of the first byte of an answer.
#[inline]
pub(super) fn index(answer: u64) -> usize {
    answer.trailing_zeros() as usize / 8
}

/// How many bytes an answer has.
#[inline]
pub(super) fn count(answer: u64) -> i64 {
    ((answer >> 7).wrapping_mul(LOW_BITS) >> 56) as i64
}

/// All bytes from an odd one of an answer to the one before the next.
#[inline]
pub(super) fn between(answer: u64) -> u64 {
    let mut parity = answer ^ answer << 8;
    parity ^= parity << 16;
    parity ^ parity << 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The answer that has the bytes for which `is` is true.
    fn answer(bytes: [u8; 8], is: impl Fn(u8) -> bool) -> u64 {
        u64::from_le_bytes(bytes.map(|byte| if is(byte) { 0x80 } else { 0 }))
    }

    fn check(bytes: [u8; 8]) {
        let word = Word::new(bytes);
        let quotes = answer(bytes, |byte| byte == b'"');
        assert_eq!(word.equal(b'"'), quotes);
        assert_eq!(
            word.equal_in_two_cases(b'{'),
            answer(bytes, |byte| matches!(byte, b'[' | b'{'))
        );
        assert_eq!(word.first(b'"').trailing_zeros(), quotes.trailing_zeros());
        let controls = answer(bytes, |byte| byte < b' ');
        assert_eq!(word.first_control().trailing_zeros(), controls.trailing_zeros());
        assert_eq!(count(quotes), i64::from(quotes.count_ones()));
        let n_digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&bytes[..n_digits]).unwrap();
        assert_eq!(digits(bytes), (n_digits, text.parse().unwrap_or(0)));
        let mut odd = false;
        let between = between(quotes).to_le_bytes();
        for (byte, between) in bytes.into_iter().zip(between) {
            odd ^= byte == b'"';
            assert_eq!(between, if odd { 0x80 } else { 0 });
        }
    }

    proptest! {
        #[test]
        fn eight_bytes_are_one_and_one(bytes: [u8; 8], few in prop::array::uniform8(0usize..6)) {
            check(bytes);
            check(few.map(|index| b"\"#{[\x1f!"[index]));
        }

        #[test]
        fn digits_end_anywhere(bytes: [u8; 8], number in 0u32..100_000_000, n_digits in 0..9usize) {
            let mut text = bytes;
            text[..n_digits].copy_from_slice(&format!("{number:08}").as_bytes()[..n_digits]);
            check(text);
        }

        #[test]
        fn beginnings_are_compared_whole(
            text in prop::collection::vec(0u8..3, 0..40), at: prop::sample::Index, other: u8,
        ) {
            for n_bytes in 0..=text.len() {
                prop_assert!(begins(&text, &text[..n_bytes]));
                let mut with = text[..n_bytes].to_vec();
                if let Some(byte) = with.get_mut(at.index(n_bytes.max(1))) {
                    *byte = other;
                }
                prop_assert_eq!(begins(&text, &with), text.starts_with(&with));
                prop_assert!(!begins(&text[..n_bytes], &[&text[..], &[other]].concat()));
            }
        }
    }
}
