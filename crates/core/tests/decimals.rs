//! Decimals against `fractions` in Python, bit for bit; and the laws that all partials keep.

#[path = "../../scan/src/oracle.rs"]
mod oracle;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use exacta::{
    Accumulator, DecimalAccumulator, Nonfinite, NonfiniteKind, Partial, Plan, Statistic, Value,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// What decimals offer, in the order of the oracle.
const STATISTICS: [Statistic; 14] = [
    Statistic::Count,
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Min,
    Statistic::Max,
    Statistic::Range,
    Statistic::SumSquares,
    Statistic::Rms,
    Statistic::Variance,
    Statistic::VariancePop,
    Statistic::Stddev,
    Statistic::StddevPop,
    Statistic::Sem,
    Statistic::Cv,
];

/// Reads the literals of a column a line, and prints their statistics: a binary64 or `None`.
const ORACLE: &str = "
import sys
from fractions import Fraction
from statistics import _float_sqrt_of_frac

def root(square):
    negative, square = square < 0, abs(square)
    value = _float_sqrt_of_frac(square.numerator, square.denominator)
    return -value if negative else value

for line in sys.stdin:
    x = [Fraction(word) for word in line.split()]
    n, total, squares = len(x), sum(x), sum(v * v for v in x)
    spread = squares - total * total / n
    variance = spread / (n - 1) if n > 1 else None
    cv = n > 1 and total != 0
    sign = -1 if total < 0 else 1
    results = [n, total, total / n, min(x), max(x), max(x) - min(x), squares, root(squares / n),
        variance, spread / n, n > 1 and root(variance), root(spread / n), n > 1 and root(variance / n),
        cv and root(sign * variance * n * n / (total * total))]
    print(*[None if r is None or r is False else repr(float(r)) for r in results])
";

/// How many columns are compared with it.
const CASES: usize = 10_000;

type Literal = (bool, u64, i32);

fn literal(exponents: std::ops::Range<i32>) -> impl Strategy<Value = Literal> {
    (any::<bool>(), any::<u64>(), 0u32..64, exponents)
        .prop_map(|(negative, mantissa, n_bits, exponent)| (negative, mantissa >> n_bits, exponent))
}

/// Literals of one exponent, of near and of far ones; and a large number with small differences.
fn column() -> impl Strategy<Value = Vec<Literal>> {
    let offset = (0u64..100).prop_map(|low| (false, 1_000_000_000_000 + low, -3));
    prop_oneof![
        prop::collection::vec(literal(-2..-1), 1..30),
        prop::collection::vec(literal(-6..3), 1..30),
        prop::collection::vec(literal(-40..40), 1..30),
        prop::collection::vec(offset, 1..30),
    ]
}

fn accumulate(column: &[Literal]) -> DecimalAccumulator {
    let mut accumulator = DecimalAccumulator::default();
    for (negative, mantissa, exponent) in column {
        accumulator.push(*negative, *mantissa, *exponent).unwrap();
    }
    accumulator
}

fn results(partial: &Partial) -> String {
    let plan = Plan::new(STATISTICS).with_exact();
    format!("{:?}", partial.finalize(&plan).unwrap())
}

#[test]
fn every_statistic_is_the_rounded_fraction() {
    let Some(mut python) = oracle::python() else { return };
    let mut runner = TestRunner::deterministic();
    let columns: Vec<_> =
        (0..CASES).map(|_| column().new_tree(&mut runner).unwrap().current()).collect();
    let mut lines = String::new();
    for column in &columns {
        for (negative, mantissa, exponent) in column {
            let sign = if *negative { "-" } else { "" };
            write!(lines, "{sign}{mantissa}e{exponent} ").unwrap();
        }
        lines.push('\n');
    }
    let child = python.args(["-c", ORACLE]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(lines.as_bytes()));
        child.wait_with_output().unwrap()
    });
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), columns.len());
    for (column, line) in columns.iter().zip(output.lines()) {
        let summary = accumulate(column).into_partial().finalize(&Plan::new(STATISTICS)).unwrap();
        for (statistic, expected) in STATISTICS.into_iter().zip(line.split(' ')) {
            // Python has −0.0 for the mean of nothing but tiny negative numbers.
            let expected: Option<f64> = expected.parse().ok().map(|x: f64| x + 0.0);
            let found = summary.get(statistic).unwrap().finite();
            assert_eq!(
                found.map(f64::to_bits),
                expected.map(f64::to_bits),
                "{statistic} {column:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_cut_and_merge_tree_gives_the_same_results(
        mut column in column(), cut in any::<prop::sample::Index>(), turn in any::<prop::sample::Index>(),
    ) {
        let whole = accumulate(&column).into_partial();
        let turn = turn.index(column.len());
        column.rotate_left(turn);
        let (left, right) = column.split_at(cut.index(column.len() + 1));
        let mut accumulator = accumulate(left);
        accumulator.merge(&accumulate(right)).unwrap();
        prop_assert_eq!(results(&accumulator.into_partial()), results(&whole));
        for (first, second) in [(left, right), (right, left)] {
            let mut partial = accumulate(first).into_partial();
            partial.merge(accumulate(second).into_partial()).unwrap();
            prop_assert_eq!(results(&partial), results(&whole));
        }
    }

    /// Columns are their literals one by one, whatever the exponents, and wherever they are cut.
    #[test]
    fn a_column_is_its_literals_one_by_one(
        literals in prop::collection::vec((any::<i64>(), 0u32..64, -3i16..3), 0..1300),
        n_exponents in 1i16..6, cut in any::<prop::sample::Index>(),
    ) {
        let mantissas: Vec<_> = literals.iter().map(|(mantissa, n_bits, _)| mantissa >> n_bits).collect();
        let exponents: Vec<_> = literals.iter().map(|(.., exponent)| exponent % n_exponents).collect();
        let pairs = mantissas.iter().zip(&exponents);
        let pairs = pairs.map(|(mantissa, exponent)| (*mantissa < 0, mantissa.unsigned_abs(), (*exponent).into()));
        let expected = accumulate(&pairs.collect::<Vec<_>>());
        let mut accumulator = DecimalAccumulator::default();
        let cut = cut.index(literals.len() + 1);
        accumulator.update(&mantissas[..cut], &exponents[..cut]).unwrap();
        accumulator.update(&mantissas[cut..], &exponents[cut..]).unwrap();
        prop_assert_eq!(accumulator.counts(), expected.counts());
        prop_assert_eq!(results(&accumulator.into_partial()), results(&expected.into_partial()));
    }

    /// A zero is a zero, whatever its exponent and the door that it comes by.
    #[test]
    fn zeros_with_any_exponent_are_zeros(
        literals in prop::collection::vec((0i64..3, any::<i16>(), -3i16..3), 0..600),
    ) {
        let exponent = |(mantissa, any, near): &(i64, i16, i16)| if *mantissa == 0 { *any } else { *near };
        let mantissas: Vec<_> = literals.iter().map(|(mantissa, ..)| *mantissa).collect();
        let exponents: Vec<_> = literals.iter().map(exponent).collect();
        let mut column = DecimalAccumulator::default();
        column.update(&mantissas, &exponents).unwrap();
        let as_they_are = |literal: usize| (false, mantissas[literal] as u64, i32::from(exponents[literal]));
        let plain = |literal: usize| (false, mantissas[literal] as u64, i32::from(literals[literal].2));
        let one_by_one = accumulate(&(0..literals.len()).map(as_they_are).collect::<Vec<_>>());
        let expected = accumulate(&(0..literals.len()).map(plain).collect::<Vec<_>>());
        let expected = results(&expected.into_partial());
        prop_assert_eq!(results(&column.into_partial()), &expected[..]);
        prop_assert_eq!(results(&one_by_one.into_partial()), expected);
    }

    /// Integers are the same numbers in both worlds.
    #[test]
    fn integers_have_the_results_of_binary_numbers(integers in prop::collection::vec(any::<i64>(), 0..30)) {
        let mut accumulator = DecimalAccumulator::default();
        let mut binary = Accumulator::new(&Plan::new(STATISTICS));
        for integer in integers {
            accumulator.push(integer < 0, integer.unsigned_abs(), 0).unwrap();
            binary.push(Value::from(integer)).unwrap();
        }
        prop_assert_eq!(results(&accumulator.into_partial()), results(&binary.into_partial()));
    }
}

#[test]
fn exact_values_are_the_decimals_as_written() {
    let partial = accumulate(&[(false, 1, -1), (false, 2, -1), (true, 35, -2)]).into_partial();
    let plan = Plan::new(STATISTICS).with_exact();
    let summary = partial.finalize(&plan).unwrap();
    let exact = |statistic| summary.exact(statistic).unwrap().to_string();
    assert_eq!(exact(Statistic::Sum), "-0.05");
    assert_eq!(exact(Statistic::SumSquares), "0.1725");
    assert_eq!([exact(Statistic::Min), exact(Statistic::Max)], ["-0.35", "0.2"]);
    assert_eq!(exact(Statistic::Range), "0.55");
}

#[test]
fn what_is_no_number_is_counted_and_enters_by_the_policy() {
    let mut accumulator = accumulate(&[(false, 15, -1)]);
    accumulator.push_nonfinite(NonfiniteKind::PosInf);
    accumulator.push_nulls(2);
    accumulator.push_invalids(1);
    let counts = *accumulator.counts();
    assert_eq!((counts.count, counts.pos_inf, counts.null, counts.invalid), (1, 1, 2, 1));
    let partial = accumulator.into_partial();
    let get = |policy, statistic| {
        let summary = partial.finalize(&Plan::new([statistic]).with_nonfinite(policy)).unwrap();
        summary.get(statistic).unwrap().value()
    };
    for statistic in [Statistic::Sum, Statistic::Max, Statistic::Range] {
        assert_eq!(get(Nonfinite::Propagate, statistic), Some(f64::INFINITY), "{statistic}");
    }
    assert_eq!(get(Nonfinite::Skip, Statistic::Max), Some(1.5));
    assert_eq!(get(Nonfinite::Skip, Statistic::Range), Some(0.0));
}

#[test]
fn decimals_keep_apart_from_binary_numbers() {
    let plan = Plan::new(STATISTICS);
    let mut decimal = accumulate(&[(false, 1, -1)]).into_partial();
    let binary = Accumulator::new(&plan).into_partial();
    assert_eq!(decimal.merge(binary).unwrap_err().code(), "plan.mismatch");
    assert_eq!(decimal.to_bytes().unwrap_err().code(), "partial.decimal");
    let median = decimal.finalize(&Plan::new([Statistic::Median]));
    assert_eq!(median.unwrap_err().code(), "plan.mismatch");
    let same = decimal.clone();
    assert_eq!(decimal.subtract(&same).unwrap_err().code(), "partial.not_subtractable");
}

#[test]
fn exponents_have_limits_that_zero_does_not_feel() {
    let mut accumulator = DecimalAccumulator::default();
    let (least, most) = DecimalAccumulator::EXPONENTS.into_inner();
    for exponent in [least - 1, most + 1, i32::MIN, i32::MAX] {
        let error = accumulator.push(false, 1, exponent).unwrap_err();
        assert_eq!(error.code(), "decimal.out_of_range");
        accumulator.push(true, 0, exponent).unwrap();
    }
    accumulator.update(&[0, 0], &[i16::MIN, i16::MAX]).unwrap();
    let before = *accumulator.counts();
    assert_eq!(accumulator.update(&[1], &[]).unwrap_err().code(), "column.length_mismatch");
    for exponent in [least - 1, most + 1] {
        let error = accumulator.update(&[1, 1], &[0, exponent as i16]).unwrap_err();
        assert_eq!(error.code(), "decimal.out_of_range");
    }
    assert_eq!(*accumulator.counts(), before);
    accumulator.push(false, u64::MAX, most).unwrap();
    accumulator.push(false, 1, least).unwrap();
    let summary = accumulator.into_partial().finalize(&Plan::new(STATISTICS)).unwrap();
    assert_eq!(summary.get(Statistic::Count).unwrap().finite(), Some(8.0));
    assert!(summary.get(Statistic::Max).unwrap().finite().is_some());
}
