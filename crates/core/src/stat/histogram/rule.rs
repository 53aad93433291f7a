//! How many bins of equal width, by the rules of `NumPy`'s `histogram_bin_edges`. `NumPy` computes a width in
//! floating point and divides; here the number of bins is decided with integers and rationals, so no rounding
//! and no type of the data can add or take one. The bins themselves are made elsewhere.
//!
//! Each rule is an inequality: the smallest k for which k bins are narrow enough. Raised to a power
//! that takes the roots out, both sides are integers, and k is found by bisection over 64 bits, a
//! few dozen multiplications of large integers. Only Scott's has a π in it, and only Doane's and
//! Sturges' a logarithm, which is a count of doublings.

use super::equal_width;
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Natural, pi_floor};
use crate::stat::quantile::OrderStatistics;
use crate::stat::{Probability, QuantileMethod, Sample, States, point::Point};

/// The most bins that `stone` tries: what √n is for 2^24 values.
const STONE_MAX: u64 = 1 << 12;

/// A rule for the number of bins, from the n finite values and their range r.
///
/// Definition: each variant has its own; where it is no integer it is rounded up, and where all
/// values are equal there is one bin.
/// Rounding: none. `NumPy` divides in floating point and may take 61 bins where the rule says 60.
/// Cost: all values are kept and sorted.
///
/// ```
/// use exacta::{BinRule, Bins, Plan};
/// let plan = Plan::new([]).with_histogram(Bins::from(BinRule::Sturges));
/// let values: Vec<f64> = (0..64).map(f64::from).collect();
/// assert_eq!(plan.summarize(&values)?.histogram().unwrap().unwrap().counts.len(), 7);
/// assert_eq!("sturges".parse(), Ok(BinRule::Sturges));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinRule {
    /// The larger of `sturges` and `fd`, which counts as 2√n at most.
    /// The cap keeps one outlier from asking for millions of bins; where the quartiles are equal
    /// the cap is what counts.
    Auto,
    /// Freedman and Diaconis: r·∛n / (2·iqr), or 1 where the quartiles are equal.
    /// Robust, since the quartiles do not see outliers. Source: "On the histogram as a density
    /// estimator" (1981).
    Fd,
    /// Doane: 1 + log2(n) + log2(1 + |g1|/σ), where σ² = 6(n − 2)/((n + 1)(n + 3)); 1 for n ≤ 2.
    /// Sturges' with more bins for skewed data. Source: "Aesthetic frequency classifications"
    /// (1976).
    Doane,
    /// Scott: r·∛(n / (24√π)) / `stddev_pop`.
    /// Optimal for normal data. Source: "On optimal and data-based histograms" (1979).
    Scott,
    /// Stone: from 1 to max(100, √n), and to 4096 at most, the number k with the least
    /// k(2n² − (n + 1)Σc²), c being the counts.
    /// Leave-one-out cross-validation of the squared error. Source: "An asymptotically optimal
    /// histogram selection rule" (1984).
    Stone,
    /// Rice: 2∛n.
    /// Simple, and more than most data asks for.
    Rice,
    /// Sturges: 1 + log2(n).
    /// From binomial data; too few for large n. Source: "The choice of a class interval" (1926).
    Sturges,
    /// √n.
    /// What Excel does.
    Sqrt,
}

