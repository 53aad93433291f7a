//! Room for the limbs of a number: a few on the stack, where the sums of ordinary data fit and nothing has
//! to be allocated, any number of them on the heap. What the limbs mean is not known here.
//!
//! The last limbs may be zero; that a number has none at its end is for `natural` to see to. A number that moved to
//! the heap stays there when it is cut shorter, and counts the same.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// Limbs on the stack: enough for n·Σx² of ordinary values shifted for a root, and small enough to copy. Median and
/// mean of small inputs would take longer to allocate than to compute.
const INLINE: usize = 6;

/// Limbs of 64 bits, which are used as the slice they are.
///
/// Everything else goes through the slice, so no operation asks where they lie.
#[derive(Clone, Debug)]
pub(super) enum Limbs {
    /// The first `length` of a few.
    Inline { limbs: [u64; INLINE], length: usize },
    /// Too many for that.
    Heap(Vec<u64>),
}

impl Limbs {
    /// `length` limbs, all zero: where most results begin, to be filled from the lowest on.
    #[inline]
    pub fn zeros(length: usize) -> Self {
        if length <= INLINE {
            Self::Inline { limbs: [0; INLINE], length }
        } else {
            Self::Heap(vec![0; length])
        }
    }

    /// The first `kept` of them, which are the lower ones; all where there are no more.
    #[inline]
    pub fn truncate(&mut self, kept: usize) {
        match self {
            Self::Inline { length, .. } => *length = kept.min(*length),
            Self::Heap(limbs) => limbs.truncate(kept),
        }
    }
}

impl From<&[u64]> for Limbs {
    /// A copy of limbs, on the stack where they fit.
    #[inline]
    fn from(from: &[u64]) -> Self {
        let mut limbs = Self::zeros(from.len());
        limbs.copy_from_slice(from);
        limbs
    }
}

impl<const N: usize> From<[u64; N]> for Limbs {
    /// A copy of limbs whose number the compiler knows.
    #[inline]
    fn from(from: [u64; N]) -> Self {
        let mut limbs = Self::zeros(N);
        limbs.copy_from_slice(&from);
        limbs
    }
}

impl Deref for Limbs {
    type Target = [u64];

    /// The limbs that count: those of the room on the stack beyond are not shown.
    #[inline]
    fn deref(&self) -> &[u64] {
        match self {
            Self::Inline { limbs, length } => &limbs[..*length],
            Self::Heap(limbs) => limbs,
        }
    }
}

impl DerefMut for Limbs {
    /// The limbs that count, to be changed in place. Their number stays.
    #[inline]
    fn deref_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Inline { limbs, length } => &mut limbs[..*length],
            Self::Heap(limbs) => limbs,
        }
    }
}
