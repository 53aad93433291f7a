//! However little memory the values may take, results have the bits that they have in memory without bound.

use std::{fmt::Write, num::NonZero};

use exacta::{BinRule, Bins, Nonfinite, Plan, Probability, Statistic};
use exacta_scan::{Column, Group, Input, Invalid, Memory, ScanOptions, Table, scan_csv};
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
fn a_partial_has_the_same_bytes_wherever_its_values_are() {
    for plan in [Plan::new([Statistic::Median]), Plan::default()] {
        let bytes = |memory: &Memory| {
            let table = scan("x\n2\n1\n2\n", &plan, memory, 1);
            table.columns[0].partial.to_bytes().unwrap()
        };
        assert_eq!(bytes(&Memory::new(0)), bytes(&Memory::default()));
    }
}

/// What is known of groups, as text in which NaN is itself.
fn groups(table: Table, plan: &Plan) -> Vec<String> {
    let column = |column: &Column| {
        format!("{} {:?} {:?}", column.name, column.kind, column.partial.finalize(plan))
    };
    let group = |group: Group| {
        let columns: Vec<_> = group.columns.iter().map(column).collect();
        format!("{:?} {} {columns:?}", group.by, group.rows)
    };
    table.groups.unwrap().into_groups().map(|it| group(it.unwrap())).collect()
}

fn scan_groups(csv: &str, plan: &Plan, memory: &Memory, n_threads: usize) -> Table {
    let by = vec!["k".to_owned()];
    let options = ScanOptions { memory: memory.clone(), by, ..ScanOptions::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
    pool.install(|| scan_csv(csv.as_bytes(), &options, plan)).unwrap()
}

/// Plans of which groups keep sums, powers, all values, and all values in order.
fn plans_of_groups() -> [Plan; 4] {
    [Statistic::Stddev, Statistic::Kurtosis, Statistic::Median, Statistic::Mode]
        .map(|statistic| Plan::new([statistic]))
}

proptest! {
    // Each case writes its groups to a file, batch by batch.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn little_memory_gives_the_same_groups(
        files in prop::collection::vec(
            prop::collection::vec(("[ab1]|1[.]0|", cell(), cell()), 0..60),
            1..4,
        ),
        n_threads in 1usize..3,
    ) {
        let csv = |rows: &Vec<(String, String, String)>, names: &str| {
            let rows = rows.iter().map(|(k, x, y)| format!("{k},{x},{y}\n"));
            format!("{names}\n{}", rows.collect::<String>())
        };
        // The columns of the files are not the same.
        let names = ["k,x,y", "k,y,x", "k,x,z"];
        let texts: Vec<_> = files.iter().zip(names).map(|(rows, names)| csv(rows, names)).collect();
        let whole = |plan: &Plan, bytes_max| {
            let memory = Memory::new(bytes_max);
            let mut tables = texts.iter().map(|text| scan_groups(text, plan, &memory, n_threads));
            let first = tables.next().unwrap();
            let whole = tables.fold(first, |mut whole, table| {
                whole.merge_flexible(table).unwrap();
                whole
            });
            groups(whole, plan)
        };
        for plan in plans_of_groups() {
            prop_assert_eq!(whole(&plan, 0), whole(&plan, u64::MAX));
        }
    }
}

/// Some groups keep so many values that these are worth a place of their own.
#[test]
fn large_groups_and_small_ones_on_disk_do_not_show() {
    let rows = (0..60_000u64).map(|row| {
        let random = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let key = if row % 3 == 0 { random % 2000 } else { random % 3 };
        format!("{key},{random}\n")
    });
    let csv = format!("k,x\n{}", rows.collect::<String>());
    for plan in plans_of_groups() {
        let expected = groups(scan_groups(&csv, &plan, &Memory::default(), 1), &plan);
        for (n_threads, bytes_max) in [(1, 0), (2, 1 << 17), (7, 1 << 20)] {
            let table = scan_groups(&csv, &plan, &Memory::new(bytes_max), n_threads);
            assert!(groups(table, &plan) == expected, "{n_threads} threads, {bytes_max} bytes");
        }
    }
}

#[test]
fn frequent_values_on_disk_do_not_show() {
    let csv = long_csv(0, 30_000);
    let top = |bytes_max, n_threads| {
        let (top, memory) = (NonZero::new(40), Memory::new(bytes_max));
        let options = ScanOptions { memory, top, ..ScanOptions::default() };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let table = pool.install(|| scan_csv(csv.as_bytes(), &options, &Plan::default())).unwrap();
        let tops = table.tops.unwrap();
        ["id", "part", "wide"].map(|name| tops.of(name).unwrap())
    };
    let expected = top(u64::MAX, 1);
    assert_eq!(expected.each_ref().map(Vec::len), [40; 3]);
    for (bytes_max, n_threads) in [(0, 1), (1 << 18, 2), (0, 7)] {
        assert_eq!(top(bytes_max, n_threads), expected, "{bytes_max} bytes, {n_threads} threads");
    }
}

/// Statistics of many columns that do not fit are refused before they are made.
#[test]
fn many_columns_need_the_memory_that_they_take() {
    let names: Vec<_> = (0..10_000).map(|column| format!("c{column}")).collect();
    let csv = names.join(",") + "\n";
    let member = |name: &String| format!("\"{name}\":1");
    let json = format!("{{{}}}", names.iter().map(member).collect::<Vec<_>>().join(","));
    for text in [csv, json] {
        let scan = |statistic, mebibytes: u64| {
            let memory = Memory::new(mebibytes << 20);
            let options = ScanOptions { memory, ..ScanOptions::default() };
            exacta_scan::scan(Input::stream(text.as_bytes()), &options, &Plan::new([statistic]))
        };
        let error = scan(Statistic::ApproxDistinct, 100).unwrap_err();
        assert_eq!(error.code(), "memory.columns");
        assert!(error.to_string().ends_with("or use memory=BYTES to allow more"), "{error}");
        assert_eq!(scan(Statistic::ApproxDistinct, 300).unwrap().columns.len(), names.len());
        assert_eq!(scan(Statistic::Sum, 100).unwrap().columns.len(), names.len());
    }
}
