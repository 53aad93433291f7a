//! The limits on a request, each written in the document and enforced alike.
//!
//! The limit on a body's size is not here: it belongs to the server's configuration.

use exacta::{BinRule, Bins, Plan};

use crate::column::ColumnSummary;
use crate::error::Error;

/// Columns in one request.
pub const COLUMNS_MAX: usize = 10_000;

/// Characters (Unicode code points) in a column's name.
pub const NAME_CHARS_MAX: usize = 1_024;

/// Statistics in one plan, repetitions included.
pub const STATISTICS_MAX: usize = 64;

/// Results in one answer, over all columns: a quantile and a bin are one each, an exact value is one for every
/// [`RESULT_DIGITS`] of its digits.
pub const RESULTS_MAX: usize = 100_000;

/// How many digits of an exact value count as one result.
pub const RESULT_DIGITS: usize = 16;

/// What the rule `stone` counts for, which tries thousands of bins to choose a few.
const STONE_RESULTS: usize = 1_000;

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
/// When all columns together would have more than [`RESULTS_MAX`] results. A rule says how many
/// bins there are only when it has seen the data: see [`check_columns`].
pub fn check_results(n_columns: usize, plan: &Plan) -> Result<(), Error> {
    let n_bins = plan.bins().map_or(0, bins_of);
    let n_quantiles = plan.quantiles().len() + plan.approx_quantiles().len();
    check_len(n_columns.saturating_mul(n_quantiles.saturating_add(n_bins)))
}

/// Collects the columns of an answer, as long as it does not grow far beyond its question.
///
/// # Errors
/// Those of the columns, and when they have more than [`RESULTS_MAX`] results together.
pub fn check_columns<E: From<Error>>(
    columns: impl Iterator<Item = Result<ColumnSummary, E>>,
) -> Result<Vec<ColumnSummary>, E> {
    let mut n_results = 0;
    let check = |column: Result<ColumnSummary, E>| {
        let column = column?;
        count_results(&mut n_results, &column)?;
        Ok(column)
    };
    columns.map(check).collect()
}

/// Counts the results of the next column of an answer.
///
/// # Errors
/// When it has more than [`RESULTS_MAX`] with this column.
pub fn count_results(n_results: &mut usize, column: &ColumnSummary) -> Result<(), Error> {
    *n_results += column.n_results();
    check_len(*n_results)
}

/// How many bins a column will have, or will have been tried with, as far as that is known before.
fn bins_of(bins: &Bins) -> usize {
    let is_stone = *bins == Bins::from(BinRule::Stone);
    bins.n_bins().unwrap_or(if is_stone { STONE_RESULTS } else { 0 })
}

fn check_len(len: usize) -> Result<(), Error> {
    if len > RESULTS_MAX { Err(Error::ResultsTooMany { len }) } else { Ok(()) }
}
