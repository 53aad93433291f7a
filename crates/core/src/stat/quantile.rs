//! Quantiles by the nine definitions of Hyndman and Fan, "Sample Quantiles in Statistical Packages"
//! (The American Statistician 50, 1996), under `NumPy`'s names. The position is an exact rational and the
//! interpolation is rounded once. How the elements at the needed ranks are found is not here.
//!
//! Why it is exact: p is a ratio of integers, so h is one too, and its integer part and remainder
//! come from one division of integers. The interpolation (d − w)·a + w·b over d is a quotient of
//! exact numbers and is rounded once, with the elements as exact values, integers beyond 2^53 among
//! them.

use super::point::Point;
use super::{Outcome, Probability};
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Natural, Value};
use alloc::vec::Vec;

/// A definition of the sample quantile.
///
/// Definition: with n values in order and a probability p, a position h that counts from 1. x(h) between
/// two elements is interpolated linearly, and below 1 or above n it is the end.
/// Rounding: h is an exact rational, and the interpolation is rounded once. Software that rounds h first
/// differs in the last place for many p.
/// Special values: an element is given with its own bits. Infinities are the ends of the order, and between
/// unlike ones lies NaN.
///
/// ```
/// use exacta::{Plan, Probability, QuantileMethod};
/// let third = Probability::ratio(1, 3)?;
/// let plan = Plan::new([]).with_quantiles([third]);
/// let quantile = |method| {
///     let plan = plan.clone().with_quantile_method(method);
///     plan.summarize(&[10, 20, 40, 80]).map(|summary| summary.quantile(third).unwrap().finite())
/// };
/// assert_eq!(quantile(QuantileMethod::InvertedCdf)?, Some(20.0));
/// assert_eq!(quantile(QuantileMethod::Linear)?, Some(20.0));
/// assert_eq!(quantile(QuantileMethod::Weibull)?, Some(16.666666666666668));
/// assert_eq!("hazen".parse(), Ok(QuantileMethod::Hazen));
/// # Ok::<(), exacta::Error>(())
/// ```
///
/// Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50, 1996.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QuantileMethod {
    /// Type 1: the element at ⌈np⌉.
    /// The inverse of the empirical distribution function: always an element of the data.
    InvertedCdf,
    /// Type 2: as type 1, but the mean of two elements where np is an integer.
    /// What many textbooks call the median, at p = 1/2.
    AveragedInvertedCdf,
    /// Type 3: the element nearest to np, ties to the even rank.
    /// Ranks are even or odd counted from 1, as in the paper; in SAS it is `PCTLDEF=2`.
    ClosestObservation,
    /// Type 4: h = np.
    /// The empirical distribution function, interpolated linearly.
    InterpolatedInvertedCdf,
    /// Type 5: h = np + 1/2.
    /// The steps of the distribution function are cut in their middle; hydrologists use it.
    Hazen,
    /// Type 6: h = (n + 1)p.
    /// p = h/(n + 1), the mean of the distribution function at an order statistic; Minitab and
    /// SPSS.
    Weibull,
    /// Type 7: h = (n − 1)p + 1.
    /// The elements divide the range into n − 1 equal parts; the default of R, `NumPy`, pandas and
    /// Excel.
    #[default]
    Linear,
    /// Type 8: h = (n + 1/3)p + 1/3.
    /// Roughly median-unbiased, whatever the distribution: what the paper recommends.
    MedianUnbiased,
    /// Type 9: h = (n + 1/4)p + 3/8.
    /// Roughly unbiased for the expected order statistic of normal data.
    NormalUnbiased,
}

