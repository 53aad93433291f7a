//! `min`: the smallest value, with its own bits: −0.0 lies below +0.0.
//!
//! Two zeros are ordered by their sign so that no order of the data decides which is reported; a
//! NaN that enters makes NaN of it.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "min",
    description: "smallest value",
    class: Class::Distributive,
    states: States::EXTREMES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::element(sample.extremes().0.to_f64())
}
