//! Laws of groups: each is what its rows would be alone, whatever the spelling of the key, the order of rows, the
//! threads, and the division into files.

use std::collections::BTreeMap;

use exacta::{Nonfinite, Plan, Statistic};
use exacta_scan::{Column, Error, Group, Invalid, Kind, ScanOptions, Table, scan_csv, scan_ndjson};
use proptest::prelude::*;

/// Plans for sums alone, for a compact accumulator, and for more than that keeps.
fn plans() -> [Plan; 4] {
    let skewness = Plan::new([Statistic::Skewness, Statistic::ApproxDistinct]);
    let sum = Plan::new([Statistic::Sum]);
    [sum, Plan::default(), skewness, Plan::new([Statistic::Median, Statistic::Mean])]
}

fn by(names: &[&str]) -> ScanOptions {
    let by = names.iter().map(|name| (*name).to_owned()).collect();
    ScanOptions { by, ..ScanOptions::default() }
}

fn scan(csv: &str, options: &ScanOptions, plan: &Plan) -> Result<Table, Error> {
    scan_csv(csv.as_bytes(), options, plan)
}

fn groups(table: Table) -> Vec<Group> {
    table.groups.unwrap().into_groups().map(Result::unwrap).collect()
}

/// What is known of a group but for places, to compare: its key, and the kinds and bytes of its columns.
type Told = (Vec<Option<String>>, Vec<(Kind, Vec<u8>)>);

fn told(table: Table) -> Vec<Told> {
    let column = |column: Column| (column.kind, column.partial.to_bytes().unwrap());
    let columns = |group: Group| group.columns.into_iter().map(column).collect();
    groups(table).into_iter().map(|group| (group.by.clone(), columns(group))).collect()
}

/// The keys of one column in their order, for cells with a number each.
fn keys(cells: &[&str]) -> Vec<Option<String>> {
    let csv = cells.iter().fold("k,x\n".to_owned(), |csv, cell| csv + cell + ",1\n");
    let options = ScanOptions { null: vec!["NA".into()], ..by(&["k"]) };
    let table = scan(&csv, &options, &Plan::default()).unwrap();
    groups(table).into_iter().map(|mut group| group.by.remove(0)).collect()
}

#[test]
fn keys_are_numbers_by_value_then_texts_then_missing() {
    let cells = [
        "b",
        "10",
        "",
        "9",
        "1.50",
        "NA",
        "1e0",
        "1",
        "1.0",
        "-inf",
        "a b",
        "\"1.5\"",
        "A",
        "nan",
        "9007199254740993",
        "9007199254740992",
        " 9",
        "-0",
        "1e999",
        "inf",
    ];
    let expected = [
        "-inf",
        "0",
        "1",
        "1.5",
        "9",
        "10",
        "9007199254740992",
        "9007199254740993",
        "inf",
        "NaN",
        "1e999",
        "A",
        "a b",
        "b",
    ];
    let expected = expected.into_iter().map(|key| Some(key.to_owned())).chain([None]);
    assert_eq!(keys(&cells), expected.collect::<Vec<_>>());
}

#[test]
fn hostile_keys_are_themselves() {
    let long = "x".repeat(1 << 20);
    let texts = ["\"", "\n", "a\r\nb", "\u{7f}\u{1b}[1m", ",", "\\", "é\u{202e}", long.as_str()];
    let cells: Vec<_> =
        texts.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
    let mut expected: Vec<_> = texts.iter().map(|text| Some((*text).to_owned())).collect();
    expected.sort();
    assert_eq!(keys(&cells.iter().map(String::as_str).collect::<Vec<_>>()), expected);
}

#[test]
fn a_key_is_no_column_unless_it_is_named() {
    let csv = "k,x,y\n1,2,a\n1,3,b\n";
    let names = |options: &ScanOptions| {
        let table = scan(csv, options, &Plan::default()).unwrap();
        assert!(table.columns.is_empty());
        let groups = table.groups.unwrap();
        (groups.by().to_vec(), groups.columns().map(str::to_owned).collect::<Vec<_>>())
    };
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&by(&["k"])), (owned(&["k"]), owned(&["x", "y"])));
    let options = ScanOptions { columns: owned(&["x", "k"]), ..by(&["k", "y"]) };
    assert_eq!(names(&options), (owned(&["k", "y"]), owned(&["x", "k"])));
    let code = |options| scan(csv, &options, &Plan::default()).unwrap_err().code();
    assert_eq!(code(by(&["z"])), "column.unknown");
    assert_eq!(code(by(&["k", "k"])), "column.repeated");
}

