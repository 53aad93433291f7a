//! Laws of the scan: a table that was written is read, whatever the quoting; and neither the cuts of the
//! reader, nor threads, nor the order of rows, nor the division into files change a bit.

use std::{
    fmt::Write,
    io::{self, Read},
};

use exacta::{Accumulator, Counts, Element, Plan, Statistic, Value};
use exacta_scan::{Column, Error, Invalid, Kind, ScanOptions, Table, scan_csv};
use proptest::prelude::*;

/// A reader that gives what it holds in pieces of the sizes told, over and over, and is interrupted
/// between them.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: std::iter::Cycle<std::slice::Iter<'a, usize>>,
    interrupted: bool,
}

impl<'a> Pieces<'a> {
    fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Self {
        Self { bytes, sizes: sizes.iter().cycle(), interrupted: false }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let size = (*self.sizes.next().unwrap()).min(buffer.len());
        self.bytes.read(&mut buffer[..size])
    }
}

/// A plan whose partials hold every value.
fn plan() -> Plan {
    Plan::new([Statistic::SumSquares, Statistic::Median])
}

/// All that a scan says, to compare.
fn outcome(result: Result<Table, Error>) -> Result<String, String> {
    let table = result.map_err(|error| format!("{error:?}"))?;
    let columns: Vec<_> = table
        .columns
        .into_iter()
        .map(|column| {
            let bytes = column.partial.to_bytes().unwrap();
            format!("{} {:?} {:?} {bytes:?}", column.name, column.kind, column.first_invalid)
        })
        .collect();
    Ok(format!("{} {columns:#?} {:?}", table.rows, table.warnings))
}

fn scan(bytes: &[u8]) -> Result<Table, Error> {
    scan_csv(bytes, &ScanOptions::default(), &plan())
}

/// What a cell is, and how it may be written.
#[derive(Clone, Debug)]
enum Meaning {
    Null,
    Number(Value),
    Text,
}

#[derive(Clone, Debug)]
struct Cell {
    text: String,
    meaning: Meaning,
    quoted: bool,
}

impl Cell {
    fn written(&self) -> String {
        if self.quoted || self.text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", self.text.replace('"', "\"\""))
        } else {
            self.text.clone()
        }
    }
}

fn cell() -> impl Strategy<Value = Cell> {
    let float = any::<f64>()
        .prop_filter("finite, for infinities are in `special`", |value| value.is_finite());
    let float = (float, any::<bool>()).prop_map(|(value, scientific)| {
        let text = if scientific { format!("{value:E}") } else { format!("{value:?}") };
        (text, Meaning::Number(value.into()))
    });
    let decimal = (-100_000i32..100_000).prop_map(|hundredths| {
        let text = format!("{:+}.{:02}", hundredths / 100, hundredths.abs() % 100);
        let value: f64 = text.parse().unwrap();
        (text, Meaning::Number(value.into()))
    });
    let integer = any::<i64>().prop_map(|value| (value.to_string(), Meaning::Number(value.into())));
    let unsigned =
        any::<u64>().prop_map(|value| (format!("00{value}"), Meaning::Number(value.into())));
    let special =
        prop::sample::select(vec![("nan", f64::NAN), ("-Inf", f64::NEG_INFINITY), ("-0", -0.0)])
            .prop_map(|(text, value)| (text.to_owned(), Meaning::Number(value.into())));
    let null = Just((String::new(), Meaning::Null));
    let text = "[a-z\",\r\n é]{0,5}x".prop_map(|text| (text, Meaning::Text));
    let cell = prop_oneof![
        12 => float, 12 => decimal, 6 => integer, 6 => unsigned, 3 => special, 6 => null, 1 => text
    ];
    (cell, any::<bool>()).prop_map(|((text, meaning), quoted)| Cell { text, meaning, quoted })
}

/// A table by rows, all of one length.
fn table() -> impl Strategy<Value = Vec<Vec<Cell>>> {
    (1usize..5).prop_flat_map(|n_columns| {
        prop::collection::vec(prop::collection::vec(cell(), n_columns), 0..30)
    })
}

/// The lines of a table without a header, each with its end.
fn lines(rows: &[Vec<Cell>], line_ends: &[&str]) -> Vec<String> {
    let cells = |row: &Vec<Cell>| row.iter().map(Cell::written).collect::<Vec<_>>().join(",");
    rows.iter().zip(line_ends.iter().cycle()).map(|(row, end)| cells(row) + end).collect()
}

/// A header of distinct names, some of which want quotes.
fn header(n_columns: usize) -> String {
    let names = ["first", "\"se,cond\"", "\"th\"\"ird\"", "four th"];
    names[..n_columns].join(",") + "\n"
}

fn width(rows: &[Vec<Cell>]) -> usize {
    rows.first().map_or(1, Vec::len)
}

/// What the kernel makes of a column of cells.
fn accumulated<'a>(cells: impl Iterator<Item = &'a Cell>) -> (Counts, Vec<u8>) {
    let mut accumulator = Accumulator::new(&plan());
    for cell in cells {
        match cell.meaning {
            Meaning::Null => accumulator.push_null(),
            Meaning::Number(value) => accumulator.push(value).unwrap(),
            Meaning::Text => accumulator.push_invalid(),
        }
    }
    (*accumulator.counts(), accumulator.into_partial().to_bytes().unwrap())
}

