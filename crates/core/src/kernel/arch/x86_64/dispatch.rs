//! The doors to kernels over the vectors of x86-64: each checks that the processor has what the kernel was
//! compiled for.
//!
//! The check is one load and one test, since std remembers what CPUID said. The features of a level
//! are those that came with it in every processor, so that the compiler may use what it needs for
//! the scalar code between the vectors; AVX-512 is asked for as a group, and processors with a part
//! of it use AVX2.

use super::super::Kernel;
use crate::kernel::InstructionSet;
use core::arch::x86_64::{__m128d, __m256d, __m512d};

/// Whether the processor has all these features: found out once and remembered by std, or without std
/// known to the compiler.
macro_rules! has_features {
    ($($feature:tt)+) => {{
        #[cfg(feature = "std")]
        let found = true $(&& std::arch::is_x86_feature_detected!($feature))+;
        #[cfg(not(feature = "std"))]
        let found = true $(&& cfg!(target_feature = $feature))+;
        found
    }};
}

/// Whether the processor has vectors of this instruction set.
///
/// AVX2 without fused multiply-add is not offered: the powers need it, and hardly a processor has
/// the one alone.
pub(crate) fn has(set: InstructionSet) -> bool {
    match set {
        InstructionSet::Portable => false,
        InstructionSet::Sse2 => true, // this module is compiled where it is
        InstructionSet::Avx2 => has_features!("avx2" "bmi1" "bmi2" "fma" "lzcnt" "popcnt"),
        InstructionSet::Avx512 => {
            has(InstructionSet::Avx2) && has_features!("avx512f" "avx512bw" "avx512dq" "avx512vl")
        }
    }
}

/// Runs a kernel as compiled for an instruction set.
///
/// # Panics
/// When the processor does not have it, or it is the portable one, which has no vectors.
#[inline]
pub(in super::super) fn run<K: Kernel>(set: InstructionSet, kernel: K) -> K::Output {
    assert!(has(set), "the processor has the instruction set");
    match set {
        InstructionSet::Portable => unreachable!("it has no vectors"),
        InstructionSet::Sse2 => sse2(kernel),
        // SAFETY: the assertion found every feature that the function is compiled for.
        InstructionSet::Avx2 => unsafe { avx2(kernel) },
        // SAFETY: the assertion found every feature that the function is compiled for.
        InstructionSet::Avx512 => unsafe { avx512(kernel) },
    }
}

/// Kept apart like the others, so that each kernel is compiled once for each set and profiles name
/// it.
#[inline(never)]
fn sse2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { kernel.vectors::<__m128d>() }
}

/// Code that is compiled without its features may call it in an `unsafe` block only.
#[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { kernel.vectors::<__m256d>() }
}

/// As [`avx2`].
#[target_feature(enable = "avx2,bmi1,bmi2,fma,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { kernel.vectors::<__m512d>() }
}
