//! The statistics: one file each with its definition, formula and special values, and here the one list
//! of them that every door takes its names from. What states hold the data, and how values get into
//! them, is not known here: a statistic sees a [`Sample`] of exact numbers.
//!
//! A statistic is data, not code: a [`Definition`] says its name, what states it needs, below how
//! many values it is undefined, what NaN and infinities do to it, and which function of the exact
//! sums it is. Everything else is derived from that in one place, so that no statistic can forget a
//! special case: `too few` comes before NaN, NaN before infinities, and only then does the function
//! of the file run.
//!
//! Every function here is a quotient, or the root of a quotient, of exact sums, and is rounded at
//! its very end. That is the whole proof of exactness: a rational number is compared with the
//! halfway points between floats in integers, and there is no second rounding that could move it.
//! Two statistics are bounded instead, `geometric_mean` and `harmonic_mean`, and the two whose
//! names begin with `approx` are estimates.

mod approx_distinct;
mod approx_quantile;
mod count;
mod cv;
mod decimals;
mod distinct;
pub mod elsewhere;
mod exact;
mod exhaustive;
mod geometric_mean;
mod harmonic_mean;
pub mod histogram;
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
mod pair;
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
mod weighted;

pub use approx_quantile::ApproxQuantile;
pub use decimals::{Decimals, power_of_ten};
pub use elsewhere::SortedValues;
pub use histogram::{BinRule, Bins, Edges, Histogram, Place};
pub use outcome::{Outcome, Reason};
pub use pair::{PairSample, PairStatistic};
pub use probability::Probability;
pub use quantile::QuantileMethod;
pub use runs::Runs;
pub use sample::Sample;
pub use states::States;
pub use weighted::{WeightedSample, WeightedStatistic};

use crate::error::{Error, by_name};

