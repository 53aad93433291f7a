//! The loops over data: plain and portable ones, selection by rank, threads, and the guard of the
//! floating-point environment. They know numbers and exact sums, but no statistic and no plan.
//!
//! One algorithm, several speeds. `portable` says in plain integers what each loop computes;
//! everything else has to leave the same state, bit for bit, and its tests compare the two over
//! every kind of number, length, alignment and mask. That is possible because no fast loop computes
//! an approximation: each operation in floats is exact by construction, or the block in which it
//! may not have been is given to another way. So the choice of a way is one of speed, may be
//! learned from the data, and may differ between machines and threads.
//!
//! The common plan of `sum`, `moments`, `powers` and `products`:
//! - Values are cut into digits, that is multiples of a fixed power of two, by adding them to a
//!   large float and subtracting it again.
//! - Digits, and products of two, have so few bits that a hundred or so are summed in one float
//!   without rounding.
//! - What such a float has moved by is read as the difference of two integers and goes to a
//!   superaccumulator, once for many values.
//! - What has no digits where the others have theirs is found by a test, and is added by itself.
//!
//! Beside sums of floats: `integers` sums those that are no binary64, `decimals` integers by their exponents of ten, `select` finds elements at ranks without sorting, `groups` sums by key, and
//! `exponential` and `registers` are sketches of bounded memory. All of it expects rounding to
//! nearest without flushing, which `environment` sees to.

mod arch;
mod blocks;
mod buckets;
mod classes;
mod column;
pub mod decimals;
mod element;
pub mod environment;
pub mod exponential;
mod extremes;
mod groups;
mod holes;
mod instruction_set;
pub mod integers;
mod moments;
pub mod parallel;
mod portable;
mod powers;
mod products;
pub mod registers;
mod samples;
pub mod select;
mod sum;
mod tally;
mod validity;

pub(crate) use arch::prefetch;
pub use column::{Column, Piece};
pub use element::Element;
pub use extremes::{extremes, extremes_with};
pub use groups::{Elsewhere, GroupSum, GroupSums};
pub use instruction_set::InstructionSet;
pub use moments::moments;
pub use powers::powers;
pub use products::{ProductSums, products};
pub use sum::{sum, sum_with};
pub use tally::Tally;
pub use validity::Validity;
