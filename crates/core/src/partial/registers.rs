//! The bytes of the registers of a `HyperLogLog`: a list of those that have met something while they are few,
//! else all of them. What they estimate is not here.
//!
//! Which form a content has is a function of the content, so there is one encoding of it; the reader leaves it
//! to the comparison of a whole partial with what is written again to refuse the other form.

use super::wire::{Reader, Writer, invalid};
use crate::error::Error;
use crate::kernel::registers::Registers;
use alloc::vec;

/// A rank for each register.
const DENSE: u8 = 0;
/// A gap and a rank for each register that is not zero, after their number.
const SPARSE: u8 = 1;

/// The precision, the form, and the ranks in that form.
pub(super) fn write(content: &mut Writer, registers: &Registers) {
    let ranks = registers.ranks();
    let n_met = ranks.iter().filter(|rank| **rank > 0).count();
    let is_sparse = 3 * n_met < ranks.len();
    content.bytes(&[registers.precision(), if is_sparse { SPARSE } else { DENSE }]);
    if is_sparse {
        write_sparse(content, ranks, n_met);
    } else {
        content.bytes(ranks);
    }
}

/// How many have met something, and for each the number of those before it that have not, and its rank.
fn write_sparse(content: &mut Writer, ranks: &[u8], n_met: usize) {
    content.varint(n_met as u64);
    let mut next = 0;
    for (index, rank) in ranks.iter().enumerate().filter(|(_, rank)| **rank > 0) {
        content.varint((index - next) as u64);
        content.bytes(&[*rank]);
        next = index + 1;
    }
}

/// Takes the precision, the form and the ranks; refuses those that no hash has.
///
/// Limits: a few bytes may ask for 2^18 registers, a byte each.
pub(super) fn read(content: &mut Reader) -> Result<Registers, Error> {
    let none = || invalid("its registers are those of no values");
    let length = Registers::new(content.byte()?).ok_or_else(none)?.ranks().len();
    let ranks = match content.byte()? {
        DENSE => content.take(length)?.to_vec(),
        SPARSE => {
            let mut ranks = vec![0; length];
            let mut rest = ranks.iter_mut();
            for _ in 0..content.varint()? {
                let gap = usize::try_from(content.varint()?).map_err(|_| none())?;
                *rest.nth(gap).ok_or_else(none)? = content.byte()?;
            }
            ranks
        }
        _ => return Err(invalid("its registers have a form that this build does not know")),
    };
    Registers::from_ranks(ranks).ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn written(registers: &Registers) -> Vec<u8> {
        let mut content = Writer::default();
        write(&mut content, registers);
        content.into_bytes()
    }

    fn read_all(bytes: &[u8]) -> Option<Registers> {
        let mut content = Reader::new(bytes);
        read(&mut content).ok().filter(|_| content.is_empty())
    }

    /// Registers of which those in `met` hold a rank.
    fn registers(precision: u8, met: impl Iterator<Item = usize>) -> Registers {
        let mut ranks = vec![0; 1 << precision];
        met.for_each(|index| ranks[index] = (index % 5) as u8 + 1);
        Registers::from_ranks(ranks).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(precision in 4u8..=18, n in 0usize..200, seed in any::<u64>()) {
            let place = |index: usize| {
                (seed.wrapping_mul(2 * index as u64 + 1) >> (64 - precision)) as usize
            };
            let registers = registers(precision, (0..n).map(place));
            let bytes = written(&registers);
            prop_assert!(bytes.len() <= 2 + (1 << precision), "the list is never the longer form");
            prop_assert_eq!(read_all(&bytes), Some(registers));
        }
    }

    #[test]
    fn how_many_are_met_tells_the_form() {
        for precision in 4..=18 {
            let length = 1usize << precision;
            for (n_met, form) in
                [(0, SPARSE), (length / 3, SPARSE), (length / 3 + 1, DENSE), (length, DENSE)]
            {
                // From the end, so that the first gap is the widest there can be.
                let registers = registers(precision, length - n_met..length);
                let bytes = written(&registers);
                assert_eq!(bytes[..2], [precision, form], "{n_met}");
                assert!(form == DENSE || bytes.len() < length);
                assert_eq!(read_all(&bytes), Some(registers));
            }
        }
    }

    #[test]
    fn contents_that_no_writer_writes_are_refused() {
        let past_the_end = [4, SPARSE, 1, 16, 1];
        let refused: [&[u8]; 8] = [
            &[],
            &[3, SPARSE, 0],
            &[19, SPARSE, 0],
            &[4, 2, 0],
            &[4, DENSE, 1, 1, 1],
            &past_the_end,
            &[4, SPARSE, 2, 15, 1, 0, 1],
            &[4, SPARSE, 1, 0, 62],
        ];
        for bytes in refused {
            assert_eq!(read_all(bytes), None, "{bytes:?}");
        }
        assert_eq!(read_all(&[4, SPARSE, 1, 15, 61]).unwrap().ranks()[15], 61);
    }

    #[test]
    fn the_other_form_is_written_in_another_way() {
        let other_forms: [&[u8]; 3] =
            [&[0; 16], &[SPARSE, 1, 0, 0], &[SPARSE, 6, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]];
        for rest in other_forms {
            let form: &[u8] = if rest.len() == 16 { &[4, DENSE] } else { &[4] };
            let bytes = [form, rest].concat();
            assert_ne!(written(&read_all(&bytes).unwrap()), bytes);
        }
    }
}
