//! Two threads, which share the memory: what they can read, and what exacta makes of it.

use exacta::{Plan, Statistic};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::claim::{Claim, Measured};
use super::exact::{ONE_PASS, statistics_by_threads};
use super::numbers::Kind;
use super::race::{Promise, Question, Race, ours};
use super::read::{read, read_by_two};
use super::{Bench, EXACTA, READ};
use crate::error::Error;

const ONE: &str = "reading by one thread";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let pool = ThreadPoolBuilder::new().num_threads(2).build()?;
    let questions = [
        ("Sum by two threads", "sum", Plan::new([Statistic::Sum]), 0.95),
        ("Seven statistics by two threads", "one pass", Plan::new(ONE_PASS), 0.85),
    ];
    questions
        .into_iter()
        .map(|(name, expected, plan, must)| {
            measure_one(bench, &pool, [name, expected], &plan, must)
        })
        .collect()
}

fn measure_one(
    bench: &Bench,
    pool: &ThreadPool,
    [name, expected]: [&'static str; 2],
    plan: &Plan,
    must: f64,
) -> Result<Measured, Error> {
    let n_numbers = bench.extent.in_memory;
    let values = bench.numbers(Kind::Normal, n_numbers)?;
    let expected = bench.worker.expect(expected, &[])?;
    bench.worker.drop_arrays()?;
    let contenders = vec![
        ours(ONE, Promise::Nothing, || [f64::from_bits(read(&values))]),
        ours(READ, Promise::Nothing, || pool.install(|| [f64::from_bits(read_by_two(&values))])),
        ours(EXACTA, Promise::Exact, || pool.install(|| statistics_by_threads(plan, &values))),
    ];
    let question = Question::new(name, n_numbers, Kind::Normal.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    let what = format!("{name}, normal, against reading by two").to_lowercase();
    Ok(Measured { race, claims: vec![Claim::at_least(what, [READ, EXACTA], must, None)] })
}
