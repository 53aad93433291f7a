//! Exact numbers: natural numbers, dyadic rationals, their ratios and roots, and the superaccumulator
//! that sums into them. Integers only: no float is added or multiplied here, and [`round`] is the only
//! way back to one. What a number means to a statistic is not decided here.

mod dyadic;
mod natural;
mod ratio;
pub mod round;
mod superaccumulator;
mod value;

pub use dyadic::Dyadic;
pub use natural::Natural;
pub use ratio::Ratio;
pub use superaccumulator::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator};
pub use value::Value;
