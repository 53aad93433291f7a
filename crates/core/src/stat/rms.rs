//! `rms`: √(Σx² / n), the root mean square: one rounding of the root of the exact quotient.
//!
//! The root is taken of the exact quotient: right where Σx² itself over- or underflows a binary64,
//! as for values around 1e200 or 1e-200.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "rms",
    description: "root mean square",
    class: Class::Algebraic,
    states: States::SUM_SQUARES,
    n_min: 1,
    at_nonfinite: AtNonfinite::PositiveInfinity,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.ratio(&sample.sum_squares, 2, &sample.n()).round_root())
}
