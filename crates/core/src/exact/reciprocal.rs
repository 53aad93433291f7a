//! Reciprocals as integers and their exact sums: what a harmonic mean is made of.
//!
//! A reciprocal has 128 bits wherever it lies, so its relative error is the same for large and for small values; the
//! superaccumulator has places for all of them.

use super::superaccumulator::Superaccumulator;
use super::{Dyadic, Natural, Ratio, Value};

/// Sums reciprocals: from 2^-1184, below the last of the 128 bits of the smallest, to 2^1248: 2^64 times the
/// largest (2^1074) with room to spare.
type ReciprocalAccumulator = Superaccumulator<76, -1184>;

/// The exact sum of the reciprocals of a multiset's values that are not zero, and how many are.
///
/// **Definition.** 1/x is taken as the nearest number of 128 significant bits, and those are added without
/// error: so the sum is a function of the multiset. Each is off by at most 2^-128 of itself, and the sum by at
/// most 2^-128·Σ|1/x|.
///
/// **Cost.** About 8 ns a value, 640 bytes.
#[derive(Clone, Debug, Default)]
pub struct ReciprocalSum {
    sum: ReciprocalAccumulator,
    zeros: u64,
}

impl PartialEq for ReciprocalSum {
    fn eq(&self, other: &Self) -> bool {
        self.zeros == other.zeros && self.sum() == other.sum()
    }
}

impl ReciprocalSum {
    /// The sum whose canonical content this is: one that 2^64 reciprocals can reach.
    ///
    /// None for anything else, as bytes from outside may hold it.
    pub fn from_parts(sum: &Dyadic, zeros: u64) -> Option<Self> {
        let bits = i64::try_from(sum.magnitude().bit_length()).ok()?;
        let exponent = sum.exponent();
        if i64::from(exponent) < -1151 || i64::from(exponent) + bits > 1074 + 64 {
            return None;
        }
        let mut taken = Self { zeros, ..Self::default() };
        taken.add(sum.is_negative(), sum.magnitude(), exponent);
        Some(taken)
    }

    /// The exact sum of the reciprocals of the values that are not zero.
    pub fn sum(&self) -> Dyadic {
        self.sum.to_dyadic()
    }

    /// How many values are zero, of either sign.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Takes one value. NaN and the infinities are left out.
    #[inline]
    pub fn push(&mut self, value: Value) {
        let (negative, magnitude, exponent) = value.to_parts();
        if magnitude == 0 {
            self.zeros = self.zeros.wrapping_add(value.is_finite().into());
        } else {
            let (reciprocal, place) = reciprocal(magnitude, exponent);
            self.sum.add_wide(negative, reciprocal, place);
        }
    }

    /// Takes one value `times` times. NaN and the infinities are left out.
    ///
    /// As exact as taking it so many times: the reciprocal is rounded first, and its multiple is not.
    pub fn push_times(&mut self, value: Value, times: u64) {
        let (negative, magnitude, exponent) = value.to_parts();
        if magnitude == 0 {
            self.zeros = self.zeros.wrapping_add(u64::from(value.is_finite()) * times);
        } else {
            let (reciprocal, place) = reciprocal(magnitude, exponent);
            self.sum.add_times(negative, reciprocal, times, place);
        }
    }

    /// Takes what `other` has taken.
    ///
    /// Exact, associative and commutative: what was rounded, each reciprocal, looked at its value alone.
    pub fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.zeros = self.zeros.wrapping_add(other.zeros);
    }

    /// What is left without the values of `other`; none where it has more zeros.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Option<Self> {
        let mut left = Self { zeros: self.zeros.checked_sub(other.zeros)?, ..self.clone() };
        let taken = other.sum();
        left.add(!taken.is_negative(), taken.magnitude(), taken.exponent());
        Some(left)
    }

    /// The harmonic mean of `n` values, of which these are the reciprocals: n/Σ(1/x), infinite when it is too
    /// large; none where the reciprocals sum to zero.
    ///
    /// **Rounding.** The quotient of n and the sum is rounded once. For values of one sign the sum is off by at
    /// most 2^-128 of itself, so the result lies within 1/2 + 2^-74 ulp of the exact harmonic mean. For
    /// values of both signs the error of the sum is at most 2^-128·Σ|1/x|, however much of it cancels: a sum
    /// that small (of 1/2, −1/3 and −1/6, say) cannot be told from zero and need not come to it.
    ///
    /// **Special values.** Any zero gives +0.0.
    pub fn harmonic_mean(&self, n: u64) -> Option<f64> {
        if self.zeros > 0 {
            return Some(0.0);
        }
        let sum = self.sum();
        (!sum.is_zero()).then(|| Ratio::new(&Dyadic::from(n), &sum).round())
    }

    /// Adds a number of any length within the range.
    fn add(&mut self, negative: bool, magnitude: &Natural, exponent: i32) {
        for (bytes, place) in magnitude.to_le_bytes().chunks(8).zip((exponent..).step_by(64)) {
            let limb = bytes.iter().rev().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
            self.sum.add(negative, limb, place);
        }
    }
}

