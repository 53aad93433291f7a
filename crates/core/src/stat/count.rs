//! `count`: how many finite values there are. Zero for no values; NaN, infinities and missing cells have counts of their own.
//!
//! It is the one statistic that no policy changes. Under `propagate` NaN and infinities enter all
//! others, whose n may so be larger.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "count",
    description: "number of finite values",
    class: Class::Distributive,
    states: States::NONE,
    n_min: 0,
    at_nonfinite: AtNonfinite::Ignored,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::Count(sample.count)
}
