//! The statistics: one file each with its definition, formula and special values, and here the one list
//! of them that every door takes its names from. What states hold the data, and how values get into
//! them, is not known here: a statistic sees a [`Sample`] of exact numbers.

mod count;
mod cv;
mod distinct;
mod iqr;
mod kurtosis;
mod kurtosis_sample;
mod mad;
mod max;
mod mean;
mod median;
mod min;
mod mode;
mod outcome;
mod point;
mod probability;
pub mod quantile;
mod range;
mod rms;
mod runs;
mod sample;
mod sem;
mod skewness;
mod skewness_sample;
mod states;
mod stddev;
mod stddev_pop;
mod sum;
mod sum_squares;
mod variance;
mod variance_pop;

pub use outcome::{Outcome, Reason};
pub use probability::Probability;
pub use quantile::QuantileMethod;
pub use runs::Runs;
pub use sample::Sample;
pub use states::States;

use crate::error::{Error, by_name};

/// A statistic of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Statistic {
    /// How many finite values.
    Count,
    /// Σx.
    Sum,
    /// Σx / n.
    Mean,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// max − min.
    Range,
    /// Σx².
    SumSquares,
    /// √(Σx² / n).
    Rms,
    /// The sample variance, divisor n − 1.
    Variance,
    /// The sample standard deviation, divisor n − 1.
    Stddev,
    /// The population variance, divisor n.
    VariancePop,
    /// The population standard deviation, divisor n.
    StddevPop,
    /// The standard error of the mean, √(variance / n).
    Sem,
    /// The coefficient of variation, stddev / mean.
    Cv,
    /// The quantile at 1/2, by the plan's method.
    Median,
    /// The skewness of the population, g1.
    Skewness,
    /// The excess kurtosis of the population, g2.
    Kurtosis,
    /// The bias-corrected skewness of a sample, G1.
    SkewnessSample,
    /// The bias-corrected excess kurtosis of a sample, G2.
    KurtosisSample,
    /// The quantile at 3/4 minus that at 1/4, by the plan's method.
    Iqr,
    /// The median of the distances to the median, by the plan's method.
    Mad,
    /// The most frequent value.
    Mode,
    /// How many different values.
    Distinct,
}

/// How a statistic of a whole follows from its parts (Gray et al., "Data Cube", 1997).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// From the same statistic of the parts.
    Distributive,
    /// From a fixed number of distributive ones.
    Algebraic,
    /// From nothing less than all values.
    Holistic,
}

/// What a statistic is when NaN or infinities are among the values and the policy lets them through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtNonfinite {
    /// They do not touch it.
    Ignored,
    /// NaN gives NaN; infinities add up as in IEEE 754.
    Ieee,
    /// NaN gives NaN; an infinity of either sign gives +∞.
    PositiveInfinity,
    /// NaN gives NaN; infinities are the ends of the order.
    Ordered,
    /// Either gives NaN.
    Nan,
}

/// All that is to know of a statistic.
pub(crate) struct Definition {
    name: &'static str,
    description: &'static str,
    class: Class,
    states: States,
    /// Below this many values it is undefined.
    n_min: u64,
    at_nonfinite: AtNonfinite,
    /// Its value for a sample of at least `n_min` values, all finite unless it is `Ordered`.
    evaluate: fn(&Sample) -> Outcome,
}

