//! Laws of JSON: what `serde_json` reads is read here with the same values, and what it refuses is refused; and a table
//! has the same bits as CSV, as NDJSON and as a JSON array, whatever the threads and the cuts of the reader.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{self, Read};

use exacta::{Accumulator, Plan, Statistic, Value as Number};
use exacta_scan::{Error, Invalid, ScanOptions, Table, scan_csv, scan_json, scan_ndjson};
use proptest::prelude::*;
use serde_json::Value;

/// A plan whose partials hold every value.
fn plan() -> Plan {
    Plan::new([Statistic::SumSquares, Statistic::Median])
}

/// Columns that keep their numbers beside other cells.
fn options() -> ScanOptions {
    ScanOptions { invalid: Invalid::Count, ..ScanOptions::default() }
}

/// The columns of a table: names and partials.
fn columns(table: Table) -> Vec<(String, Vec<u8>)> {
    let columns = table.columns.into_iter();
    columns.map(|column| (column.name, column.partial.to_bytes().unwrap())).collect()
}

/// A reader that gives what it holds in pieces of one size.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.1.min(buffer.len());
        self.0.read(&mut buffer[..n_bytes])
    }
}

/// What `serde_json` makes of records: cells by column and row, in the order of their appearance.
#[derive(Default)]
struct Oracle {
    names: Vec<String>,
    cells: BTreeMap<String, BTreeMap<usize, Value>>,
    twice: bool,
}

impl Oracle {
    fn take(&mut self, row: usize, name: String, value: &Value) {
        let Value::Object(members) = value else {
            if !self.cells.contains_key(&name) {
                self.names.push(name.clone());
            }
            let cells = self.cells.entry(name).or_default();
            self.twice |= cells.insert(row, value.clone()).is_some();
            return;
        };
        for (member, value) in members {
            self.take(row, format!("{name}.{member}"), value);
        }
    }

    fn columns(&self, n_rows: usize) -> Vec<(String, Vec<u8>)> {
        let column = |name: &String| {
            let mut accumulator = Accumulator::new(&plan());
            for row in 0..n_rows {
                match self.cells[name].get(&row) {
                    None | Some(Value::Null) => accumulator.push_null(),
                    Some(Value::Number(number)) => accumulator.push(value_of(number)).unwrap(),
                    Some(_) => accumulator.push_invalid(),
                }
            }
            (name[1..].to_owned(), accumulator.into_partial().to_bytes().unwrap())
        };
        self.names.iter().map(column).collect()
    }
}

fn value_of(number: &serde_json::Number) -> Number {
    let signed = number.as_i64().map(Number::from);
    let unsigned = number.as_u64().map(Number::from);
    signed.or(unsigned).unwrap_or_else(|| number.as_f64().unwrap().into())
}

