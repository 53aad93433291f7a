//! Values as a caller holds them: a borrowed slice with an optional stride and mask, handed to the kernels
//! in pieces they can take. What is done with the pieces is not decided here.
//!
//! Kernels take binary64 alone. So that each type of number need not have kernels of its own,
//! elements are widened in blocks small enough to stay in the first-level cache, where reading them
//! again costs little. That is exact for all types of up to 53 bits; a block with integers beyond
//! goes as what it is.

use super::select::Chunk;
use super::{Element, Validity};
use crate::error::Error;
use crate::exact::{FEW_MAX, Value};

/// Elements widened at once: few enough for the first-level cache, enough to make a call worth it.
const BLOCK_LENGTH: usize = 2048;

/// The same for a column that has no more: clearing a whole block would cost more than its values.
const BLOCK_LENGTH_SMALL: usize = 64;

/// A borrowed column: a slice of numbers, of which every n-th is taken, with a mask for those that are
/// missing. Whatever takes one takes a slice, an array or a vector as well.
///
/// Shapes and units: the stride is counted in elements, so a column of a matrix stored by rows begins at
/// its first element and has the matrix's width as its stride. A mask has a bit for each value that is
/// taken, not for each element of the slice.
/// Cost: nothing is copied as a whole. Binary64 values without gaps are handed on as they are; others are
/// widened in blocks on the stack.
///
/// ```
/// use exacta::{Accumulator, Column, Plan, Validity};
/// let matrix = [
///     1.0, 10.0, //
///     2.0, 20.0, //
///     3.0, 30.0,
/// ];
/// let present = Validity::new(&[0b101], 0, 3).unwrap();
/// let mut accumulator = Accumulator::new(&Plan::default());
/// accumulator.update(Column::strided(&matrix[1..], 2).with_validity(present)?)?;
/// assert_eq!((accumulator.counts().count, accumulator.counts().null), (2, 1));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Column<'a, T> {
    values: &'a [T],
    stride: usize,
    validity: Option<Validity<'a>>,
}

/// A piece of a column, as the kernels take it.
///
/// Together they are the column, in order and without gaps.
#[derive(Debug)]
pub enum Piece<'p> {
    /// Values that are binary64, and which of them are there.
    Floats(&'p [f64], Option<Validity<'p>>),
    /// Integers of up to 64 bits, some of which may be no binary64, and which of them are there.
    Integers(&'p [i128], Option<Validity<'p>>),
}

impl Piece<'_> {
    /// How many values it is of.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(values, _) => values.len(),
            Self::Integers(values, _) => values.len(),
        }
    }
}

impl<'a, T> Column<'a, T> {
    /// Every element of a slice.
    ///
    /// ```
    /// use exacta::Column;
    /// assert_eq!(exacta::sum(Column::new(&[1u8, 2, 3])), 6.0);
    /// ```
    pub const fn new(values: &'a [T]) -> Self {
        Self { values, stride: 1, validity: None }
    }

    /// The first element of a slice and every `stride`-th after it.
    ///
    /// ```
    /// use exacta::Column;
    /// let interleaved = [0.5, -1.0, 0.25, -2.0, 0.125];
    /// assert_eq!(exacta::sum(Column::strided(&interleaved, 2)), 0.875);
    /// assert_eq!(exacta::sum(Column::strided(&interleaved[1..], 2)), -3.0);
    /// ```
    ///
    /// # Panics
    /// When the stride is zero.
    pub const fn strided(values: &'a [T], stride: usize) -> Self {
        assert!(stride != 0, "a stride leads to another element");
        Self { values, stride, validity: None }
    }

    /// The same column, of whose values only those are there whose bit is set. What stands in the place of a
    /// missing value does not matter, be it a NaN.
    ///
    /// ```
    /// use exacta::{Column, Validity};
    /// let column = Column::new(&[1.0, f64::NAN, 3.0]);
    /// let there = column.with_validity(Validity::new(&[0b101], 0, 3).unwrap())?;
    /// assert_eq!(exacta::sum(there), 4.0);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when the mask is not of as many values.
    pub fn with_validity(mut self, validity: Validity<'a>) -> Result<Self, Error> {
        self.check_length(validity.len())?;
        self.validity = Some(validity);
        Ok(self)
    }

    /// How many values it has, those that are missing among them.
    ///
    /// ```
    /// use exacta::Column;
    /// assert_eq!(Column::strided(&[1, 2, 3, 4, 5], 2).len(), 3);
    /// ```
    pub const fn len(&self) -> usize {
        self.values.len().div_ceil(self.stride)
    }

    /// Whether it has no value.
    ///
    /// ```
    /// use exacta::Column;
    /// assert!(Column::<f64>::new(&[]).is_empty());
    /// ```
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Refuses another length.
    ///
    /// A mask or a second column of another length is a mistake that must not be repaired silently.
    pub(crate) fn check_length(&self, length: usize) -> Result<(), Error> {
        if self.len() == length {
            return Ok(());
        }
        Err(Error::LengthsDiffer { left: self.len(), right: length })
    }

