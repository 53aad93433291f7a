//! Exact, order-independent, mergeable statistics.
//!
//! Every statistic is the binary64 nearest to the exact real value of its formula: a function of the
//! multiset of values. No order, chunking, thread count, merge tree or machine can change one bit of it.
//!
//! ```
//! use exacta::ExactIterator;
//!
//! let values = [1e16, 1.0, -1e16];
//! assert_eq!(values.iter().sum::<f64>(), 0.0);
//! assert_eq!(values.iter().exact_sum(), 1.0);
//! ```
//!
//! # A tour
//!
//! **Data in memory** is summarized in one call: [`sum`] and [`summarize`] for what is asked most,
//! [`Plan::summarize`] for anything else. Slices are borrowed and read at the speed of memory.
//!
//! ```
//! use exacta::{Plan, Probability, Statistic};
//!
//! let heights = [1.62, 1.75, 1.68, 1.81];
//! assert_eq!(exacta::sum(&heights), 6.86);
//!
//! let plan = Plan::new([Statistic::Mean, Statistic::Sem]).with_quantiles([Probability::ratio(1, 3)?]);
//! let summary = plan.summarize(&heights)?;
//! assert_eq!(summary.get(Statistic::Mean).unwrap().finite(), Some(1.715));
//! assert_eq!(summary.quantiles()[0].1.finite(), Some(1.68));
//! # Ok::<(), exacta::Error>(())
//! ```
//!
//! **Any numbers** will do: binary64 and binary32, integers of 8 to 64 bits, with a stride and a mask of
//! missing values if need be. Each is taken for the real number that it is; integers beyond 2^53 are exact.
//!
//! ```
//! use exacta::{Column, Statistic, Validity};
//!
//! let rows = [[1, 10], [2, 20], [3, 30]]; // the second column, without its middle value
//! let present = Validity::new(&[0b101], 0, 3).unwrap();
//! let column = Column::strided(&rows.as_flattened()[1..], 2).with_validity(present)?;
//! let summary = exacta::summarize(column);
//! assert_eq!(summary.get(Statistic::Mean).unwrap().finite(), Some(20.0));
//! assert_eq!((summary.counts().count, summary.counts().null), (2, 1));
//! # Ok::<(), exacta::Error>(())
//! ```
//!
//! **Data that streams in** goes one way: into an [`Accumulator`], which becomes a [`Partial`] that can be
//! merged and encoded, which is finalized to a [`Summary`]. Merging loses nothing, so shards, threads and
//! machines can share the work in any way: equal data has equal bytes.
//!
//! ```
//! use exacta::{Accumulator, Partial, Plan, Statistic};
//!
//! let plan = Plan::new([Statistic::Stddev]);
//! let shard = |values: &[f64]| -> Result<Vec<u8>, exacta::Error> {
//!     let mut accumulator = Accumulator::new(&plan);
//!     accumulator.update(values)?;
//!     accumulator.into_partial().to_bytes()
//! };
//! let mut total = Partial::from_bytes(&shard(&[1e15 + 0.25, 1e15 + 0.5])?)?;
//! total.merge(Partial::from_bytes(&shard(&[1e15 + 0.75])?)?)?;
//! let summary = total.finalize(&plan)?;
//! assert_eq!(summary.get(Statistic::Stddev).unwrap().finite(), Some(0.25));
//! # Ok::<(), exacta::Error>(())
//! ```
//!
//! **What is not a number** is counted and never dropped silently, and a result that does not exist says
//! why: see [`Nonfinite`], [`Counts`], [`Outcome`] and [`Reason`].
//!
//! ```
//! use exacta::{Nonfinite, Outcome, Plan, Reason, Statistic};
//!
//! let plan = Plan::new([Statistic::Mean]);
//! let mean = |plan: &Plan| plan.summarize(&[1.0, f64::NAN]).ok()?.get(Statistic::Mean);
//! assert_eq!(mean(&plan).unwrap().reason(), Some(Reason::Nan));
//! let plan = plan.with_nonfinite(Nonfinite::Skip);
//! assert_eq!(mean(&plan), Some(Outcome::Finite(1.0)));
//! ```
//!
//! **Shares go as they came.** Exact states do not drift, so a window can move on, and rows can be deleted: what
//! is left has the bits of a state that never had them.
//!
//! ```
//! use exacta::{Accumulator, Partial, Plan, Statistic};
//!
//! let plan = Plan::new([Statistic::Mean]);
//! let day = |values: &[f64]| -> Result<Partial, exacta::Error> {
//!     let mut accumulator = Accumulator::new(&plan);
//!     accumulator.update(values)?;
//!     Ok(accumulator.into_partial())
//! };
//! let (monday, tuesday) = (day(&[1e17, 0.5])?, day(&[1.5, 2.5])?);
//! let mut window = monday.clone();
//! window.merge(tuesday.clone())?;
//! window.subtract(&monday)?;
//! assert_eq!(window.to_bytes()?, tuesday.to_bytes()?);
//! # Ok::<(), exacta::Error>(())
//! ```
//!
//! **A million groups** fit where a million accumulators would not: [`Groups`], numbered from 0, and
//! [`CompactAccumulator`] for keys of any kind. Who wants a sum and nothing else has [`ExactSum`], which adds
//! with `+=`. Two columns row by row, for covariance, correlation and a line, go into a [`PairAccumulator`], and
//! values with weights into a [`WeightedAccumulator`].
//!
//! **Bounded memory** is what sums, moments, extremes and bins between given edges need anyway. Order statistics
//! keep every value; where that is too much, [`Plan::with_approx_quantiles`] and
//! [`Statistic::ApproxDistinct`] ask sketches, whose error is stated and whose results depend on no order either.
//!
//! # Bits
//!
//! Sums are kept in integers wide enough for any sum of binary64 values, and each result is rounded once,
//! to nearest, ties to even. An arithmetic result that is or rounds to zero is +0.0; order statistics are
//! elements of the data, with their own bits, −0.0 below +0.0. The floating-point environment of the host
//! changes nothing: see [`environment`]. Nothing here performs I/O, reads a clock, logs, or panics on data.
//!
//! # Features
//!
//! None of them changes a bit of a result.
//! - `std` (on by default) finds out at run time what the processor can do; without it, kernels are those
//!   of the target that was compiled for.
//! - `parallel` (on by default) takes in large slices with the threads of rayon's current pool.
//! - `serde` lets statistics, methods, policies and reasons travel as their names, and a [`Partial`] as its
//!   bytes.
//!
//! Without both the crate needs `alloc` alone.

