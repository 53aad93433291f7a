//! Any bytes as Parquet: no panic, no memory beyond what a share may take, counts that add up. Its seeds are twenty rows with
//! a text, a struct and a list, as Polars writes them with each compression.

#![no_main]

use std::io::Cursor;

use exacta::{Plan, Statistic};
use exacta_scan::{Format, Input, ScanOptions, scan};
use exacta_scan_fuzz::outcome;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((switches, bytes)) = data.split_first() else { return };
    let options = ScanOptions {
        format: Some(Format::Parquet),
        batch_bytes_max: 16 << 20,
        by: if switches & 1 == 1 { vec!["g".to_owned()] } else { Vec::new() },
        ..ScanOptions::default()
    };
    let plan = Plan::new([Statistic::Sum, Statistic::Min]);
    let whole = scan(Input::stream(Cursor::new(bytes)), &options, &plan);
    outcome(whole, bytes);
});
