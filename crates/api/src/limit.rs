//! The limits on a request, each written in the document and enforced alike.
//!
//! The limit on a body's size is not here: it belongs to the server's configuration.

/// Columns in one request.
pub const COLUMNS_MAX: usize = 10_000;

/// Characters (Unicode code points) in a column's name.
pub const NAME_CHARS_MAX: usize = 1_024;

/// Statistics in one plan, repetitions included.
pub const STATISTICS_MAX: usize = 64;

/// Quantiles in one plan, repetitions included.
pub const QUANTILES_MAX: usize = 1_000;

/// The largest integer that every JSON reader keeps: 2^53 − 1.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
