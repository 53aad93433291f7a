//! `mode`: the most frequent number, the smallest of those that are equally frequent. −0.0 and +0.0 are one
//! number, which is written +0.0.
//!
//! A tie has to be broken by the values alone, or two shards would disagree: the smallest is the
//! one rule that needs no order of arrival. Where every value is different that is the minimum.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "mode",
    description: "most frequent value, the smallest among ties",
    class: Class::Holistic,
    states: States::VALUES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let more_frequent = |best: (_, u64), next: (_, u64)| if next.1 > best.1 { next } else { best };
    let mode = sample.runs.numbers().reduce(more_frequent);
    Outcome::element(mode.expect("values enter and all of them were kept").0.to_f64())
}
