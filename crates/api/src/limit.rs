//! The limits on a request, each written in the document and enforced alike.
//!
//! The limit on a body's size is not here: it belongs to the server's configuration.

use exacta::{Bins, Plan};

use crate::column::ColumnSummary;
use crate::error::Error;

/// Columns in one request.
pub const COLUMNS_MAX: usize = 10_000;

/// Characters (Unicode code points) in a column's name.
pub const NAME_CHARS_MAX: usize = 1_024;

/// Statistics in one plan, repetitions included.
pub const STATISTICS_MAX: usize = 64;

/// Quantiles and bins in one answer, over all columns.
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
/// When all columns together would have more than [`RESULTS_MAX`] quantiles and bins. A rule says how many
/// bins there are only when it has seen the data: see [`check_columns`].
pub fn check_results(n_columns: usize, plan: &Plan) -> Result<(), Error> {
    let n_bins = plan.bins().and_then(Bins::n_bins).unwrap_or(0);
    let n_quantiles = plan.quantiles().len() + plan.approx_quantiles().len();
    check_len(n_columns.saturating_mul(n_quantiles.saturating_add(n_bins)))
}

/// Collects the columns of an answer, as long as it does not grow far beyond its question.
///
/// # Errors
/// Those of the columns, and when they have more than [`RESULTS_MAX`] quantiles and bins together.
pub fn check_columns<E: From<Error>>(
    columns: impl Iterator<Item = Result<ColumnSummary, E>>,
) -> Result<Vec<ColumnSummary>, E> {
    let mut len = 0;
    let check = |column: Result<ColumnSummary, E>| {
        let column = column?;
        len += column.n_results();
        check_len(len)?;
        Ok(column)
    };
    columns.map(check).collect()
}

fn check_len(len: usize) -> Result<(), Error> {
    if len > RESULTS_MAX { Err(Error::ResultsTooMany { len }) } else { Ok(()) }
}
