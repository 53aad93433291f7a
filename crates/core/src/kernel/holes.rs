//! Values between which some are missing: NaN, infinities, and what is masked out. They are counted, and the
//! others moved close together, so that the other loops need not know of them.
//!
//! Kernels without a case for holes are shorter, and faster where there are none. Moving values is
//! one more pass, and is only done for blocks that need it. Which values are left out is decided by
//! their bits, so the same values remain whatever the vectors.

use super::arch::{SLACK, compact};
use super::{InstructionSet, Tally, Validity};
use alloc::vec::Vec;

/// The most values in a call: few enough to stay in the first-level cache.
/// 16 KB of copy beside 16 KB of source.
const LENGTH_MAX: usize = 2048;

/// Where values stand close together.
/// Its buffer is kept from block to block.
#[derive(Default)]
pub(super) struct Holes {
    kept: Vec<f64>,
}

impl Holes {
    /// The most values in a call.
    pub(super) const LENGTH_MAX: usize = LENGTH_MAX;

    /// The values that are finite and not masked out; `tally` counts all.
    ///
    /// The order is kept, though nothing depends on it. Vectors are written whole, so the buffer is
    /// a vector longer than what is kept in it.
    pub(super) fn close(
        &mut self,
        set: InstructionSet,
        values: &[f64],
        validity: Option<Validity<'_>>,
        tally: &mut Tally,
    ) -> &[f64] {
        self.kept.resize(LENGTH_MAX + SLACK, 0.0);
        let found = compact(set, values, validity, &mut self.kept);
        tally.finite += found.finite as u64;
        tally.null += (values.len() - found.valid) as u64;
        tally.nan += found.nan as u64;
        if found.finite + found.nan < found.valid {
            count_infinities(values, validity, tally);
        }
        &self.kept[..found.finite]
    }
}

/// Vectors count the finite and the NaN; only where those are not all is the block read again, for
/// the signs of its infinities.
#[cold]
fn count_infinities(values: &[f64], validity: Option<Validity<'_>>, tally: &mut Tally) {
    for (index, value) in values.iter().enumerate() {
        if value.is_infinite() && validity.is_none_or(|validity| validity.is_valid(index)) {
            tally.admit(*value);
        }
    }
}
