//! The loops over data: plain and portable ones, selection by rank, threads, and the guard of the
//! floating-point environment. They know numbers and exact sums, but no statistic and no plan.

mod arch;
mod blocks;
mod buckets;
mod classes;
mod column;
mod element;
pub mod environment;
pub mod exponential;
mod extremes;
mod groups;
mod holes;
mod instruction_set;
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
