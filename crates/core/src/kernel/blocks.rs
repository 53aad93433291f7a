//! A slice block by block, as kernels over finite values want it: what is NaN, infinite or masked out is
//! counted and left out before. Also the commonest binades of a block.
//!
//! Most data has nothing to leave out, so that is assumed: a kernel is handed the block as it lies
//! and refuses it if it meets something that is not finite. Only then is the block copied without
//! its holes, and some of the next as well, since holes come in company; a mask that is not full
//! tells it beforehand.

use super::arch::{self, BLOCK, SLACK, exponent_above, power};
use super::holes::Holes;
use super::{InstructionSet, Tally, Validity};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// After a block with values that are left out, as many more are looked through before they are trusted, and no more
/// than this: one hole in a million values is no reason to look for others.
const PATIENCE: u64 = 15;

/// Values within so many binades are no more than the digits that are summed at once.
const BINADES: i32 = 16;

/// The blocks of a column, which may be taken in parts.
pub(super) struct Blocks {
    set: InstructionSet,
    holes: Holes,
    /// How many blocks are looked through before one is trusted.
    suspicious: u64,
}

impl Blocks {
    pub(super) fn new(set: InstructionSet) -> Self {
        Self { set, holes: Holes::default(), suspicious: 0 }
    }

    /// Whether the next block is taken for one without anything to leave out.
    pub(super) fn are_trusted(&self) -> bool {
        self.suspicious == 0
    }

    /// Hands on the finite and valid values of a part, at most [`BLOCK`] at once, and counts all. `take` is to
    /// refuse a block with a value that is not finite, and is then given those that are; what it finds out about
    /// the extremes it tells the tally.
    ///
    /// A block that was refused must have left nothing behind, or its values would enter twice: kernels
    /// commit their sums last.
    pub(super) fn each(
        &mut self,
        values: &[f64],
        validity: Option<Validity<'_>>,
        mut take: impl FnMut(&[f64], &mut Tally) -> bool,
    ) -> Tally {
        let mut tally = Tally::default();
        for (index, block) in values.chunks(BLOCK).enumerate() {
            let validity = validity.map(|validity| validity.slice(index * BLOCK, block.len()));
            let is_full = validity.is_none_or(|validity| validity.is_full());
            if is_full && self.are_trusted() && take(block, &mut tally) {
                tally.finite += block.len() as u64;
                continue;
            }
            let finite_before = tally.finite;
            for (index, part) in block.chunks(Holes::LENGTH_MAX).enumerate() {
                let start = index * Holes::LENGTH_MAX;
                let validity = validity.map(|validity| validity.slice(start, part.len()));
                let finite = self.holes.close(self.set, part, validity, &mut tally);
                assert!(finite.is_empty() || take(finite, &mut tally), "what is kept is finite");
            }
            let missing = block.len() as u64 - (tally.finite - finite_before);
            let patience = if is_full { missing.min(PATIENCE) } else { 0 };
            self.suspicious = self.suspicious.checked_sub(1).unwrap_or(patience);
        }
        tally
    }
}

/// Widens the extremes by those of a block, in which a zero stands for either.
///
/// Vectors compare −0.0 and +0.0 as equal and return either, so a bound of zero is settled by
/// looking at the signs of the block; other bounds have one representation. Only blocks whose bound
/// is zero pay for that.
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
///
/// Values within sixteen binades have all their bits in the three digits below a power of two (22 +
/// 23 + 23 = 68 bits, and 16 + 52 are needed), so a lot needs no test for what digits leave.
#[derive(Default)]
pub(super) struct Splitter {
    inside: Vec<f64>,
    outside: Vec<f64>,
    spare: Vec<f64>,
}

/// How often a block is split: data made to be split again and again costs no more than a few passes.
const SPLITS_MAX: usize = 8;

impl Splitter {
    /// Hands on the values of a block by their commonest binades, each lot with an exponent of `exponents`
    /// below whose power of two they lie. Gives those back whose binades are not common.
    ///
    /// What is left after [`SPLITS_MAX`] turns, or when fewer than 128 values or no common binades remain,
    /// is for the caller.
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
        for _ in 0..SPLITS_MAX {
            let Some(exponent) = densest(&outside[..left], exponents) else { break };
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
///
/// 32 samples are sorted and a window of sixteen binades slides over them; the one with the most
/// wins, and is centred so that it reaches as far above them as below.
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
