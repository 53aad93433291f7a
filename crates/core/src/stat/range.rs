//! `range`: max − min, rounded once. Between like infinities it is NaN, as in IEEE 754.
//!
//! It may overflow where neither end does, as in −1.7e308 to 1.7e308, and then says so. Extremes
//! are exact values, so integers beyond 2^53 are subtracted before anything is rounded.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "range",
    description: "largest value minus smallest",
    class: Class::Algebraic,
    states: States::EXTREMES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let (min, max) = sample.extremes();
    if let Some(range) = sample.decimal_range() {
        Outcome::rounded(sample.round(&range, 1))
    } else if min.is_finite() && max.is_finite() {
        Outcome::rounded(max.to_dyadic().sub(&min.to_dyadic()).round())
    } else if min == max {
        Outcome::Nonfinite(f64::NAN, Reason::Infinite)
    } else {
        Outcome::Nonfinite(f64::INFINITY, Reason::Infinite)
    }
}
