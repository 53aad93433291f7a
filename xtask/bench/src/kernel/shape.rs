//! Skewness and kurtosis together.

use exacta::{Plan, Statistic};

use super::exact::statistics;
use super::numbers::Kind;
use super::peer::peer;
use super::read::read;
use super::{Bench, EXACTA, READ};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Promise, Question, Race, ours};

const SCIPY: &str = "SciPy";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let n_numbers = bench.extent.in_memory_slow;
    let values = bench.numbers(Kind::Normal, n_numbers)?;
    let expected = bench.worker.expect("shape", &[])?;
    let plan = Plan::new([Statistic::Skewness, Statistic::Kurtosis]);
    let contenders = vec![
        ours(READ, Promise::Nothing, || [f64::from_bits(read(&values))]),
        ours(EXACTA, Promise::Exact, || statistics(&plan, &*values)),
        peer(SCIPY, &bench.worker, "(scipy.stats.skew(x), scipy.stats.kurtosis(x))"),
    ];
    let question = Question::new("Skewness and kurtosis", n_numbers, Kind::Normal.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    let what = "skewness and kurtosis, normal, against SciPy's".to_owned();
    Ok(vec![Measured {
        race,
        claims: vec![Claim::at_least(what, [SCIPY, EXACTA], 4.0, Some(8.0))],
    }])
}