    /// The `length` values from `start` on, which must lie within.
    pub(crate) fn slice(&self, start: usize, length: usize) -> Self {
        let elements = self.values.len().min((start + length).saturating_mul(self.stride));
        Self {
            values: &self.values[start * self.stride..elements],
            stride: self.stride,
            validity: self.validity.map(|validity| validity.slice(start, length)),
        }
    }
}

impl<'a, T: Element> Column<'a, T> {
    /// The value at an index below the length, if it is there.
    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        let is_there = self.validity.is_none_or(|validity| validity.is_valid(index));
        is_there.then(|| self.values[index * self.stride].into())
    }

    /// The column as selection takes it, where its values are binary64 without gaps.
    pub(crate) fn as_chunk(&self) -> Option<Chunk<'a>> {
        let values = T::as_floats(self.values).filter(|_| self.stride == 1)?;
        Some(Chunk { values, validity: self.validity })
    }

    /// The values where they are few, binary64, and all there.
    ///
    /// These take a shortcut through stack memory, without states that cost more than the values.
    #[inline]
    pub(crate) fn as_few(&self) -> Option<&'a [f64]> {
        let few = self.validity.is_none() && self.stride == 1 && self.values.len() <= FEW_MAX;
        T::as_floats(self.values).filter(|_| few)
    }

    /// Hands the column over in pieces, in order: as one where it can be. Under the default
    /// floating-point environment only.
    pub(crate) fn try_for_each_piece<E>(
        &self,
        mut take: impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(chunk) = self.as_chunk() {
            return take(Piece::Floats(chunk.values, chunk.validity));
        }
        if self.len() <= BLOCK_LENGTH_SMALL {
            self.try_for_each_block::<BLOCK_LENGTH_SMALL, E>(&mut take)
        } else {
            self.try_for_each_block::<BLOCK_LENGTH, E>(&mut take)
        }
    }

    /// Hands the column over in blocks of widened elements.
    fn try_for_each_block<const LENGTH: usize, E>(
        &self,
        take: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut floats = [0.0; LENGTH];
        for start in (0..self.len()).step_by(LENGTH) {
            let block = self.slice(start, LENGTH.min(self.len() - start));
            let floats = &mut floats[..block.len()];
            if block.widen(floats) {
                take(Piece::Floats(floats, block.validity))?;
            } else {
                block.try_for_each_run::<LENGTH, E>(floats, take)?;
            }
        }
        Ok(())
    }

    /// As [`Column::try_for_each_piece`], where nothing can fail.
    pub(crate) fn for_each_piece(&self, mut take: impl FnMut(Piece<'_>)) {
        let taken = self.try_for_each_piece(|piece| {
            take(piece);
            Ok::<(), core::convert::Infallible>(())
        });
        let Ok(()) = taken;
    }

    /// Fills in each value as binary64; whether all of them are small enough to be.
    fn widen(&self, floats: &mut [f64]) -> bool {
        if self.stride == 1 {
            widen(self.values.iter(), floats)
        } else {
            widen(self.elements(), floats)
        }
    }

    /// Hands over a block with integers beyond 2^53: all of it where it is of integers, else the runs of those and of
    /// the others.
    #[inline(never)] // A block of integers would take its room on the stack of every caller.
    fn try_for_each_run<const LENGTH: usize, E>(
        &self,
        floats: &[f64],
        take: &mut impl FnMut(Piece<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut integers = [0; LENGTH];
        let mut is_wide = [false; LENGTH];
        for (index, value) in self.elements().enumerate() {
            let integer = value.to_integer();
            (integers[index], is_wide[index]) = (integer.unwrap_or(0), integer.is_some());
        }
        let mut start = 0;
        for run in is_wide[..floats.len()].chunk_by(|left, right| left == right) {
            let end = start + run.len();
            let validity = self.validity.map(|validity| validity.slice(start, run.len()));
            take(if run[0] {
                Piece::Integers(&integers[start..end], validity)
            } else {
                Piece::Floats(&floats[start..end], validity)
            })?;
            start = end;
        }
        Ok(())
    }

    /// The elements that are values of the column, and none between.
    fn elements(&self) -> impl Iterator<Item = &T> {
        self.values.iter().step_by(self.stride)
    }
}

/// Without a branch in the loop, so that the compiler makes vectors of it: what does not fit is
/// only noted, and the block done again the slow way.
#[inline]
fn widen<'v, T: Element + 'v>(values: impl Iterator<Item = &'v T>, floats: &mut [f64]) -> bool {
    let mut excess = 0;
    for (float, value) in floats.iter_mut().zip(values) {
        *float = value.to_float();
        excess |= value.excess();
    }
    excess == 0
}

impl<'a> From<Chunk<'a>> for Column<'a, f64> {
    fn from(chunk: Chunk<'a>) -> Self {
        Self { values: chunk.values, stride: 1, validity: chunk.validity }
    }
}

impl<'a, T> From<&'a [T]> for Column<'a, T> {
    fn from(values: &'a [T]) -> Self {
        Self::new(values)
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for Column<'a, T> {
    fn from(values: &'a [T; N]) -> Self {
        Self::new(values)
    }
}

impl<'a, T> From<&'a alloc::vec::Vec<T>> for Column<'a, T> {
    fn from(values: &'a alloc::vec::Vec<T>) -> Self {
        Self::new(values)
    }
}