#[test]
fn a_column_is_text_in_all_groups_or_in_none() {
    let csv = "k,x,y\na,1,1\nb,oops,2\na,2,3\n,,4\n";
    let table = scan(csv, &by(&["k"]), &Plan::default()).unwrap();
    let warning = table.warnings[0].to_string();
    assert!(warning.starts_with("line 3, column 3: column `x` is text"), "{warning}");
    for group in groups(table) {
        assert_eq!(group.columns[0].kind, Kind::Text);
        assert!(
            group.columns[0].first_invalid.is_some() && group.columns[1].first_invalid.is_none()
        );
    }
    let counted = ScanOptions { invalid: Invalid::Count, ..by(&["k"]) };
    let table = scan(csv, &counted, &Plan::default()).unwrap();
    let counts: Vec<_> =
        groups(table).iter().map(|group| *group.columns[0].partial.counts()).collect();
    assert_eq!(
        counts.iter().map(|it| (it.count, it.null, it.invalid)).collect::<Vec<_>>(),
        [(2, 0, 0), (0, 0, 1), (0, 1, 0)]
    );
}

#[test]
fn faults_in_groups_have_their_place() {
    let named = ScanOptions { columns: vec!["x".into()], ..by(&["k"]) };
    let error = scan("k,x\na,1\nb,oops\n", &named, &Plan::default()).unwrap_err();
    assert_eq!(
        (error.code(), error.place().unwrap().to_string()),
        ("column.text", "line 3, column 3".into())
    );
    let reject = Plan::default().with_nonfinite(Nonfinite::Reject);
    let error = scan("k,x\na,1\nb,inf\nb,nan\n", &by(&["k"]), &reject).unwrap_err();
    assert_eq!(
        (error.code(), error.place().unwrap().to_string()),
        ("value.nonfinite", "line 3, column 3".into())
    );
    assert!(scan("k,x\na,1\nb,inf\nb,text\n", &by(&["k"]), &reject).is_ok());
}

/// How a number or a text may be written as a key, and the key.
fn key() -> impl Strategy<Value = (String, Option<String>)> {
    let spelled = prop::sample::select(vec![
        ("1", "1"),
        ("1.0", "1"),
        ("+01", "1"),
        ("1e0", "1"),
        ("2.50", "2.5"),
        ("2.5", "2.5"),
        ("-0", "0"),
        ("0", "0"),
        ("a", "a"),
        ("b", "b"),
        ("\"a\"", "a"),
        ("9007199254740993", "9007199254740993"),
        ("9007199254740992", "9007199254740992"),
    ]);
    let spelled = spelled.prop_map(|(cell, key)| (cell.to_owned(), Some(key.to_owned())));
    prop_oneof![8 => spelled, 1 => Just((String::new(), None))]
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (-50i32..50).prop_map(|n| (f64::from(n) / 4.0).to_string()),
        2 => any::<f64>().prop_map(|x| format!("{x:e}").replace("NaN", "nan")),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        2 => Just(String::new()),
    ]
}

/// The key of a row, two cells of it, and those of two columns.
type Row = ([(String, Option<String>); 2], [String; 2]);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let text = prop_oneof![60 => cell(), 1 => Just("text".to_owned())];
    let row = ([key(), key()], cell(), text).prop_map(|(keys, x, y)| (keys, [x, y]));
    prop::collection::vec(row, 0..80)
}

fn line(([(k, _), (l, _)], [x, y]): &Row) -> String {
    format!("{k},{x},{l},{y}\n")
}

