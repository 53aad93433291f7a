//! What a statistic comes to: a number, or the reason why there is none.
//!
//! That there is no value is a value here: nothing panics on data, nothing is a silent NaN, and the
//! reason travels to every client.

/// The value of a statistic.
///
/// Equality is that of its floats: NaN is no other NaN, and −0.0 is +0.0. Compare [`Outcome::bits`] where
/// bits matter.
///
/// ```
/// use exacta::{Outcome, Reason, Statistic};
/// let summary = exacta::summarize(&[1.5]);
/// assert_eq!(summary.get(Statistic::Mean), Some(Outcome::Finite(1.5)));
/// assert_eq!(summary.get(Statistic::Stddev), Some(Outcome::Undefined(Reason::TooFew)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// A number of things.
    /// It stays an integer, so that one beyond 2^53 is not rounded.
    Count(u64),
    /// A real number, correctly rounded.
    /// Never −0.0 unless it is an element of the data.
    Finite(f64),
    /// A NaN or an infinity, and what made it one.
    /// [`Reason::Overflow`] is the only one that comes from finite data.
    Nonfinite(f64, Reason),
    /// No value at all, and why.
    /// Not the same as NaN: there is no definition, where NaN is the answer of one.
    Undefined(Reason),
}

/// Why a statistic has no finite value. When several apply, the first in this order is given.
///
/// ```
/// use exacta::{Plan, Reason, Statistic};
/// let plan = Plan::new([Statistic::Cv, Statistic::Skewness, Statistic::SumSquares]);
/// let reason = |values: &[f64], statistic| {
///     plan.summarize(values).unwrap().get(statistic).unwrap().reason()
/// };
/// assert_eq!(reason(&[1.0], Statistic::Cv), Some(Reason::TooFew));
/// assert_eq!(reason(&[-1.0, 1.0], Statistic::Cv), Some(Reason::ZeroMean));
/// assert_eq!(reason(&[2.0, 2.0], Statistic::Skewness), Some(Reason::ZeroVariance));
/// assert_eq!(reason(&[1e200, 1.0], Statistic::SumSquares), Some(Reason::Overflow));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// There are no values.
    Empty,
    /// There are fewer values than the definition needs.
    TooFew,
    /// All values are equal, and the definition divides by their variance.
    ZeroVariance,
    /// The mean is zero, and the definition divides by it.
    ZeroMean,
    /// The weights sum to zero, or to no more than one where the definition needs more.
    ZeroWeight,
    /// A value is negative, and the definition takes its logarithm. A zero has a limit, and is no reason.
    NonPositive,
    /// A NaN is among the values.
    Nan,
    /// An infinity is among the values.
    Infinite,
    /// The exact value rounds to an infinity.
    Overflow,
}

impl Outcome {
    /// The outcome for a correctly rounded result, which is infinite only by overflow.
    pub(crate) fn rounded(value: f64) -> Self {
        if value.is_finite() {
            Self::Finite(value)
        } else {
            Self::Nonfinite(value, Reason::Overflow)
        }
    }

    /// The outcome for an element of the data itself.
    pub(crate) fn element(value: f64) -> Self {
        if value.is_finite() {
            Self::Finite(value)
        } else {
            Self::Nonfinite(value, Reason::Infinite)
        }
    }

    /// The value as IEEE 754 has it: NaN and infinities too; none where it is undefined.
    ///
    /// ```
    /// let overflow = exacta::summarize(&[f64::MAX, f64::MAX]).get(exacta::Statistic::Sum).unwrap();
    /// assert_eq!((overflow.value(), overflow.finite()), (Some(f64::INFINITY), None));
    /// ```
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Nonfinite(value, _) => Some(value),
            _ => self.finite(),
        }
    }

    /// The value when it is a real number; a count as the nearest binary64.
    ///
    /// ```
    /// use exacta::{Outcome, Reason};
    /// assert_eq!(Outcome::Count(3).finite(), Some(3.0));
    /// assert_eq!(Outcome::Finite(0.5).finite(), Some(0.5));
    /// assert_eq!(Outcome::Undefined(Reason::Empty).finite(), None);
    /// ```
    pub fn finite(self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(crate::exact::Value::from(count).to_f64()),
            Self::Finite(value) => Some(value),
            Self::Nonfinite(..) | Self::Undefined(_) => None,
        }
    }

    /// The bits of the binary64 result, NaN as 7ff8000000000000; none for counts and what is undefined.
    ///
    /// What two results should be compared by, and what can be sent through any language: a decimal
    /// may be read back wrongly, sixteen hexadecimal digits cannot.
    ///
    /// ```
    /// use exacta::{Outcome, Reason};
    /// assert_eq!(Outcome::Finite(-0.0).bits(), Some(1 << 63));
    /// assert_eq!(Outcome::Nonfinite(-f64::NAN, Reason::Nan).bits(), Some(0x7ff8_0000_0000_0000));
    /// assert_eq!(Outcome::Count(3).bits(), None);
    /// ```
    pub fn bits(self) -> Option<u64> {
        match self {
            Self::Nonfinite(value, _) if value.is_nan() => Some(0x7ff8_0000_0000_0000),
            Self::Finite(value) | Self::Nonfinite(value, _) => Some(value.to_bits()),
            Self::Count(_) | Self::Undefined(_) => None,
        }
    }

    /// Why there is no finite value, if there is none.
    ///
    /// ```
    /// use exacta::{Outcome, Reason};
    /// assert_eq!(Outcome::Nonfinite(f64::NAN, Reason::Nan).reason(), Some(Reason::Nan));
    /// assert_eq!(Outcome::Finite(0.5).reason(), None);
    /// ```
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Nonfinite(_, reason) | Self::Undefined(reason) => Some(reason),
            Self::Count(_) | Self::Finite(_) => None,
        }
    }
}

impl Reason {
    /// Every reason, the first that applies being the one that is given.
    ///
    /// ```
    /// use exacta::Reason;
    /// assert_eq!(Reason::ALL.first(), Some(&Reason::Empty));
    /// assert_eq!(Reason::ALL.last().map(|reason| reason.name()), Some("overflow"));
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::Empty,
        Self::TooFew,
        Self::ZeroVariance,
        Self::ZeroMean,
        Self::ZeroWeight,
        Self::NonPositive,
        Self::Nan,
        Self::Infinite,
        Self::Overflow,
    ];

    /// Its name, the same through every door.
    ///
    /// ```
    /// assert_eq!(exacta::Reason::TooFew.name(), "too_few");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooFew => "too_few",
            Self::ZeroVariance => "zero_variance",
            Self::ZeroMean => "zero_mean",
            Self::ZeroWeight => "zero_weight",
            Self::NonPositive => "non_positive",
            Self::Nan => "nan",
            Self::Infinite => "infinite",
            Self::Overflow => "overflow",
        }
    }
}

impl core::fmt::Display for Reason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}
