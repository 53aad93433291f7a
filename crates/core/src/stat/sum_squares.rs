//! `sum_squares`: Σx², from exact products.

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
    Outcome::rounded(sample.sum_squares.round())
}