impl BinRule {
    /// Every rule.
    ///
    /// ```
    /// assert_eq!(exacta::BinRule::ALL.len(), 8);
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::Auto,
        Self::Fd,
        Self::Doane,
        Self::Scott,
        Self::Stone,
        Self::Rice,
        Self::Sturges,
        Self::Sqrt,
    ];

    /// Its name, which is `NumPy`'s.
    ///
    /// ```
    /// assert_eq!(exacta::BinRule::Fd.name(), "fd");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Fd => "fd",
            Self::Doane => "doane",
            Self::Scott => "scott",
            Self::Stone => "stone",
            Self::Rice => "rice",
            Self::Sturges => "sturges",
            Self::Sqrt => "sqrt",
        }
    }

    /// The states that it decides by.
    /// All need the values, for the extremes and the counts; two need moments as well.
    pub(super) fn states(self) -> States {
        match self {
            Self::Scott => States::VALUES.union(States::SUM).union(States::SUM_SQUARES),
            Self::Doane => States::VALUES.union(crate::stat::skewness::STATES),
            _ => States::VALUES,
        }
    }

    /// How many bins for finite values from `low` to `high`: rounded up, and 1 where all are equal.
    pub(super) fn bins(self, sample: &Sample, low: &Dyadic, high: &Dyadic) -> u64 {
        let range = high.sub(low);
        if range.is_zero() {
            return 1;
        }
        match self {
            Self::Auto => {
                fd(sample, &range).unwrap_or(u64::MAX).min(root(4, sample)).max(sturges(sample))
            }
            Self::Fd => fd(sample, &range).unwrap_or(1),
            Self::Doane => doane(sample),
            Self::Scott => scott(sample, &range),
            Self::Stone => stone(sample, low, high),
            Self::Rice => smallest(|k| cube(&k) >= Dyadic::from(8).mul(&sample.n())),
            Self::Sturges => sturges(sample),
            Self::Sqrt => root(1, sample),
        }
    }
}

impl core::fmt::Display for BinRule {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for BinRule {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        by_name("bin_rule", name, Self::ALL, Self::name)
    }
}

