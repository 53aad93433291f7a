//! The numbers of a column: literals in the common forms, rounded to binary64, a whole column of cells at a time.

use super::{
    Chunk, ColumnOfCells, InstructionSet, Kernel,
    decimals::{BUNCH, Decimals},
    run,
};

/// Reads a cell for each element of `floats`.
///
/// A cell that is anything but a sign, digits and a point, or that is no binary64, or too long, or too near to the
/// beginning of the text is none of these numbers: the indices of such cells are put into `others`, which is as long.
/// Gives how many there are.
pub(crate) fn floats(
    set: InstructionSet,
    column: ColumnOfCells<'_>,
    floats: &mut [f64],
    others: &mut [u32],
) -> usize {
    assert_eq!(floats.len(), others.len(), "any cell may be another");
    run(set, Read { column, floats, others })
}

struct Read<'a> {
    column: ColumnOfCells<'a>,
    floats: &'a mut [f64],
    others: &'a mut [u32],
}

impl Kernel for Read<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> usize {
        let n_cells = self.floats.len();
        let mut n_others = 0;
        let mut decimals = Decimals::NONE;
        let mut floats = [0.0; BUNCH];
        for first in (0..n_cells).step_by(BUNCH) {
            let bunch = self.column.bunch(first, n_cells - first);
            // SAFETY: the caller vouches for the instruction set.
            let mut others = unsafe {
                C::decimals::<false>(self.column.bytes, &bunch, &mut decimals);
                decimals.nearest::<C>(&mut floats)
            };
            others = (others | decimals.wide()) & bunch.there();
            self.floats[first..][..bunch.n_cells].copy_from_slice(&floats[..bunch.n_cells]);
            while others != 0 {
                self.others[n_others] = first as u32 + others.trailing_zeros();
                n_others += 1;
                others &= others - 1;
            }
        }
        n_others
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads cells with every instruction set, and compares with the standard library.
    fn check(cells: &[String]) -> Result<(), TestCaseError> {
        // Room for the window of the first one.
        let text = format!("{},{},", "-".repeat(40), cells.join(","));
        let ends: Vec<u32> =
            text.bytes().zip(0..).filter(|(byte, _)| *byte == b',').map(|(_, at)| at).collect();
        let bytes = text.as_bytes();
        let column = ColumnOfCells { bytes, ends: &ends, stride: 1, trim: false };
        for set in InstructionSet::available() {
            let (mut numbers, mut others) = (vec![0.0; cells.len()], vec![0; cells.len()]);
            prop_assert_eq!(floats(set, column, &mut numbers, &mut others), 0, "{:?}", set);
            for (number, cell) in numbers.iter().zip(cells) {
                let expected: f64 = cell.parse().unwrap();
                prop_assert_eq!(number.to_bits(), expected.to_bits(), "{:?}: {}", set, cell);
            }
        }
        Ok(())
    }

    /// A mantissa with a point before so many of its digits.
    fn literal(mantissa: u64, n_behind: usize) -> String {
        let digits = format!("{mantissa:0width$}", width = n_behind + 1);
        let (before, behind) = digits.split_at(digits.len() - n_behind);
        format!("{before}.{behind}")
    }

    fn cell() -> impl Strategy<Value = String> {
        let max = 10u64.pow(19);
        // In the middle of two neighbours, and beside it.
        let tie = (1u64 << 53..1 << 54, 1usize..=3, -1i64..=1).prop_map(|(odd, n_halved, step)| {
            let mantissa = (odd | 1) * 5u64.pow(n_halved as u32);
            literal(mantissa.wrapping_add_signed(step).min(10u64.pow(19) - 1), n_halved)
        });
        prop_oneof![
            4 => (0..max, 0usize..64, 1usize..29)
                .prop_map(|(mantissa, n_bits, n_behind)| literal(mantissa >> n_bits, n_behind)),
            4 => tie.clone(),
            1 => tie.prop_map(|tie| format!("-{tie}")),
            1 => "-?[0-9]{1,15}",
            1 => "-?0{1,9}\\.0{0,9}",
        ]
    }

    proptest! {
        #[test]
        fn every_instruction_set_rounds_as_the_standard_library_does(
            cells in prop::collection::vec(cell(), 1..200),
        ) {
            check(&cells)?;
        }
    }
}
