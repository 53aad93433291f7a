//! Count, sum, mean, variance, stddev, min and max in one pass, of clean columns and of such with missing values.

use exacta::kernel_for_tests::InstructionSet;
use exacta::{Column, Nonfinite, Plan, Validity};

use super::exact::{ONE_PASS, by_instruction_set, forced_name, statistics};
use super::numbers::Kind;
use super::pages::Pages;
use super::peer::peer;
use super::read::read;
use super::{Bench, DUCKDB, EXACTA, NUMPY, POLARS, READ};
use crate::claim::{Claim, Measured};
use crate::error::Error;
use crate::race::{Contender, Promise, Question, Race, ours};

/// What the page calls it.
pub(super) const TITLE: &str = "Seven statistics in one pass";

const NANS: &str = "exacta, 1 % NaN, `skip`";
const NULLS: &str = "exacta, 1 % null, by mask";

/// Every so manieth is missing.
const MISSING_STEP: usize = 100;

const IN_NUMPY: &str = "(len(x), numpy.sum(x), numpy.mean(x), numpy.min(x), numpy.max(x), \
                        (s := numpy.std(x, ddof=1))**2, s)";
const IN_POLARS: &str = "frame.lazy().select(n=polars.len(), sum=polars.col('x').sum(), mean=polars.col('x').mean(), \
     min=polars.col('x').min(), max=polars.col('x').max(), variance=polars.col('x').std().pow(2), \
     stddev=polars.col('x').std()).collect()";
const IN_DUCKDB: &str = "duck.execute('select count(x), sum(x), avg(x), min(x), max(x), \
                         stddev_samp(x)**2, stddev_samp(x) from t').fetchall()";

const KINDS: [Kind; 5] =
    [Kind::Uniform, Kind::Normal, Kind::Lognormal10, Kind::Outliers, Kind::EveryExponent];

pub(super) fn measure(bench: &Bench) -> Result<Vec<Measured>, Error> {
    let clean = KINDS.map(|kind| measure_clean(bench, kind));
    clean.into_iter().chain([measure_missing(bench)]).collect()
}

fn measure_clean(bench: &Bench, kind: Kind) -> Result<Measured, Error> {
    let n_numbers = bench.extent.in_memory;
    let values = bench.numbers(kind, n_numbers)?;
    let expected = bench.worker.expect("one pass", &[])?;
    let plan = Plan::new(ONE_PASS);
    let contenders = contenders(bench, &plan, &values);
    let question = Question::new(TITLE, n_numbers, kind.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    bench.worker.drop_arrays()?;
    Ok(Measured { race, claims: claims(kind) })
}

fn contenders<'a>(bench: &'a Bench, plan: &'a Plan, values: &'a [f64]) -> Vec<Contender<'a>> {
    let exact = move || statistics(plan, values);
    let mut contenders = by_instruction_set(exact);
    contenders.extend([
        ours(READ, Promise::Nothing, || [f64::from_bits(read(values))]),
        ours(EXACTA, Promise::Exact, exact),
        peer(NUMPY, &bench.worker, IN_NUMPY),
        peer(POLARS, &bench.worker, IN_POLARS),
        peer(DUCKDB, &bench.worker, IN_DUCKDB),
    ]);
    contenders
}

fn claims(kind: Kind) -> Vec<Claim> {
    let what = |rest: &str| format!("seven statistics, {}, {rest}", kind.name());
    let to_read = |set, must, goal| {
        let what =
            format!("seven statistics by {}, {}, against reading", forced_name(set), kind.name());
        Claim::at_least(what, [READ, forced_name(set)], must, Some(goal))
    };
    match kind {
        Kind::Uniform | Kind::Normal => vec![
            to_read(InstructionSet::Avx512, 0.85, 0.95),
            to_read(InstructionSet::Avx2, 0.44, 0.6),
            Claim::at_least(what("against NumPy's"), [NUMPY, EXACTA], 12.0, None),
            Claim::at_least(what("against Polars'"), [POLARS, EXACTA], 5.5, None),
            Claim::at_least(what("against DuckDB's"), [DUCKDB, EXACTA], 35.0, None),
        ],
        Kind::Lognormal10 | Kind::Outliers => {
            vec![to_read(InstructionSet::Avx512, 0.08, 0.3)]
        }
        _ => {
            let scalar = forced_name(InstructionSet::Portable);
            vec![Claim::at_least(what("against no vectors"), [scalar, EXACTA], 0.95, Some(2.0))]
        }
    }
}

/// Numbers that are missing must not cost much.
fn measure_missing(bench: &Bench) -> Result<Measured, Error> {
    let n_numbers = bench.extent.in_memory;
    let clean = Pages::copied(&Kind::Normal.numbers(n_numbers))?;
    let mut with_nans = Pages::copied(&clean)?;
    with_nans.iter_mut().step_by(MISSING_STEP).for_each(|value| *value = f64::NAN);
    bench.worker.load(&with_nans)?;
    let expected = bench.worker.expect("one pass", &[])?;
    bench.worker.drop_arrays()?;
    let mask = mask(n_numbers);
    let validity = Validity::new(&mask, 0, n_numbers).expect("the mask has a bit for each number");
    let masked = Column::new(&clean).with_validity(validity)?;
    let plan = Plan::new(ONE_PASS);
    let skip = plan.clone().with_nonfinite(Nonfinite::Skip);
    let contenders = vec![
        ours(EXACTA, Promise::Nothing, || statistics(&plan, &*clean)),
        ours(NANS, Promise::Exact, || statistics(&skip, &*with_nans)),
        ours(NULLS, Promise::Exact, || statistics(&plan, masked)),
    ];
    let question =
        Question::new("Seven statistics where some are missing", n_numbers, Kind::Normal.name());
    let race = Race::run(question, &expected, bench.extent.n_rounds, contenders)?;
    let claim = |missing: &str, name| {
        let what = format!("seven statistics, normal, 1 % {missing}, against clean");
        Claim::at_least(what, [EXACTA, name], 0.3, Some(0.85))
    };
    Ok(Measured { race, claims: vec![claim("NaN", NANS), claim("null", NULLS)] })
}

/// A bit for each number, as Arrow has it: 0 where it is missing.
fn mask(n_numbers: usize) -> Vec<u8> {
    let mut mask = vec![u8::MAX; n_numbers.div_ceil(8)];
    for index in (0..n_numbers).step_by(MISSING_STEP) {
        mask[index / 8] ^= 1 << (index % 8);
    }
    mask
}
