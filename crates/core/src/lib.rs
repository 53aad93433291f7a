//! Exact, order-independent, mergeable statistics.
//!
//! Every statistic is the binary64 nearest to the exact real value of its formula: a function of the
//! multiset of values. No order, chunking, thread count, merge tree or machine can change one bit of it.
//!
//! ```
//! use exacta::{Plan, Statistic};
//!
//! let summary = exacta::summarize(&[1e16, 1.0, -1e16]);
//! assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
//! ```
//!
//! Data goes one way: values stream into an [`Accumulator`], which becomes a [`Partial`] that can be merged
//! and encoded, which is finalized to a [`Summary`]. A [`Plan`] says what is asked. Nothing here performs
//! I/O, reads a clock or logs.
//!
//! Features, none of which changes a bit of a result: `std` (on by default) finds out at run time what the
//! processor can do, `parallel` (on by default) takes in large slices with the threads of rayon's current
//! pool. Without both the crate needs `alloc` alone.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod accumulator;
mod error;
mod exact;
mod kernel;
mod partial;
mod plan;
mod stat;
mod summary;

pub use accumulator::{Accumulator, CompactAccumulator, Counts, ExactIterator, ExactSum, Groups};
pub use error::{Error, NonfiniteKind};
pub use exact::Value;
pub use kernel::{Column, Element, Validity, environment};
pub use partial::Partial;
pub use plan::{Nonfinite, Plan};
pub use stat::{Class, Outcome, Probability, QuantileMethod, Reason, States, Statistic};
pub use summary::{Summary, sum, summarize};

/// Inner doors for tests, fuzz targets and benches that force an instruction set: no part of the interface.
#[doc(hidden)]
pub mod kernel_for_tests {
    pub use crate::exact::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator};
    pub use crate::kernel::{InstructionSet, ProductSums, Tally, moments, powers, products};
}

/// The Rust of the repository's README, so that it keeps compiling and being true.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
