//! Filling an exponential histogram, beside the sketch that answers the same questions.

use exacta::Value;
use exacta::kernel_for_tests::ExponentialHistogram;
use sketches_ddsketch::{Config, DDSketch};

use super::numbers::Kind;
use super::{Bench, EXACTA};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Promise, Question, Race, ours};

const ONE_BY_ONE: &str = "exacta, one number at a time";
const DDSKETCH: &str = "sketches-ddsketch";

/// Enough that no bucket is wider than the peer's, which promises 1 %.
const BUCKETS_MAX: u32 = 1024;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let n_numbers = bench.extent.in_memory_slow;
    let kind = Kind::Lognormal1;
    let values = kind.numbers(n_numbers);
    let contenders = vec![
        ours(EXACTA, Promise::Exact, || [at_once(&values)]),
        ours(ONE_BY_ONE, Promise::Exact, || [one_by_one(&values)]),
        ours(DDSKETCH, Promise::Exact, || [in_ddsketch(&values)]),
    ];
    let question = Question::new("Filling a histogram", n_numbers, kind.name());
    let expected = [n_numbers as f64];
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    let claim = |how: &str, name, must| {
        let what = format!("filling a histogram, {how}, against sketches-ddsketch");
        Claim::at_least(what, [DDSKETCH, name], must, None)
    };
    let claims =
        vec![claim("one number at a time", ONE_BY_ONE, 2.0), claim("a slice at once", EXACTA, 5.0)];
    Ok(vec![Measured { race, claims }])
}

/// How many numbers are in it at the end.
fn at_once(values: &[f64]) -> f64 {
    let mut histogram = empty();
    histogram.update(values);
    histogram.count() as f64
}

fn one_by_one(values: &[f64]) -> f64 {
    let mut histogram = empty();
    values.iter().for_each(|value| histogram.push(Value::from(*value)));
    histogram.count() as f64
}

fn empty() -> ExponentialHistogram {
    ExponentialHistogram::new(BUCKETS_MAX).expect("so many buckets are allowed")
}

fn in_ddsketch(values: &[f64]) -> f64 {
    let mut sketch = DDSketch::new(Config::defaults());
    values.iter().for_each(|value| sketch.add(*value));
    sketch.count() as f64
}
