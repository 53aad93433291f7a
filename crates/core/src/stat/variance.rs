//! `variance`: (Σx² − (Σx)²/n) / (n − 1), the sample variance. Exact integers make the textbook formula safe: nothing cancels.
//!
//! Values around 1e15 that differ by less than one have a variance with all its digits right: n·Σx²
//! and (Σx)² agree in their first hundred bits there, and those that follow are still exact.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "variance",
    description: "sample variance, divisor n - 1",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 2,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.variance().round())
}
