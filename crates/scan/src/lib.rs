//! Files and byte streams, scanned into the accumulators of [`exacta`]: bytes become records, records
//! become columns, and every column ends as a partial. Here is how text is written and what it means;
//! what is computed from the numbers is the business of `exacta`, and where the bytes come from is the
//! caller's.

mod absent;
mod arch;
mod arrays;
#[cfg(feature = "arrow")]
mod arrow;
mod batch;
mod blocks;
mod cell;
mod compression;
mod csv;
mod element;
mod error;
mod filter;
mod format;
mod front;
mod grouped;
mod input;
mod json;
mod layout;
mod literals;
mod memory;
mod nearest;
mod npy;
#[cfg(feature = "compression")]
mod npz;
mod number;
mod options;
#[cfg(test)]
mod oracle;
mod parallel;
#[cfg(feature = "parquet")]
mod parquet;
mod partials;
mod place;
mod raw;
mod rows;
mod sink;
mod spill;
mod table;
mod warning;
mod watch;

pub use absent::{Lacked, Lacking};
pub(crate) use batch::Batch;
pub use compression::Compression;
pub use csv::{COLUMNS_MAX, RECORD_BYTES_MAX, scan_csv};
pub use element::Element;
pub use error::{Error, Excerpt};
pub use filter::{Filter, quoted};
pub use format::Format;
pub use front::{detect, scan, scan_as};
pub use grouped::{Group, Grouped};
pub use input::Input;
pub use json::{JsonError, JsonFault, JsonKind, JsonReader, scan_json, scan_ndjson};
pub use memory::Memory;
pub use nearest::nearest;
pub use options::{Invalid, ScanOptions};
pub use place::Place;
pub use sink::Tops;
pub use table::{Column, Kind, Pair, Table, Weighted};
pub use warning::Warning;
pub use watch::{Progress, Watch};
