//! Values taken apart into significand and exponent, and each significand added to the sum of its exponent:
//! the loop under [`Buckets`](super::super::buckets), which says why it is exact.
//!
//! Vectors take the values of a group apart, branch-free and many at once; what is left for each
//! value on its own is a load, an addition in memory and a branch that is hardly ever taken.

use super::extract::PREFETCH;
use super::vector::LINE;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;

/// One for each exponent field of a binary64.
/// That of infinities and NaN is among them, so that nothing need be left out before.
pub(in super::super) const EXPONENT_FIELDS: usize = 1 << 11;

/// The bits of a significand that are stored.
const STORED: u32 = 52;

/// Values that are taken apart together.
/// What is between the two loops then stays at hand: it has 640 bytes.
const GROUP: usize = 64;

/// Adds significands, with their signs, each to the sum of its exponent field, modulo 2^64, and counts how often a sum
/// left the range of its integer upwards less how often downwards. Whether all values are finite: what is not
/// has gone to the last exponent field, and all else is as it should be.
pub(in super::super) fn add_by_exponent(
    set: InstructionSet,
    values: &[f64],
    sums: &mut [i64; EXPONENT_FIELDS],
    wraps: &mut [i64; EXPONENT_FIELDS],
) -> bool {
    run(set, ByExponent { values, sums, wraps })
}

/// The arguments of [`add_by_exponent`].
struct ByExponent<'a> {
    values: &'a [f64],
    sums: &'a mut [i64; EXPONENT_FIELDS],
    wraps: &'a mut [i64; EXPONENT_FIELDS],
}

impl Kernel for ByExponent<'_> {
    type Output = bool;

    /// Hardly an operation of `V` is needed: the compiler makes vectors of the first loop by itself, for whatever it
    /// is compiled for.
    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> bool {
        let Self { values, sums, wraps } = self;
        let mut apart = Apart { significands: [0; GROUP], fields: [0; GROUP] };
        let (groups, rest) = values.as_chunks::<GROUP>();
        let mut last = [0.0; GROUP];
        last[..rest.len()].copy_from_slice(rest);
        let mut are_finite = true;
        for group in groups.iter().chain((!rest.is_empty()).then_some(&last)) {
            for line in group.as_chunks::<LINE>().0 {
                // SAFETY: the caller vouches for the instruction set; what is only prefetched need not be there.
                unsafe { V::prefetch(line.as_ptr().wrapping_add(PREFETCH)) };
            }
            are_finite &= apart.take(group);
            for (significand, field) in apart.significands.iter().zip(&apart.fields) {
                let field = usize::from(*field) % EXPONENT_FIELDS;
                let (sum, has_wrapped) = sums[field].overflowing_add(*significand);
                sums[field] = sum;
                if has_wrapped {
                    wraps[field] += significand.signum();
                }
            }
        }
        are_finite
    }
}

/// The significands of a group with their signs, and the fields of their exponents.
/// Aligned, since what is written as one vector across two lines is read back late.
#[repr(align(64))]
struct Apart {
    significands: [i64; GROUP],
    fields: [u16; GROUP],
}

impl Apart {
    /// Whether all values are finite.
    ///
    /// A subnormal has no hidden bit and the field 0, whose unit is that of the field 1.
    #[inline(always)]
    fn take(&mut self, group: &[f64; GROUP]) -> bool {
        let mut are_finite = true;
        let places = self.significands.iter_mut().zip(&mut self.fields);
        for (value, (significand, field)) in group.iter().zip(places) {
            let bits = value.to_bits();
            let exponent = bits >> STORED & (EXPONENT_FIELDS as u64 - 1);
            let hidden = u64::from(exponent != 0) << STORED;
            let magnitude = (bits & ((1 << STORED) - 1) | hidden) as i64;
            let sign = bits as i64 >> 63;
            *significand = (magnitude ^ sign) - sign;
            *field = exponent as u16;
            are_finite &= exponent != EXPONENT_FIELDS as u64 - 1;
        }
        are_finite
    }
}
