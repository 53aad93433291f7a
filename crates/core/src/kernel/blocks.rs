//! A slice block by block, as kernels over finite values want it: what is NaN, infinite or masked out is
//! counted and left out before. Also the commonest binades of a block.

use super::arch::{self, BLOCK, exponent_above, power};
use super::holes::Holes;
use super::{InstructionSet, Tally, Validity};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// After a block with values that are left out, so many more are looked through before they are trusted.
const PATIENCE: u32 = 15;

/// Values within so many binades are no more than the digits that are summed at once.
const BINADES: i32 = 16;

/// Room behind the values of a block, for the kernels that write whole vectors.
const SLACK: usize = 8;

/// Hands on the finite and valid values of a slice, at most [`BLOCK`] at once, and counts all. `take` is to
/// refuse a block with a value that is not finite, and is then given those that are; what it finds out about
/// the extremes it tells the tally.
pub(super) fn each_block(
    set: InstructionSet,
    values: &[f64],
    validity: Option<Validity<'_>>,
    mut take: impl FnMut(&[f64], &mut Tally) -> bool,
) -> Tally {
    let mut tally = Tally::default();
    let mut holes = Holes::default();
    let mut suspicious = 0u32;
    for (index, block) in values.chunks(BLOCK).enumerate() {
        let validity = validity.map(|validity| validity.slice(index * BLOCK, block.len()));
        let is_full = validity.is_none_or(|validity| validity.is_full());
        if is_full && suspicious == 0 && take(block, &mut tally) {
            tally.finite += block.len() as u64;
            continue;
        }
        suspicious = suspicious.checked_sub(1).unwrap_or(if is_full { PATIENCE } else { 0 });
        for (index, part) in block.chunks(Holes::LENGTH_MAX).enumerate() {
            let start = index * Holes::LENGTH_MAX;
            let validity = validity.map(|validity| validity.slice(start, part.len()));
            let finite = holes.close(set, part, validity, &mut tally);
            assert!(finite.is_empty() || take(finite, &mut tally), "what is kept is finite");
        }
    }
    tally
}

/// Widens the extremes by those of a block, in which a zero stands for either.
pub(super) fn widen(tally: &mut Tally, block: &[f64], mut low: f64, mut high: f64) {
    if low == 0.0 {
        let negative = block.iter().any(|value| value.is_sign_negative());
        low = if negative { -0.0 } else { 0.0 };
    }
    if high == 0.0 {
        let positive = block.iter().any(|value| value.is_sign_positive());
        high = if positive { 0.0 } else { -0.0 };
    }
    tally.widen(low.into());
    tally.widen(high.into());
}

/// Where blocks are split.
#[derive(Default)]
pub(super) struct Splitter {
    inside: Vec<f64>,
    outside: Vec<f64>,
    spare: Vec<f64>,
}

impl Splitter {
    /// Hands on the values of a block by their commonest binades, each lot with an exponent of `exponents`
    /// below whose power of two they lie. Gives those back whose binades are not common.
    pub(super) fn split(
        &mut self,
        set: InstructionSet,
        block: &[f64],
        exponents: &RangeInclusive<i32>,
        mut take: impl FnMut(&[f64], i32),
    ) -> &[f64] {
        let Self { inside, outside, spare } = self;
        for part in [&mut *inside, outside, spare] {
            part.resize(BLOCK + SLACK, 0.0);
        }
        outside[..block.len()].copy_from_slice(block);
        let mut left = block.len();
        while let Some(exponent) = densest(&outside[..left], exponents) {
            core::mem::swap(outside, spare);
            let within = power(exponent - BINADES)..power(exponent);
            let kept = arch::split(set, &spare[..left], within, inside, outside);
            take(&inside[..kept], exponent);
            left -= kept;
        }
        &outside[..left]
    }
}

/// An exponent below whose power of two many of the values lie within few binades, as far as a sample
/// shows; none where no binades are so common, or there are few values.
fn densest(values: &[f64], exponents: &RangeInclusive<i32>) -> Option<i32> {
    const SAMPLES: usize = 32;
    const COMMON: usize = 6;
    let stride = values.len() / SAMPLES;
    if stride < 4 {
        return None;
    }
    let mut samples: [i32; SAMPLES] =
        core::array::from_fn(|index| exponent_above(values[index * stride].abs()));
    samples.sort_unstable();
    let (mut start, mut best) = (0, 0..0);
    for end in 1..=SAMPLES {
        while samples[end - 1] - samples[start] >= BINADES {
            start += 1;
        }
        if end - start > best.len() {
            best = start..end;
        }
    }
    let (first, last) = (samples[best.start], samples[best.end - 1]);
    let exponent = last + (BINADES - 1 - (last - first)) / 2;
    (best.len() >= COMMON && exponents.contains(&exponent)).then_some(exponent)
}
