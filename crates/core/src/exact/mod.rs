//! Exact numbers: natural numbers, dyadic rationals, their ratios and roots, the superaccumulator that
//! sums into them, and the logarithms and reciprocals that become integers once and are summed as such.
//! Integers only: no float is added or multiplied here, and [`round`] is the only way back to one. What a
//! number means to a statistic is not decided here.
//!
//! The way of a number: it enters as a [`Value`]. Sums run in superaccumulators, or in a [`Window`] for values of
//! like magnitude, or in a register for a few. What they hold at the end is a [`Dyadic`], and formulas over power sums
//! are computed with those without error. One [`Ratio`] and at most one root later, [`round`] gives the binary64. So
//! every result is rounded once, and nothing that it was computed from ever was.
//!
//! Where a formula has terms that are no such number, as logarithms and reciprocals, each term is rounded to an
//! integer by a rule that looks at the value alone; sums of those are exact again, and their bounds are stated.

mod decimal;
mod dyadic;
mod few;
mod limbs;
mod logarithm;
mod natural;
mod pi;
mod ratio;
mod reciprocal;
pub mod round;
mod superaccumulator;
mod value;
mod window;

pub use decimal::Decimal;
pub use dyadic::Dyadic;
pub use few::{FEW_MAX, sum_of_few};
pub use logarithm::{LN_2, LogSum};
pub use natural::Natural;
pub use pi::pi_floor;
pub use ratio::Ratio;
pub use reciprocal::ReciprocalSum;
#[cfg(test)]
pub use round::Format;
pub use superaccumulator::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator};
pub use value::Value;
pub use window::Window;