impl QuantileMethod {
    /// Every method, by its number.
    ///
    /// ```
    /// use exacta::QuantileMethod;
    /// assert_eq!(QuantileMethod::ALL.len(), 9);
    /// assert_eq!(QuantileMethod::ALL[7 - 1], QuantileMethod::default());
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::InvertedCdf,
        Self::AveragedInvertedCdf,
        Self::ClosestObservation,
        Self::InterpolatedInvertedCdf,
        Self::Hazen,
        Self::Weibull,
        Self::Linear,
        Self::MedianUnbiased,
        Self::NormalUnbiased,
    ];

    /// Its name, which is `NumPy`'s.
    ///
    /// ```
    /// use exacta::QuantileMethod;
    /// assert_eq!(QuantileMethod::MedianUnbiased.name(), "median_unbiased");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::InvertedCdf => "inverted_cdf",
            Self::AveragedInvertedCdf => "averaged_inverted_cdf",
            Self::ClosestObservation => "closest_observation",
            Self::InterpolatedInvertedCdf => "interpolated_inverted_cdf",
            Self::Hazen => "hazen",
            Self::Weibull => "weibull",
            Self::Linear => "linear",
            Self::MedianUnbiased => "median_unbiased",
            Self::NormalUnbiased => "normal_unbiased",
        }
    }

    /// Where the quantile at `probability` lies among `n` ≥ 1 elements.
    ///
    /// The six continuous methods have h = (n + c/k)p + m/k with small integers c, k and m, so with
    /// p = a/b the position is the integer (kn + c)·a + m·b over k·b. One division gives its
    /// integer part and the weight of the next element.
    fn position(self, probability: Probability, n: u64) -> Position {
        let (p, q) = probability.terms();
        // h = ((kn + c)p + m) / k, in units of 1/k.
        let (k, c, m) = match self {
            Self::InvertedCdf | Self::AveragedInvertedCdf | Self::ClosestObservation => {
                return self.step(&Natural::from(n).mul(&p), &q, n);
            }
            Self::InterpolatedInvertedCdf => (1, 0, 0),
            Self::Hazen => (2, 0, 1),
            Self::Weibull => (1, 1, 0),
            Self::Linear => (1, -1, 1),
            Self::MedianUnbiased => (3, 1, 1),
            Self::NormalUnbiased => (8, 2, 3),
        };
        let scaled = (i128::from(n) * k + c) as u128; // n ≥ 1, so it is not negative
        let numerator = Natural::from(scaled).mul(&p).add(&q.mul_u64(m));
        let denominator = q.mul_u64(k as u64);
        let (floor, rest) = numerator.div_rem(&denominator);
        Position::between(&floor, rest, denominator, n)
    }

    /// The methods without a continuous h, from np = `numerator` / `denominator`.
    ///
    /// They differ only in what they do at and between integers: type 1 rounds np up, type 2 takes
    /// both neighbours where np is an integer, type 3 rounds to nearest with ties to the even rank.
    fn step(self, numerator: &Natural, denominator: &Natural, n: u64) -> Position {
        let (floor, rest) = numerator.div_rem(denominator);
        let next = floor.add(&Natural::from(1u64));
        let twice = rest.mul_u64(2);
        let up = match self {
            Self::AveragedInvertedCdf if rest.is_zero() => {
                return Position::between(&floor, Natural::from(1u64), Natural::from(2u64), n);
            }
            Self::ClosestObservation => {
                let floor_is_odd = floor.trailing_zeros() == 0 && !floor.is_zero();
                twice > *denominator || twice == *denominator && floor_is_odd
            }
            _ => !rest.is_zero(),
        };
        let rank = if up { next } else { floor };
        Position::between(&rank, Natural::default(), Natural::from(1u64), n)
    }
}

impl core::fmt::Display for QuantileMethod {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for QuantileMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("quantile_method", name, Self::ALL, Self::name)
    }
}

/// A place among sorted elements: `weight` of the way from the element at rank `lower` to the next.
///
/// A weight of zero says that the neighbour does not matter, also where it is an infinity: 0·∞
/// never arises.
#[derive(Clone, Debug)]
struct Position {
    /// 0-based.
    lower: u64,
    /// Zero where the element itself is meant.
    weight: Natural,
    weight_denominator: Natural,
}

impl Position {
    /// The place at `floor` + `weight`/`denominator` counted from 1, within 1 and `n`.
    ///
    /// A rank of 0 and one of n or more are the ends, with no weight: that is how the paper extends
    /// x(h), and it keeps the neighbour's rank below n.
    fn between(floor: &Natural, weight: Natural, denominator: Natural, n: u64) -> Self {
        let end = |lower| Self {
            lower,
            weight: Natural::default(),
            weight_denominator: Natural::from(1u64),
        };
        match floor.to_u64() {
            Some(0) => end(0),
            Some(rank) if rank < n => {
                Self { lower: rank - 1, weight, weight_denominator: denominator }
            }
            _ => end(n - 1),
        }
    }

    /// The rank of the other neighbour, which is the same one where its weight is zero.
    fn upper(&self) -> u64 {
        self.lower + u64::from(!self.weight.is_zero())
    }

    /// The place between the elements on either side, which the weight says are two.
    fn between_elements(&self, lower: &Point, upper: &Point) -> Point {
        let weight = Dyadic::from(self.weight.clone());
        lower.interpolate(upper, &weight, &Dyadic::from(self.weight_denominator.clone()))
    }
}

/// The elements at the ranks that some quantiles need.
///
/// Two steps, since whoever holds the values should hand over only those that matter: `ranks` says
/// which, and `new` takes them. A rank that was not asked for is a mistake of the caller and
/// panics.
#[derive(Clone, Debug, Default)]
pub struct OrderStatistics {
    method: QuantileMethod,
    n: u64,
    /// Rank and element, by rank.
    elements: Vec<(u64, Value)>,
}