fn csv<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    rows.into_iter().fold("k,x,l,y\n".to_owned(), |csv, row| csv + &line(row))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_group_is_what_its_rows_are_alone(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        invalid in prop::sample::select(Invalid::ALL),
        cut: prop::sample::Index,
    ) {
        let options = ScanOptions { invalid, ..by(&["k", "l"]) };
        let mut alone: BTreeMap<Vec<Option<String>>, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            let key = row.0.iter().map(|(_, key)| key.clone()).collect();
            alone.entry(key).or_default().push(row);
        }
        for plan in plans() {
            let table = scan(&csv(&shuffled), &options, &plan).unwrap();
            prop_assert_eq!(table.rows, rows.len() as u64);
            let is_text = table.warnings.len() == 1;
            let found = groups(table);
            prop_assert_eq!(found.len(), alone.len());
            for group in &found {
                let counted = ScanOptions { invalid: Invalid::Count, ..ScanOptions::default() };
                let expected = scan(&csv(alone[&group.by].iter().copied()), &counted, &plan).unwrap();
                for (column, index) in group.columns.iter().zip([1, 3]) {
                    let expected = &expected.columns[index];
                    prop_assert_eq!(column.partial.counts(), expected.partial.counts());
                    if !(index == 3 && is_text) {
                        let (bytes, expected) = (column.partial.to_bytes(), expected.partial.to_bytes());
                        prop_assert_eq!(bytes.unwrap(), expected.unwrap());
                    }
                }
            }
            // Files as one table.
            let (left, right) = rows.split_at(cut.index(rows.len() + 1));
            let mut merged = scan(&csv(left), &options, &plan).unwrap();
            merged.merge(scan(&csv(right), &options, &plan).unwrap()).unwrap();
            prop_assert_eq!(told(merged), told(scan(&csv(&rows), &options, &plan).unwrap()));
        }
    }
}

/// More groups than a thread keeps to itself, in two columns and one.
fn many() -> String {
    let rows = (0..90_000u64).map(|row| {
        let key = row * 7919 % 70_001;
        format!("{key},{},{}.0,{row}\n", row % 7, key / 1000)
    });
    "k,x,l,y\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn threads_do_not_show_in_many_groups() {
    let csv = many();
    for (plan, names) in
        [(Plan::default(), &["l", "k"][..]), (Plan::new([Statistic::Median]), &["k"])]
    {
        let options = ScanOptions { columns: vec!["x".into()], ..by(names) };
        let tell = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            told(pool.install(|| scan(&csv, &options, &plan)).unwrap())
        };
        let alone = tell(1);
        assert!(alone.len() > 1 << 16);
        assert!(tell(7) == alone);
    }
}

#[test]
fn files_as_one_table_join_columns_by_name() {
    let plan = Plan::new([Statistic::Sum]);
    let mut table = scan("k,x,y\n1,2,3\n", &by(&["k"]), &plan).unwrap();
    table.merge(scan("y,k,x\n30,1.0,20\n5,2,7\n", &by(&["k"]), &plan).unwrap()).unwrap();
    let sums: Vec<Vec<f64>> = groups(table)
        .iter()
        .map(|group| {
            let sum = |column: &exacta_scan::Column| {
                column
                    .partial
                    .finalize(&plan)
                    .unwrap()
                    .get(Statistic::Sum)
                    .unwrap()
                    .finite()
                    .unwrap()
            };
            group.columns.iter().map(sum).collect()
        })
        .collect();
    assert_eq!(sums, [[22.0, 33.0], [7.0, 5.0]]);
    let mut table = scan("k,x\n1,2\n", &by(&["k"]), &plan).unwrap();
    let error = table.merge(scan("k,y\n1,2\n", &by(&["k"]), &plan).unwrap()).unwrap_err();
    assert_eq!(error.code(), "column.missing");
}

/// Columns that come late are missing before, in every group and every thread.
#[test]
fn a_column_that_comes_late_was_missing() {
    let n_rows = 90_000u32;
    let mut csv = "k,x,late\n".to_owned();
    let mut lines = String::new();
    for row in 0..n_rows {
        let (key, x) = (row % 70_000, row % 1000);
        let late = if row > n_rows / 2 && row % 3 == 0 { row.to_string() } else { String::new() };
        csv.extend([format!("{key},{x},{late}\n")]);
        let late = if late.is_empty() { late } else { format!(",\"late\":{late}") };
        lines.extend([format!("{{\"k\":{key},\"x\":{x}{late}}}\n")]);
    }
    for plan in [Plan::new([Statistic::Sum]), Plan::new([Statistic::Median])] {
        let expected = told(scan(&csv, &by(&["k"]), &plan).unwrap());
        for n_threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            let scan = || scan_ndjson(lines.as_bytes(), &by(&["k"]), &plan);
            assert!(told(pool.install(scan).unwrap()) == expected, "{n_threads} threads");
        }
    }
}
