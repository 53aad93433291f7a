//! Pairs and weights against `fractions` in Python, which shares no code with this crate, bit for bit.

#[path = "../../scan/src/oracle.rs"]
mod oracle;

use exacta::{
    Nonfinite, Outcome, PairAccumulator, PairStatistic, Value, WeightedAccumulator,
    WeightedStatistic,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::io::Write;
use std::process::Stdio;

const ORACLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pairs.py");

/// How many tables of rows are compared, unless `EXACTA_PAIRS_CASES` says it.
const CASES: usize = 10_000;

/// A cell as a word that Python reads, and as a value; none where it is missing.
type Cell = (String, Option<Value>);

#[derive(Clone, Debug)]
struct Table {
    is_pair: bool,
    policy: Nonfinite,
    rows: Vec<(Cell, Cell)>,
}

fn float(value: f64) -> Cell {
    let word = format!("{value:?}").to_lowercase();
    (word, Some(value.into()))
}

fn integer(value: i64) -> Cell {
    (value.to_string(), Some(value.into()))
}

/// Numbers of one kind: what they have in common is what a naive formula breaks on.
fn finite() -> impl Strategy<Value = BoxedStrategy<Cell>> {
    let any_exponent =
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite());
    let moderate = (-60i32..60, -1.0..1.0).prop_map(|(e, x): (i32, f64)| x * 2f64.powi(e));
    let offset = any::<u32>().prop_map(|low| 1e9 + f64::from(low) * 2f64.powi(-20));
    prop_oneof![
        Just(any_exponent.prop_map(float).boxed()),
        Just(moderate.prop_map(float).boxed()),
        Just(offset.prop_map(float).boxed()),
        Just((-1e3..1e3).prop_map(float).boxed()),
        Just((0u64..1 << 52).prop_map(f64::from_bits).prop_map(float).boxed()),
        Just((-5i64..5).prop_map(integer).boxed()),
        Just(any::<i64>().prop_map(integer).boxed()),
        Just(prop::sample::select(vec![0.0, -0.0, 1.5]).prop_map(float).boxed()),
        Just(Just(f64::MAX).prop_map(float).boxed()),
    ]
}

fn cell(finite: BoxedStrategy<Cell>, is_holey: bool) -> BoxedStrategy<Cell> {
    let others = prop_oneof![
        Just(float(f64::NAN)),
        Just(float(f64::INFINITY)),
        Just(float(f64::NEG_INFINITY)),
        Just(("null".to_owned(), None)),
    ];
    if is_holey { prop_oneof![9 => finite, 1 => others].boxed() } else { finite }
}

/// A weight is neither negative nor infinite.
fn weight() -> BoxedStrategy<Cell> {
    prop_oneof![
        4 => (0i64..4).prop_map(integer),
        2 => (0.0..3.0).prop_map(float),
        1 => (0u64..0x7ff0_0000_0000_0000).prop_map(f64::from_bits).prop_map(float),
        1 => Just(float(0.0)),
        1 => Just(("null".to_owned(), None)),
    ]
    .boxed()
}

fn table() -> impl Strategy<Value = Table> {
    let policy = prop_oneof![Just(Nonfinite::Propagate), Just(Nonfinite::Skip)];
    (finite(), finite(), any::<bool>(), any::<bool>(), policy).prop_flat_map(
        |(x, y, is_holey, is_pair, policy)| {
            let other = if is_pair { cell(y, is_holey) } else { weight() };
            let rows = prop::collection::vec((cell(x, is_holey), other), 0..12);
            rows.prop_map(move |rows| Table { is_pair, policy, rows })
        },
    )
}

impl Table {
    fn line(&self) -> String {
        let kind = if self.is_pair { "pair" } else { "weighted" };
        let rows = self.rows.iter().map(|((x, _), (y, _))| format!(" {x},{y}"));
        format!("{kind} {}{}\n", self.policy, rows.collect::<String>())
    }

    fn outcomes(&self) -> Vec<Outcome> {
        if self.is_pair { self.pair_outcomes() } else { self.weighted_outcomes() }
    }

    fn pair_outcomes(&self) -> Vec<Outcome> {
        let mut pairs = PairAccumulator::new(self.policy);
        for ((_, x), (_, y)) in &self.rows {
            match (x, y) {
                (Some(x), Some(y)) => pairs.push(*x, *y).unwrap(),
                _ => pairs.push_null(),
            }
        }
        let summary = pairs.into_partial().finalize(self.policy).unwrap();
        PairStatistic::ALL.iter().map(|statistic| summary.get(*statistic)).collect()
    }

    fn weighted_outcomes(&self) -> Vec<Outcome> {
        let mut weighted = WeightedAccumulator::new(self.policy);
        for ((_, x), (_, w)) in &self.rows {
            match (x, w) {
                (Some(x), Some(w)) => weighted.push(*x, *w).unwrap(),
                _ => weighted.push_null(),
            }
        }
        let summary = weighted.into_partial().finalize(self.policy).unwrap();
        WeightedStatistic::ALL.iter().map(|statistic| summary.get(*statistic)).collect()
    }
}

/// An outcome as the oracle writes it.
fn shown(outcome: &Outcome) -> String {
    let bits = outcome.bits().map_or("-".to_owned(), |bits| format!("{bits:016x}"));
    let reason = outcome.reason().map_or("-".to_owned(), |reason| reason.to_string());
    format!("{bits}:{reason}")
}

#[test]
fn every_bit_of_pairs_and_weights_is_that_of_fractions() {
    let Some(mut python) = oracle::python() else { return };
    let n_cases = std::env::var("EXACTA_PAIRS_CASES").map_or(CASES, |it| it.parse().unwrap());
    let mut runner = TestRunner::deterministic();
    let drawn = (0..n_cases).map(|_| table().new_tree(&mut runner).unwrap().current());
    let tables: Vec<Table> = drawn.collect();
    let lines: String = tables.iter().map(Table::line).collect();
    let mut child =
        python.arg(ORACLE).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
        child.wait_with_output().unwrap()
    });
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), tables.len());
    for (table, expected) in tables.iter().zip(output.lines()) {
        let given: Vec<String> = table.outcomes().iter().map(shown).collect();
        assert_eq!(given.join(" "), expected, "{}", table.line());
    }
}
