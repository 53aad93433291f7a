//! Dyadic rationals: the numbers n·2^e. Every finite binary64 is one, and so is every sum and product
//! of them, which makes this the type in which power sums are exact.

use super::{Natural, round};
use core::cmp::Ordering;

/// The exact number ±magnitude·2^exponent in its only form: the magnitude is odd, or zero with no sign
/// and exponent 0. Equal numbers are equal field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dyadic {
    negative: bool,
    magnitude: Natural,
    exponent: i32,
}

impl From<u64> for Dyadic {
    fn from(value: u64) -> Self {
        Self::new(false, &Natural::from(value), 0)
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
    /// ±`magnitude`·2^`exponent`.
    pub fn new(negative: bool, magnitude: &Natural, exponent: i32) -> Self {
        if magnitude.is_zero() {
            return Self::default();
        }
        let zeros = magnitude.trailing_zeros();
        Self { negative, magnitude: magnitude.shr(zeros), exponent: exponent + zeros as i32 }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.magnitude.is_zero()
    }

    /// Its odd magnitude; zero for zero.
    pub fn magnitude(&self) -> &Natural {
        &self.magnitude
    }

    /// The exponent of two that goes with [`Dyadic::magnitude`].
    pub fn exponent(&self) -> i32 {
        self.exponent
    }

    /// `self + other`.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let (left, right, exponent) = self.aligned(other);
        if self.negative == other.negative {
            Self::new(self.negative, &left.add(&right), exponent)
        } else if left >= right {
            Self::new(self.negative, &left.sub(&right), exponent)
        } else {
            Self::new(other.negative, &right.sub(&left), exponent)
        }
    }

    /// `self - other`.
    #[must_use]
    pub fn sub(&self, other: &Self) -> Self {
        self.add(&other.neg())
    }

    /// `-self`.
    #[must_use]
    pub fn neg(&self) -> Self {
        Self { negative: !self.negative && !self.is_zero(), ..self.clone() }
    }

    /// `self * other`.
    #[must_use]
    pub fn mul(&self, other: &Self) -> Self {
        let magnitude = self.magnitude.mul(&other.magnitude);
        Self::new(self.negative != other.negative, &magnitude, self.exponent + other.exponent)
    }

    /// The nearest binary64, ties to even; infinite when it is too large, +0.0 when it is or rounds to zero.
    pub fn round(&self) -> f64 {
        round::nearest(self.negative, &self.magnitude, i64::from(self.exponent), false)
    }

    /// Both magnitudes in units of 2^(the smaller exponent), and that exponent.
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
