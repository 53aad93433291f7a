//! The statistics of values with weights, which say how often each value counts. How their exact sums are
//! taken is not known here.
//!
//! Weights are frequencies: a weight of 3 is a value that stands there three times, and fractions
//! are allowed. Weights that say how reliable a value is have another sample variance, which is not
//! here.

use super::{Outcome, Reason};
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Ratio};

/// A statistic of values x with weights w ≥ 0.
///
/// Definition: each variant has its own; μ is the weighted mean.
/// Rounding: once, to nearest, ties to even, from the exact Σw, Σwx and Σwx².
/// Special values: undefined for no rows, and where the weights sum to too little.
///
/// ```
/// use exacta::WeightedStatistic;
/// assert_eq!("weighted_mean".parse(), Ok(WeightedStatistic::WeightedMean));
/// assert_eq!(WeightedStatistic::ALL.len(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WeightedStatistic {
    /// Σwx / Σw.
    /// Undefined where Σw = 0.
    WeightedMean,
    /// Σw(x − μ)² / (Σw − 1), μ being the weighted mean: what the sample variance is when each value stands w
    /// times.
    /// Undefined unless Σw > 1, since the divisor would be zero or negative.
    WeightedVariance,
    /// Σw(x − μ)² / Σw.
    /// Undefined where Σw = 0.
    WeightedVariancePop,
}

/// The exact sums over the rows that enter.
#[derive(Clone, Debug)]
pub struct WeightedSample {
    /// How many rows enter.
    pub n: u64,
    /// Why nothing finite can come of it, if so.
    pub nonfinite: Option<Reason>,
    /// Σw.
    pub weights: Dyadic,
    /// Σwx.
    pub sum: Dyadic,
    /// Σwx².
    pub sum_squares: Dyadic,
}

impl WeightedStatistic {
    /// Every one of them.
    /// In the order in which results list them.
    ///
    /// ```
    /// let names = exacta::WeightedStatistic::ALL.iter().map(|statistic| statistic.name());
    /// assert!(names.eq(["weighted_mean", "weighted_variance", "weighted_variance_pop"]));
    /// ```
    pub const ALL: &'static [Self] =
        &[Self::WeightedMean, Self::WeightedVariance, Self::WeightedVariancePop];

    /// Its name, the same through every door.
    ///
    /// ```
    /// assert_eq!(exacta::WeightedStatistic::WeightedVariance.name(), "weighted_variance");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::WeightedMean => "weighted_mean",
            Self::WeightedVariance => "weighted_variance",
            Self::WeightedVariancePop => "weighted_variance_pop",
        }
    }

    /// Its value for `sample`.
    ///
    /// With W = Σw the spread Σw(x − μ)² is (W·Σwx² − (Σwx)²)/W: one exact numerator over W(W − 1)
    /// or W². It takes no float of a weight, so weights of 0.1 are what their binary64 are, and
    /// their sum may miss 1 by as much.
    pub(crate) fn evaluate(self, sample: &WeightedSample) -> Outcome {
        if sample.n == 0 {
            return Outcome::Undefined(Reason::Empty);
        }
        let weights = &sample.weights;
        let less_one = weights.sub(&Dyadic::from(1));
        let least = if self == Self::WeightedVariance { &less_one } else { weights };
        if least.is_zero() || least.is_negative() {
            return Outcome::Undefined(Reason::ZeroWeight);
        }
        if let Some(reason) = sample.nonfinite {
            return Outcome::Nonfinite(f64::NAN, reason);
        }
        // Σw·Σw(x − μ)²
        let spread = weights.mul(&sample.sum_squares).sub(&sample.sum.mul(&sample.sum));
        let ratio = match self {
            Self::WeightedMean => Ratio::new(&sample.sum, weights),
            Self::WeightedVariance | Self::WeightedVariancePop => {
                Ratio::new(&spread, &weights.mul(least))
            }
        };
        Outcome::rounded(ratio.round())
    }
}

impl core::fmt::Display for WeightedStatistic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for WeightedStatistic {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("statistic", name, Self::ALL, Self::name)
    }
}
