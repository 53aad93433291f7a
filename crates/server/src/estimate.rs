//! How much memory computing takes beside the body, from above: it is drawn on the body's
//! account before it is taken.
//!
//! What does not grow with the body is not estimated: the window on a file, the accumulator of one
//! column and the answer take some tens of megabytes at the most for each core.

use exacta::{Bins, Plan, States};
use exacta_api::SummarizeRequest;
use exacta_scan::ScanOptions;

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

/// An accumulator with sums and extremes, and the values that it has yet to take into them.
const SUMS_BYTES: u64 = 16 << 10;

/// An accumulator's sketch of the different values.
const REGISTERS_BYTES: u64 = 16 << 10;

/// What summarizing the columns of a file takes, all at once.
pub(crate) fn table(file: &[u8], options: &ScanOptions, plan: &Plan) -> u64 {
    let accumulators = n_columns(file, options) * accumulator(plan);
    if !needs_values(plan) {
        return accumulators;
    }
    let ends_cell = |byte: &&u8| **byte == b'\n' || **byte == options.delimiter;
    accumulators + (file.iter().filter(ends_cell).count() as u64 + 1) * CELL_BYTES
}

/// What one accumulator takes, values aside.
fn accumulator(plan: &Plan) -> u64 {
    let registers = plan.states().contains(States::REGISTERS);
    let n_bins = plan.bins().and_then(Bins::n_bins).unwrap_or(0) as u64;
    SUMS_BYTES + u64::from(registers) * REGISTERS_BYTES + n_bins * size_of::<u64>() as u64
}

/// At most how many columns are summarized: delimiters in quotes count, too.
fn n_columns(file: &[u8], options: &ScanOptions) -> u64 {
    let mut is_quoted = false;
    let is_inside = |byte: &&u8| {
        is_quoted ^= **byte == b'"';
        is_quoted || **byte != b'\n'
    };
    let first = file.iter().take_while(is_inside);
    let n_columns = first.filter(|byte| **byte == options.delimiter).count() + 1;
    let n_selected = if options.columns.is_empty() { n_columns } else { options.columns.len() };
    n_columns.min(n_selected).min(options.columns_max) as u64
}

fn needs_values(plan: &Plan) -> bool {
    plan.states().contains(States::VALUES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_files_are_charged_for_their_accumulators() {
        let options = ScanOptions::default();
        let sums = Plan::default();
        let sketch = "approx_distinct".parse().map(|statistic| Plan::new([statistic])).unwrap();
        let bins = Plan::new([]).with_histogram(Bins::count(1000).unwrap());
        assert_eq!(table(b"a,b,c\n1,2,3\n4,5,6\n", &options, &sums), 3 * SUMS_BYTES);
        assert_eq!(table(b"a,\"b\n,\",c\n1,2,3\n", &options, &sums), 4 * SUMS_BYTES);
        let bytes = 2 * (SUMS_BYTES + REGISTERS_BYTES);
        assert_eq!(table(b"a,b\n", &options, &sketch), bytes);
        assert!(table(b"a\n", &options, &bins) > SUMS_BYTES + 8000);
        let one = ScanOptions { columns: vec!["b".to_owned()], ..ScanOptions::default() };
        assert_eq!(table(b"a,b\n", &one, &sums), SUMS_BYTES);
    }
}
