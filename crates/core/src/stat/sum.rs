//! `sum`: Σx. The empty sum is +0.0, and so is every sum that is or rounds to zero.
//!
//! What overflows is the result and never the way to it: 1e308 + 1e308 − 1e308 is 1e308 in any
//! order.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "sum",
    description: "sum of the values",
    class: Class::Distributive,
    states: States::SUM,
    n_min: 0,
    at_nonfinite: AtNonfinite::Ieee,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.round(&sample.sum, 1))
}