/// The number of 128 bits that is nearest to 1/(`magnitude`·2^`exponent`), as an integer and the exponent of
/// the two that goes with it, for a magnitude that is not zero. A tie has a divisor that is a power of
/// two, and then the reciprocal is exact.
///
/// The quotient has two digits of 64 bits by long division, and the remainder says which way to round. A power of two
/// is told apart first, since its quotient would have one bit more.
#[inline]
fn reciprocal(magnitude: u64, exponent: i32) -> (u128, i32) {
    let zeros = magnitude.leading_zeros();
    let divisor = magnitude << zeros;
    let last_place = zeros as i32 - exponent - 191;
    if divisor == 1 << 63 {
        return (1 << 127, last_place + 1);
    }
    // floor(2^191/divisor) digit by digit: both quotients are below 2^64.
    let (high, rest) = divide(1 << 63, divisor);
    let (low, rest) = divide(rest, divisor);
    let floor = u128::from(high) << 64 | u128::from(low);
    (floor + u128::from(rest > divisor / 2), last_place)
}

/// Quotient and remainder of (`high`·2^64) / `divisor`, for `high` < `divisor`.
#[inline]
fn divide(high: u64, divisor: u64) -> (u64, u64) {
    let (dividend, divisor) = (u128::from(high) << 64, u128::from(divisor));
    ((dividend / divisor) as u64, (dividend % divisor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint};
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let float = any::<f64>().prop_filter("finite", |x| x.is_finite() && *x != 0.0);
        let integer = any::<u64>().prop_map(|it| it.max(1));
        prop_oneof![float.prop_map(Value::from), integer.prop_map(Value::from)]
    }

    fn sum_of(values: &[Value]) -> ReciprocalSum {
        let mut sum = ReciprocalSum::default();
        values.iter().for_each(|value| sum.push(*value));
        sum
    }

    /// ±magnitude·2^exponent in units of 2^-1200.
    fn scaled(negative: bool, magnitude: BigUint, exponent: i32) -> BigInt {
        let magnitude = BigInt::from(magnitude << (exponent + 1200));
        if negative { -magnitude } else { magnitude }
    }

    fn scaled_sum(sum: &ReciprocalSum) -> BigInt {
        let sum = sum.sum();
        let magnitude = BigUint::from_bytes_le(&sum.magnitude().to_le_bytes());
        scaled(sum.is_negative(), magnitude, sum.exponent())
    }

    proptest! {
        #[test]
        fn reciprocals_are_the_nearest_of_128_bits(value in value()) {
            let (_, magnitude, exponent) = value.to_parts();
            let (reciprocal, place) = reciprocal(magnitude, exponent);
            prop_assert_eq!(reciprocal.leading_zeros(), 0);
            // |R·2^place·m·2^exponent − 1| in units of the last place of R, against its half.
            let one = BigInt::from(1) << -(place + exponent);
            let product = BigInt::from(reciprocal) * magnitude;
            let off = (product - one).magnitude() * 2u32;
            prop_assert!(off <= BigUint::from(magnitude));
        }

        #[test]
        fn sums_keep_their_bound(values in proptest::collection::vec((value(), any::<bool>()), 0..9)) {
            let flipped = |(value, flip): &(Value, bool)| {
                if *flip { Value::from(-value.to_f64()) } else { *value }
            };
            let values: Vec<Value> = values.iter().map(flipped).collect();
            // Σ 1/x and Σ |1/x| over the product of all magnitudes.
            let magnitude = |value: &Value| value.to_parts().1;
            let product: BigInt = values.iter().map(magnitude).product();
            let (mut exact, mut absolute) = (BigInt::ZERO, BigInt::ZERO);
            for value in &values {
                let (negative, magnitude, exponent) = value.to_parts();
                let others = BigUint::try_from(product.clone() / magnitude).unwrap();
                exact += scaled(negative, others.clone(), -exponent);
                absolute += scaled(false, others, -exponent);
            }
            let off = (scaled_sum(&sum_of(&values)) * product - exact).magnitude().clone();
            prop_assert!(off << 128 <= *absolute.magnitude());
        }

        /// The exact harmonic mean lies between r ∓ (1/2 + 2^-74) ulp.
        #[test]
        fn harmonic_means_keep_their_bound(values in proptest::collection::vec(value(), 1..6)) {
            let positive = |value: &Value| {
                if value.to_parts().0 { Value::from(-value.to_f64()) } else { *value }
            };
            let values: Vec<Value> = values.iter().map(positive).collect();
            let n = values.len() as u64;
            let mean = sum_of(&values).harmonic_mean(n).unwrap();
            let product: BigUint = values.iter().map(|value| value.to_parts().1).product();
            let reciprocals = values.iter().map(|value| {
                let (_, magnitude, exponent) = value.to_parts();
                scaled(false, &product / magnitude, -exponent)
            });
            let sum: BigInt = reciprocals.sum();
            // r·Σ(1/x) against n, in units of 2^-75 ulp.
            let (_, magnitude, exponent) = Value::from(mean).to_parts();
            let bound = |off: i128| {
                (((BigInt::from(magnitude) << 75u32) + off) * &sum) << (exponent + 1074)
            };
            let scaled_n = BigInt::from(n * product) << (75 + 1200 + 1074);
            let half = (1 << 74) + 2;
            prop_assert!(bound(-half) <= scaled_n && scaled_n <= bound(half));
        }

        #[test]
        fn neither_order_nor_cut_shows(
            values in proptest::collection::vec(any::<f64>(), 0..40), cut in 0usize..40,
        ) {
            let values: Vec<Value> = values.into_iter().map(Value::from).collect();
            let whole = sum_of(&values);
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = sum_of(right);
            merged.merge(&sum_of(left));
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(whole.subtract(&sum_of(left)), Some(sum_of(right)));
            prop_assert_eq!(ReciprocalSum::from_parts(&whole.sum(), whole.zeros()), Some(whole));
        }

        #[test]
        fn many_times_is_again_and_again(value in any::<f64>(), times in 0u64..50) {
            let mut at_once = ReciprocalSum::default();
            at_once.push_times(value.into(), times);
            prop_assert_eq!(at_once, sum_of(&vec![value.into(); times as usize]));
        }
    }

    #[test]
    fn means_of_few_values() {
        let check = |values: &[f64], expected: Option<f64>| {
            let values: Vec<Value> = values.iter().copied().map(Value::from).collect();
            let mean = sum_of(&values).harmonic_mean(values.len() as u64);
            assert_eq!(mean.map(f64::to_bits), expected.map(f64::to_bits), "{values:?}");
        };
        check(&[], None);
        check(&[40.0, 60.0], Some(48.0));
        check(&[3.0; 7], Some(3.0));
        check(&[-3.0, 6.0], Some(-12.0));
        check(&[5.0, -5.0], None);
        check(&[5.0, -0.0, -1.0], Some(0.0));
        check(&[f64::MAX, f64::MAX], Some(f64::MAX));
        check(&[f64::from_bits(1); 2], Some(f64::from_bits(1)));
        check(&[1e308, -1.000_000_000_000_000_2e308], Some(f64::INFINITY));
    }

    #[test]
    fn sums_that_no_data_has_are_refused() {
        let refused = |magnitude: u64, exponent: i32| {
            let sum = Dyadic::new(true, &Natural::from(magnitude), exponent);
            ReciprocalSum::from_parts(&sum, 0).is_none()
        };
        assert!(refused(1, -1152) && refused(1, 1138) && refused(u64::MAX, 1075));
        assert!(!refused(1, -1151) && !refused(1, 1137));
    }
}