/// The smallest number from 1 on that is `enough`, which all larger ones are then too; the largest of 64
/// bits where none is.
///
/// Bisection over all of 64 bits: no estimate in floats that would have to be trusted.
fn smallest(enough: impl Fn(Dyadic) -> bool) -> u64 {
    let (mut low, mut high) = (1, u64::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if enough(Dyadic::from(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn cube(x: &Dyadic) -> Dyadic {
    x.mul(x).mul(x)
}

/// `x`·2^`times`.
fn doubled(x: &Dyadic, times: u32) -> Dyadic {
    x.mul(&Dyadic::new(false, &Natural::from(1u64), times as i32))
}

/// ⌈√(`factor`·n)⌉.
fn root(factor: u64, sample: &Sample) -> u64 {
    smallest(|k| k.mul(&k) >= Dyadic::from(factor).mul(&sample.n()))
}

/// ⌈1 + log2 n⌉.
/// The bits of n − 1 are ⌈log2 n⌉, for n = 1 too.
fn sturges(sample: &Sample) -> u64 {
    1 + u64::from(u64::BITS - (sample.n - 1).leading_zeros())
}

/// k³·(2·iqr)³ ≥ r³·n; nothing where the quartiles are equal.
///
/// The quartiles are those of `linear`, as in `NumPy`, whatever method the plan has for its own
/// quantiles.
fn fd(sample: &Sample, range: &Dyadic) -> Option<u64> {
    let linear = OrderStatistics::new(QuantileMethod::Linear, sample.n, alloc::vec::Vec::new());
    let quartile = |p| linear.quantile_of(p, |rank| sample.runs.at(rank).into());
    let iqr = quartile(Probability::THREE_QUARTERS).sub(&quartile(Probability::QUARTER));
    let Point::Real(numerator, denominator) = iqr else { return None };
    let twice = numerator.add(&numerator);
    let least = cube(&range.mul(&denominator)).mul(&sample.n());
    (!twice.is_zero()).then(|| smallest(|k| cube(&k.mul(&twice)) >= least))
}

/// 2^m ≥ n·(1 + |g1|/σ) for k = 1 + m; squared, ((2^m − n)/n)² ≥ g1²/σ² with g1² = C²/V³.
///
/// C = n³m3 and V = n²m2 are exact. Squaring keeps the direction of the inequality because both
/// sides are positive, which is what the test for a negative difference is for.
fn doane(sample: &Sample) -> u64 {
    if sample.n <= 2 {
        return 1;
    }
    let n = sample.n();
    let n_plus = |more: u64| n.add(&Dyadic::from(more));
    let third = sample.n_cubed_third_moment();
    let factor = Dyadic::from(6).mul(&Dyadic::from(sample.n - 2));
    let square = cube(&sample.n_squared_variance()).mul(&factor);
    let least = third.mul(&n).mul(&third.mul(&n)).mul(&n_plus(1)).mul(&n_plus(3));
    let is_enough = |m: u32| {
        let over = doubled(&Dyadic::from(1), m).sub(&n);
        !over.is_negative() && over.mul(&over).mul(&square) >= least
    };
    // |g1| is below √n, so the logarithm is below 2·64.
    let m = (0..=128).find(|m| is_enough(*m)).expect("128 doublings are enough");
    1 + u64::from(m)
}

/// k³·24√π·σ³ ≥ r³·n; squared, with V = n²σ², k⁶·576·π·V³ ≥ r⁶·n⁸. The two sides differ, since π is
/// no quotient, so a π of enough bits tells them apart.
fn scott(sample: &Sample, range: &Dyadic) -> u64 {
    let n_fourth = sample.n().mul(&sample.n()).mul(&sample.n()).mul(&sample.n());
    let root_least = cube(range).mul(&n_fourth);
    let least = root_least.mul(&root_least);
    let factor = Dyadic::from(576).mul(&cube(&sample.n_squared_variance()));
    smallest(|k| {
        let left = cube(&k).mul(&cube(&k)).mul(&factor);
        (7..)
            .map(|power| 1 << power)
            .find_map(|bits| {
                let pi = Dyadic::from(pi_floor(bits));
                let right = doubled(&least, bits as u32);
                let below = left.mul(&pi) >= right;
                // π is less than two above its floor.
                let above = left.mul(&pi.add(&Dyadic::from(2))) >= right;
                (below == above).then_some(below)
            })
            .expect("the two sides differ")
    })
}

/// The first k with the least estimate of the loss.
///
/// Cost: every k up to K = max(100, √n), and no more than [`STONE_MAX`], is tried, and each counts k bins:
/// K²/2 bisections, by far the slowest rule. The bound keeps them below ten millions, whatever n is.
fn stone(sample: &Sample, low: &Dyadic, high: &Dyadic) -> u64 {
    let bins_max = sample.n.isqrt().clamp(100, STONE_MAX);
    let loss = |k: &u64| stone_loss(&sample.n(), &equal_width(sample, low, high, *k).counts);
    (1..=bins_max).min_by_key(loss).expect("there is a number of bins")
}

/// A positive multiple of the estimate for these k counts of n values: k(2n² − (n + 1)Σc²).
fn stone_loss(n: &Dyadic, counts: &[u64]) -> Dyadic {
    let squares = counts.iter().map(|count| Dyadic::from(*count)).map(|c| c.mul(&c));
    let sum = squares.fold(Dyadic::default(), |sum, square| sum.add(&square));
    let twice_n_squared = Dyadic::from(2).mul(n).mul(n);
    let n_plus_1 = n.add(&Dyadic::from(1));
    twice_n_squared.sub(&n_plus_1.mul(&sum)).mul(&Dyadic::from(counts.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_of_as_many_values_as_can_be_counted() {
        let n = u64::MAX;
        let loss = |counts: &[u64]| stone_loss(&Dyadic::from(n), counts);
        // One bin: 2n² − (n + 1)n² = −(n − 1)n².
        let expected = Dyadic::from(n - 1).mul(&Dyadic::from(n)).mul(&Dyadic::from(n)).neg();
        assert_eq!(loss(&[n]), expected);
        assert!(loss(&[n / 3, 0, n / 3 * 2]) < loss(&[n]));
    }
}
