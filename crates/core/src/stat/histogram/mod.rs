//! `histogram`: how many values lie between which edges. The edges are given, or derived from the data; how
//! values are counted while they stream in is not here.
//!
//! Given edges are counted while values stream in, in constant memory. Derived ones depend on the
//! data, so they wait for all of it: then values are sorted and each edge is one bisection.

mod edges;
mod rule;

pub use edges::{Edges, Place};
pub use rule::BinRule;

use super::{AtNonfinite, Outcome, Reason, Sample, States};
use crate::error::Error;
use crate::exact::{Dyadic, Natural, Ratio, Value};
use crate::kernel::environment;
use alloc::format;
use alloc::vec::Vec;

/// The most bins that a histogram may have.
/// A limit, since one far outlier makes `fd` ask for more bins than memory has bytes.
const BINS_MAX: u64 = 1 << 16;

/// Which bins a histogram has.
///
/// ```
/// use exacta::{Accumulator, BinRule, Bins, Plan};
/// let plan = Plan::new([]).with_histogram(Bins::edges([0.0, 1.0, 10.0])?);
/// let mut accumulator = Accumulator::new(&plan);
/// accumulator.update(&[-3.0, 0.0, 0.5, 1.0, 10.0, 11.0])?;
/// let summary = accumulator.into_partial().finalize(&plan)?;
/// let histogram = summary.histogram().unwrap().unwrap();
/// assert_eq!((histogram.under, &histogram.counts[..], histogram.over), (1, &[2, 2][..], 1));
/// assert_eq!(Bins::from(BinRule::Fd), Bins::from("fd".parse::<BinRule>()?));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bins(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Edges(Edges),
    Count(u64),
    Rule(BinRule),
}

impl From<BinRule> for Bins {
    fn from(rule: BinRule) -> Self {
        Self(Kind::Rule(rule))
    }
}

impl core::str::FromStr for Bins {
    type Err = Error;

    /// Reads the name of a rule (`fd`), a number of bins (`20`), or edges separated by commas (`0,1,10`).
    fn from_str(text: &str) -> Result<Self, Error> {
        if !text.contains(',') {
            return match text.trim().parse() {
                Ok(count) => Self::count(count),
                Err(_) => text.trim().parse::<BinRule>().map(Self::from).map_err(unknown_bins),
            };
        }
        // The standard library's parser multiplies floats, which the host's rounding mode would change.
        let edge = |text: &str| text.trim().parse().unwrap_or(f64::NAN);
        environment::with_default(|| Self::edges(text.split(',').map(edge)))
    }
}

impl Bins {
    /// The most bins that a histogram may have: 65 536.
    ///
    /// ```
    /// use exacta::Bins;
    /// assert!(Bins::count(Bins::MAX).is_ok());
    /// assert_eq!(Bins::count(Bins::MAX + 1).unwrap_err().code(), "bins.out_of_range");
    /// ```
    pub const MAX: u64 = BINS_MAX;

    /// Bins between these edges. They are counted in constant memory while values stream in.
    ///
    /// # Errors
    /// [`Error::EdgesInvalid`] unless there are two edges or more, finite and ascending;
    /// [`Error::BinsOutOfRange`] for more than [`Bins::MAX`] bins.
    ///
    /// # Example
    /// ```
    /// use exacta::{Bins, Plan};
    /// let plan = Plan::new([]).with_histogram(Bins::edges([0.0, 1.0, 10.0])?);
    /// let summary = plan.summarize(&[-1.0, 0.0, 1.0, 10.0, 11.0])?;
    /// let histogram = summary.histogram().unwrap().unwrap();
    /// assert_eq!((histogram.under, &histogram.counts[..], histogram.over), (1, &[1, 2][..], 1));
    /// assert_eq!(Bins::edges([1.0, 1.0]).unwrap_err().code(), "edges.invalid");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn edges(edges: impl IntoIterator<Item = f64>) -> Result<Self, Error> {
        Edges::new(edges).map(|edges| Self(Kind::Edges(edges)))
    }

    /// So many bins of equal width from the smallest value to the largest: edge i of k is the binary64
    /// nearest to min + i(max − min)/k. Where all values are equal they lie around the value, from 0.5 below
    /// to 0.5 above.
    ///
    /// # Errors
    /// [`Error::BinsOutOfRange`] for none and for more than [`Bins::MAX`].
    ///
    /// # Example
    /// ```
    /// use exacta::{Bins, Plan};
    /// let plan = Plan::new([]).with_histogram(Bins::count(2)?);
    /// let summary = plan.summarize(&[0.0, 1.0, 2.0, 10.0])?;
    /// let histogram = summary.histogram().unwrap().unwrap();
    /// assert_eq!((&histogram.edges[..], &histogram.counts[..]), (&[0.0, 5.0, 10.0][..], &[3, 1][..]));
    /// assert_eq!(Bins::count(0).unwrap_err().code(), "bins.out_of_range");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn count(count: u64) -> Result<Self, Error> {
        check_bins(count)?;
        Ok(Self(Kind::Count(count)))
    }

    /// How many bins there are, where no rule has to see the data first.
    ///
    /// ```
    /// use exacta::{BinRule, Bins};
    /// assert_eq!(Bins::edges([0.0, 1.0, 10.0])?.n_bins(), Some(2));
    /// assert_eq!(Bins::from(BinRule::Auto).n_bins(), None);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn n_bins(&self) -> Option<usize> {
        match &self.0 {
            Kind::Edges(edges) => Some(edges.bins()),
            Kind::Count(count) => usize::try_from(*count).ok(),
            Kind::Rule(_) => None,
        }
    }

    /// The edges, where they are given.
    pub(crate) fn given(&self) -> Option<&Edges> {
        if let Kind::Edges(edges) = &self.0 { Some(edges) } else { None }
    }

    /// The states that they are counted by.
    pub(crate) fn states(&self) -> States {
        match &self.0 {
            Kind::Edges(_) => States::BINS,
            Kind::Count(_) => States::VALUES,
            Kind::Rule(rule) => rule.states(),
        }
    }
}

