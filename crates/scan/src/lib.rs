//! Files and byte streams, scanned into the accumulators of [`exacta`]: bytes become records, records
//! become columns, and every column ends as a partial. Here is how text is written and what it means;
//! what is computed from the numbers is the business of `exacta`, and where the bytes come from is the
//! caller's.

mod cell;
mod columns;
mod csv;
mod error;
#[cfg(test)]
mod oracle;
mod place;
mod table;
mod warning;

pub use csv::{COLUMNS_MAX, CsvOptions, Invalid, RECORD_BYTES_MAX, scan_csv};
pub use error::{Error, Excerpt};
pub use place::Place;
pub use table::{Column, Kind, Table};
pub use warning::Warning;
