//! Values between which some are missing: NaN, infinities, and what is masked out. They are counted, and the
//! others moved close together, so that the other loops need not know of them.

use super::arch::compact;
use super::{InstructionSet, Tally, Validity};
use alloc::vec::Vec;

/// The most values in a call: few enough to stay in the first-level cache.
const LENGTH_MAX: usize = 2048;

/// Where values stand close together.
#[derive(Default)]
pub(super) struct Holes {
    kept: Vec<f64>,
}

impl Holes {
    /// The most values in a call.
    pub(super) const LENGTH_MAX: usize = LENGTH_MAX;

    /// The values that are finite and not masked out; `tally` counts all.
    pub(super) fn close(
        &mut self,
        set: InstructionSet,
        values: &[f64],
        validity: Option<Validity<'_>>,
        tally: &mut Tally,
    ) -> &[f64] {
        self.kept.resize(LENGTH_MAX + 8, 0.0);
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

#[cold]
fn count_infinities(values: &[f64], validity: Option<Validity<'_>>, tally: &mut Tally) {
    for (index, value) in values.iter().enumerate() {
        if value.is_infinite() && validity.is_none_or(|validity| validity.is_valid(index)) {
            tally.admit(*value);
        }
    }
}
