//! How much memory computing takes beside the body, from above: it is drawn on the body's
//! account before it is taken.
//!
//! What does not grow with the body is not estimated: the window on a file, the accumulator of one
//! column and the answer take some tens of megabytes at the most for each core.

use exacta::{Bins, Plan, States};

/// A run of values takes three bytes and more, and in memory ten times that, once as it is read and once as it is merged.
const MERGED_BYTES_PER_BYTE: u64 = 16;

/// An accumulator with sums and extremes, and the values that it has yet to take into them.
const SUMS_BYTES: u64 = 16 << 10;

/// An accumulator's sketch of the different values.
const REGISTERS_BYTES: u64 = 16 << 10;

/// What merging partials takes: each of a few bytes may be a run of values, or a bin.
pub(crate) fn merging(partials: &[u8]) -> u64 {
    partials.len() as u64 * MERGED_BYTES_PER_BYTE
}

/// What one accumulator takes, values aside.
pub(crate) fn accumulator(plan: &Plan) -> u64 {
    let registers = plan.states().contains(States::REGISTERS);
    let n_bins = plan.bins().and_then(Bins::n_bins).unwrap_or(0) as u64;
    SUMS_BYTES + u64::from(registers) * REGISTERS_BYTES + n_bins * size_of::<u64>() as u64
}
