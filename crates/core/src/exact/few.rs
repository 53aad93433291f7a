//! The sum of a few values near to each other in magnitude, as most small inputs are: one integer in
//! registers, where making and clearing a superaccumulator would take longer than adding.
//!
//! The bound: counted in units of the last place of the smallest binade, a significand of 53 bits is shifted by
//! 68 places at most, and 32 of them are 2^5 times as large: 53 + 68 + 5 = 126 bits and a sign.

use super::value::decompose;
use super::{Natural, round};

/// How many values: their sum is at most 2^5 times as large as the largest.
pub const FEW_MAX: usize = 32;

/// How many binades the values may span: with 53 bits each and 5 for their number, 127 bits are enough.
const BINADES_MAX: u64 = 68;

/// The sum of at most [`FEW_MAX`] values as the nearest binary64, ties to even; none where it takes more to
/// know it, or a value is not finite.
///
/// Definition: Σx; +0.0 for no values.
/// Special values: zeros lie in the lowest binade, so that one among ordinary values is too far away: none.
/// Cost: two passes over at most 32 values, no memory.
#[inline]
pub fn sum_of_few(values: &[f64]) -> Option<f64> {
    let fields = || values.iter().map(|value| value.to_bits() >> 52 & 0x7ff);
    let (low, high) =
        fields().fold((0x7fe, 0), |(low, high), field| (low.min(field), high.max(field)));
    if values.len() > FEW_MAX || high == 0x7ff || high.saturating_sub(low) > BINADES_MAX {
        return None;
    }
    // The exponent of the last place of the smallest: no value has bits below it.
    let (_, _, exponent) = decompose(f64::from_bits(low << 52));
    let add = |sum: i128, value: &f64| {
        let (negative, significand, place) = decompose(*value);
        let units = i128::from(significand) << (place - exponent);
        sum + if negative { -units } else { units }
    };
    let sum = values.iter().fold(0, add);
    let magnitude = Natural::from(sum.unsigned_abs());
    Some(round::nearest(sum < 0, &magnitude, exponent.into(), false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::SumAccumulator;
    use proptest::prelude::*;

    fn by_accumulator(values: &[f64]) -> f64 {
        let mut sum = SumAccumulator::default();
        values.iter().for_each(|value| sum.add_f64(*value));
        sum.round()
    }

    proptest! {
        #[test]
        fn equals_the_superaccumulator(
            fields in (0u64..0x7ff).prop_flat_map(|low| {
                proptest::collection::vec(low..(low + 70).min(0x7ff), 0..FEW_MAX + 1)
            }),
            fractions in proptest::collection::vec(prop_oneof![
                Just(0), Just((1 << 52) - 1), Just(1 << 63 | ((1 << 52) - 1)), any::<u64>(),
            ], FEW_MAX),
        ) {
            let bits = |(field, fraction): (&u64, &u64)| field << 52 | fraction & (1 << 63 | ((1 << 52) - 1));
            let values: Vec<f64> = fields.iter().zip(&fractions).map(bits).map(f64::from_bits).collect();
            let span = fields.iter().max().unwrap_or(&0) - fields.iter().min().unwrap_or(&0);
            let sum = sum_of_few(&values);
            prop_assert_eq!(sum.is_some(), span <= BINADES_MAX);
            if let Some(sum) = sum {
                prop_assert_eq!(sum.to_bits(), by_accumulator(&values).to_bits());
            }
        }
    }

    #[test]
    fn what_it_leaves_to_others() {
        for values in [&[f64::NAN][..], &[1.0, f64::INFINITY], &[1e300, 1.0], &[0.0; FEW_MAX + 1]] {
            assert_eq!(sum_of_few(values), None, "{values:?}");
        }
        assert_eq!(sum_of_few(&[]).map(f64::to_bits), Some(0));
        assert_eq!(sum_of_few(&[f64::MAX; FEW_MAX]), Some(f64::INFINITY));
        assert_eq!(sum_of_few(&[-0.0]).map(f64::to_bits), Some(0));
    }
}