impl OrderStatistics {
    /// The 0-based ranks, ascending, that the quantiles of `n` elements need.
    ///
    /// At most two for each probability; none for no values.
    pub fn ranks(method: QuantileMethod, probabilities: &[Probability], n: u64) -> Vec<u64> {
        if n == 0 {
            return Vec::new();
        }
        let ends = |p: &Probability| {
            let position = method.position(*p, n);
            [position.lower, position.upper()]
        };
        let mut ranks: Vec<u64> = probabilities.iter().flat_map(ends).collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }

    /// The elements at `ranks` among `n`, as [`OrderStatistics::ranks`] gave them.
    pub fn new(method: QuantileMethod, n: u64, elements: Vec<(u64, Value)>) -> Self {
        Self { method, n, elements }
    }

    /// The quantile at `probability`, one of those whose ranks were asked for.
    ///
    /// Between equal elements nothing is computed, so that −0.0 and integers beyond 2^53 keep what
    /// they are.
    pub(super) fn quantile(&self, probability: Probability) -> Outcome {
        let position = self.method.position(probability, self.n);
        let (lower, upper) = (self.element(position.lower), self.element(position.upper()));
        if lower == upper {
            return Outcome::element(lower.to_f64());
        }
        position.between_elements(&lower.into(), &upper.into()).round()
    }

    /// The quantile at `probability`, one of those whose ranks were asked for, unrounded.
    pub(super) fn point(&self, probability: Probability) -> Point {
        self.quantile_of(probability, |rank| self.element(rank).into())
    }

    /// The quantile at `probability` of as many other elements, of which `element` gives the one at a rank.
    pub(super) fn quantile_of(
        &self,
        probability: Probability,
        element: impl Fn(u64) -> Point,
    ) -> Point {
        let position = self.method.position(probability, self.n);
        let lower = element(position.lower);
        if position.weight.is_zero() {
            return lower;
        }
        position.between_elements(&lower, &element(position.upper()))
    }

    fn element(&self, rank: u64) -> Value {
        let place = self.elements.binary_search_by_key(&rank, |(rank, _)| *rank);
        self.elements[place.expect("the rank was asked for")].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stat::Reason;

    fn quantile(method: QuantileMethod, p: &str, values: &[f64]) -> Outcome {
        let p = p.parse().unwrap();
        let n = values.len() as u64;
        let ranks = OrderStatistics::ranks(method, &[p], n);
        let elements =
            ranks.iter().map(|rank| (*rank, Value::from(values[*rank as usize]))).collect();
        OrderStatistics::new(method, n, elements).quantile(p)
    }

    /// By hand from the definitions in the paper, in the order of `QuantileMethod::ALL`.
    #[test]
    fn four_values_by_every_method() {
        let cases = [
            ("0", [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
            ("0.25", [1.0, 1.5, 1.0, 1.0, 1.5, 1.25, 1.75, 17.0 / 12.0, 1.4375]),
            ("0.375", [2.0, 2.0, 2.0, 1.5, 2.0, 1.875, 2.25, 47.0 / 24.0, 1.96875]),
            ("0.5", [2.0, 3.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0]),
            ("0.625", [4.0, 4.0, 2.0, 3.0, 4.0, 4.5, 3.75, 25.0 / 6.0, 4.125]),
            ("1", [8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0, 8.0]),
        ];
        for (p, expected) in cases {
            for (method, expected) in QuantileMethod::ALL.iter().zip(expected) {
                let values = [1.0, 2.0, 4.0, 8.0];
                assert_eq!(
                    quantile(*method, p, &values),
                    Outcome::Finite(expected),
                    "{method} {p}"
                );
            }
        }
    }

    #[test]
    fn infinities_are_the_ends_of_the_order() {
        let (inf, linear) = (f64::INFINITY, QuantileMethod::Linear);
        let infinite = |value| Outcome::Nonfinite(value, Reason::Infinite);
        assert_eq!(quantile(linear, "0.75", &[1.0, 2.0, inf]), infinite(inf));
        assert_eq!(quantile(linear, "0.5", &[1.0, 2.0, inf]), Outcome::Finite(2.0));
        assert_eq!(quantile(linear, "0.5", &[-inf, -inf]), infinite(-inf));
        assert_eq!(quantile(linear, "0.5", &[-inf, inf]).bits(), Some(0x7ff8_0000_0000_0000));
    }

    #[test]
    fn elements_keep_their_bits_and_interpolated_zeros_are_positive() {
        let linear = QuantileMethod::Linear;
        assert_eq!(quantile(linear, "0", &[-0.0, 0.0]).bits(), Some((-0.0f64).to_bits()));
        assert_eq!(quantile(linear, "0.5", &[-0.0, -0.0]).bits(), Some((-0.0f64).to_bits()));
        assert_eq!(quantile(linear, "0.5", &[-0.0, 0.0]).bits(), Some(0));
        assert_eq!(quantile(linear, "0.5", &[-1.0, 1.0]).bits(), Some(0));
    }
}