#![cfg_attr(not(any(feature = "std", test)), no_std)]

extern crate alloc;

mod accumulator;
mod error;
mod exact;
mod kernel;
mod partial;
mod plan;
mod stat;
mod summary;

pub use accumulator::{
    Accumulator, CompactAccumulator, Counts, DecimalAccumulator, ExactIterator, ExactSum, Groups,
    PairAccumulator, WeightedAccumulator,
};
pub use error::{Error, NonfiniteKind};
pub use exact::{Decimal, Value};
pub use kernel::{Column, Element, Validity, environment};
pub use partial::{PairPartial, Partial, WeightedPartial};
pub use plan::{Nonfinite, Plan};
pub use stat::{
    ApproxQuantile, BinRule, Bins, Class, Histogram, Outcome, PairStatistic, Probability,
    QuantileMethod, Reason, SortedValues, States, Statistic, WeightedStatistic,
};
pub use summary::{PairSummary, Summary, WeightedSummary, sum, summarize};

/// Inner doors for tests, fuzz targets and benches that force an instruction set: no part of the interface.
#[doc(hidden)]
pub mod kernel_for_tests {
    pub use crate::exact::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator};
    pub use crate::kernel::exponential::ExponentialHistogram;
    pub use crate::kernel::{
        InstructionSet, ProductSums, Tally, extremes_with, moments, powers, products, select,
        sum_with,
    };
}

/// The Rust of the repository's README, so that it keeps compiling and being true.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
