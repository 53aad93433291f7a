//! Architectures without vector kernels: the portable loops are all there is.
//!
//! That is no loss of bits: the portable loops are what the others equal.

use super::super::InstructionSet;
use super::Kernel;

/// No instruction set but the portable one.
pub(crate) fn has(_set: InstructionSet) -> bool {
    false
}

/// Cannot be reached: there is no set to run with.
pub(super) fn run<K: Kernel>(set: InstructionSet, _kernel: K) -> K::Output {
    unreachable!("{set:?} has no vectors here")
}

/// Nothing: without a way to fetch ahead, the data is fetched when it is used.
#[inline(always)]
pub(crate) fn prefetch<T>(_data: &[T], _index: usize) {}
