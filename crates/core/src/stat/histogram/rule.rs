//! How many bins of equal width, by the rules of `NumPy`'s `histogram_bin_edges`. `NumPy` computes a width in
//! floating point and divides; here the number of bins is decided with integers and rationals, so no rounding
//! and no type of the data can add or take one. The bins themselves are made elsewhere.

use super::equal_width;
use crate::error::{Error, by_name};
use crate::exact::{Dyadic, Natural, pi_floor};
use crate::stat::quantile::OrderStatistics;
use crate::stat::{Probability, QuantileMethod, Sample, States, point::Point};

/// A rule for the number of bins, from the n finite values and their range r.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinRule {
    /// The larger of `sturges` and `fd`, which counts as 2√n at most.
    Auto,
    /// Freedman and Diaconis: r·∛n / (2·iqr), or 1 where the quartiles are equal.
    Fd,
    /// Doane: 1 + log2(n) + log2(1 + |g1|/σ), where σ² = 6(n − 2)/((n + 1)(n + 3)); 1 for n ≤ 2.
    Doane,
    /// Scott: r·∛(n / (24√π)) / `stddev_pop`.
    Scott,
    /// Stone: from 1 to max(100, √n) the number k with the least k(2n² − (n + 1)Σc²), c being the counts.
    Stone,
    /// Rice: 2∛n.
    Rice,
    /// Sturges: 1 + log2(n).
    Sturges,
    /// √n.
    Sqrt,
}

impl BinRule {
    /// Every rule.
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
fn sturges(sample: &Sample) -> u64 {
    1 + u64::from(u64::BITS - (sample.n - 1).leading_zeros())
}

/// k³·(2·iqr)³ ≥ r³·n; nothing where the quartiles are equal.
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

/// The first k with the least estimate of the loss, which is a positive multiple of k(2n² − (n + 1)Σc²).
fn stone(sample: &Sample, low: &Dyadic, high: &Dyadic) -> u64 {
    let n = sample.n();
    let bins_max = sample.n.isqrt().clamp(100, super::BINS_MAX);
    let loss = |k: &u64| {
        let counts = equal_width(sample, low, high, *k).counts;
        let squares = counts.into_iter().map(Dyadic::from).map(|c| c.mul(&c));
        let sum = squares.fold(Dyadic::default(), |sum, square| sum.add(&square));
        let twice_n_squared = Dyadic::from(2).mul(&n).mul(&n);
        twice_n_squared.sub(&Dyadic::from(sample.n + 1).mul(&sum)).mul(&Dyadic::from(*k))
    };
    (1..=bins_max).min_by_key(loss).expect("there is a number of bins")
}