/// A statistic of one column.
///
/// Definition: each variant has its own, over the n values x that enter; the name says the divisor, and no
/// option changes what a name means. Under the policy `skip` the finite values enter, under `propagate` NaN
/// and infinities as well.
/// Rounding: once, to nearest, ties to even. What is between data and result is exact.
/// Special values: where a NaN enters, every statistic of enough values but `count` is NaN. What is undefined
/// says why, by a [`Reason`].
///
/// ```
/// use exacta::Statistic;
/// assert_eq!("stddev".parse(), Ok(Statistic::Stddev));
/// assert_eq!(Statistic::VariancePop.to_string(), "variance_pop");
/// assert!(Statistic::ALL.iter().all(|statistic| !statistic.description().is_empty()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Statistic {
    /// How many finite values.
    ///
    /// Special values: NaN and infinities are not counted here, whatever the policy; [`Counts`](crate::Counts) has them.
    Count,
    /// Σx, exact until it is rounded once.
    ///
    /// Special values: +0.0 for no values. Infinities add up as in IEEE 754, unlike ones to NaN.
    /// Limits: beyond binary64 it is infinite with the reason [`Reason::Overflow`]; on the way nothing can
    /// overflow.
    Sum,
    /// Σx / n, one rounding of the exact quotient.
    ///
    /// Special values: undefined for no values. Infinities as in [`Statistic::Sum`].
    /// Limits: none: it lies between the extremes, also where the sum overflows.
    Mean,
    /// The smallest value, with its own bits.
    ///
    /// Special values: −0.0 lies below +0.0. Infinities are the ends of the order. Undefined for no values.
    Min,
    /// The largest value, as [`Statistic::Min`].
    Max,
    /// max − min, rounded once.
    ///
    /// Special values: undefined for no values; NaN where both are the same infinity.
    Range,
    /// Σx², exact until it is rounded once.
    ///
    /// Special values: +0.0 for no values; +∞ with an infinity of either sign.
    SumSquares,
    /// √(Σx² / n), the root of the exact quotient, rounded once.
    ///
    /// Special values: undefined for no values; +∞ with an infinity of either sign.
    Rms,
    /// The sample variance, (Σx² − (Σx)²/n) / (n − 1): the exact quotient, rounded once, however much of the
    /// two terms cancels.
    ///
    /// Special values: undefined below two values; NaN with an infinity.
    Variance,
    /// The sample standard deviation, divisor n − 1: the root of the exact variance, rounded once, and so
    /// right even where the variance overflows or underflows.
    ///
    /// Special values: as [`Statistic::Variance`].
    Stddev,
    /// The population variance, (Σx² − (Σx)²/n) / n.
    ///
    /// Special values: undefined for no values; NaN with an infinity.
    VariancePop,
    /// The population standard deviation, divisor n: the root of the exact variance.
    ///
    /// Special values: as [`Statistic::VariancePop`].
    StddevPop,
    /// The standard error of the mean, √(variance / n), with the sample variance.
    ///
    /// Special values: as [`Statistic::Variance`].
    Sem,
    /// The coefficient of variation, stddev / mean: one rounding of the exact value, with the sign of the
    /// mean.
    ///
    /// Special values: undefined below two values and where the exact mean is zero.
    Cv,
    /// The quantile at 1/2, by the plan's method: an element with its own bits, or rounded once between two.
    ///
    /// Special values: infinities are the ends of the order, between unlike ones lies NaN. Undefined for no
    /// values.
    /// Cost: every value is kept, or selected where it lies by [`Plan::summarize`](crate::Plan::summarize).
    Median,
    /// The skewness of the population, g1 = m3 / m2^(3/2) with central moments m: from exact Σx³, rounded
    /// once.
    ///
    /// Special values: undefined for no values and where all are equal; NaN with an infinity.
    Skewness,
    /// The excess kurtosis of the population, g2 = m4 / m2² − 3: from exact Σx⁴, rounded once.
    ///
    /// Special values: as [`Statistic::Skewness`].
    Kurtosis,
    /// The bias-corrected skewness of a sample, G1 = g1·√(n(n − 1)) / (n − 2), rounded once.
    ///
    /// Special values: undefined below three values; else as [`Statistic::Skewness`].
    /// Source: Joanes and Gill, "Comparing measures of sample skewness and kurtosis", 1998.
    SkewnessSample,
    /// The bias-corrected excess kurtosis of a sample, G2 = (n − 1)((n + 1)g2 + 6) / ((n − 2)(n − 3)), rounded
    /// once.
    ///
    /// Special values: undefined below four values; else as [`Statistic::Skewness`].
    KurtosisSample,
    /// The quantile at 3/4 minus that at 1/4, by the plan's method: of the exact quantiles, rounded once.
    ///
    /// Special values: undefined for no values.
    /// Cost: as [`Statistic::Median`].
    Iqr,
    /// The median of the distances to the median, unscaled, both by the plan's method: of exact distances to
    /// the exact median, rounded once.
    ///
    /// Special values: undefined for no values; NaN about an infinite median.
    /// Cost: every value is kept and sorted.
    Mad,
    /// The most frequent value; of several the smallest.
    ///
    /// Special values: −0.0 and +0.0 are one value. Undefined for no values; NaN with an infinity.
    /// Cost: as [`Statistic::Mad`].
    Mode,
    /// How many different values there are, −0.0 and +0.0 as one.
    ///
    /// Special values: NaN with an infinity.
    /// Cost: as [`Statistic::Mad`].
    Distinct,
    /// exp(Σ ln x / n), the n-th root of the product.
    ///
    /// Rounding: within 1/2 + 2^-43 ulp of the exact value, and always the same bits: logarithms
    /// are nearest integers in units of 2^-96, added without error.
    /// Special values: any zero gives +0.0; a negative value makes it undefined,
    /// [`Reason::NonPositive`]. Undefined for no values; NaN with an infinity.
    GeometricMean,
    /// n / Σ(1/x), the mean of rates.
    ///
    /// Rounding: for values of one sign within 1/2 + 2^-74 ulp of the exact value: reciprocals have
    /// 128 bits and are added without error. Where those of both signs cancel the bound is
    /// absolute, not relative.
    /// Special values: any zero gives +0.0. Undefined for no values and where the reciprocals sum
    /// to zero, [`Reason::ZeroMean`]; NaN with an infinity.
    HarmonicMean,
    /// How many different values, estimated from 2^14 registers.
    ///
    /// Definition: a `HyperLogLog` with Ertl's estimator, in integers; see NUMERICS.md.
    /// Rounding: a standard error of 0.81 %, and the same estimate for any order and any
    /// repetition.
    /// Special values: −0.0 and +0.0 are one value. Undefined for no values; NaN with an infinity.
    /// Cost: 16 KB, however many values there are.
    ApproxDistinct,
}

