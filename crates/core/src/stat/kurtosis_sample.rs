//! `kurtosis_sample`: G2 = ((n + 1)g2 + 6)(n − 1) / ((n − 2)(n − 3)), without the bias that g2 has for
//! normal data.
//!
//! In integers it is ((n + 1)E + 6V²)(n − 1) over (n − 2)(n − 3)V², E being F − 3V² of `kurtosis`:
//! one quotient, rounded once.
//!
//! Source: Joanes and Gill, "Comparing measures of sample skewness and kurtosis" (1998), where it
//! is G2.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, kurtosis};
use crate::exact::{Dyadic, Ratio};

pub(super) const DEFINITION: Definition = Definition {
    name: "kurtosis_sample",
    description: "sample excess kurtosis, G2 = ((n + 1) g2 + 6)(n - 1) / ((n - 2)(n - 3))",
    class: Class::Algebraic,
    states: kurtosis::STATES,
    n_min: 4,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    if sample.n_squared_variance().is_zero() {
        return Outcome::Undefined(Reason::ZeroVariance);
    }
    Outcome::rounded(ratio(sample).round())
}

/// Its exact value, where four values or more vary.
pub(super) fn ratio(sample: &Sample) -> Ratio {
    let square = sample.n_squared_variance().mul(&sample.n_squared_variance());
    let n_less = |less| Dyadic::from(sample.n - less);
    let more = sample.n().add(&Dyadic::from(1)).mul(&kurtosis::excess(sample, &square));
    let numerator = more.add(&Dyadic::from(6).mul(&square)).mul(&n_less(1));
    let denominator = n_less(2).mul(&n_less(3)).mul(&square);
    Ratio::new(&numerator, &denominator)
}
