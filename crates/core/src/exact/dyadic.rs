//! Dyadic rationals: the numbers n·2^e. Every finite binary64 is one, and so is every sum and product
//! of them, which makes this the type in which power sums are exact.
//!
//! They are closed under addition, subtraction and multiplication, and not under division: quotients are in `ratio`.
//! NaN, the infinities and a negative zero are no numbers and are not here; those who have them count them.

use super::{Natural, round};
use core::cmp::Ordering;

/// The exact number ±magnitude·2^exponent in its only form: the magnitude is odd, or zero with no sign
/// and exponent 0. Equal numbers are equal field by field.
///
/// Limits: exponents are far from the ends of 32 bits. Data and its power sums lie within 2^±4400, formulas multiply
/// a few of those, and bytes from outside are bounded before they become one.
/// Cost: sums shift one of the two to the exponent of the other, so their length is the distance from the highest
/// bit of either to the lowest; products multiply the lengths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dyadic {
    negative: bool,
    magnitude: Natural,
    exponent: i32,
}

impl From<u64> for Dyadic {
    /// The trailing zeros go into the exponent, as for every other.
    #[inline]
    fn from(value: u64) -> Self {
        if value == 0 {
            return Self::default();
        }
        let exponent = value.trailing_zeros();
        let magnitude = Natural::from(value >> exponent);
        Self { negative: false, magnitude, exponent: exponent as i32 }
    }
}

impl From<Natural> for Dyadic {
    fn from(value: Natural) -> Self {
        Self::new(false, &value, 0)
    }
}

impl PartialOrd for Dyadic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Dyadic {
    /// In the order of the real numbers. Both are brought to one exponent: comparing is as exact as subtracting.
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right, _) = self.aligned(other);
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => left.cmp(&right),
            (true, true) => right.cmp(&left),
        }
    }
}

impl Dyadic {
    /// ±`magnitude`·2^`exponent`, brought to its only form: the zeros at the end of the magnitude go into the exponent.
    pub fn new(negative: bool, magnitude: &Natural, exponent: i32) -> Self {
        if magnitude.is_zero() {
            return Self::default();
        }
        let zeros = magnitude.trailing_zeros();
        Self { negative, magnitude: magnitude.shr(zeros), exponent: exponent + zeros as i32 }
    }

    /// Whether it is below zero.
    ///
    /// Zero is not.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.magnitude.is_zero()
    }

    /// Its odd magnitude; zero for zero.
    ///
    /// It is what partials encode, with the exponent and the sign.
    pub fn magnitude(&self) -> &Natural {
        &self.magnitude
    }

    /// The exponent of two that goes with [`Dyadic::magnitude`].
    ///
    /// It is the place of the lowest bit of the number, and 0 for zero.
    pub fn exponent(&self) -> i32 {
        self.exponent
    }

    /// `self + other`.
    ///
    /// Exact, however far apart the two lie: 2^1000 + 2^-1000 has 2001 bits.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        self.add_signed(other, other.negative)
    }

    /// `self - other`.
    ///
    /// Where all of it cancels, the result is the zero without a sign.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add_signed(other, !other.negative)
    }

    /// `-self`; zero stays what it is, without a sign.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self.clone() }
    }

    /// `self * other`: the magnitudes multiplied and the exponents added. A product of odd numbers is odd, so it
    /// is in its only form already.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::default();
        }
        // A product of odd numbers is odd: already in normal form.
        Self {
            negative: self.negative != other.negative,
            magnitude: self.magnitude.mul(&other.magnitude),
            exponent: self.exponent + other.exponent,
        }
    }

    /// The nearest binary64, ties to even; infinite when it is too large, +0.0 when it is or rounds to zero.
    ///
    /// The only step from here to a float that is not a quotient or a root.
    pub fn round(&self) -> f64 {
        round::nearest(self.negative, &self.magnitude, i64::from(self.exponent), false)
    }

    /// `self` + `other`, whose sign is replaced by `negative`: addition and subtraction are this.
    ///
    /// Like signs add their magnitudes; of unlike ones the smaller is taken from the larger, whose sign the result has.
    fn add_signed(&self, other: &Self, negative: bool) -> Self {
        if other.is_zero() {
            return self.clone();
        }
        if self.is_zero() {
            return Self { negative, ..other.clone() };
        }
        let exponent = self.exponent.min(other.exponent);
        let left = &self.magnitude.shl(self.exponent.abs_diff(exponent).into());
        let right = &other.magnitude.shl(other.exponent.abs_diff(exponent).into());
        if self.negative == negative {
            Self::new(negative, &left.add(right), exponent)
        } else if left >= right {
            Self::new(self.negative, &left.sub(right), exponent)
        } else {
            Self::new(negative, &right.sub(left), exponent)
        }
    }

    /// Both magnitudes in units of 2^(the smaller exponent), and that exponent.
    ///
    /// Zero has no exponent of its own and takes that of the other, so that it does not make it longer.
    fn aligned(&self, other: &Self) -> (Natural, Natural, i32) {
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.min(other.exponent),
        };
        let align = |it: &Self| {
            let distance = if it.is_zero() { 0 } else { it.exponent.abs_diff(exponent) };
            it.magnitude.shl(distance.into())
        };
        (align(self), align(other), exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn dyadic() -> impl Strategy<Value = Dyadic> {
        let magnitude =
            prop_oneof![Just(0), Just(1), any::<u128>(), any::<u64>().prop_map(u128::from)];
        (any::<bool>(), magnitude, -200i32..200).prop_map(|(negative, magnitude, e)| {
            Dyadic::new(negative, &Natural::from(magnitude), e)
        })
    }

    /// In units of 2^-400, of which numbers and products here are multiples.
    fn big(number: &Dyadic) -> BigInt {
        let magnitude = num_bigint::BigUint::from_bytes_le(&number.magnitude().to_le_bytes());
        let scaled = BigInt::from(magnitude) << (number.exponent() + 400);
        if number.is_negative() { -scaled } else { scaled }
    }

    proptest! {
        #[test]
        fn agrees_with_num_bigint(a in dyadic(), b in dyadic()) {
            prop_assert_eq!(big(&a.add(&b)), big(&a) + big(&b));
            prop_assert_eq!(big(&a.sub(&b)), big(&a) - big(&b));
            prop_assert_eq!(big(&a.mul(&b)) << 400, big(&a) * big(&b));
            prop_assert_eq!(a.cmp(&b), big(&a).cmp(&big(&b)));
            // Equal numbers are equal field by field, zero among them.
            prop_assert_eq!(a.add(&b).sub(&b), a.clone());
            prop_assert_eq!(a.sub(&a), Dyadic::default());
            prop_assert_eq!(Dyadic::default().sub(&Dyadic::default()), Dyadic::default());
        }
    }
}
