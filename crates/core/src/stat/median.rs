//! `median`: the quantile at 1/2 by the method of the plan.
//!
//! A midpoint is exact before it is rounded, so that of the two largest binary64 does not overflow.

use super::{AtNonfinite, Class, Definition, Outcome, Probability, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "median",
    description: "quantile at 1/2, by the plan's method",
    class: Class::Holistic,
    states: States::VALUES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    sample.order.quantile(Probability::HALF)
}
