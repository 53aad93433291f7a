//! The literals of a column in the common forms, a bunch of cells at a time: what the loops over floats and over literals
//! have in common.

use super::{Chunk, WINDOW_BYTES};
use crate::number::{Decimal, Form};

/// Cells that are read together: a bit for each makes a word.
pub(super) const BUNCH: usize = 64;

/// The cells of a column, as many as there are to read.
///
/// The first ends at `ends[1]` and begins behind `ends[0]`, where `u32::MAX` stands for the beginning of the text; the
/// next is `stride` ends further.
#[derive(Clone, Copy)]
pub(crate) struct ColumnOfCells<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) ends: &'a [u32],
    pub(crate) stride: usize,
    /// Whether a carriage return at the end of a cell is no part of it.
    pub(crate) trim: bool,
}

impl ColumnOfCells<'_> {
    /// Where up to so many cells lie, the first of which has this index.
    #[inline(always)]
    pub(super) fn bunch(&self, first: usize, n_cells: usize) -> Bunch {
        let n_cells = n_cells.min(BUNCH);
        let mut bunch = Bunch { n_cells, ..Bunch::NONE };
        let ends = &self.ends[first * self.stride..];
        if self.stride == 1 {
            bunch.starts[..n_cells].copy_from_slice(&ends[..n_cells]);
            bunch.ends[..n_cells].copy_from_slice(&ends[1..=n_cells]);
        } else {
            let bounds = ends.windows(2).step_by(self.stride).take(n_cells);
            for ((start, end), bounds) in bunch.starts.iter_mut().zip(&mut bunch.ends).zip(bounds) {
                (*start, *end) = (bounds[0], bounds[1]);
            }
        }
        // The start of a cell that is not there is no less behind its end.
        bunch.starts.iter_mut().for_each(|start| *start = start.wrapping_add(1));
        if self.trim {
            self.trim(&mut bunch);
        }
        bunch
    }

    fn trim(&self, bunch: &mut Bunch) {
        for (start, end) in bunch.starts.iter().zip(&mut bunch.ends) {
            let is_return = *end > *start && self.bytes[*end as usize - 1] == b'\r';
            *end -= u32::from(is_return);
        }
    }
}

/// Where the cells of a bunch begin and end. One that ends before it begins is not there.
pub(super) struct Bunch {
    pub(super) starts: [u32; BUNCH],
    pub(super) ends: [u32; BUNCH],
    pub(super) n_cells: usize,
}

impl Bunch {
    pub(super) const NONE: Self = Self { starts: [0; BUNCH], ends: [0; BUNCH], n_cells: 0 };

    /// A bit for each cell that is there.
    #[inline(always)]
    pub(super) fn there(&self) -> u64 {
        if self.n_cells == BUNCH { u64::MAX } else { (1 << self.n_cells) - 1 }
    }

    /// The window before the end of a cell, and the length of the cell, from 1 to 32; unless it is of another length, or
    /// there is no whole window.
    #[inline(always)]
    pub(super) fn window<'b>(
        &self,
        bytes: &'b [u8],
        index: usize,
    ) -> Option<(&'b [u8; WINDOW_BYTES], usize)> {
        let length = self.ends[index].wrapping_sub(self.starts[index]) as usize;
        let window = bytes[..self.ends[index] as usize].last_chunk()?;
        (1..WINDOW_BYTES).contains(&length).then_some((window, length))
    }
}

/// What stands in the cells of a bunch.
pub(super) struct Decimals {
    pub(super) mantissas: [u64; BUNCH],
    /// From −32 to 0.
    pub(super) exponents: [i16; BUNCH],
    /// Which have a minus, which are digits alone, and which are none of these literals: a bit for each.
    pub(super) negative: u64,
    pub(super) integers: u64,
    pub(super) others: u64,
    pub(super) n_cells: usize,
}

impl Decimals {
    pub(super) const NONE: Self = Self {
        mantissas: [0; BUNCH],
        exponents: [0; BUNCH],
        negative: 0,
        integers: 0,
        others: u64::MAX,
        n_cells: 0,
    };

    /// The binary64 nearest to each. Gives a bit for each that has to be found out the slow way.
    #[inline(always)]
    pub(super) unsafe fn nearest<C: Chunk>(&self, to: &mut [f64; BUNCH]) -> u64 {
        let n_integers = self.integers.trailing_ones() as usize;
        if n_integers < self.n_cells {
            // SAFETY: the caller vouches for the instruction set.
            return self.others | unsafe { C::nearest(self, to) };
        }
        for (index, float) in to[..self.n_cells].iter_mut().enumerate() {
            *float = self.signed(index, self.mantissas[index] as f64);
        }
        self.others
    }

    /// A number with the sign of the literal of a cell.
    #[inline(always)]
    pub(super) fn signed(&self, index: usize, magnitude: f64) -> f64 {
        if self.negative >> index & 1 == 1 { -magnitude } else { magnitude }
    }

    /// Is to have so many cells, of which none is known.
    #[inline(always)]
    pub(super) fn clear(&mut self, n_cells: usize) {
        (self.negative, self.integers, self.others, self.n_cells) = (0, 0, 0, n_cells);
    }

    /// The integers beyond those that a binary64 holds without fail: a bit for each.
    #[inline(always)]
    pub(super) fn wide(&self) -> u64 {
        if self.integers == 0 {
            return 0;
        }
        let is_wide = |mantissa: &u64| u64::from(mantissa >> f64::MANTISSA_DIGITS != 0);
        let mantissas = self.mantissas.iter().enumerate();
        self.integers
            & mantissas.fold(0, |bits, (index, mantissa)| bits | is_wide(mantissa) << index)
    }

    /// Has the literal of a cell, which it had not.
    #[inline(always)]
    pub(super) fn set(&mut self, index: usize, decimal: Decimal) {
        self.mantissas[index] = decimal.mantissa;
        self.exponents[index] = decimal.exponent as i16;
        self.negative |= u64::from(decimal.negative) << index;
        self.integers |= u64::from(decimal.form == Form::Integer) << index;
        self.others |= u64::from(decimal.form == Form::Other) << index;
    }
}
