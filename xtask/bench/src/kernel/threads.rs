//! Two threads, which share the memory: what they can read, and what exacta makes of it.

use exacta::Plan;
use rayon::ThreadPoolBuilder;

use super::exact::{ONE_PASS, statistics};
use super::numbers::Kind;
use super::read::{read, read_by_two};
use super::{Bench, EXACTA, READ};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Contender, Promise, Question, Race, ours};

const ONE: &str = "reading by one thread";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let pool = ThreadPoolBuilder::new().num_threads(2).build()?;
    let values = bench.numbers(Kind::Normal, bench.extent.in_memory)?;
    let [sum, seven] = [bench.worker.expect("sum", &[])?, bench.worker.expect("one pass", &[])?];
    bench.worker.drop_arrays()?;
    let plan = Plan::new(ONE_PASS);
    let both = |exact| {
        [
            ours(ONE, Promise::Nothing, || [f64::from_bits(read(&values))]),
            ours(READ, Promise::Nothing, || {
                pool.install(|| [f64::from_bits(read_by_two(&values))])
            }),
            exact,
        ]
    };
    let exact_sum = ours(EXACTA, Promise::Exact, || pool.install(|| [exacta::sum(&*values)]));
    let exact_seven = ours(EXACTA, Promise::Exact, || pool.install(|| statistics(&plan, &*values)));
    Ok(vec![
        race(bench, "Sum by two threads", &sum, both(exact_sum).into(), 0.95)?,
        race(bench, "Seven statistics by two threads", &seven, both(exact_seven).into(), 0.85)?,
    ])
}

/// What one thread must reach, two must reach of what two can read.
fn race(
    bench: &Bench,
    title: &'static str,
    expected: &[f64],
    contenders: Vec<Contender>,
    must: f64,
) -> Result<Measured, Error> {
    let question = Question::new(title, bench.extent.in_memory, Kind::Normal.name());
    let race = Race::run(question, expected, bench.extent.n_rounds, contenders)?;
    let what = format!("{title}, normal, against reading by two").to_lowercase();
    Ok(Measured { race, claims: vec![Claim::at_least(what, [READ, EXACTA], must, None)] })
}
