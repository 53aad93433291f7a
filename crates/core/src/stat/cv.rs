//! `cv`: stddev / mean, the coefficient of variation, with the sign of the mean. Its square is
//! n(nΣx² − (Σx)²) / ((n − 1)(Σx)²), an exact ratio, so the root is rounded once.
//!
//! Undefined where the exact mean is zero, not where it rounds to zero: a mean of 1e-320 divides as
//! well as any. A negative mean gives a negative result, as the definition has it; who wants its
//! magnitude takes it.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States};
use crate::exact::{Dyadic, Ratio};

pub(super) const DEFINITION: Definition = Definition {
    name: "cv",
    description: "coefficient of variation, stddev / mean",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 2,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    if sample.sum.is_zero() {
        return Outcome::Undefined(Reason::ZeroMean);
    }
    Outcome::rounded(signed_square(sample).round_root())
}

/// The square, with the sign of the mean.
pub(super) fn signed_square(sample: &Sample) -> Ratio {
    let square = sample.n().mul(&sample.n_squared_variance());
    let divisor = Dyadic::from(sample.n - 1).mul(&sample.sum).mul(&sample.sum);
    let signed = if sample.sum.is_negative() { square.neg() } else { square };
    Ratio::new(&signed, &divisor)
}
