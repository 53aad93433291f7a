//! The only way from an exact number back to a binary64: to nearest, ties to even, once. Built from
//! integers alone, so that no floating-point environment can change a bit.
//!
//! A result is a whole number of units of its last place, and which place is the last follows from the length of the
//! magnitude: 53 bits down from the highest, but never below 2^-1074. Subnormals are therefore rounded once like any
//! other number, and not first to 53 bits. Overflow is seen after rounding, as IEEE 754 asks.

use super::Natural;

/// A binary floating-point format of IEEE 754: how many bits its exponent field and its significand have.
/// Every result is a [`Binary64`]; tests round to a format so small that they can look at all of it.
pub trait Format {
    /// The bits of the exponent field.
    const FIELD_BITS: u32;

    /// The bits of the significand, the hidden bit among them.
    const SIGNIFICAND_BITS: u32;

    /// The exponent field of infinity.
    const FIELD_MAX: u64 = (1 << Self::FIELD_BITS) - 1;

    /// The exponent of the last place of the smallest number.
    const EXPONENT_MIN: i64 = 3 - (1 << (Self::FIELD_BITS - 1)) - Self::SIGNIFICAND_BITS as i64;
}

/// The format of `f64`.
pub struct Binary64;

impl Format for Binary64 {
    const FIELD_BITS: u32 = 11;
    const SIGNIFICAND_BITS: u32 = 53;
}

/// How many bits a truncated quotient or root must have so that [`nearest`] can still tell which side
/// of a tie it lies on: the significand, the bit below it, and one to spare.
pub(super) const QUOTIENT_BITS_MIN: u64 = 55;

/// The binary64 nearest to ±(`magnitude` + ε)·2^`exponent`, ties to even, where 0 < ε < 1 when `sticky`
/// and ε = 0 when not. A result of zero is +0.0, whatever the sign; too large a one is infinite.
///
/// With `sticky`, `magnitude` must have at least 55 bits (it is a truncated quotient or root).
///
/// Exact: magnitudes have any length and are not cut before. What is lost is a number of whole bits below the last
/// place, of which only the highest, and whether any other is set, can matter.
///
/// Source: IEEE 754-2019, 4.3.1, `roundTiesToEven`.
pub fn nearest(negative: bool, magnitude: &Natural, exponent: i64, sticky: bool) -> f64 {
    f64::from_bits(nearest_bits::<Binary64>(negative, magnitude, exponent, sticky))
}

/// The bits of what [`nearest`] says, in the format `F`.
pub(super) fn nearest_bits<F: Format>(
    negative: bool,
    magnitude: &Natural,
    exponent: i64,
    sticky: bool,
) -> u64 {
    debug_assert!(!sticky || magnitude.bit_length() >= QUOTIENT_BITS_MIN);
    if magnitude.is_zero() {
        return 0;
    }
    let last_place = (magnitude.bit_length() as i64 + exponent - i64::from(F::SIGNIFICAND_BITS))
        .max(F::EXPONENT_MIN);
    let shift = last_place - exponent;
    let significand = if shift <= 0 {
        // All of its bits fit a significand, so they are in one limb and stay there.
        magnitude.bits_from(0) << shift.unsigned_abs()
    } else {
        shift_right_to_nearest(magnitude, shift.unsigned_abs(), sticky)
    };
    compose::<F>(negative, significand, last_place)
}

/// `magnitude` / 2^`shift`, to nearest, ties to even; one more than the largest significand where all of
/// its bits are carried over.
fn shift_right_to_nearest(magnitude: &Natural, shift: u64, sticky: bool) -> u64 {
    // One bit below the last place is kept as the half, everything under it only as zero or not.
    let with_half = magnitude.bits_from(shift as i64 - 1);
    let below_half = sticky || magnitude.trailing_zeros() < shift - 1;
    let (floor, half) = (with_half >> 1, with_half & 1 == 1);
    floor + u64::from(half && (below_half || floor & 1 == 1))
}

/// The bits of ±`significand`·2^`last_place`, for a significand that is normalized or at the lowest last
/// place, or one more than the largest.
fn compose<F: Format>(negative: bool, significand: u64, last_place: i64) -> u64 {
    if significand == 0 {
        return 0; // also where a negative number rounds to zero
    }
    let biased = (last_place - F::EXPONENT_MIN) as u64;
    let fraction_bits = F::SIGNIFICAND_BITS - 1;
    let sign = u64::from(negative) << (F::FIELD_BITS + fraction_bits);
    if biased >= F::FIELD_MAX - 1 {
        return sign | F::FIELD_MAX << fraction_bits;
    }
    // The hidden bit adds one to the exponent field by itself: so a subnormal needs nothing special, and a
    // significand that was rounded up carries into the next binade, at the top into infinity.
    sign | ((biased << fraction_bits) + significand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `magnitude`·2^`exponent` by the standard library's decimal parser, which rounds correctly.
    fn by_decimal(magnitude: u128, exponent: i64) -> f64 {
        let digits = if exponent >= 0 {
            (num_bigint::BigUint::from(magnitude) << exponent).to_string()
        } else {
            // m / 2^k = m·5^k / 10^k
            let k = exponent.unsigned_abs() as u32;
            format!(
                "{}e-{k}",
                num_bigint::BigUint::from(magnitude) * num_bigint::BigUint::from(5u32).pow(k)
            )
        };
        digits.parse().unwrap()
    }

    proptest! {
        #[test]
        fn rounds_as_the_standard_library_reads_decimals(
            high in any::<u64>(), low in any::<u64>(), cut in 0u32..128, exponent in -1300i64..1100,
        ) {
            let magnitude = (u128::from(high) << 64 | u128::from(low)) >> cut;
            let rounded = nearest(false, &Natural::from(magnitude), exponent, false);
            prop_assert_eq!(rounded.to_bits(), by_decimal(magnitude, exponent).to_bits());
        }
    }

    #[test]
    fn ties_go_to_even_and_sticky_breaks_them() {
        let tie = Natural::from((1u64 << 54) + 2); // 2^54 + half an ulp
        assert_eq!(nearest(false, &tie, 0, false), 18_014_398_509_481_984.0);
        let beyond = tie.shl(8);
        assert_eq!(nearest(false, &beyond, -8, true), 18_014_398_509_481_988.0);
        assert_eq!(nearest(true, &beyond, -8, true), -18_014_398_509_481_988.0);
    }

    #[test]
    fn the_ends_of_the_range() {
        let cases: [(u64, i64, u64); 7] = [
            (0, 5000, 0),
            (1, -1074, 1),
            (1, -1075, 0), // a tie between 0 and the smallest: even is 0
            (3, -1076, 1),
            ((1 << 53) - 1, 971, f64::MAX.to_bits()),
            ((1 << 54) - 1, 970, f64::INFINITY.to_bits()), // a tie between MAX and 2^1024
            (1, 1 << 40, f64::INFINITY.to_bits()),
        ];
        for (magnitude, exponent, bits) in cases {
            let rounded = nearest(false, &Natural::from(magnitude), exponent, false);
            assert_eq!(rounded.to_bits(), bits, "{magnitude} * 2^{exponent}");
        }
        assert_eq!(nearest(true, &Natural::from(1u64), -1075, false).to_bits(), 0);
    }
}
