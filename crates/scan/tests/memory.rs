//! However little memory the values may take, results have the bits that they have in memory without bound.

use std::fmt::Write;

use exacta::{BinRule, Bins, Nonfinite, Plan, Probability, Statistic};
use exacta_scan::{Invalid, Memory, ScanOptions, Table, scan_csv};
use proptest::prelude::*;

/// Every statistic, quantiles and a histogram whose bins the data decide.
fn everything(bins: Bins) -> Plan {
    let probabilities = ["0", "0.01", "1/3", "0.5", "0.99", "1"];
    Plan::new(Statistic::ALL.iter().copied())
        .with_quantiles(probabilities.map(|p| p.parse::<Probability>().unwrap()))
        .with_nonfinite(Nonfinite::Skip)
        .with_histogram(bins)
}

/// What order statistics of a table with so much memory for values are, as text, in which NaN is itself.
fn results(csv: &str, plan: &Plan, bytes_max: u64, n_threads: usize) -> String {
    let table = scan(csv, plan, &Memory::new(bytes_max), n_threads);
    finalized(&table, plan)
}

fn scan(csv: &str, plan: &Plan, memory: &Memory, n_threads: usize) -> Table {
    let options =
        ScanOptions { memory: memory.clone(), invalid: Invalid::Count, ..ScanOptions::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
    pool.install(|| scan_csv(csv.as_bytes(), &options, plan)).unwrap()
}

fn finalized(table: &Table, plan: &Plan) -> String {
    let results = table.columns.iter().map(|column| format!("{:?}", column.partial.finalize(plan)));
    results.collect::<Vec<_>>().join("\n")
}

/// The text of a number, a missing one or none at all.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (-9999i32..9999).prop_map(|n| format!("{}.{:02}", n / 100, n.abs() % 100)),
        4 => any::<f64>().prop_filter("in range", |x| x.abs() < 1e100).prop_map(|x| format!("{x:?}")),
        4 => (0u64..50).prop_map(|n| (u64::MAX - n).to_string()),
        2 => any::<i64>().prop_map(|n| n.to_string()),
        2 => prop::sample::select(vec!["0", "-0", "inf", "nan", "", "text"]).prop_map(str::to_owned),
    ]
}

proptest! {
    // Each case reads its values from a file again and again.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn little_memory_gives_the_same_results(
        rows in prop::collection::vec((cell(), cell()), 1..200),
        bytes_max in 0u64..3000,
        bins in prop::sample::select(vec![BinRule::Auto, BinRule::Fd]).prop_map(Bins::from),
    ) {
        let rows = rows.iter().map(|(x, y)| format!("{x},{y}\n"));
        let csv = String::from("x,y\n") + &rows.collect::<Vec<_>>().concat();
        let selected = Plan::new([Statistic::Median, Statistic::Iqr]);
        for plan in [everything(bins), selected] {
            prop_assert_eq!(results(&csv, &plan, bytes_max, 1), results(&csv, &plan, u64::MAX, 1));
        }
    }
}

/// Rows enough for many batches of several threads: whole numbers of several sizes, fractions, and some of each again.
fn long_csv(first: u64, n_rows: u64) -> String {
    let mut csv = String::from("id,part,wide\n");
    for row in first..first + n_rows {
        let random = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        writeln!(csv, "{},{}.{},{random}", row % 1000, random % 9973, random >> 50).unwrap();
    }
    csv
}

#[test]
fn threads_and_many_files_on_disk_do_not_show() {
    let csv = long_csv(0, 120_000);
    let plan = everything(Bins::from(BinRule::Fd));
    let expected = results(&csv, &plan, u64::MAX, 1);
    for (n_threads, bytes_max) in [(1, 0), (1, 1 << 20), (2, 1 << 16), (7, 0), (7, 1 << 22)] {
        let found = results(&csv, &plan, bytes_max, n_threads);
        assert!(
            found == expected,
            "{n_threads} threads, {bytes_max} bytes: {found}, not {expected}"
        );
    }
}

/// The inputs of a table share the memory: with the first in memory the next go to files, and together they are one.
#[test]
fn several_inputs_share_the_memory() {
    let plan = everything(Bins::count(10).unwrap());
    let expected = results(&long_csv(0, 60_000), &plan, u64::MAX, 2);
    for bytes_max in [0, 3 * 20_000 * 40, u64::MAX] {
        let memory = Memory::new(bytes_max);
        let mut parts =
            (0..3).map(|part| scan(&long_csv(part * 20_000, 20_000), &plan, &memory, 2));
        let mut whole = parts.next().unwrap();
        parts.for_each(|part| whole.merge(part).unwrap());
        assert!(finalized(&whole, &plan) == expected, "{bytes_max} bytes");
    }
}

#[test]
fn a_partial_with_values_in_a_file_has_no_bytes() {
    let plan = Plan::new([Statistic::Median]);
    let table = scan("x\n1\n2\n", &plan, &Memory::new(0), 1);
    assert_eq!(table.columns[0].partial.to_bytes().unwrap_err().code(), "partial.too_large");
    let table = scan("x\n1\n2\n", &plan, &Memory::default(), 1);
    assert!(table.columns[0].partial.to_bytes().is_ok());
    // A plan that keeps no values needs no memory for them.
    let table = scan("x\n1\n2\n", &Plan::default(), &Memory::new(0), 1);
    assert!(table.columns[0].partial.to_bytes().is_ok());
}

/// What groups keep stays in memory, and so it has to fit: the middle of few values does, of many not, and sums take none.
#[test]
fn groups_that_keep_too_many_values_are_an_error() {
    let csv = long_csv(0, 20_000);
    let scan = |statistic, bytes_max| {
        let by = vec!["id".to_owned()];
        let options = ScanOptions { memory: Memory::new(bytes_max), by, ..ScanOptions::default() };
        scan_csv(csv.as_bytes(), &options, &Plan::new([statistic])).map(|table| table.rows)
    };
    let error = scan(Statistic::Median, 2 * 20_000 * 8 - 1).unwrap_err();
    assert_eq!(error.code(), "memory.exceeded");
    assert_eq!(scan(Statistic::Median, 2 * 20_000 * 8).unwrap(), 20_000);
    assert_eq!(scan(Statistic::Mean, 0).unwrap(), 20_000);
}