/// How many values lie between which edges: `counts[i]` in [`edges[i]`, `edges[i + 1]`), in the last bin with
/// its upper edge.
///
/// Limits: every finite value is in one count, so `under`, `over` and the counts sum to the number
/// of them. With a NaN or an infinity that enters there is no histogram but a [`Reason`].
///
/// ```
/// use exacta::{Bins, Plan, Reason};
/// let plan = Plan::new([]).with_histogram(Bins::count(4)?);
/// let empty: [f64; 0] = [];
/// assert_eq!(plan.summarize(&empty)?.histogram().unwrap().unwrap_err(), Reason::Empty);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Ascending, one more than there are counts. Derived edges that round to one binary64 are equal.
    pub edges: Vec<f64>,
    /// How many values each bin holds.
    pub counts: Vec<u64>,
    /// How many lie below the first edge.
    pub under: u64,
    /// How many lie above the last edge.
    pub over: u64,
}

impl Histogram {
    /// The histogram of `sample` in `bins`, or why there is none; `counted` is the one for given edges.
    pub(crate) fn of(
        bins: &Bins,
        sample: &Sample,
        counted: impl FnOnce() -> Self,
    ) -> Result<Result<Self, Reason>, Error> {
        if let Some(Outcome::Nonfinite(_, reason)) = AtNonfinite::Nan.of(sample) {
            return Ok(Err(reason));
        }
        if bins.given().is_some() {
            return Ok(Ok(counted()));
        }
        let Some((low, high)) = sample.runs.extremes() else { return Ok(Err(Reason::Empty)) };
        let (low, high) = (low.to_dyadic(), high.to_dyadic());
        let count = match &bins.0 {
            Kind::Rule(rule) => checked(*rule, rule.bins(sample, &low, &high))?,
            Kind::Count(count) => *count,
            Kind::Edges(edges) => edges.bins() as u64,
        };
        Ok(Ok(equal_width(sample, &low, &high, count)))
    }
}

/// The error for text that is no rule, in words that tell of numbers and edges too.
fn unknown_bins(error: Error) -> Error {
    match error {
        Error::UnknownName { name, known, .. } => {
            let known = format!("a number from 1 to {BINS_MAX}, edges such as 0,1,10, {known}");
            Error::UnknownName { what: "bins", name, known }
        }
        error => error,
    }
}

/// The bins that a rule makes, if they are not too many.
fn checked(rule: BinRule, bins: u64) -> Result<u64, Error> {
    match bins {
        1..=BINS_MAX => Ok(bins),
        asked => Err(Error::BinsTooMany { rule: rule.name(), asked, bins_max: BINS_MAX }),
    }
}

fn check_bins(bins: u64) -> Result<(), Error> {
    if bins == 0 || bins > BINS_MAX {
        return Err(Error::BinsOutOfRange { asked: bins, bins_max: BINS_MAX });
    }
    Ok(())
}

/// The histogram in `count` bins of equal width from `low` to `high`, the extremes of the values.
///
/// Each edge is (count − i)·low + i·high over count, exact and rounded once, so edges do not drift
/// as those of an accumulated width do. Values are counted between the rounded edges, which are the
/// ones a reader sees.
fn equal_width(sample: &Sample, low: &Dyadic, high: &Dyadic, count: u64) -> Histogram {
    let half = Dyadic::new(false, &Natural::from(1u64), -1);
    let (low, high) = if low == high { (&low.sub(&half), &high.add(&half)) } else { (low, high) };
    let edge = |i: u64| {
        let sum = Dyadic::from(count - i).mul(low).add(&Dyadic::from(i).mul(high));
        Ratio::new(&sum, &Dyadic::from(count)).round()
    };
    let edges: Vec<f64> = (0..=count).map(edge).collect();
    // The ends hold all values, also one that lies beyond what its end was rounded to.
    let below = |edge: &f64| sample.runs.count_below(Value::from(*edge));
    let inner = edges[1..edges.len() - 1].iter().map(below);
    let mut lower = 0;
    let counts = inner.chain([sample.n]).map(|upper| {
        let within = upper - lower;
        lower = upper;
        within
    });
    Histogram { counts: counts.collect(), edges, under: 0, over: 0 }
}
