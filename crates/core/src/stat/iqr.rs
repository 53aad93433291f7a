//! `iqr`: the quantile at 3/4 minus that at 1/4, both exact, rounded once. Infinite quartiles subtract as
//! in IEEE 754.
//!
//! For type 7 the quartiles have a denominator of 4, so the difference is a dyadic number and often
//! exact; methods with thirds and eighths need the one rounding.

use super::{AtNonfinite, Class, Definition, Outcome, Probability, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "iqr",
    description: "interquartile range, by the plan's quantile method",
    class: Class::Holistic,
    states: States::VALUES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let upper = sample.order.point(Probability::THREE_QUARTERS);
    upper.sub(&sample.order.point(Probability::QUARTER)).round()
}
