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
        for first in (0..n_cells).step_by(BUNCH) {
            let bunch = self.column.bunch(first, n_cells - first);
            // SAFETY: the caller vouches for the instruction set.
            unsafe { C::decimals(self.column.bytes, &bunch, &mut decimals) };
            let floats = &mut self.floats[first..n_cells.min(first + BUNCH)];
            for (index, float) in floats.iter_mut().enumerate() {
                match decimals.get(index).float() {
                    Some(value) => *float = value,
                    None => {
                        self.others[n_others] = (first + index) as u32;
                        n_others += 1;
                    }
                }
            }
        }
        n_others
    }
}
