//! The door to the smallest and the largest value.
//!
//! Two comparisons a value, and one difference that shows what is not finite; it runs at the speed
//! of memory. The smallest and the largest are an order's ends and nothing is rounded, so all there
//! is to prove is which zero they are: see [`super::blocks`].

use super::arch::bounds;
use super::blocks::{Blocks, widen};
use super::{InstructionSet, Tally, Validity, portable};

/// From this many values on vectors pay.
const LENGTH_MIN: usize = 16;

/// Counts the values and finds the extremes.
///
/// −0.0 lies below +0.0. NaN, infinities and what is masked out are counted and take no part; none
/// of all gives no extremes.
pub fn extremes(values: &[f64], validity: Option<Validity<'_>>) -> Tally {
    extremes_with(InstructionSet::current(), values, validity)
}

/// The same with a given instruction set.
///
/// # Panics
/// When the machine does not have it.
pub fn extremes_with(set: InstructionSet, values: &[f64], validity: Option<Validity<'_>>) -> Tally {
    if values.len() < LENGTH_MIN || set == InstructionSet::Portable {
        return portable::extremes(values, validity);
    }
    Blocks::new(set).each(values, validity, |block, tally| {
        let found = bounds(set, block);
        if found.finite {
            widen(tally, block, found.low, found.high);
        }
        found.finite
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        KINDS, Random, at_every_alignment, cases, each_kind_and_length, fast_sets, mask,
    };
    use super::*;

    #[track_caller]
    fn check(values: &[f64], validity: Option<Validity<'_>>) {
        let expected = extremes_with(InstructionSet::Portable, values, validity);
        for set in fast_sets() {
            assert!(extremes_with(set, values, validity) == expected, "{set:?}: {values:?}");
        }
    }

    #[test]
    fn every_kind_length_and_alignment_equals_the_portable_loop() {
        each_kind_and_length(|values| {
            at_every_alignment(values, |values| check(values, None));
        });
    }

    #[test]
    fn many_short_arrays_equal_the_portable_loop() {
        let mut random = Random::new(5);
        for case in 0..cases(10) {
            let length = LENGTH_MIN + random.below(10);
            check(&random.values(KINDS[case % KINDS.len()], length), None);
        }
    }

    #[test]
    fn arrays_with_masks_equal_the_portable_loop() {
        let mut random = Random::new(4);
        for case in 0..20_000 {
            let length = random.below([40, 300, 9_000][case % 100 / 49]);
            let values = random.values(KINDS[case % KINDS.len()], length);
            let bytes = mask(&mut random, case % 64 + length);
            check(&values, None);
            check(&values, Validity::new(&bytes, case % 64, length));
        }
    }
}