impl Statistic {
    /// Every statistic, in the order in which results list them.
    pub const ALL: &'static [Self] = &[
        Self::Count,
        Self::Sum,
        Self::Mean,
        Self::Min,
        Self::Max,
        Self::Range,
        Self::SumSquares,
        Self::Rms,
        Self::Variance,
        Self::Stddev,
        Self::VariancePop,
        Self::StddevPop,
        Self::Sem,
        Self::Cv,
        Self::Median,
        Self::Skewness,
        Self::Kurtosis,
        Self::SkewnessSample,
        Self::KurtosisSample,
        Self::Iqr,
        Self::Mad,
        Self::Mode,
        Self::Distinct,
    ];

    /// Its name: the same as a CLI value, a JSON member and a metric label.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// One line on what it is and which divisor it uses.
    pub fn description(self) -> &'static str {
        self.definition().description
    }

    /// How it follows from parts.
    pub fn class(self) -> Class {
        self.definition().class
    }

    /// The states that it is computed from.
    pub fn states(self) -> States {
        self.definition().states
    }

    /// Whether it is a number of things: [`Outcome::Count`], an integer through every door.
    pub fn is_count(self) -> bool {
        matches!(self, Self::Count | Self::Distinct)
    }

    /// The quantiles that it is computed from.
    pub(crate) fn probabilities(self) -> &'static [Probability] {
        match self {
            Self::Median | Self::Mad => &[Probability::HALF],
            Self::Iqr => &[Probability::QUARTER, Probability::THREE_QUARTERS],
            _ => &[],
        }
    }

    /// Whether it is computed from all values in order.
    pub(crate) fn needs_runs(self) -> bool {
        matches!(self, Self::Mad | Self::Mode | Self::Distinct)
    }

    /// Its value for `sample`.
    pub(crate) fn evaluate(self, sample: &Sample) -> Outcome {
        let definition = self.definition();
        if sample.n < definition.n_min {
            let reason = if sample.n == 0 { Reason::Empty } else { Reason::TooFew };
            return Outcome::Undefined(reason);
        }
        definition.at_nonfinite.of(sample).unwrap_or_else(|| (definition.evaluate)(sample))
    }

    fn definition(self) -> &'static Definition {
        match self {
            Self::Count => &count::DEFINITION,
            Self::Sum => &sum::DEFINITION,
            Self::Mean => &mean::DEFINITION,
            Self::Min => &min::DEFINITION,
            Self::Max => &max::DEFINITION,
            Self::Range => &range::DEFINITION,
            Self::SumSquares => &sum_squares::DEFINITION,
            Self::Rms => &rms::DEFINITION,
            Self::Variance => &variance::DEFINITION,
            Self::Stddev => &stddev::DEFINITION,
            Self::VariancePop => &variance_pop::DEFINITION,
            Self::StddevPop => &stddev_pop::DEFINITION,
            Self::Sem => &sem::DEFINITION,
            Self::Cv => &cv::DEFINITION,
            Self::Median => &median::DEFINITION,
            Self::Skewness => &skewness::DEFINITION,
            Self::Kurtosis => &kurtosis::DEFINITION,
            Self::SkewnessSample => &skewness_sample::DEFINITION,
            Self::KurtosisSample => &kurtosis_sample::DEFINITION,
            Self::Iqr => &iqr::DEFINITION,
            Self::Mad => &mad::DEFINITION,
            Self::Mode => &mode::DEFINITION,
            Self::Distinct => &distinct::DEFINITION,
        }
    }
}

impl AtNonfinite {
    /// The outcome that NaN and infinities force on `sample`, if they do.
    fn of(self, sample: &Sample) -> Option<Outcome> {
        let infinite = sample.neg_inf || sample.pos_inf;
        match self {
            Self::Ignored => None,
            _ if sample.nan => Some(Outcome::Nonfinite(f64::NAN, Reason::Nan)),
            Self::Ordered => None,
            _ if !infinite => None,
            Self::Ieee if sample.neg_inf != sample.pos_inf => {
                let sum = if sample.pos_inf { f64::INFINITY } else { f64::NEG_INFINITY };
                Some(Outcome::Nonfinite(sum, Reason::Infinite))
            }
            Self::PositiveInfinity => Some(Outcome::Nonfinite(f64::INFINITY, Reason::Infinite)),
            Self::Ieee | Self::Nan => Some(Outcome::Nonfinite(f64::NAN, Reason::Infinite)),
        }
    }
}

impl core::fmt::Display for Statistic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for Statistic {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("statistic", name, Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete_and_in_the_order_of_the_variants() {
        assert_eq!(
            Statistic::ALL.len(),
            Statistic::Distinct as usize + 1,
            "the last variant is last"
        );
        for (place, statistic) in Statistic::ALL.iter().enumerate() {
            assert_eq!(*statistic as usize, place);
            assert_eq!(statistic.name().parse::<Statistic>().unwrap(), *statistic);
        }
    }

    #[test]
    fn an_unknown_name_is_told_the_known_ones() {
        let error = "average".parse::<Statistic>().unwrap_err();
        assert_eq!(error.code(), "statistic.unknown");
        assert!(error.to_string().contains("count, sum, mean"), "{error}");
    }
}
