//! `stddev_pop`: the root of the exact population variance.
//!
//! Of one value it is +0.0, and of equal values too, to the bit: the variance cancels to an exact
//! zero.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "stddev_pop",
    description: "population standard deviation, divisor n",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.variance_pop().round_root())
}
