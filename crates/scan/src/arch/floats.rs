//! The numbers of a column: literals in the common forms, a whole column of cells at a time.

use super::{Chunk, InstructionSet, Kernel, WINDOW_BYTES, run};
use crate::number::Decimal;

/// Reads a cell for each element of `floats`. The first ends at `ends[1]` and begins behind `ends[0]`, where
/// `u32::MAX` stands for the beginning of the text; the next is `stride` ends further.
///
/// A cell that is anything but a sign, digits and a point, or that is no binary64, or too long, or too near to the
/// beginning of the text is none of these numbers: the indices of such cells are put into `others`, which is as long.
/// Gives how many there are. With `trim` a carriage return at the end of a cell is no part of it.
pub(crate) fn floats(
    set: InstructionSet,
    bytes: &[u8],
    (ends, stride): (&[u32], usize),
    trim: bool,
    floats: &mut [f64],
    others: &mut [u32],
) -> usize {
    assert_eq!(floats.len(), others.len(), "any cell may be another");
    run(set, Read { bytes, ends, stride, trim, floats, others })
}

struct Read<'a> {
    bytes: &'a [u8],
    ends: &'a [u32],
    stride: usize,
    trim: bool,
    floats: &'a mut [f64],
    others: &'a mut [u32],
}

impl Kernel for Read<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn chunks<C: Chunk>(self) -> usize {
        let (mut at, mut n_others) = (0, 0);
        for (index, float) in self.floats.iter_mut().enumerate() {
            let start = self.ends[at].wrapping_add(1) as usize;
            let mut end = self.ends[at + 1] as usize;
            if self.trim && end > start && self.bytes[end - 1] == b'\r' {
                end -= 1;
            }
            at += self.stride;
            // SAFETY: the caller vouches for the instruction set.
            let decimal = unsafe { decimal::<C>(self.bytes, start, end) };
            match decimal.float() {
                Some(value) => *float = value,
                None => {
                    self.others[n_others] = index as u32;
                    n_others += 1;
                }
            }
        }
        n_others
    }
}

/// The literal in a cell, if there is one in the window before its end.
#[inline(always)]
unsafe fn decimal<C: Chunk>(bytes: &[u8], start: usize, end: usize) -> Decimal {
    match bytes[..end].last_chunk() {
        // SAFETY: the caller vouches for the instruction set.
        Some(window) if (1..WINDOW_BYTES).contains(&(end - start)) => unsafe {
            C::decimal(window, end - start)
        },
        _ => Decimal::OTHER,
    }
}
