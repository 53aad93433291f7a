//! From a decimal to the nearest binary64, ties to even: in one operation where both sides are exact, else by a
//! product of 128 bits. What neither decides is left to the standard library.

use super::powers::power_of_five;

/// The powers of ten that a binary64 holds.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The bits of a binary64 behind its leading one.
pub(crate) const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// The exponents of ten at which a product can lie half way between two binary64.
pub(crate) const TIES: std::ops::RangeInclusive<i32> = -4..=23;

/// The binary64 nearest to `mantissa` · 10^`exponent`, if the exponent is not too far from zero.
///
/// To be called in the default floating-point environment.
#[inline(always)]
pub(super) fn nearest(mantissa: u64, exponent: i32) -> Option<f64> {
    if mantissa <= 1 << f64::MANTISSA_DIGITS
        && let Some(power) = POWERS_OF_TEN.get(exponent.unsigned_abs() as usize)
    {
        let value = mantissa as f64;
        return Some(if exponent < 0 { value / power } else { value * power });
    }
    nearest_of_many(mantissa, exponent)
}

/// The same in integers alone, for one of many numbers: where none waits for the one before, what decides is better in
/// no branch. Which digits they have is hard to foresee.
///
/// The exponents for which there are powers keep the result far from subnormals and infinities.
///
/// Source: Lemire, "Number parsing at a gigabyte per second", 2021, algorithm 1, with the whole product at once; the
/// names are its own.
#[inline(always)]
pub(crate) fn nearest_of_many(mantissa: u64, exponent: i32) -> Option<f64> {
    let power = power_of_five(exponent)?;
    // Zero has a place for its leading one, too.
    let n_zeros = (mantissa | 1).leading_zeros();
    let (high, low) = product(mantissa << n_zeros, power);
    // All ones: what was cut off the power could carry through them.
    if low == u64::MAX {
        return None;
    }
    let upper = (high >> 63) as u32;
    let shift = upper + 64 - FRACTION_BITS - 3;
    let m = high >> shift;
    // Nothing but zeros behind the half: a tie, which goes to the even neighbour below.
    let is_tie = u64::from(low <= 1)
        & u64::from(TIES.contains(&exponent))
        & u64::from(m & 3 == 1)
        & u64::from(m << shift == high);
    let m = m - is_tie;
    let m = (m + (m & 1)) >> 1;
    // The leading one of m, which may have become two, is added to the exponent.
    let p = binary_exponent(exponent) + upper as i32 - n_zeros as i32 + f64::MAX_EXP - 2;
    let bits = ((p as u64) << FRACTION_BITS) + m;
    Some(f64::from_bits(if mantissa == 0 { 0 } else { bits }))
}

/// The first 128 bits of a product of 192.
#[inline(always)]
fn product(w: u64, power: u128) -> (u64, u64) {
    let first = u128::from(w) * (power >> 64);
    let second = u128::from(w) * (power & u128::from(u64::MAX));
    let sum = first + (second >> 64);
    ((sum >> 64) as u64, sum as u64)
}

/// log₂ 10 in 65,536ths: a product with it has the right integer part in the range of the table.
pub(crate) const LOG2_OF_TEN: i32 = 217_706;

/// ⌊log₂ 10^`exponent`⌋ + 63, exact in the range of the table.
#[inline(always)]
fn binary_exponent(exponent: i32) -> i32 {
    ((exponent * LOG2_OF_TEN) >> 16) + 63
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(mantissa: u64, exponent: i32) {
        let expected: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
        for value in [nearest(mantissa, exponent), nearest_of_many(mantissa, exponent)] {
            let bits = value.map_or(expected.to_bits(), f64::to_bits);
            assert_eq!(bits, expected.to_bits(), "{mantissa}e{exponent}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn any_decimal_is_rounded_as_the_standard_library_does(
            mantissa: u64, n_bits in 0u32..64, exponent in -70i32..70,
        ) {
            check(mantissa >> n_bits, exponent);
        }

        /// The decimals next to the middle of two neighbours, and those that are the middle.
        #[test]
        fn decimals_near_a_tie_are_rounded_as_the_standard_library_does(
            odd in (1u64 << 53)..(1 << 54), n_bits in 0u32..11, exponent in -4i32..24, step in -1i64..=1,
        ) {
            let mantissa = (odd | 1) << n_bits;
            check(mantissa.wrapping_add_signed(step), exponent);
            let power = 5u64.pow(exponent.unsigned_abs());
            if exponent < 0 && let Some(mantissa) = mantissa.checked_mul(power) {
                check(mantissa.wrapping_add_signed(step), exponent);
            } else if exponent > 0 {
                check((mantissa / power).wrapping_add_signed(step), exponent);
            }
        }
    }

    #[test]
    fn few_decimals_are_left_to_the_standard_library() {
        for exponent in -54..=54 {
            for mantissa in [1, 9_007_199_254_740_993, u64::MAX] {
                assert!(nearest(mantissa, exponent).is_some(), "{mantissa}e{exponent}");
                check(mantissa, exponent);
            }
        }
        assert_eq!(nearest(1, 55), None);
        assert_eq!(nearest(1, i32::MAX), None);
        assert_eq!(nearest(1, i32::MIN), None);
    }
}
