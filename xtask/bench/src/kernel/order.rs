//! Quantiles: the median, and five of them at once.

use exacta::{Plan, Probability, Statistic};

use super::exact::statistics;
use super::numbers::Kind;
use super::peer::peer;
use super::read::read;
use super::{Bench, DUCKDB, EXACTA, NUMPY, POLARS, READ};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Contender, Promise, Question, Race, ours};
use crate::table::count;

/// It has a way of its own for one column that is no query.
const SERIES: &str = "Polars, `Series`";

/// What is asked of the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Median,
    Five,
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Self::Median => "Median",
            Self::Five => "Five quantiles",
        }
    }

    fn probabilities(self) -> &'static [&'static str] {
        match self {
            Self::Median => &["0.5"],
            Self::Five => &["0.01", "0.25", "0.5", "0.75", "0.99"],
        }
    }

    fn plan(self) -> Result<Plan, Error> {
        if self == Self::Median {
            return Ok(Plan::new([Statistic::Median]));
        }
        let probabilities: Result<Vec<Probability>, _> =
            self.probabilities().iter().map(|text| text.parse()).collect();
        Ok(Plan::new([]).with_quantiles(probabilities?))
    }

    fn in_numpy(self) -> &'static str {
        match self {
            Self::Median => "numpy.quantile(x, 0.5)",
            Self::Five => "numpy.quantile(x, [0.01, 0.25, 0.5, 0.75, 0.99])",
        }
    }

    fn in_polars(self) -> &'static str {
        match self {
            Self::Median => {
                "frame.lazy().select(polars.col('x').quantile(0.5, 'linear')).collect()"
            }
            Self::Five => {
                "frame.lazy().select([polars.col('x').quantile(p, 'linear').alias(str(p)) \
                 for p in (0.01, 0.25, 0.5, 0.75, 0.99)]).collect()"
            }
        }
    }

    fn in_duckdb(self) -> &'static str {
        match self {
            Self::Median => "duck.execute('select quantile_cont(x, 0.5) from t').fetchall()",
            Self::Five => {
                "duck.execute('select quantile_cont(x, [0.01, 0.25, 0.5, 0.75, 0.99]) from t').fetchall()"
            }
        }
    }
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let Bench { extent, .. } = bench;
    let asked = [
        (Asked::Median, Kind::Normal, extent.in_memory),
        (Asked::Median, Kind::Normal, extent.in_memory_slow),
        (Asked::Median, Kind::Lognormal10, extent.in_memory),
        (Asked::Five, Kind::Normal, extent.in_memory),
        (Asked::Five, Kind::Normal, extent.in_memory_slow),
    ];
    asked.into_iter().map(|(asked, kind, n)| measure_one(bench, asked, kind, n)).collect()
}

fn measure_one(
    bench: &Bench,
    asked: Asked,
    kind: Kind,
    n_numbers: usize,
) -> Result<Measured, Error> {
    let values = bench.numbers(kind, n_numbers)?;
    let expected = bench.worker.expect("quantiles", asked.probabilities())?;
    let contenders = contenders(bench, asked, &values)?;
    let question = Question::new(asked.name(), n_numbers, kind.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    let is_slow = n_numbers == bench.extent.in_memory_slow;
    Ok(Measured { race, claims: claims(asked, kind, n_numbers, is_slow) })
}

fn contenders<'a>(
    bench: &'a Bench,
    asked: Asked,
    values: &'a [f64],
) -> Result<Vec<Contender<'a>>, Error> {
    let plan = asked.plan()?;
    let worker = &bench.worker;
    let mut contenders = vec![
        ours(READ, Promise::Nothing, || [f64::from_bits(read(values))]),
        ours(EXACTA, Promise::Exact, move || statistics(&plan, values)),
        peer(NUMPY, worker, asked.in_numpy()),
        peer(POLARS, worker, asked.in_polars()),
        peer(DUCKDB, worker, asked.in_duckdb()),
    ];
    if asked == Asked::Median {
        contenders.push(peer(SERIES, worker, "series.quantile(0.5, 'linear')"));
    }
    Ok(contenders)
}

/// Reading is the measure in memory; NumPy is where it is at its best, which is with fewer numbers.
fn claims(asked: Asked, kind: Kind, n_numbers: usize, is_slow: bool) -> Vec<Claim> {
    let name = asked.name().to_lowercase();
    let what = |rest: &str| format!("{name}, {} {}, {rest}", count(n_numbers), kind.name());
    let to_read =
        |must, goal| Claim::at_most(what("against reading"), [EXACTA, READ], must, Some(goal));
    let to_peer = |peer, rest, must| Claim::at_least(what(rest), [peer, EXACTA], must, None);
    match (asked, kind, is_slow) {
        (Asked::Median, Kind::Normal, false) => {
            vec![
                to_read(2.0, 1.5),
                to_peer(POLARS, "against Polars'", 60.0),
                Claim::shown(what("against Polars' of a `Series`"), [SERIES, EXACTA]),
            ]
        }
        (Asked::Median, Kind::Normal, true) => vec![to_peer(NUMPY, "against NumPy's", 15.0)],
        (Asked::Median, ..) => vec![Claim::hoped(what("against reading"), [EXACTA, READ], 2.0)],
        (Asked::Five, _, false) => vec![to_read(5.5, 3.0)],
        (Asked::Five, _, true) => vec![to_peer(NUMPY, "against NumPy's", 14.0)],
    }
}