/// JSON in which now and then something is wrong.
fn json_like() -> impl Strategy<Value = String> {
    let scalars = [
        "null",
        "true",
        "0",
        "-0",
        "12",
        "-3.25e2",
        "1E+2",
        "0.1",
        "9007199254740993",
        "-9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890.5",
        "5e-324",
        "\"\"",
        "\"a\\n\\u00e9\\\\\\\"\"",
        "\"\\ud83d\\ude00\"",
        "\"😀 x\"",
        "[]",
        "{}",
    ];
    let broken = [
        "01",
        "1.",
        "-",
        ".5",
        "nul",
        "NaN",
        "\"\\ud800\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\t\"",
        "\"",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\"}",
        "[1 2]",
        "}",
        "1e",
        "+1",
        "\u{1}",
        "{,}",
        "\"\\ude00\\ud83d\"",
    ];
    let name = || {
        prop::sample::select(vec![
            "a",
            "b",
            "\\u0061",
            "c.d",
            "é",
            "",
            "a name of more than eight bytes",
        ])
    };
    let space = || prop::sample::select(vec!["", "", "", " ", "\n", "\t\r\n  "]);
    let leaf = prop_oneof![
        60 => prop::sample::select(scalars.to_vec()),
        1 => prop::sample::select(broken.to_vec()),
    ];
    leaf.prop_map(str::to_owned).prop_recursive(4, 40, 6, move |inner| {
        let member = (space(), name(), inner.clone())
            .prop_map(|(space, name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"));
        prop_oneof![
            3 => prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            1 => prop::collection::vec((space(), inner), 0..6).prop_map(|values| {
                let values: Vec<_> = values.into_iter().map(|(space, value)| value + space).collect();
                format!("[{}]", values.join(","))
            }),
        ]
    })
}

/// The kind of a record, as far as kinds must not mix.
fn kind(value: &Value) -> usize {
    match value {
        Value::Object(_) => 0,
        Value::Array(values) => 1 + values.len(),
        _ => usize::MAX,
    }
}

/// Compares with `serde_json` what is made of an array.
fn check_array(text: &str) {
    let result = scan_json(text.as_bytes(), &options(), &plan());
    let values = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(values)) => values,
        Ok(_) => {
            assert_eq!(result.unwrap_err().code(), "json.shape", "{text}");
            return;
        }
        Err(error) => {
            // One beyond binary64 is a cell that is no number here, and no fault of the file.
            let is_fault = !error.to_string().starts_with("number out of range");
            assert!(result.is_err() || !is_fault, "{error}: {text}");
            return;
        }
    };
    let mut oracle = Oracle::default();
    for (row, value) in values.iter().enumerate() {
        match value {
            Value::Object(members) => {
                members
                    .iter()
                    .for_each(|(name, value)| oracle.take(row, format!(".{name}"), value));
            }
            Value::Array(cells) => cells
                .iter()
                .enumerate()
                .for_each(|(index, value)| oracle.take(row, format!(".{}", index + 1), value)),
            value => oracle.take(row, ".1".to_owned(), value),
        }
    }
    let mixed = values.windows(2).any(|pair| kind(&pair[0]) != kind(&pair[1]));
    match result {
        Ok(table) => {
            assert!(!mixed && !oracle.twice, "{text}");
            assert_eq!(table.rows, values.len() as u64);
            assert_eq!(columns(table), oracle.columns(values.len()), "{text}");
        }
        // serde_json takes the last of several members with one name, and does not know dots for paths.
        Err(error) => {
            let is_ours = matches!(error.code(), "json.shape" | "json.ragged") && mixed
                || error.code() == "json.duplicate";
            assert!(is_ours, "{error}: {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_array_is_what_serde_json_reads(values in prop::collection::vec(json_like(), 0..5)) {
        check_array(&format!("[{}]", values.join(",")));
    }

    #[test]
    fn mutated_bytes_are_read_or_refused_as_by_serde_json(
        values in prop::collection::vec(json_like(), 1..3),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[\\x00-\\x7f]|é"), 1..3),
    ) {
        let mut text: Vec<char> = format!("[{}]", values.join(",")).chars().collect();
        for (index, new) in changes {
            let index = index.index(text.len());
            text[index] = new.chars().next().unwrap();
        }
        check_array(&text.into_iter().collect::<String>());
    }
}

/// A number as text, the same in CSV and JSON; or nothing.
fn cell() -> impl Strategy<Value = String> {
    let finite = any::<f64>().prop_filter("JSON has no others", |value| value.is_finite());
    prop_oneof![
        finite.prop_map(|value| format!("{value:?}")),
        (-100_000i32..100_000)
            .prop_map(|hundredths| format!("{:?}", f64::from(hundredths) / 100.0)),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<u64>().prop_map(|value| value.to_string()),
        Just(String::new()),
    ]
}

const NAMES: [&str; 4] = ["first", "second", "third", "four th"];

/// A row as an object; a member that is missing is absent or null.
fn object(row: usize, cells: &[String]) -> String {
    let mut members = Vec::new();
    for (name, cell) in NAMES.iter().zip(cells) {
        match cell.as_str() {
            "" if row % 2 == 1 => {}
            "" => members.push(format!("\"{name}\": null")),
            cell => members.push(format!("\"{name}\":{cell}")),
        }
    }
    format!("{{{}}}", members.join(", "))
}

fn in_threads<T: Send>(n_threads: usize, scan: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap().install(scan)
}

/// The columns of a result, by name: the order is that of appearance.
fn by_name(result: Result<Table, Error>) -> BTreeMap<String, Vec<u8>> {
    columns(result.unwrap()).into_iter().collect()
}

proptest! {
    #[test]
    fn a_table_is_the_same_in_every_format(
        rows in (1usize..5).prop_flat_map(|n| prop::collection::vec(prop::collection::vec(cell(), n), 1..30)),
        size in 1usize..50,
        n_threads in prop::sample::select(vec![1, 2, 7]),
    ) {
        let mut csv = NAMES[..rows[0].len()].join(",") + "\n";
        rows.iter().for_each(|row| csv += &(format!("\"{}\"", row.join("\",\"")) + "\n"));
        let objects: Vec<_> = rows.iter().enumerate().map(|(row, cells)| object(row, cells)).collect();
        let (lines, array) = (objects.join("\n"), format!("[\n{}\n]", objects.join(",\n")));
        let expected = by_name(scan_csv(csv.as_bytes(), &options(), &plan()));
        for (is_array, text) in [(false, lines), (true, array)] {
            let pieces = Pieces(text.as_bytes(), size);
            let scan = if is_array { scan_json } else { scan_ndjson };
            let mut found = by_name(in_threads(n_threads, || scan(pieces, &options(), &plan())));
            // A column without a value in an odd row alone appears nowhere.
            for name in expected.keys().filter(|name| !text.contains(*name)) {
                found.insert(name.clone(), expected[name].clone());
            }
            prop_assert_eq!(&found, &expected);
        }
    }
}

/// Rows for many blocks, with members that come late and leave again.
fn long_lines() -> Vec<String> {
    let line = |row: u64| {
        let bits = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut line = format!(
            "{{\"x\":{:?},\"s\":\"{}\\\"[\"",
            bits as f64 / 7.0,
            "y,".repeat(row as usize % 40)
        );
        if row >= 30_000 {
            write!(line, ",\"late{}\":{bits}", row / 10_000).unwrap();
        }
        line + ",\"o\":{\"n\":[1,2]," + &format!("\"i\":{row}}}}}")
    };
    (0..60_000).map(line).collect()
}

#[test]
fn threads_and_cuts_do_not_show() {
    let lines = long_lines();
    let (ndjson, array) = (lines.join("\n"), format!("[{}]", lines.join(",")));
    let expected = columns(scan_ndjson(ndjson.as_bytes(), &options(), &plan()).unwrap());
    let names: Vec<_> = expected.iter().map(|column| column.0.as_str()).collect();
    assert_eq!(names, ["x", "s", "o.n", "o.i", "late3", "late4", "late5"]);
    for (n_threads, size) in [(1, 1 << 20), (2, 4095), (7, 100_000)] {
        let scan = || scan_ndjson(Pieces(ndjson.as_bytes(), size), &options(), &plan());
        assert!(columns(in_threads(n_threads, scan).unwrap()) == expected, "{n_threads} threads");
        let scan = || scan_json(Pieces(array.as_bytes(), size), &options(), &plan());
        assert!(columns(in_threads(n_threads, scan).unwrap()) == expected, "{n_threads} threads");
    }
}

#[test]
fn a_real_file_has_the_same_bits_as_json() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/seattle-weather.csv");
    let csv = std::fs::read_to_string(path).unwrap();
    let mut lines = csv.lines().map(|line| line.split(','));
    let names: Vec<_> = lines.next().unwrap().collect();
    let member = |(name, cell): (&&str, &str)| match cell.parse::<f64>() {
        Ok(_) => format!("\"{name}\":{cell}"),
        Err(_) => format!("\"{name}\":\"{cell}\""),
    };
    let record = |cells| {
        names.iter().zip::<std::str::Split<'_, char>>(cells).map(member).collect::<Vec<_>>()
    };
    let records: Vec<_> = lines.map(|cells| format!("{{{}}}", record(cells).join(","))).collect();
    let expected = columns(scan_csv(csv.as_bytes(), &options(), &plan()).unwrap());
    let ndjson = records.join("\n");
    assert!(columns(scan_ndjson(ndjson.as_bytes(), &options(), &plan()).unwrap()) == expected);
    let array = format!("[{}]", records.join(","));
    assert!(columns(scan_json(array.as_bytes(), &options(), &plan()).unwrap()) == expected);
}
