//! Numbers taken as they are written: the same cells are numbers as elsewhere, and their sums are those of decimals.

use std::fmt::Write;

use exacta::{DecimalAccumulator, Plan, Statistic};
use exacta_scan::{
    Error, Format, Input, Invalid, Kind, Lacking, ScanOptions, Table, scan, scan_csv, scan_json,
    scan_ndjson,
};
use proptest::prelude::*;

/// What decimals offer, and what is exact of it.
fn plan() -> Plan {
    use Statistic::{
        Count, Cv, Max, Mean, Min, Range, Rms, Sem, Stddev, StddevPop, Sum, SumSquares, Variance,
    };
    let statistics =
        [Count, Sum, Mean, Min, Max, Range, SumSquares, Rms, Variance, Stddev, StddevPop, Sem, Cv];
    Plan::new(statistics).with_exact()
}

fn options() -> ScanOptions {
    ScanOptions { decimal: true, ..ScanOptions::default() }
}

fn decimals(csv: &str, options: &ScanOptions) -> Result<Table, Error> {
    scan_csv(csv.as_bytes(), options, &plan())
}

/// A literal in parts, and as it may be written.
fn literal() -> impl Strategy<Value = ((bool, u64, i32), String)> {
    (any::<bool>(), any::<u64>(), 11u32..64, 0usize..9, any::<bool>()).prop_map(
        |(negative, bits, n_bits, n_behind, scientific)| {
            let mantissa = bits >> n_bits;
            let sign = if negative { "-" } else { "" };
            let digits = format!("{mantissa:0>10}");
            let (whole, behind) = digits.split_at(digits.len() - n_behind);
            let text = match (n_behind, scientific) {
                (0, _) => digits.clone(),
                (_, true) => format!("{sign}{mantissa}e-{n_behind}"),
                (_, false) => format!("{sign}{whole}.{behind}"),
            };
            let negative = negative && n_behind > 0;
            ((negative, mantissa, -(n_behind as i32)), text)
        },
    )
}

proptest! {
    #[test]
    fn literals_are_summed_as_they_are_written(
        literals in prop::collection::vec(literal(), 1..60), quoted: bool,
    ) {
        let mut expected = DecimalAccumulator::default();
        let mut csv = "x\n".to_owned();
        for ((negative, mantissa, exponent), text) in &literals {
            expected.push(*negative, *mantissa, *exponent).unwrap();
            let text = if quoted { format!("\"{text}\"") } else { format!(" {text}\t") };
            writeln!(csv, "{text}").unwrap();
        }
        let table = decimals(&csv, &options()).unwrap();
        let found = table.columns[0].partial.finalize(&plan()).unwrap();
        let expected = expected.into_partial().finalize(&plan()).unwrap();
        prop_assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }

    /// Whatever a cell is, it is counted as it is elsewhere, and makes its column text at the same place.
    #[test]
    fn the_same_cells_are_numbers(
        cells in prop::collection::vec(
            prop::sample::select(vec![
                "1", "-0.5", "1e3", ".5", "", "NA", "nan", "-inf", "x", "7.", "\" 8 \"", " 8 ", "\"8\"", "\"\t8\"", "\" \"",
                "\"nan \"", "1e999", " -1e999", "\"1e999\"", "\"NA\"", "\" NA\"",
            ]), 1..12),
        invalid in prop::sample::select(Invalid::ALL), is_filtered: bool,
    ) {
        let rows = cells.iter().zip([1, 2].iter().cycle());
        let rows: Vec<_> = rows.map(|(cell, b)| format!("{cell},{b}\n")).collect();
        let csv = format!("a,b\n{}", rows.concat());
        let filters = if is_filtered { vec!["b != 2".parse().unwrap()] } else { Vec::new() };
        let options = ScanOptions { invalid, null: vec!["NA".to_owned()], filters, ..options() };
        let binary = ScanOptions { decimal: false, ..options.clone() };
        let outcome = |options| {
            let table = decimals(&csv, options).unwrap();
            let column = |column: &exacta_scan::Column| {
                (column.kind, *column.partial.counts(), column.first_invalid)
            };
            (table.rows, table.columns.iter().map(column).collect::<Vec<_>>())
        };
        prop_assert_eq!(format!("{:?}", outcome(&options)), format!("{:?}", outcome(&binary)));
    }
}

