//! Room for the limbs of a number: a few on the stack, where the sums of ordinary data fit and nothing has
//! to be allocated, any number of them on the heap. What the limbs mean is not known here.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// Limbs on the stack: enough for n·Σx² of ordinary values shifted for a root, and small enough to copy.
const INLINE: usize = 6;

/// Limbs of 64 bits, which are used as the slice they are.
#[derive(Clone, Debug)]
pub(super) enum Limbs {
    /// The first `length` of a few.
    Inline { limbs: [u64; INLINE], length: usize },
    /// Too many for that.
    Heap(Vec<u64>),
}

impl Limbs {
    /// `length` limbs, all zero.
    #[inline]
    pub fn zeros(length: usize) -> Self {
        if length <= INLINE {
            Self::Inline { limbs: [0; INLINE], length }
        } else {
            Self::Heap(vec![0; length])
        }
    }

    /// The first `kept` of them.
    #[inline]
    pub fn truncate(&mut self, kept: usize) {
        match self {
            Self::Inline { length, .. } => *length = kept.min(*length),
            Self::Heap(limbs) => limbs.truncate(kept),
        }
    }
}

impl From<&[u64]> for Limbs {
    #[inline]
    fn from(from: &[u64]) -> Self {
        let mut limbs = Self::zeros(from.len());
        limbs.copy_from_slice(from);
        limbs
    }
}

impl<const N: usize> From<[u64; N]> for Limbs {
    #[inline]
    fn from(from: [u64; N]) -> Self {
        let mut limbs = Self::zeros(N);
        limbs.copy_from_slice(&from);
        limbs
    }
}

impl Deref for Limbs {
    type Target = [u64];

    #[inline]
    fn deref(&self) -> &[u64] {
        match self {
            Self::Inline { limbs, length } => &limbs[..*length],
            Self::Heap(limbs) => limbs,
        }
    }
}

impl DerefMut for Limbs {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u64] {
        match self {
            Self::Inline { limbs, length } => &mut limbs[..*length],
            Self::Heap(limbs) => limbs,
        }
    }
}
