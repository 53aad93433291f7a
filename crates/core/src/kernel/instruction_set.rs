//! Which vectors of the processor the kernels use. The choice is one of speed: no bit depends on it, and
//! the tests force each to show that.
//!
//! One binary runs on every processor of its architecture: kernels are compiled several times, and
//! the fastest that the machine has is found out at the first call. Nothing needs `-C target-cpu`,
//! and nothing breaks where a newer instruction is missing.

use super::arch;
use core::sync::atomic::{AtomicU8, Ordering};

/// What a kernel is compiled for, slowest first.
///
/// Ordered, so that a kernel can ask for a set or better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstructionSet {
    /// Plain loops in integers, on every machine.
    /// What the others have to equal.
    Portable,
    /// Two lanes: every x86-64 processor.
    /// No fused multiply-add, so what needs it stays portable.
    Sse2,
    /// Four lanes, with fused multiply-add.
    /// Haswell (2013) and Zen (2017), and most of what followed.
    Avx2,
    /// Eight lanes, with masks.
    /// The foundation with its byte, double-word and vector-length extensions.
    Avx512,
}

/// The index in [`InstructionSet::ALL`] of the one in use, or `UNKNOWN` before anybody has asked.
static CURRENT: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = u8::MAX;

impl InstructionSet {
    /// Every instruction set there is a kernel for, slowest first.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Sse2, Self::Avx2, Self::Avx512];

    /// Those that this machine has, slowest first. Without the feature `std` it cannot be asked, and has
    /// what it was compiled for.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        self == Self::Portable || arch::has(self)
    }

    /// The one in use: the fastest available, unless another was forced.
    ///
    /// A relaxed load: two threads that ask at once may both find out, and find the same.
    #[inline]
    pub fn current() -> Self {
        match Self::ALL.get(usize::from(CURRENT.load(Ordering::Relaxed))) {
            Some(set) => *set,
            None => Self::detect(),
        }
    }

    /// Puts it in use for the whole process, so that a test or a bench can go through any entry with it.
    ///
    /// # Panics
    /// When this machine does not have it.
    pub fn force(self) {
        assert!(self.is_available(), "the machine has the instruction set");
        CURRENT.store(self as u8, Ordering::Relaxed);
    }

    /// Asks once, and remembers.
    #[cold]
    fn detect() -> Self {
        let best = Self::available().last().expect("the portable one is always there");
        CURRENT.store(best as u8, Ordering::Relaxed);
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::with_each_set;
    use super::*;

    #[test]
    fn the_fastest_is_in_use_until_another_is_forced() {
        let best = InstructionSet::available().last().unwrap();
        with_each_set(|forced| {
            assert_eq!(InstructionSet::current(), forced);
            assert_eq!(InstructionSet::detect(), best);
            assert_eq!(InstructionSet::current(), best);
        });
    }
}
