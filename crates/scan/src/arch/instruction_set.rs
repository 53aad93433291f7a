//! Which instructions of the processor are used. The choice is one of speed: no result depends on it.

use super::{Kernel, Portable};

/// What the loops are compiled for, slowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InstructionSet {
    /// Words of 64 bits, on every machine. What the others have to equal.
    Portable,
    /// Vectors of 32 bytes, and carry-less products.
    Avx2,
    /// Vectors of 64 bytes, with masks.
    Avx512,
}

impl InstructionSet {
    const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// Those that this machine has, slowest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// The fastest that this machine has.
    pub(crate) fn best() -> Self {
        Self::available().last().expect("the portable one is always there")
    }

    /// Whether this machine has it: a load and a test, since std remembers what the processor said.
    #[cfg(target_arch = "x86_64")]
    fn is_available(self) -> bool {
        macro_rules! has {
            ($($feature:tt)+) => { true $(&& std::arch::is_x86_feature_detected!($feature))+ };
        }
        match self {
            Self::Portable => true,
            Self::Avx2 => has!("avx2" "bmi1" "bmi2" "lzcnt" "pclmulqdq" "popcnt"),
            Self::Avx512 => {
                Self::Avx2.is_available() && has!("avx512f" "avx512bw" "avx512cd" "avx512vl")
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available(self) -> bool {
        self == Self::Portable
    }
}

/// Runs a kernel as compiled for an instruction set.
///
/// # Panics
/// When the processor does not have it.
#[inline]
pub(super) fn run<K: Kernel>(set: InstructionSet, kernel: K) -> K::Output {
    assert!(set.is_available(), "the processor has the instruction set");
    match set {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the assertion found every feature that the function is compiled for.
        InstructionSet::Avx2 => unsafe { avx2(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the assertion found every feature that the function is compiled for.
        InstructionSet::Avx512 => unsafe { avx512(kernel) },
        // SAFETY: it needs nothing of the processor.
        _ => unsafe { kernel.chunks::<Portable>() },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { kernel.chunks::<super::x86_64::Avx2>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(
    enable = "avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt,avx512f,avx512bw,avx512cd,avx512vl"
)]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { kernel.chunks::<super::x86_64::Avx512>() }
}