/// How a statistic of a whole follows from its parts (Gray et al., "Data Cube", 1997).
///
/// What it is good for: only the distributive and algebraic ones have a state of bounded size, and
/// those alone can be kept for every group or every hour of a long time.
///
/// ```
/// use exacta::{Class, Statistic};
/// let bounded: Vec<_> =
///     Statistic::ALL.iter().filter(|statistic| statistic.class() != Class::Holistic).collect();
/// assert!(bounded.contains(&&Statistic::Kurtosis) && !bounded.contains(&&Statistic::Mode));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// From the same statistic of the parts.
    /// The sum of a whole is the sum of the sums, its largest value the largest of the largest.
    Distributive,
    /// From a fixed number of distributive ones.
    /// A mean is a sum and a count, a variance those and a sum of squares.
    Algebraic,
    /// From nothing less than all values.
    /// Medians of parts do not tell the median, so the state grows with the data.
    Holistic,
}

/// What a statistic is when NaN or infinities are among the values and the policy lets them through.
///
/// It is consulted after the number of values and before the definition's function, which therefore
/// sees finite values alone, unless it is `Ordered`. Since it looks at three flags and not at the
/// order of the values, the answer is one for any order.
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
///
/// One constant a statistic, in its own file; `Statistic::definition` is the only list of them.
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
    ///
    /// ```
    /// use exacta::Statistic;
    /// assert_eq!(Statistic::ALL.len(), 26);
    /// assert_eq!(Statistic::ALL[0], Statistic::Count);
    /// ```
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
        Self::GeometricMean,
        Self::HarmonicMean,
        Self::ApproxDistinct,
    ];

    /// Its name: the same as a CLI value, a JSON member and a metric label. [`str::parse`] finds it again.
    ///
    /// ```
    /// use exacta::Statistic;
    /// assert_eq!(Statistic::SumSquares.name(), "sum_squares");
    /// ```
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// One line on what it is and which divisor it uses.
    ///
    /// ```
    /// use exacta::Statistic;
    /// assert_eq!(Statistic::Mean.description(), "arithmetic mean");
    /// ```
    pub fn description(self) -> &'static str {
        self.definition().description
    }

    /// How it follows from parts.
    ///
    /// ```
    /// use exacta::{Class, Statistic};
    /// assert_eq!(Statistic::Sum.class(), Class::Distributive);
    /// assert_eq!(Statistic::Mean.class(), Class::Algebraic);
    /// assert_eq!(Statistic::Median.class(), Class::Holistic);
    /// ```
    pub fn class(self) -> Class {
        self.definition().class
    }

    /// The states that it is computed from.
    ///
    /// ```
    /// use exacta::{States, Statistic};
    /// assert_eq!(Statistic::Stddev.states(), States::SUM.union(States::SUM_SQUARES));
    /// ```
    pub fn states(self) -> States {
        self.definition().states
    }

    /// Whether it is a number of things: [`Outcome::Count`], an integer through every door.
    ///
    /// ```
    /// use exacta::{Outcome, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Distinct]);
    /// assert!(Statistic::Distinct.is_count() && !Statistic::Sum.is_count());
    /// assert_eq!(plan.summarize(&[0.0, -0.0, 5.0])?.get(Statistic::Distinct), Some(Outcome::Count(2)));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn is_count(self) -> bool {
        matches!(self, Self::Count | Self::Distinct | Self::ApproxDistinct)
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
    ///
    /// Those cannot be answered by selection, which finds elements at ranks: how often a value
    /// occurs, and which distances are in the middle, is only seen in sorted values.
    pub(crate) fn needs_runs(self) -> bool {
        matches!(self, Self::Mad | Self::Mode | Self::Distinct)
    }

    /// Its value for `sample`.
    ///
    /// In the order in which reasons are given: too few values, then NaN, then infinities, then
    /// what the definition itself finds.
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
            Self::GeometricMean => &geometric_mean::DEFINITION,
            Self::HarmonicMean => &harmonic_mean::DEFINITION,
            Self::ApproxDistinct => &approx_distinct::DEFINITION,
        }
    }
}

impl AtNonfinite {
    /// The outcome that NaN and infinities force on `sample`, if they do.
    ///
    /// None where the definition's own function is to answer: where all is finite, and for
    /// `Ordered`, to which infinities are ends of the order like any others.
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
            Statistic::ApproxDistinct as usize + 1,
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
