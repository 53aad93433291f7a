//! The sum of one column, in memory and in the second-level cache.

use exacta::kernel_for_tests::InstructionSet;

use super::exact::{by_instruction_set, forced_name};
use super::numbers::Kind;
use super::peer::peer;
use super::read::read;
use super::{Bench, DUCKDB, EXACTA, NUMPY, POLARS, READ};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Contender, Promise, Question, Race, ours};

/// What the page calls it.
pub(super) const TITLE: &str = "Sum";

const PLAIN: &str = "plain loop, `iter().sum()`";

/// NumPy's sum overflows on the way where the exact sum does not: it is given numbers that are scaled, and is as fast.
const SCALE: i32 = -100;

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let in_memory = Kind::ALL.map(|kind| measure_one(bench, kind, bench.extent.in_memory));
    let in_cache = Kind::ALL.map(|kind| measure_one(bench, kind, bench.extent.in_cache));
    in_memory.into_iter().chain(in_cache).collect()
}

fn measure_one(bench: &Bench, kind: Kind, n_numbers: usize) -> Result<Measured, Error> {
    let values = bench.numbers(kind, n_numbers)?;
    let expected = bench.worker.expect("sum", &[])?;
    let contenders = contenders(bench, kind, &values)?;
    let question = Question::new(TITLE, n_numbers, kind.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    let claims = if n_numbers == bench.extent.in_memory {
        claims_in_memory(kind)
    } else {
        claims_in_cache(kind)
    };
    Ok(Measured { race, claims })
}

fn contenders<'a>(
    bench: &'a Bench,
    kind: Kind,
    values: &'a [f64],
) -> Result<Vec<Contender<'a>>, Error> {
    let exact = move || [exacta::sum(values)];
    let worker = &bench.worker;
    let mut contenders = by_instruction_set(exact);
    contenders.extend([
        ours(READ, Promise::Nothing, || [f64::from_bits(read(values))]),
        ours(EXACTA, Promise::Exact, exact),
        ours(PLAIN, Promise::Near, || [values.iter().sum()]),
    ]);
    if kind == Kind::NearOverflow {
        worker.scale(SCALE)?;
        contenders.push(peer(NUMPY, worker, "numpy.sum(scaled) * 2.0**100"));
    } else {
        contenders.push(peer(NUMPY, worker, "numpy.sum(x)"));
    }
    contenders.push(peer(POLARS, worker, "series.sum()"));
    let duckdb = "duck.execute('select sum(x) from t').fetchall()";
    contenders.push(peer(DUCKDB, worker, duckdb));
    Ok(contenders)
}

fn claims_in_memory(kind: Kind) -> Vec<Claim> {
    let what = |rest: &str| format!("exact sum, {}, {rest}", kind.name());
    let to_numpy =
        |must, goal| Claim::at_least(what("against NumPy's"), [NUMPY, EXACTA], must, goal);
    match kind {
        Kind::EveryExponent => vec![to_numpy(0.3, Some(0.6))],
        Kind::Outliers | Kind::NearOverflow => vec![to_numpy(0.3, Some(0.7))],
        // Too wild for two digits of a block, and no figure is set.
        Kind::Lognormal10 => Vec::new(),
        // No ordinary data: where vectors are narrow they are taken one by one.
        Kind::Subnormal => vec![Claim::shown(what("against NumPy's"), [NUMPY, EXACTA])],
        Kind::Uniform | Kind::Normal | Kind::Lognormal1 => {
            claims_to_read(kind).chain([to_numpy(1.9, None)]).collect()
        }
    }
}

/// Ordinary data is added as fast as it is read.
fn claims_to_read(kind: Kind) -> impl Iterator<Item = Claim> {
    let bounds = [
        (InstructionSet::Avx512, 0.95, 1.0),
        (InstructionSet::Avx2, 0.65, 0.8),
        (InstructionSet::Sse2, 0.42, 0.5),
    ];
    bounds.into_iter().map(move |(set, must, goal)| {
        let what = format!("sum by {}, {}, against reading", forced_name(set), kind.name());
        Claim::at_least(what, [READ, forced_name(set)], must, Some(goal))
    })
}

fn claims_in_cache(kind: Kind) -> Vec<Claim> {
    if kind != Kind::Uniform {
        return Vec::new();
    }
    let what = |rest: &str| format!("exact sum, {}, in cache, {rest}", kind.name());
    vec![
        Claim::at_least(what("against NumPy's"), [NUMPY, EXACTA], 1.6, None),
        Claim::hoped(what("against Polars'"), [EXACTA, POLARS], 1.0),
    ]
}
