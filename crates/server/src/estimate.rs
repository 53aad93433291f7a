//! How much memory computing takes beside the body, from above: it is drawn on the body's
//! account before it is taken.
//!
//! What does not grow with the body is not estimated: accumulators, the window on a file and
//! the answer take some tens of megabytes at the most for each core.

use exacta::{Plan, States};
use exacta_api::SummarizeRequest;
use exacta_scan::CsvOptions;

/// A value of two bytes of JSON takes eight, and columns that hold one value each take most.
const PARSED_BYTES_PER_BYTE: u64 = 5;

/// Of a column whose plan needs all its values: they are kept, and copied to be selected from.
const VALUE_BYTES: u64 = 16;

/// The same of a file, where they may be integers of 64 bits.
const CELL_BYTES: u64 = 32;

/// What parsing a JSON body takes.
pub(crate) fn parsing(body: &[u8]) -> u64 {
    body.len() as u64 * PARSED_BYTES_PER_BYTE
}

/// What summarizing the columns of a request takes, one after the other.
pub(crate) fn columns(request: &SummarizeRequest) -> u64 {
    let plan = request.plan.as_ref().and_then(|plan| plan.to_plan().ok()).unwrap_or_default();
    let lengths = request.columns.iter().map(|column| column.values.len() as u64);
    if needs_values(&plan) { lengths.max().unwrap_or(0) * VALUE_BYTES } else { 0 }
}

/// What summarizing the columns of a file takes, all at once.
pub(crate) fn table(file: &[u8], options: &CsvOptions, plan: &Plan) -> u64 {
    if !needs_values(plan) {
        return 0;
    }
    let ends_cell = |byte: &&u8| **byte == b'\n' || **byte == options.delimiter;
    (file.iter().filter(ends_cell).count() as u64 + 1) * CELL_BYTES
}

fn needs_values(plan: &Plan) -> bool {
    plan.states().contains(States::VALUES)
}
