//! The statistics of values with weights, which say how often each value counts. How their exact sums are
//! taken is not known here.

use super::{Outcome, Reason};
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Ratio};

/// A statistic of values x with weights w ≥ 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WeightedStatistic {
    /// Σwx / Σw.
    WeightedMean,
    /// Σw(x − μ)² / (Σw − 1), μ being the weighted mean: what the sample variance is when each value stands w
    /// times.
    WeightedVariance,
    /// Σw(x − μ)² / Σw.
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
    pub const ALL: &'static [Self] =
        &[Self::WeightedMean, Self::WeightedVariance, Self::WeightedVariancePop];

    /// Its name, the same through every door.
    pub fn name(self) -> &'static str {
        match self {
            Self::WeightedMean => "weighted_mean",
            Self::WeightedVariance => "weighted_variance",
            Self::WeightedVariancePop => "weighted_variance_pop",
        }
    }

    /// Its value for `sample`.
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
