//! `mean`: Σx / n, one rounding of the exact quotient: finite even where Σx itself overflows.
//!
//! It lies between the smallest and the largest value, and of equal values it is that value: both
//! hold for the exact mean, and rounding to nearest cannot pass a binary64 that is nearer.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "mean",
    description: "arithmetic mean",
    class: Class::Algebraic,
    states: States::SUM,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ieee,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.ratio(&sample.sum, 1, &sample.n()).round())
}
