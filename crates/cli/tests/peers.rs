//! The cases on which other tools for files give a wrong number, none, or an answer where there should be an error.
//! What exactness means is tested elsewhere; here each case has one line of input and one right answer.

mod common;

use common::oracle::python;
use common::{EXACTA, WEATHER, run};
use serde_json::Value;

/// Numbers, and what their statistics are to the bit.
#[track_caller]
fn check(numbers: &[&str], expected: &[(&str, f64)]) {
    let statistics: Vec<_> = expected.iter().map(|(statistic, _)| *statistic).collect();
    let asked = ["stats", "--json", "-n", "-s", &statistics.join(",")];
    let told = run(&asked, numbers.join("\n").as_bytes());
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    let answer: Value = serde_json::from_str(&told.stdout).unwrap();
    for (statistic, value) in expected {
        let found = answer["columns"][0][*statistic].as_f64().map(f64::to_bits);
        assert_eq!(found, Some(value.to_bits()), "{statistic} of {numbers:?}: {}", told.stdout);
    }
}

#[test]
fn sums_are_those_of_the_numbers() {
    check(&["0.1", "0.2", "0.3"], &[("sum", 0.6), ("mean", 0.2)]);
    check(&["1e16", "1", "-1e16"], &[("sum", 1.0), ("mean", 1.0 / 3.0)]);
    let most = i64::MAX.to_string();
    check(&[&most, &most], &[("sum", 2f64.powi(64)), ("mean", 2f64.powi(63)), ("stddev", 0.0)]);
}

/// Of the three numbers nearest to these decimals.
#[test]
fn a_small_spread_on_a_large_mean_is_seen() {
    let numbers = ["1000000000.1", "1000000000.2", "1000000000.3"];
    let nearest = [("mean", 1_000_000_000.2), ("stddev", 0.099_999_964_237_219_06)];
    check(&numbers, &nearest);
}

#[test]
fn nan_and_infinity_are_counted_and_do_what_ieee_says() {
    let undefined = |numbers: &str| {
        let told = run(&["stats", "--json", "-n", "-s", "sum,stddev,max"], numbers.as_bytes());
        let answer: Value = serde_json::from_str(&told.stdout).unwrap();
        answer["columns"][0].clone()
    };
    let column = undefined("1\nNaN\n3\n");
    assert_eq!((&column["count"], &column["nan"]), (&2.into(), &1.into()));
    for statistic in ["sum", "stddev", "max"] {
        assert_eq!(column["undefined"][statistic], "nan");
    }
    let column = undefined("1\ninf\n3\n");
    assert_eq!((&column["count"], &column["pos_inf"]), (&2.into(), &1.into()));
    for statistic in ["sum", "stddev", "max"] {
        assert_eq!(column["undefined"][statistic], "infinite");
    }
    let skipped = run(&["stats", "-n", "--nonfinite", "skip", "-s", "mean"], b"1\ninf\nNaN\n3\n");
    assert!(skipped.stdout.ends_with("  2.0\n"), "{}", skipped.stdout);
}

/// A word among numbers is never left out in silence.
#[test]
fn a_word_among_numbers_makes_text_or_an_error() {
    let told = run(&["stats", "-n"], b"1\nabc\n3\n");
    let row = "\n1       text: 1 of 3 cells, the first in line 2, column 1\n";
    assert!(told.stdout.ends_with(row), "{}", told.stdout);
    assert!(told.stderr.starts_with("exacta: warning: <stdin>:2:1: "), "{}", told.stderr);
    let told = run(&["stats", "-n", "-c", "1"], b"1\nabc\n3\n");
    assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
    assert!(
        told.stderr.starts_with("exacta: <stdin>:2:1: `abc` in column `1` "),
        "{}",
        told.stderr
    );
}

#[test]
fn a_ragged_row_is_an_error_with_its_place() {
    for (rows, cells) in [("1,2\n3\n", "1 cell"), ("1,2\n3,4,5\n", "3 cells")] {
        let told = run(&["stats"], format!("a,b\n{rows}").as_bytes());
        assert_eq!((told.code, told.stdout.as_str()), (Some(3), ""));
        let start =
            format!("exacta: <stdin>:3:1: this row has {cells} and the header has 2 cells; ");
        assert!(told.stderr.starts_with(&start), "{}", told.stderr);
    }
}

#[test]
fn quotes_a_mark_and_carriage_returns_do_not_show() {
    let plain = run(&["stats", "--json"], b"a,b\n1,2\n3,4.5\n");
    let quoted = b"\xef\xbb\xbf\"a\",b\r\n\"1\",\"2\"\r\n3,\"4.5\"\r\n";
    assert_eq!(run(&["stats", "--json"], quoted), plain);
}

#[test]
fn what_is_not_there_is_an_error() {
    let told = run(&["stats", "-c", "windd", WEATHER], b"");
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    assert!(told.stderr.contains("no column `windd`; is `wind` meant?"), "{}", told.stderr);
    let told = run(&["stats", "-q", "150", WEATHER], b"");
    assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""));
    assert!(told.stderr.contains("probability 150 is not a number from 0 to 1"), "{}", told.stderr);
}

/// A terminal that does not know its width, as those of some editors and services.
#[test]
fn a_terminal_of_width_zero_is_written_to() {
    let terminal = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py");
    let Some(mut python) = python() else { return };
    python.args([terminal, "0", "", EXACTA, "stats", "-s", "mean", "-c", "wind", WEATHER]);
    python.env("TERM", "xterm").env("NO_COLOR", "1").env_remove("COLUMNS");
    let output = python.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("3.24113620807666"), "{shown}");
}
