//! The doors to count, Σx, Σx², smallest and largest in one pass: which way a block is taken. The choice is
//! one of speed; no bit depends on it.

use super::arch::{self, BLOCK, Bounds, EXPONENTS, LevelSums, Spill, exponent_above, power};
use super::classes::Classes;
use super::{InstructionSet, Tally, Validity, portable};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Below so many values the loop over them is faster than setting up.
const SHORT: usize = 32;

/// After a block with values of many magnitudes, or with some that are left out, so many more are taken for
/// such before the fast way is tried again.
const PATIENCE: u32 = 15;

/// Values within so many binades have no more than the three digits that are summed at once.
const BINADES: i32 = 16;

/// Adds every finite value and its square, and finds the extremes.
pub fn moments(
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
) -> Tally {
    moments_with(InstructionSet::current(), values, validity, sum, squares)
}

/// The same with a given instruction set.
fn moments_with(
    set: InstructionSet,
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
) -> Tally {
    if set == InstructionSet::Portable || values.len() < SHORT {
        return portable::moments(values, validity, sum, squares);
    }
    let mut pass = Pass::new(set, sum, squares);
    for (index, block) in values.chunks(BLOCK).enumerate() {
        let validity = validity.map(|validity| validity.slice(index * BLOCK, block.len()));
        pass.take(block, validity);
    }
    pass.finish()
}

/// The state of a pass.
struct Pass<'a> {
    set: InstructionSet,
    sums: Sums<'a>,
    tally: Tally,
    /// The values of a block are expected to be below 2^`exponent`.
    exponent: Option<i32>,
    spill: Spill,
    /// Where values of many magnitudes go.
    classes: Option<Box<Classes>>,
    /// How many blocks go there untried.
    wide: u32,
    /// Where a block of many magnitudes is split.
    split: [Vec<f64>; 3],
    /// Where values stand close together that stood between some that are left out.
    kept: Vec<f64>,
    /// How many blocks are looked through untried.
    holed: u32,
}

/// Where the sums go.
pub(super) struct Sums<'a> {
    pub(super) sum: &'a mut SumAccumulator,
    pub(super) squares: &'a mut SquareAccumulator,
}

impl Sums<'_> {
    pub(super) fn add(&mut self, found: &LevelSums) {
        // A zero would only touch places of the sum that are of no use to it.
        for (part, exponent) in found.sum().filter(|(part, _)| *part != 0) {
            self.sum.add(part < 0, part.unsigned_abs(), exponent);
        }
        for (part, exponent) in found.squares().filter(|(part, _)| *part != 0) {
            self.squares.add(part < 0, part.unsigned_abs(), exponent);
        }
    }

    /// Adds what the digits of a value have left: of the square, the difference to that of the digits.
    fn add_rest(&mut self, value: f64, rest: f64) {
        self.sum.add_f64(rest);
        self.squares.add_square(value);
        let (_, significand, exponent) = Value::from(value - rest).to_parts();
        let square = u128::from(significand) * u128::from(significand);
        self.squares.add_wide(true, square, 2 * exponent);
    }
}

impl<'a> Pass<'a> {
    fn new(
        set: InstructionSet,
        sum: &'a mut SumAccumulator,
        squares: &'a mut SquareAccumulator,
    ) -> Self {
        Self {
            set,
            sums: Sums { sum, squares },
            tally: Tally::default(),
            exponent: None,
            spill: Spill::default(),
            classes: None,
            wide: 0,
            split: Default::default(),
            kept: Vec::new(),
            holed: 0,
        }
    }

    fn take(&mut self, block: &[f64], validity: Option<Validity<'_>>) {
        let holed = validity.is_some_and(|validity| !validity.is_full());
        if holed || self.holed > 0 {
            self.holed = self.holed.saturating_sub(1);
            self.take_kept(block, validity);
        } else if self.take_finite(block) {
            self.tally.finite += block.len() as u64;
        } else {
            self.holed = PATIENCE;
            self.take_kept(block, None);
        }
    }

    /// Takes the values of a block that are valid and finite, and counts the others.
    fn take_kept(&mut self, block: &[f64], validity: Option<Validity<'_>>) {
        let mut kept = core::mem::take(&mut self.kept);
        kept.resize(BLOCK + 8, 0.0);
        let found = arch::compact(self.set, block, validity, &mut kept);
        self.tally.finite += found.finite as u64;
        self.tally.null += (block.len() - found.valid) as u64;
        self.tally.nan += found.nan as u64;
        if found.finite + found.nan < found.valid {
            self.count_infinities(block, validity);
        }
        if found.finite > 0 {
            assert!(self.take_finite(&kept[..found.finite]), "what is kept is finite");
        }
        self.kept = kept;
    }

    #[cold]
    fn count_infinities(&mut self, block: &[f64], validity: Option<Validity<'_>>) {
        for (index, value) in block.iter().enumerate() {
            if value.is_infinite() && validity.is_none_or(|validity| validity.is_valid(index)) {
                self.tally.admit(*value);
            }
        }
    }

    /// Takes a block whose values are all valid; nothing of it, and false, if one is not finite.
    fn take_finite(&mut self, block: &[f64]) -> bool {
        if self.wide == 0 && self.exponent.is_some_and(|exponent| self.take_below(block, exponent))
        {
            return true;
        }
        let bounds = arch::bounds(self.set, block);
        if !bounds.finite {
            return false;
        }
        let exponent =
            exponent_above(bounds.high.abs().max(bounds.low.abs())).max(*EXPONENTS.start());
        if self.wide > 0 {
            self.wide -= 1;
        } else if self.exponent != Some(exponent)
            && EXPONENTS.contains(&exponent)
            && self.take_below(block, exponent)
        {
            self.exponent = Some(exponent);
            return true;
        } else {
            self.wide = PATIENCE;
        }
        self.take_wide(block, bounds);
        true
    }

