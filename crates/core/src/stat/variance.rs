//! `variance`: (Σx² − (Σx)²/n) / (n − 1), the sample variance. Exact integers make the textbook formula safe: nothing cancels.

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
