//! How often a byte stands in a text.

use super::{Chunk, InstructionSet, Kernel, filled, run};

/// How many bytes are `byte`.
pub(crate) fn count(bytes: &[u8], byte: u8) -> u64 {
    run(InstructionSet::best(), Count { bytes, byte })
}

struct Count<'a> {
    bytes: &'a [u8],
    byte: u8,
}

impl Kernel for Count<'_> {
    type Output = u64;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> u64 {
        let (chunks, rest) = self.bytes.as_chunks();
        let (last, there) = filled(rest);
        // SAFETY: the caller vouches for the instruction set.
        let mut n_found = unsafe { C::load(&last).equal(self.byte) & there }.count_ones().into();
        for chunk in chunks {
            // SAFETY: the caller vouches for the instruction set.
            n_found += u64::from(unsafe { C::load(chunk).equal(self.byte) }.count_ones());
        }
        n_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_counts_every_byte_at_every_length() {
        let bytes: Vec<u8> = (0..600u32).map(|index| (index * index % 256) as u8).collect();
        for length in 0..300 {
            for byte in [0, 1, 4, b'a', 0x80, 0xff] {
                let bytes = &bytes[length..2 * length];
                let expected = bytes.iter().map(|other| u64::from(*other == byte)).sum::<u64>();
                for set in InstructionSet::available() {
                    assert_eq!(
                        run(set, Count { bytes, byte }),
                        expected,
                        "{set:?} {length} {byte}"
                    );
                }
            }
        }
    }
}