#[test]
fn threads_do_not_show() {
    let mut csv = "x,y\n".to_owned();
    for row in 0..100_000u64 {
        let random = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        writeln!(csv, "{}.{:02},{}e-{}", random >> 50, random % 100, random >> 40, row % 7)
            .unwrap();
    }
    let results = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let table = pool.install(|| decimals(&csv, &options())).unwrap();
        let results = table.columns.iter().map(|column| column.partial.finalize(&plan()).unwrap());
        format!("{:?}", results.collect::<Vec<_>>())
    };
    let alone = results(1);
    assert!(results(2) == alone && results(7) == alone);
}

#[test]
fn three_tenths_are_three_fifths() {
    let table = decimals("x\n1000000000.1\n1000000000.2\n1000000000.3\n", &options()).unwrap();
    let summary = table.columns[0].partial.finalize(&plan()).unwrap();
    assert_eq!(summary.get(Statistic::Stddev).unwrap().finite(), Some(0.1));
    assert_eq!(summary.exact(Statistic::Sum).unwrap().as_str(), "3000000000.6");
}

/// The exact sum of one cell, as it is told.
fn told(cell: &str) -> Option<String> {
    let table = decimals(&format!("x\n{cell}\n"), &options()).ok()?;
    let summary = table.columns[0].partial.finalize(&plan()).ok()?;
    Some(summary.exact(Statistic::Sum)?.as_str().to_owned())
}

#[test]
fn zeros_at_the_end_are_no_digits() {
    let zeros = "0".repeat(5000);
    for (cell, expected) in [
        ("0.100000000000000000000000000000".to_owned(), "0.1"),
        ("-12.500000000000000000000000000000e1".to_owned(), "-125"),
        (format!("7.{zeros}"), "7"),
        (format!("0.{zeros}"), "0"),
        (format!("{zeros}3.25{zeros}"), "3.25"),
        ("1234567890123456789.0".to_owned(), "1234567890123456789"),
        ("12345678901234567890000".to_owned(), "1.234567890123456789e22"),
        (format!("1{zeros}e-5000"), "1"),
        ("1.0e-400".to_owned(), "1e-400"),
    ] {
        assert_eq!(told(&cell).as_deref(), Some(expected), "{cell:.40}");
    }
    for cell in ["12345678901234567891000", "0.10000000000000000000000000000010", "1.0e-401"] {
        assert_eq!(told(cell), None, "{cell}");
    }
}

#[test]
fn literals_beyond_the_limits_are_errors_where_they_stand() {
    for literal in ["1e300", "1e-401", "12345678901234567891", "0.12345678901234567891"] {
        let error = decimals(&format!("a,x\n1,2\n3,{literal}\n"), &options()).unwrap_err();
        assert_eq!(error.code(), "decimal.out_of_range");
        let message = error.to_string();
        assert!(
            message.starts_with(&format!("line 3, column 3: `{literal}` in column `x`")),
            "{message}"
        );
    }
    // One beyond binary64 is no number in either mode.
    let table = decimals("x\n1\n1e999\n\" 8 \"\n", &options()).unwrap();
    assert_eq!((table.columns[0].kind, table.columns[0].partial.counts().invalid), (Kind::Text, 2));
    // What is zero has no size, and in a column of text nothing is summed.
    assert!(decimals("x\n0e999\n-0.0e-999\n", &options()).is_ok());
    assert!(decimals("x\ntext\n1e-401\n", &options()).is_ok());
}

