//! Conditions on rows: which they leave, and that what is left is as if the others had not been there.

use exacta::{Plan, Statistic};
use exacta_scan::{Error, Filter, Invalid, Kind, ScanOptions, Table, scan_csv};
use proptest::prelude::*;

fn plan() -> Plan {
    Plan::new([Statistic::Sum, Statistic::SumSquares, Statistic::Median])
}

fn filtered(csv: &str, filters: &[&str], options: &ScanOptions) -> Result<Table, Error> {
    let filters = filters.iter().map(|filter| filter.parse().unwrap()).collect();
    scan_csv(csv.as_bytes(), &ScanOptions { filters, ..options.clone() }, &plan())
}

/// The rows that a condition on `x` leaves, told by their numbers in another column.
fn left(cells: &[&str], filter: &str) -> Vec<usize> {
    let row = |(number, cell): (usize, &&str)| format!("{cell},{}\n", 1u64 << number);
    let csv = "x,n\n".to_owned() + &cells.iter().enumerate().map(row).collect::<String>();
    let options = ScanOptions { columns: vec!["n".into()], ..ScanOptions::default() };
    let table = filtered(&csv, &[filter], &options).unwrap();
    let sum = table.columns[0].partial.finalize(&plan()).unwrap().get(Statistic::Sum).unwrap();
    let sum = sum.finite().unwrap() as u64;
    (0..cells.len()).filter(|number| sum >> number & 1 == 1).collect()
}

#[test]
fn conditions_hold_of_numbers_and_of_texts() {
    let cells = [
        "1", "1.0", "-2", "", "rain", "nan", "1e999", "\"1\"", " 1e0 ", "-0", "0", "inf", "\"a b\"",
    ];
    let cases: &[(&str, &[usize])] = &[
        ("x = 1", &[0, 1, 7, 8]),
        ("x != 1", &[2, 4, 5, 6, 9, 10, 11, 12]),
        ("x < 1", &[2, 9, 10]),
        ("x <= 1", &[0, 1, 2, 7, 8, 9, 10]),
        ("x > 1", &[11]),
        ("x >= 1", &[0, 1, 7, 8, 11]),
        ("x = 0", &[9, 10]),
        ("x = -0.0", &[9, 10]),
        ("x >= -inf", &[0, 1, 2, 7, 8, 9, 10, 11]),
        ("x = nan", &[5]),
        ("x != nan", &[0, 1, 2, 4, 6, 7, 8, 9, 10, 11, 12]),
        ("x <= nan", &[5]),
        ("x = rain", &[4]),
        ("x != rain", &[0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("x > b", &[4]),
        ("x <= b", &[6, 12]),
        ("x = \"1\"", &[0, 7]),
        ("x = \"a b\"", &[12]),
        ("x = 1e999", &[6]),
        ("x = \"\"", &[]),
        ("x != \"\"", &[0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    ];
    for (filter, expected) in cases {
        assert_eq!(left(&cells, filter), *expected, "{filter}");
    }
}

#[test]
fn integers_beyond_binary64_are_compared_exactly() {
    let cells =
        ["9007199254740992", "9007199254740993", "9007199254740994", "-9223372036854775808"];
    assert_eq!(left(&cells, "x = 9007199254740993"), [1]);
    assert_eq!(left(&cells, "x > 9007199254740992"), [1, 2]);
    assert_eq!(left(&cells, "x < 9007199254740993"), [0, 3]);
    assert_eq!(left(&cells, "x < 9007199254740993.0"), [3]);
    assert_eq!(left(&cells, "x <= -9223372036854775808"), [3]);
}

#[test]
fn missing_by_another_name_matches_nothing() {
    let csv = "x\nNA\n1\n\nb\n";
    let options = ScanOptions { null: vec!["NA".into()], ..ScanOptions::default() };
    for filter in ["x != 5", "x != a"] {
        assert_eq!(filtered(csv, &[filter], &options).unwrap().rows, 2, "{filter}");
    }
    assert_eq!(filtered(csv, &["x = NA"], &options).unwrap().rows, 0);
}

#[test]
fn what_is_left_out_is_no_fault_and_no_text() {
    let csv = "x,y\n1,2\nbad,2\n3,nan\n4,5\n";
    let options = ScanOptions { columns: vec!["x".into(), "y".into()], ..ScanOptions::default() };
    assert_eq!(filtered(csv, &[], &options).unwrap_err().code(), "column.text");
    let table = filtered(csv, &["x >= 0"], &options).unwrap();
    assert_eq!((table.rows, table.columns[0].kind), (3, Kind::Number));
    let error = filtered("x,y\n1,2\n3\n", &["x > 5"], &options).unwrap_err();
    assert_eq!(error.code(), "csv.ragged");
    let error = filtered(csv, &["z > 5"], &options).unwrap_err();
    assert!(matches!(error, Error::ColumnUnknown { name, .. } if name == "z"));
    let csv = "x,y\n1,0\n2,0\n\"a\",1\n";
    let error = filtered(csv, &["y = 1"], &options).unwrap_err();
    assert_eq!(error.place().unwrap().to_string(), "line 4, column 1");
}

fn cell() -> impl Strategy<Value = String> {
    let number = prop_oneof![(-3i32..4).prop_map(|n| n.to_string()), Just("2.5".to_owned())];
    prop_oneof![6 => number, 1 => Just(String::new()), 2 => "[ab]{1,2}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A table is what its rows that are left would be alone; all conditions must hold, in any order of them.
    #[test]
    fn what_is_left_is_as_if_it_were_alone(
        rows in prop::collection::vec([cell(), cell(), cell()], 0..60),
        operators in [0usize..6, 0usize..6],
        values in [cell(), cell()],
        invalid in prop::sample::select(Invalid::ALL),
    ) {
        let write = |rows: &[&[String; 3]]| {
            rows.iter().fold("x,y,z\n".to_owned(), |csv, row| csv + &row.join(",") + "\n")
        };
        let condition = |(name, (operator, value)): (&str, (&usize, &String))| {
            let value = if value.is_empty() { "\"\"" } else { value };
            format!("{name} {} {value}", ["=", "!=", "<", "<=", ">", ">="][*operator])
        };
        let conditions = ["x", "y"].into_iter().zip(operators.iter().zip(&values)).map(condition);
        let conditions: Vec<String> = conditions.collect();
        let options = ScanOptions { invalid, ..ScanOptions::default() };
        let all: Vec<_> = rows.iter().collect();
        let keeps = |row: &[String; 3]| {
            conditions.iter().all(|it| filtered(&write(&[row]), &[it], &options).unwrap().rows == 1)
        };
        let kept: Vec<_> = rows.iter().filter(|row| keeps(row)).collect();
        let names: Vec<_> = conditions.iter().rev().map(String::as_str).collect();
        let (table, alone) =
            (filtered(&write(&all), &names, &options).unwrap(), filtered(&write(&kept), &[], &options).unwrap());
        prop_assert_eq!(table.rows, kept.len() as u64);
        for (column, alone) in table.columns.into_iter().zip(alone.columns) {
            prop_assert_eq!(column.kind, alone.kind);
            prop_assert_eq!(column.partial.to_bytes().unwrap(), alone.partial.to_bytes().unwrap());
        }
    }
}

#[test]
fn a_condition_is_read_whatever_it_holds() {
    proptest!(|(text in "[ab \"=!<>é]{0,12}")| {
        let _ = text.parse::<Filter>();
    });
}
