//! How much memory computing takes beside the body, from above: it is drawn on the body's
//! account before it is taken.
//!
//! What does not grow with the body is not estimated: the window on a file, the accumulator of one
//! column and the answer take some tens of megabytes at the most for each core.

use exacta::{Bins, Plan, States};

/// An accumulator with sums and extremes, and the values that it has yet to take into them.
const SUMS_BYTES: u64 = 16 << 10;

/// An accumulator's sketch of the different values.
const REGISTERS_BYTES: u64 = 16 << 10;

/// What one accumulator takes, values aside.
pub(crate) fn accumulator(plan: &Plan) -> u64 {
    let registers = plan.states().contains(States::REGISTERS);
    let n_bins = plan.bins().and_then(Bins::n_bins).unwrap_or(0) as u64;
    SUMS_BYTES + u64::from(registers) * REGISTERS_BYTES + n_bins * size_of::<u64>() as u64
}
