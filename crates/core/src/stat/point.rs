//! Points of the extended real line, exactly: what lies between elements of the data before it is rounded.
//!
//! Quantiles feed other statistics, `iqr` and `mad`, which have to see them unrounded. A point is a
//! fraction whose numerator and denominator only grow by multiplication: no common factor is looked
//! for, since there are never more than a few steps before the one rounding. Infinities are points
//! too, with the arithmetic that IEEE 754 gives them; there is no signed zero, which only an
//! element of the data can be.

use super::{Outcome, Reason};
use crate::exact::{Dyadic, Ratio, Value};

/// An unrounded point of the extended reals, or none of them.
#[derive(Clone, Debug)]
pub enum Point {
    /// Numerator and denominator, which is positive.
    /// Neither is reduced; comparing and rounding do not ask for it.
    Real(Dyadic, Dyadic),
    /// −∞ or +∞.
    Infinity {
        /// Whether it is −∞.
        negative: bool,
    },
    /// What unlike infinities leave.
    Nan,
}

impl From<Value> for Point {
    /// The point at a value that is not NaN.
    fn from(value: Value) -> Self {
        if value.is_finite() {
            Self::Real(value.to_dyadic(), Dyadic::from(1))
        } else {
            Self::Infinity { negative: value.to_f64() < 0.0 }
        }
    }
}

impl Point {
    /// ((d − w)·`self` + w·`upper`) / d, for a weight w/d strictly between 0 and 1.
    ///
    /// With l/a below and u/b above that is ((d − w)·l·b + w·u·a) over d·a·b, exact like all its
    /// parts. Towards an infinity every place between is that infinity, and between unlike ones
    /// there is none.
    pub(super) fn interpolate(&self, upper: &Self, weight: &Dyadic, denominator: &Dyadic) -> Self {
        match (self, upper) {
            (Self::Real(low, low_unit), Self::Real(high, high_unit)) => {
                let low = denominator.sub(weight).mul(low).mul(high_unit);
                let high = weight.mul(high).mul(low_unit);
                Self::Real(low.add(&high), denominator.mul(low_unit).mul(high_unit))
            }
            (Self::Real(..), end) | (end, Self::Real(..)) => end.clone(),
            (Self::Infinity { negative: left }, Self::Infinity { negative: right })
                if left == right =>
            {
                self.clone()
            }
            _ => Self::Nan,
        }
    }

    /// `self - other`, as IEEE 754 has it for infinities.
    ///
    /// Exact where both are real; ∞ − ∞ is NaN.
    pub(super) fn sub(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Real(left, left_unit), Self::Real(right, right_unit)) => {
                let difference = left.mul(right_unit).sub(&right.mul(left_unit));
                Self::Real(difference, left_unit.mul(right_unit))
            }
            (Self::Infinity { negative }, Self::Real(..)) => Self::Infinity { negative: *negative },
            (Self::Real(..), Self::Infinity { negative }) => Self::Infinity { negative: !negative },
            (Self::Infinity { negative: left }, Self::Infinity { negative: right })
                if left != right =>
            {
                self.clone()
            }
            _ => Self::Nan,
        }
    }

    /// The nearest binary64.
    ///
    /// The only rounding of a quantile. A real point may round to an infinity, which is an
    /// overflow; an infinite one is an element of the data, and says so.
    pub(super) fn round(&self) -> Outcome {
        match self {
            Self::Real(numerator, denominator) => {
                Outcome::rounded(Ratio::new(numerator, denominator).round())
            }
            Self::Infinity { negative } => {
                let infinity = if *negative { f64::NEG_INFINITY } else { f64::INFINITY };
                Outcome::Nonfinite(infinity, Reason::Infinite)
            }
            Self::Nan => Outcome::Nonfinite(f64::NAN, Reason::Infinite),
        }
    }
}
