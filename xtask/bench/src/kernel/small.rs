//! Few numbers, where it counts what a call costs: beside one call of `numpy.sum`, from Python.

use exacta::Plan;

use super::exact::{ONE_PASS, statistics};
use super::numbers::Kind;
use super::peer::peer;
use super::{Bench, EXACTA, NUMPY};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Promise, Question, Race, ours};

const SEVEN: &str = "exacta, seven statistics";

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let bounds = [(8, 0.13, 0.06), (256, 0.25, 0.12)];
    bounds.into_iter().map(|(n, must, goal)| measure_one(bench, n, must, goal)).collect()
}

fn measure_one(bench: &Bench, n_numbers: usize, must: f64, goal: f64) -> Result<Measured, Error> {
    let values = bench.numbers(Kind::Normal, n_numbers)?;
    let expected = bench.worker.expect("sum", &[])?;
    let seven = Plan::new(ONE_PASS);
    let contenders = vec![
        ours(EXACTA, Promise::Exact, || [exacta::sum(&*values)]),
        ours(SEVEN, Promise::Nothing, || statistics(&seven, &*values)),
        peer(NUMPY, &bench.worker, "numpy.sum(x)"),
    ];
    let question = Question::new("Sum", n_numbers, Kind::Normal.name());
    let race = Race::run(question, &expected, 3 * bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    let what = |what: &str| format!("{what} of {n_numbers} numbers, against one `numpy.sum`");
    let mut claims = vec![Claim::at_most(what("exact sum"), [EXACTA, NUMPY], must, Some(goal))];
    if n_numbers == 8 {
        claims.push(Claim::at_most(what("seven statistics"), [SEVEN, NUMPY], 0.9, Some(0.4)));
    }
    Ok(Measured { race, claims })
}