    /// Takes a block if all but a few of its values have three digits below 2^`exponent`.
    fn take_below(&mut self, block: &[f64], exponent: i32) -> bool {
        let Some(found) = arch::moments(self.set, block, exponent, &mut self.spill) else {
            return false;
        };
        self.sums.add(&found.sums);
        for (value, rest) in self.spill.entries() {
            self.sums.add_rest(*value, *rest);
        }
        self.widen(block, found.low, found.high);
        true
    }

    fn take_wide(&mut self, block: &[f64], bounds: Bounds) {
        self.widen(block, bounds.low, bounds.high);
        let mut split = core::mem::take(&mut self.split);
        split.iter_mut().for_each(|part| part.resize(BLOCK + 8, 0.0));
        let [inside, outside, spare] = &mut split;
        let splits = self.set > InstructionSet::Sse2; // whose two lanes would not gain by it
        let Some(exponent) = splits.then(|| densest(block)).flatten() else {
            self.split = split;
            return self.take_classes(block);
        };
        let mut left = self.take_inside(block, exponent, inside, outside);
        while let Some(exponent) = densest(&outside[..left]) {
            core::mem::swap(outside, spare);
            left = self.take_inside(&spare[..left], exponent, inside, outside);
        }
        self.take_classes(&outside[..left]);
        self.split = split;
    }

    /// Takes the values within the binades below 2^`exponent` and writes the others to `outside`; how many.
    fn take_inside(
        &mut self,
        values: &[f64],
        exponent: i32,
        inside: &mut [f64],
        outside: &mut [f64],
    ) -> usize {
        let within = power(exponent - BINADES)..power(exponent);
        let kept = arch::split(self.set, values, within, inside, outside);
        let found = arch::moments(self.set, &inside[..kept], exponent, &mut self.spill);
        self.sums.add(&found.expect("within the binades nothing is left").sums);
        values.len() - kept
    }

    fn take_classes(&mut self, values: &[f64]) {
        if !values.is_empty() {
            let classes = self.classes.get_or_insert_with(|| Box::new(Classes::new(self.set)));
            classes.take(values, &mut self.sums);
        }
    }

    /// Widens the extremes by those of a block, in which a zero stands for either.
    fn widen(&mut self, block: &[f64], mut low: f64, mut high: f64) {
        if low == 0.0 {
            let negative = block.iter().any(|value| value.is_sign_negative());
            low = if negative { -0.0 } else { 0.0 };
        }
        if high == 0.0 {
            let positive = block.iter().any(|value| value.is_sign_positive());
            high = if positive { 0.0 } else { -0.0 };
        }
        self.tally.widen(low.into());
        self.tally.widen(high.into());
    }

    fn finish(mut self) -> Tally {
        if let Some(classes) = &mut self.classes {
            classes.finish(&mut self.sums);
        }
        self.tally
    }
}

/// An exponent below whose power of two many of the values lie within few binades, as far as a sample
/// shows; none where no binades are so common, or there are few values.
fn densest(values: &[f64]) -> Option<i32> {
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
    (best.len() >= COMMON && EXPONENTS.contains(&exponent)).then_some(exponent)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KINDS, Random, mask};
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(values: &[f64], validity: Option<Validity<'_>>) {
        let pass = |set| {
            let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
            let tally = moments_with(set, values, validity, &mut sum, &mut squares);
            (tally, sum.to_dyadic(), squares.to_dyadic())
        };
        let expected = pass(InstructionSet::Portable);
        for set in InstructionSet::available() {
            assert!(pass(set) == expected, "{set:?}, {} values: {values:?}", values.len());
        }
    }

    #[test]
    fn every_kind_length_and_alignment_equals_the_portable_loop() {
        for (seed, kind) in KINDS.iter().enumerate() {
            let values = Random::new(seed as u64).values(*kind, 320);
            for length in 0..=300 {
                check(&values[length % 20..][..length], None);
            }
        }
    }

    #[test]
    fn blocks_and_the_ways_between_them_equal_the_portable_loop() {
        let mut random = Random::new(7);
        for round in 0..60 {
            let values: Vec<f64> = (0..=random.below(6))
                .flat_map(|_| {
                    let kind = KINDS[random.below(KINDS.len())];
                    let length = random.below([300, 5_000, 20_000][round % 3]);
                    random.values(kind, length)
                })
                .collect();
            check(&values, None);
        }
    }

    #[test]
    fn masks_at_every_offset_equal_the_portable_loop() {
        let mut random = Random::new(8);
        for offset in 0..64 {
            let kind = KINDS[offset % KINDS.len()];
            let values = random.values(kind, 200 + 97 * offset);
            let bytes = mask(&mut random, offset + values.len());
            check(&values, Validity::new(&bytes, offset, values.len()));
        }
    }

    #[test]
    fn many_short_arrays_equal_the_portable_loop() {
        let cases = super::super::samples::cases(1_000_000);
        let mut random = Random::new(9);
        for case in 0..cases / 20 {
            let length = SHORT + random.below(10);
            check(&random.values(KINDS[case % KINDS.len()], length), None);
        }
    }

    proptest! {
        #[test]
        fn any_bits_equal_the_portable_loop(
            bits in proptest::collection::vec(any::<u64>(), 0..200),
            valid in proptest::collection::vec(any::<u8>(), 32),
            offset in 0usize..50,
        ) {
            let values: Vec<f64> = bits.into_iter().map(f64::from_bits).collect();
            check(&values, None);
            check(&values, Validity::new(&valid, offset, values.len()));
        }
    }
}
