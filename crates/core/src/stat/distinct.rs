//! `distinct`: how many different numbers there are. −0.0 and +0.0 are one.
//!
//! Exact, and so it keeps all values; `approx_distinct` does not. Zero for no values. NaN has no
//! place in the order of numbers, so with one among the values the answer is NaN.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "distinct",
    description: "number of different values",
    class: Class::Holistic,
    states: States::VALUES,
    n_min: 0,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::Count(sample.runs.numbers().count() as u64)
}