/// What is known of each column, to compare.
fn columns(table: Table) -> Vec<String> {
    let column = |column: exacta_scan::Column| {
        // A column of text has its counts alone.
        let (counts, summary) = (column.partial.counts(), column.partial.finalize(&plan()).ok());
        format!("{} {:?} {counts:?} {summary:?}", column.name, column.kind)
    };
    table.columns.into_iter().map(column).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cells of CSV, lines of JSON and elements of an array, of which columns come late and rows lack some.
    #[test]
    fn json_says_what_csv_says(
        cells in prop::collection::vec(
            prop::sample::select(vec!["0.1", "-2.50", "12345678901234567891", "1e300", "-0", "3E+2", "", "\"x\"", "true"]),
            1..40,
        ),
        n_times in prop_oneof![9 => Just(1usize), 1 => Just(300)],
        names: bool,
        is_filtered: bool,
    ) {
        // What is beyond the limits is an error in both, and told of at its place.
        let rows: Vec<_> = cells.chunks(2).collect();
        let rows: Vec<_> = std::iter::repeat_n(&rows, n_times).flatten().collect();
        let of = |row: &[&str], column: usize| row.get(column).copied().unwrap_or("").to_owned();
        let lines: Vec<_> = rows.iter().map(|row| format!("{},{},1", of(row, 0), of(row, 1))).collect();
        let csv = format!("x,y,z\n{}\n", lines.join("\n"));
        let member = |name: &str, cell: String| {
            if cell.is_empty() { String::new() } else { format!("\"{name}\":{cell},") }
        };
        let objects: Vec<_> =
            rows.iter().map(|row| format!("{{{}{}\"z\":1}}", member("x", of(row, 0)), member("y", of(row, 1)))).collect();
        let mut options = options();
        if names || is_filtered {
            options.columns = ["x", "y", "z"].map(str::to_owned).to_vec();
            options.invalid = Invalid::Count;
            // JSON has no column without a cell.
            options.lacking = Lacking::Null;
        }
        if is_filtered {
            options.filters = vec!["x > 0".parse().unwrap()];
        }
        let expected = decimals(&csv, &options);
        let lines = scan_ndjson(objects.join("\n").as_bytes(), &options, &plan());
        let array = scan_json(format!("[{}]", objects.join(",")).as_bytes(), &options, &plan());
        for found in [lines, array] {
            match (&expected, found) {
                (Err(expected), Err(found)) => prop_assert_eq!(expected.code(), found.code()),
                (Ok(_), Ok(found)) => {
                    let mut expected = columns(decimals(&csv, &options).unwrap());
                    let mut found = columns(found);
                    // In JSON columns stand as they come, and one without any cell is not there.
                    expected.sort_unstable();
                    found.sort_unstable();
                    let is_there = |column: &String| found.iter().any(|found| found[..1] == column[..1]);
                    expected.retain(is_there);
                    prop_assert_eq!(&expected, &found);
                }
                (expected, found) => prop_assert!(false, "{expected:?} {found:?}"),
            }
        }
    }
}

#[test]
fn what_decimals_do_not_offer_is_refused() {
    let refused = |outcome: Result<Table, Error>| {
        let error = outcome.unwrap_err();
        assert_eq!(error.code(), "decimal.unsupported");
        error.to_string()
    };
    let median = Plan::new([Statistic::Median]);
    refused(scan_csv("x\n1\n".as_bytes(), &options(), &median));
    let by = ScanOptions { by: vec!["x".to_owned()], ..options() };
    refused(decimals("x,y\n1,2\n", &by));
    let format: Format = "f64".parse().unwrap();
    let of_floats = ScanOptions { format: Some(format), ..options() };
    let message = refused(scan(Input::stream("[]".as_bytes()), &of_floats, &plan()));
    assert!(message.contains(&format.to_string()), "{message}");
}
