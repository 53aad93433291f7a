//! Any bytes as a CSV, read at once and in pieces: no panic, one outcome, and counts that add up; what is read, the
//! `csv` crate reads alike. The first bytes choose the options and the size of the pieces.

#![no_main]

use exacta::{Nonfinite, Plan, Statistic};
use exacta_scan::{COLUMNS_MAX, Invalid, ScanOptions, Table, scan_csv};
use exacta_scan_fuzz::{Pieces, outcome};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[switches, delimiter, size], bytes)) = data.split_first_chunk() else { return };
    let is_on = |bit: u8| switches >> bit & 1 == 1;
    let options = ScanOptions {
        delimiter: if is_on(0) { delimiter } else { b',' },
        comment: if is_on(7) { Some(b'#') } else { None },
        flexible: is_on(7) && is_on(6),
        headers: is_on(1),
        columns: if is_on(2) { vec!["1".to_owned(), "x".to_owned()] } else { Vec::new() },
        columns_max: if is_on(6) { 2 } else { COLUMNS_MAX },
        invalid: if is_on(3) { Invalid::Count } else { Invalid::Text },
        null: if is_on(4) { vec!["NA".to_owned(), "\"".to_owned()] } else { Vec::new() },
        ..ScanOptions::default()
    };
    let policy = if is_on(5) { Nonfinite::Reject } else { Nonfinite::Propagate };
    let plan = Plan::new([Statistic::SumSquares, Statistic::Median]).with_nonfinite(policy);
    let pieces = Pieces { bytes, size: usize::from(size) + 1 };
    let whole = scan_csv(bytes, &options, &plan);
    if let Ok(table) = &whole
        && options.comment.is_none()
        && options.columns.is_empty()
        && table.columns.len() > 1
    {
        check_shape(table, &options, bytes);
    }
    let whole = outcome(whole, bytes);
    assert_eq!(outcome(scan_csv(pieces, &options, &plan), bytes), whole);
});

/// Compares names and rows of a table of several columns with those that the `csv` crate finds. It takes more: quotes
/// inside unquoted cells, lone carriage returns, bytes that are no text.
fn check_shape(table: &Table, options: &ScanOptions, bytes: &[u8]) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(options.delimiter)
        .has_headers(options.headers)
        .flexible(options.flexible)
        .from_reader(bytes);
    if options.headers {
        let names = table.columns.iter().map(|column| column.name.as_str());
        assert!(reader.headers().expect("it was read").iter().eq(names));
    }
    let n_rows = reader.records().map(|row| row.expect("it was read")).count();
    assert_eq!(n_rows as u64, table.rows);
}
