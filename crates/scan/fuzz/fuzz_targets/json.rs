//! Any bytes as JSON, an array or a record a line, read at once and in pieces: no panic, one outcome, counts that add
//! up, and the same records as for serde_json. The first bytes choose the options and the size of the pieces.

#![no_main]

use exacta::{Nonfinite, Plan, Statistic};
use exacta_scan::{Error, Invalid, ScanOptions, Table, scan_json, scan_ndjson};
use exacta_scan_fuzz::{Pieces, outcome};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some((&[switches, size], bytes)) = data.split_first_chunk() else { return };
    let is_on = |bit: u8| switches >> bit & 1 == 1;
    let options = ScanOptions {
        columns: if is_on(0) { vec!["a.b".to_owned(), "1".to_owned()] } else { Vec::new() },
        invalid: if is_on(1) { Invalid::Count } else { Invalid::Text },
        null: if is_on(2) { vec!["NA".to_owned(), "1".to_owned()] } else { Vec::new() },
        ..ScanOptions::default()
    };
    let policy = if is_on(3) { Nonfinite::Reject } else { Nonfinite::Propagate };
    let plan = Plan::new([Statistic::SumSquares, Statistic::Median]).with_nonfinite(policy);
    let pieces = Pieces { bytes, size: usize::from(size) + 1 };
    let (whole, cut) = if is_on(4) {
        (scan_ndjson(bytes, &options, &plan), scan_ndjson(pieces, &options, &plan))
    } else {
        (scan_json(bytes, &options, &plan), scan_json(pieces, &options, &plan))
    };
    if !is_on(4) && options.columns.is_empty() {
        compare(&whole, bytes);
    }
    assert_eq!(outcome(cut, bytes), outcome(whole, bytes));
});

/// Compares with what serde_json makes of an array. It knows neither limits nor tables.
fn compare(result: &Result<Table, Error>, bytes: &[u8]) {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match (result, serde_json::from_slice::<Value>(text)) {
        (Ok(table), Ok(Value::Array(records))) => assert_eq!(table.rows, records.len() as u64),
        (Ok(_), Ok(value)) => panic!("{value} is no array"),
        (Ok(_), Err(error)) => {
            let text = error.to_string();
            let is_limit = text.starts_with("number out of range") || text.starts_with("recursion");
            assert!(is_limit, "{text}");
        }
        (Err(error), Ok(value)) => {
            let is_ours = matches!(error.code(), "json.shape" | "json.ragged" | "json.duplicate");
            assert!(is_ours, "{error}: {value}");
        }
        (Err(_), Err(_)) => {}
    }
}