fn line_ends() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["\n", "\r\n"]), 1..5)
}

proptest! {
    #[test]
    fn a_table_that_was_written_is_read(
        rows in table(),
        line_ends in line_ends(),
        marked: bool,
        invalid in prop::sample::select(Invalid::ALL),
        sizes in prop::collection::vec(1usize..50, 1..5),
    ) {
        let mark = if marked { "\u{feff}" } else { "" };
        let csv = format!("{mark}{}{}", header(width(&rows)), lines(&rows, &line_ends).concat());
        let options = ScanOptions { invalid, ..ScanOptions::default() };
        let table = scan_csv(Pieces::new(csv.as_bytes(), &sizes), &options, &plan()).unwrap();
        prop_assert_eq!(table.rows, rows.len() as u64);
        prop_assert_eq!(table.columns.len(), width(&rows));
        for (index, column) in table.columns.iter().enumerate() {
            let (counts, bytes) = accumulated(rows.iter().map(|row| &row[index]));
            prop_assert_eq!(column.partial.counts(), &counts);
            prop_assert_eq!(column.first_invalid.is_some(), counts.invalid > 0);
            if invalid == Invalid::Text && counts.invalid > 0 {
                prop_assert_eq!(column.kind, Kind::Text);
            } else {
                prop_assert_eq!(column.kind, Kind::Number);
                prop_assert_eq!(column.partial.to_bytes().unwrap(), bytes);
            }
        }
    }

    #[test]
    fn the_order_of_rows_does_not_show(
        (rows, shuffled) in table().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let scan = |rows: &[Vec<Cell>]| {
            let table = scan((header(width(rows)) + &lines(rows, &["\n"]).concat()).as_bytes()).unwrap();
            let partials = table.columns.into_iter().map(|column| column.partial.to_bytes().unwrap());
            partials.collect::<Vec<_>>()
        };
        prop_assert_eq!(scan(&rows), scan(&shuffled));
    }

    #[test]
    fn the_division_into_files_does_not_show(rows in table(), cut: prop::sample::Index) {
        let header = header(width(&rows));
        let lines = lines(&rows, &["\n"]);
        let (left, right) = lines.split_at(cut.index(lines.len() + 1));
        let scan = |lines: &[String]| scan((header.clone() + &lines.concat()).as_bytes()).unwrap();
        let mut merged = scan(left);
        merged.merge(scan(right)).unwrap();
        let whole = scan(&lines);
        prop_assert_eq!(merged.rows, whole.rows);
        prop_assert_eq!(merged.warnings.len(), whole.warnings.len());
        for (merged, whole) in merged.columns.into_iter().zip(whole.columns) {
            prop_assert_eq!(merged.kind, whole.kind);
            prop_assert_eq!(merged.partial.to_bytes().unwrap(), whole.partial.to_bytes().unwrap());
        }
    }

    #[test]
    fn hostile_bytes_give_one_outcome_however_they_come(
        bytes in prop::collection::vec(prop_oneof![
            8 => prop::sample::select(b"\",\n\r1.5e-+ax".to_vec()),
            1 => any::<u8>(),
        ], 0..200),
        sizes in prop::collection::vec(1usize..50, 1..5),
    ) {
        let pieces = scan_csv(Pieces::new(&bytes, &sizes), &ScanOptions::default(), &plan());
        prop_assert_eq!(outcome(pieces), outcome(scan(&bytes)));
    }
}

/// Enough rows for several chunks and blocks, of lengths that put the cuts everywhere; and the values of its
/// first two columns.
fn long_csv() -> (String, Vec<f64>, Vec<u64>) {
    let integers: Vec<u64> =
        (0..100_000u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    let floats: Vec<f64> =
        integers.iter().map(|integer| f64::from_bits(*integer).clamp(-1e300, 1e300)).collect();
    let mut csv = String::from("x,y,z\r\n");
    for (number, (float, integer)) in floats.iter().zip(&integers).enumerate() {
        let text = "a,".repeat(number % 40);
        write!(csv, "{float:?},{integer},\"{text}\n\"\"\"\r\n").unwrap();
    }
    (csv, floats, integers)
}

fn check_values<T: Element>(column: &Column, values: &[T]) {
    let mut accumulator = Accumulator::new(&plan());
    accumulator.update(values).unwrap();
    let expected = accumulator.into_partial().to_bytes().unwrap();
    assert!(column.partial.to_bytes().unwrap() == expected, "{}", column.name);
}

#[test]
fn chunks_threads_and_cuts_do_not_show() {
    let (csv, floats, integers) = long_csv();
    let table = scan(csv.as_bytes()).unwrap();
    check_values(&table.columns[0], &floats);
    check_values(&table.columns[1], &integers);
    let alone = outcome(Ok(table));
    for (n_threads, size) in [(1, 1), (2, 4095), (7, 1 << 20)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let pieces = Pieces::new(csv.as_bytes(), std::slice::from_ref(&size));
        let table = pool.install(|| scan_csv(pieces, &ScanOptions::default(), &plan()));
        assert!(outcome(table) == alone, "{n_threads} threads, {size} bytes a read");
    }
}
