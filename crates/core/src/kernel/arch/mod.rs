//! What only one processor architecture can do, behind safe doors: the one module in which `unsafe` is
//! allowed. The floating-point control word, and kernels over vectors, each written once and compiled for
//! every instruction set. When to use which is decided outside.
//!
//! How a loop is compiled several times from one text: it is generic over [`Vector`], and
//! [`Kernel::vectors`] is inlined into a function that is compiled with the features of one
//! instruction set. `run` checks that the processor has them before it calls that function, so a
//! safe caller cannot reach an instruction that is not there. Nothing else in this folder is
//! trusted: lengths and exponents on which a proof rests are asserted at each door, and tests
//! compare every loop with the portable one at every length and alignment.
#![allow(unsafe_code)]
// No other machine has vector kernels so far.
#![cfg_attr(not(all(target_arch = "x86_64", target_feature = "sse2")), allow(dead_code))]
#![allow(clippy::inline_always)] // what is compiled for an instruction set has to be inlined where it is enabled

mod buckets;
mod classes;
mod compact;
mod decimals;
mod digits;
pub(super) mod extract;
mod groups;
mod keys;
mod ladder;
mod rows;
mod split;
mod vector;

pub(super) use buckets::{EXPONENT_FIELDS, add_by_exponent};
pub(super) use classes::{BATCH, CLASSES, ClassSums, class};
pub(super) use compact::{Bounds, bounds, compact, compact_rows, exponent_above};
pub(super) use decimals::{INTEGERS_MAX, others_to_front, sums_of_first};
pub(super) use digits::{BLOCK, EXPONENTS, LONG, LevelSums, Spill, moments, power};
pub(super) use groups::add_rows;
pub(super) use keys::sift;
pub(super) use ladder::{LADDER_EXPONENTS, PowerSums, powers};
pub(super) use rows::{RowSpill, RowSums, rows};
pub(super) use split::split;
use vector::Vector;

/// Room that kernels that write whole vectors need behind what they keep.
pub(super) const SLACK: usize = vector::LANES_MAX;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "aarch64")]
pub(super) use aarch64::{CONTROL_DEFAULT, CONTROL_MASK, control, set_control};

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod x86_64;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(crate) use x86_64::prefetch;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use x86_64::run;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
pub(super) use x86_64::{CONTROL_DEFAULT, CONTROL_MASK, control, has, set_control};

#[cfg(not(any(all(target_arch = "x86_64", target_feature = "sse2"), target_arch = "aarch64")))]
mod other;
#[cfg(not(any(
    all(target_arch = "x86_64", target_feature = "sse2"),
    target_arch = "aarch64"
)))]
pub(super) use other::{CONTROL_DEFAULT, CONTROL_MASK, control, set_control};

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
mod scalar;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
pub(super) use scalar::has;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
pub(crate) use scalar::prefetch;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use scalar::run;

/// A loop over data, written once for the vectors of any instruction set. `run(set, kernel)` is the door:
/// it checks that the machine has the set and calls the loop as compiled for it.
///
/// One value that holds the arguments, since a closure cannot be generic over the vectors.
trait Kernel {
    /// What the loop finds.
    type Output;

    /// The loop. It and all that it calls on `V` must be `#[inline(always)]`, so that it becomes part of a
    /// function that is compiled for the instruction set.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`.
    unsafe fn vectors<V: Vector>(self) -> Self::Output;
}
