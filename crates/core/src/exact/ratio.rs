//! Quotients of exact numbers and their square roots, rounded once.
//!
//! Numerator and denominator are never reduced: a common factor changes neither the quotient nor whether something is
//! cut off. Products and sums of quotients are not here: formulas are brought over one denominator first, so that
//! there is one division and one rounding.

use super::natural::divide;
use super::round::{self, Binary64, Format};
use super::{Dyadic, Natural};

/// The exact quotient of two dyadic numbers.
#[derive(Clone, Debug)]
pub struct Ratio {
    negative: bool,
    numerator: Natural,
    denominator: Natural,
    /// The value is ±numerator / denominator · 2^exponent.
    exponent: i64,
}

impl Ratio {
    /// `numerator / denominator`.
    ///
    /// # Panics
    /// When `denominator` is zero: what is undefined has to be told apart before.
    pub fn new(numerator: &Dyadic, denominator: &Dyadic) -> Self {
        assert!(!denominator.is_zero(), "a ratio has a denominator");
        Self {
            negative: numerator.is_negative() != denominator.is_negative(),
            numerator: numerator.magnitude().clone(),
            denominator: denominator.magnitude().clone(),
            exponent: i64::from(numerator.exponent()) - i64::from(denominator.exponent()),
        }
    }

    /// The nearest binary64, ties to even; infinite when it is too large, +0.0 when it is or rounds to zero.
    ///
    /// The quotient is cut off at 55 bits or more, and whether anything was cut off is told beside it: enough to see on
    /// which side of a tie the exact one lies.
    pub fn round(&self) -> f64 {
        f64::from_bits(self.round_bits::<Binary64>())
    }

    /// The bits of the nearest number of the format `F`.
    pub(crate) fn round_bits<F: Format>(&self) -> u64 {
        let shift = self.shift_for(round::QUOTIENT_BITS_MIN);
        let (quotient, inexact) = self.shifted_quotient(shift);
        round::nearest_bits::<F>(self.negative, &quotient.into(), self.exponent - shift, inexact)
    }

    /// The square root of the absolute value, with the sign kept, as the nearest binary64.
    ///
    /// It is not the root of the rounded quotient: with q = floor(x) and r = floor(√q), r = floor(√x) and
    /// √x = r exactly when nothing was cut off either time, so one rounding of (r, sticky) is correct.
    ///
    /// The quotient is cut off at 110 bits or more, so that its root has 55.
    pub fn round_root(&self) -> f64 {
        f64::from_bits(self.round_root_bits::<Binary64>())
    }

    /// The bits of the root's nearest number of the format `F`.
    pub(crate) fn round_root_bits<F: Format>(&self) -> u64 {
        let mut shift = self.shift_for(2 * round::QUOTIENT_BITS_MIN);
        // An even exponent is left for the root to halve.
        shift += (self.exponent - shift).rem_euclid(2);
        let (quotient, inexact) = self.shifted_quotient(shift);
        let root = quotient.isqrt();
        let exponent = (self.exponent - shift) / 2;
        let inexact = inexact || root * root != quotient;
        round::nearest_bits::<F>(self.negative, &root.into(), exponent, inexact)
    }

    /// The shift to the left (to the right where it is negative) after which the quotient has `bits` or
    /// `bits` + 1 bits.
    fn shift_for(&self, bits: u64) -> i64 {
        (self.denominator.bit_length() + bits) as i64 - self.numerator.bit_length() as i64
    }

    /// floor(numerator · 2^`shift` / denominator), and whether anything was cut off: of the quotient, or
    /// below it of the numerator, which needs no more bits than show in the quotient.
    fn shifted_quotient(&self, shift: i64) -> (u128, bool) {
        let cut = self.numerator.trailing_zeros() < shift.min(0).unsigned_abs();
        if let Some(divisor) = self.denominator.to_u64() {
            // At most 64 + 112 bits, and of the quotient 113.
            let mut limbs = [0, 64, 128].map(|place| self.numerator.bits_from(place - shift));
            let remainder = divide(&mut limbs, divisor);
            return (u128::from(limbs[1]) << 64 | u128::from(limbs[0]), cut || remainder != 0);
        }
        let numerator = if shift < 0 {
            self.numerator.shr(shift.unsigned_abs())
        } else {
            self.numerator.shl(shift.unsigned_abs())
        };
        let (quotient, remainder) = numerator.div_rem(&self.denominator);
        let quotient = quotient.to_u128().expect("the shift leaves at most 113 bits");
        (quotient, cut || !remainder.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(n: u64, n_exponent: i32, d: u64) -> Ratio {
        Ratio::new(&Dyadic::new(false, &Natural::from(n), n_exponent), &Dyadic::from(d))
    }

    #[test]
    fn quotients_and_roots_of_small_numbers_are_those_of_the_hardware() {
        // IEEE 754 division and square root are correctly rounded, and these operands are exact.
        for n in 0..200u64 {
            for d in 1..50u64 {
                assert_eq!(ratio(n, 0, d).round().to_bits(), (n as f64 / d as f64).to_bits());
            }
            assert_eq!(ratio(n, 0, 1).round_root().to_bits(), (n as f64).sqrt().to_bits());
        }
    }

    proptest! {
        #[test]
        fn division_is_that_of_the_hardware(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite() && b != 0.0);
            let exact = |x: f64| crate::exact::Value::from(x).to_dyadic();
            let expected = a / b;
            let expected = if expected == 0.0 { 0.0 } else { expected };
            prop_assert_eq!(Ratio::new(&exact(a), &exact(b)).round().to_bits(), expected.to_bits());
        }

        #[test]
        fn root_is_that_of_the_hardware(a in 0u64..0x7ff0_0000_0000_0000) {
            let a = f64::from_bits(a);
            let exact = crate::exact::Value::from(a).to_dyadic();
            let root = Ratio::new(&exact, &Dyadic::from(1)).round_root();
            prop_assert_eq!(root.to_bits(), a.sqrt().to_bits());
        }

        /// r = round(√(n/d)) lies within half an ulp: checked by squaring the two midpoints around it.
        #[test]
        fn root_of_a_ratio_lies_between_its_midpoints(
            limbs in proptest::collection::vec(any::<u64>(), 1..7), d in 1u64.., e in -600i32..600,
        ) {
            let n = Natural::from_limbs(limbs);
            prop_assume!(!n.is_zero());
            let root = Ratio::new(&Dyadic::new(false, &n, e), &Dyadic::from(d)).round_root();
            let midpoint = |up: bool| {
                let bits = if up { root.to_bits() } else { root.to_bits() - 1 };
                let of = |bits| crate::exact::Value::from(f64::from_bits(bits)).to_dyadic();
                of(bits).add(&of(bits + 1)) // twice the midpoint
            };
            let four_n = Dyadic::new(false, &n, e + 2);
            let squared = |up| { let m = midpoint(up); m.mul(&m).mul(&Dyadic::from(d)) };
            prop_assert!(squared(false) <= four_n && four_n <= squared(true));
        }
    }
}
