//! What the kernels ask of a processor's vectors of binary64, so that an algorithm is written once and
//! compiled for each instruction set. The algorithms are not here.
//!
//! The list is short on purpose: what is here has to be written for each width and proven equal.
//! Nothing in it rounds in a way that depends on the width, with the exceptions that say so.

use super::keys::Keys;

/// The most lanes that a vector has.
pub(super) const LANES_MAX: usize = 8;

/// Values in a cache line.
pub(super) const LINE: usize = 8;

/// A vector of binary64 lanes. Every operation is the IEEE 754 one, lane by lane; the bitwise ones act on
/// the representations.
///
/// # Safety
/// Of every method: the processor has the instruction set of the type. Call them only from functions that
/// are compiled for it (`#[target_feature]`), whose safe door checks that it is there; methods are inlined
/// there.
pub(super) trait Vector: Keys {
    /// How many lanes there are.
    const LANES: usize;

    /// The same value in every lane.
    unsafe fn splat(value: f64) -> Self;

    /// The `LANES` values from `from` on, at any alignment. They must be readable.
    unsafe fn load(from: *const f64) -> Self;

    /// Writes the lanes from `to` on, at any alignment. The place must be writable.
    unsafe fn store(self, to: *mut f64);

    /// `self + other`.
    unsafe fn add(self, other: Self) -> Self;

    /// `self - other`.
    unsafe fn sub(self, other: Self) -> Self;

    /// `self * other`.
    unsafe fn mul(self, other: Self) -> Self;

    /// The smaller of each lane; `other` where they are equal or one is NaN.
    unsafe fn min(self, other: Self) -> Self;

    /// The larger of each lane; `other` where they are equal or one is NaN.
    unsafe fn max(self, other: Self) -> Self;

    /// The bits that are set in both.
    unsafe fn and(self, other: Self) -> Self;

    /// The bits that are set in either.
    unsafe fn or(self, other: Self) -> Self;

    /// The bits that are set in one and not in the other.
    unsafe fn xor(self, other: Self) -> Self;

    /// The sum of the representations as integers, modulo 2^64.
    unsafe fn add_bits(self, other: Self) -> Self;

    /// Whether a bit is set in any lane.
    unsafe fn any_bit(self) -> bool;

    /// Asks for the cache line of `place`, which need not be readable.
    unsafe fn prefetch(place: *const f64);

    /// `self * factor + addend`, rounded once or twice: the same where the product is exact.
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// `self * factor - subtrahend`, rounded once or twice: the same where the product is exact.
    unsafe fn mul_sub(self, factor: Self, subtrahend: Self) -> Self;

    /// `self - other`, where there is fused multiply-add by way of the multipliers, which stand idle while
    /// digits are taken off. `one` is 1 in every lane, and the compiler must not know it.
    unsafe fn less(self, other: Self, one: Self) -> Self;

    /// A bit for each lane that is not zero, lane 0 the lowest. A NaN is not zero.
    unsafe fn nonzero(self) -> u32;

    /// A bit for each lane that is less than that of `other`, lane 0 the lowest. NaN is not.
    unsafe fn less_than(self, other: Self) -> u32;

    /// A bit for each lane that is finite, lane 0 the lowest.
    unsafe fn finite(self) -> u32;

    /// A bit for each lane that is NaN, lane 0 the lowest.
    unsafe fn nan(self) -> u32;

    /// The lanes whose bits are set, lane 0 the lowest, and +0.0 in the others.
    unsafe fn keep(self, lanes: u32) -> Self;

    /// Writes the lanes whose bits are set one after another from `to` on, and anything behind them: there
    /// must be room for `LANES`.
    unsafe fn pack(self, lanes: u32, to: *mut f64);
}
