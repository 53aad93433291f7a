//! `sum_squares`: Σx², from exact products.
//!
//! A product of two significands has 106 bits and is added whole. Squares of subnormals, down to
//! 2^-2148, are held until the end, where the sum rounds once.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "sum_squares",
    description: "sum of the squares",
    class: Class::Distributive,
    states: States::SUM_SQUARES,
    n_min: 0,
    at_nonfinite: AtNonfinite::PositiveInfinity,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.round(&sample.sum_squares, 2))
}
