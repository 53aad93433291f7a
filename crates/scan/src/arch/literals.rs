//! The numbers of a column as they are written: literals in the common forms, a whole column of cells at a time.

use super::{
    Chunk, ColumnOfCells, InstructionSet, Kernel,
    decimals::{BUNCH, Decimals},
    run,
};

/// Reads a cell for each of `mantissas` and `exponents`: ±mantissa, and the power of ten, from −32 to 0, which is 0 for zero.
///
/// A cell that is anything but a sign, digits and a point, or whose mantissa an i64 does not hold, or that is too long,
/// or too near to the beginning of the text is none of these literals: the indices of such cells are put into `others`,
/// which is as long. Gives how many there are.
pub(crate) fn literals(
    set: InstructionSet,
    column: ColumnOfCells<'_>,
    (mantissas, exponents): (&mut [i64], &mut [i16]),
    others: &mut [u32],
) -> usize {
    assert!(mantissas.len() == exponents.len(), "each has both");
    assert_eq!(mantissas.len(), others.len(), "any cell may be another");
    run(set, Read { column, mantissas, exponents, others })
}

struct Read<'a> {
    column: ColumnOfCells<'a>,
    mantissas: &'a mut [i64],
    exponents: &'a mut [i16],
    others: &'a mut [u32],
}

impl Kernel for Read<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> usize {
        let n_cells = self.mantissas.len();
        let mut n_others = 0;
        let mut decimals = Decimals::NONE;
        for first in (0..n_cells).step_by(BUNCH) {
            let bunch = self.column.bunch(first, n_cells - first);
            // SAFETY: the caller vouches for the instruction set.
            unsafe { C::decimals::<false>(self.column.bytes, &bunch, &mut decimals) };
            let cells = first..n_cells.min(first + BUNCH);
            let found = decimals.exponents.iter().zip(&decimals.mantissas);
            for (to, (exponent, mantissa)) in self.exponents[cells.clone()].iter_mut().zip(found) {
                *to = if *mantissa == 0 { 0 } else { *exponent };
            }
            let mut others =
                signed(&decimals, &mut self.mantissas[cells.clone()]) | decimals.others;
            others &= bunch.there();
            while others != 0 {
                self.others[n_others] = first as u32 + others.trailing_zeros();
                n_others += 1;
                others &= others - 1;
            }
        }
        n_others
    }
}

/// Writes the mantissas with their signs. Gives a bit for each that is too large.
#[inline(always)]
fn signed(decimals: &Decimals, to: &mut [i64]) -> u64 {
    let mut all = 0;
    for (index, (signed, mantissa)) in to.iter_mut().zip(&decimals.mantissas).enumerate() {
        let sign = -((decimals.negative >> index & 1) as i64);
        *signed = (*mantissa as i64 ^ sign).wrapping_sub(sign);
        all |= mantissa;
    }
    if all >> 63 == 0 {
        return 0;
    }
    let too_large = decimals.mantissas.iter().enumerate();
    too_large.fold(0, |bits, (index, mantissa)| bits | (mantissa >> 63) << index)
}
