//! `approx_distinct`: about how many different numbers there are, from the registers of a `HyperLogLog` in 16 KB.
//! The standard error is 0.81 %; the registers are a function of the set of numbers, so order and repetition
//! cannot change the estimate, which is computed in integers.
//!
//! Merging takes the larger of each two registers, so overlapping shards count a value once, which
//! no sum of exact counts could do.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "approx_distinct",
    description: "number of different values, estimated with a standard error of 0.81 %",
    class: Class::Algebraic,
    states: States::REGISTERS,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::Count(sample.approx_distinct)
}
