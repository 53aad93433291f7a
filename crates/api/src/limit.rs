//! The limits on a request, each written in the document and enforced alike.
//!
//! The limit on a body's size is not here: it belongs to the server's configuration.

use crate::error::Error;

/// Columns in one request.
pub const COLUMNS_MAX: usize = 10_000;

/// Characters (Unicode code points) in a column's name.
pub const NAME_CHARS_MAX: usize = 1_024;

/// Statistics in one plan, repetitions included.
pub const STATISTICS_MAX: usize = 64;

/// Quantiles in one answer, over all columns.
pub const RESULTS_MAX: usize = 100_000;

/// Quantiles in one plan, repetitions included.
pub const QUANTILES_MAX: usize = 1_000;

/// Jobs on one page.
pub const JOBS_MAX: usize = 1_000;

/// Characters in a page token.
pub const PAGE_TOKEN_CHARS_MAX: usize = 64;

/// The largest integer that every JSON reader keeps: 2^53 − 1.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Refuses an answer that would be far larger than its question.
///
/// # Errors
/// When all columns together would have more than [`RESULTS_MAX`] quantiles.
pub fn check_results(n_columns: usize, n_quantiles: usize) -> Result<(), Error> {
    let len = n_columns.saturating_mul(n_quantiles);
    if len > RESULTS_MAX { Err(Error::ResultsTooMany { len }) } else { Ok(()) }
}
