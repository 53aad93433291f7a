//! The exact sum at the speed of memory: values go the fastest way that proves itself exact on them, and
//! those that it withdraws the next one. Which way is tried first is learned from the values before, and
//! changes no bit. The ways themselves are in `arch` and in `buckets`.

use super::arch::extract::{self, Extracted, Window, extract};
use super::arch::{bounds, exponent_above, power, split};
use super::buckets::Buckets;
use super::holes::Holes;
use super::{InstructionSet, Tally, Validity, portable};
use crate::exact::SumAccumulator;
use alloc::vec::Vec;

/// From this many values on vectors pay.
const LENGTH_MIN: usize = 32;

/// From this many values on it pays to empty buckets.
const BUCKETS_MIN: usize = 1 << 13;

/// Values that are looked at when some did not go the way that was tried.
const BLOCK: usize = 4096;

/// How many values go a slower way before the fastest is tried again.
const PATIENCE: usize = 32 * BLOCK;

/// Values that are split at once: few enough to stay in the first-level cache.
const SPLIT_LENGTH: usize = 2048;

/// If more than one value in so many is an outlier, they are no outliers.
const OUTLIERS_MAX: usize = 16;

/// How many values are looked at to find out what an outlier is.
const SAMPLE: usize = 64;

/// The exponent of the last place of a subnormal binary64.
const EXPONENT_MIN: i32 = -1074;

/// Adds every finite value to `sum`.
pub fn sum(values: &[f64], validity: Option<Validity<'_>>, sum: &mut SumAccumulator) -> Tally {
    sum_with(InstructionSet::current(), values, validity, sum)
}

/// The same with a given instruction set.
pub fn sum_with(
    set: InstructionSet,
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
) -> Tally {
    if values.len() < LENGTH_MIN || set == InstructionSet::Portable {
        return portable::sum(values, validity, sum);
    }
    let mut pass = Pass::new(set, sum, values.len());
    match validity {
        None => pass.take(values),
        Some(validity) => pass.take_valid(values, validity),
    }
    pass.finish()
}

/// A way of summing finite values.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// By extraction in two levels: a window of about 90 bits.
    Narrow,
    /// By extraction in four levels: a window of about 180 bits.
    Wide,
    /// By extraction in two levels but for outliers, which are those from this magnitude on.
    Split(f64),
    /// By exponent.
    Buckets,
}

/// A pass over values.
struct Pass<'a> {
    set: InstructionSet,
    sum: &'a mut SumAccumulator,
    tally: Tally,
    way: Way,
    /// How many more values go this way before the fastest is tried again.
    patience: usize,
    /// Values are expected to lie below 2^`exponent`.
    exponent: Option<i32>,
    holes: Holes,
    /// How many more values are expected to have holes between them.
    holed: usize,
    /// Where outliers and the other values are written apart from each other.
    split: [Vec<f64>; 2],
    buckets: Option<Buckets>,
    /// Whether there are enough values for buckets.
    is_long: bool,
}

impl<'a> Pass<'a> {
    fn new(set: InstructionSet, sum: &'a mut SumAccumulator, length: usize) -> Self {
        Self {
            set,
            sum,
            tally: Tally::default(),
            way: Way::Narrow,
            patience: 0,
            exponent: None,
            holes: Holes::default(),
            holed: 0,
            split: Default::default(),
            buckets: None,
            is_long: length >= BUCKETS_MIN,
        }
    }

    fn finish(self) -> Tally {
        if let Some(buckets) = &self.buckets {
            buckets.add_to(self.sum);
        }
        self.tally
    }

    fn take_valid(&mut self, values: &[f64], validity: Validity<'_>) {
        for (index, block) in values.chunks(Holes::LENGTH_MAX).enumerate() {
            let validity = validity.slice(index * Holes::LENGTH_MAX, block.len());
            if validity.is_full() {
                self.take(block);
            } else {
                self.take_holed(block, Some(validity));
            }
        }
    }

    fn take(&mut self, mut values: &[f64]) {
        while !values.is_empty() {
            let taken = if self.holed > 0 {
                let block = first(values, Holes::LENGTH_MAX);
                self.holed = self.holed.saturating_sub(block.len());
                self.take_holed(block, None);
                block.len()
            } else {
                let taken = self.take_some(values);
                self.tally.finite += taken as u64;
                taken
            };
            values = &values[taken..];
        }
    }

    fn take_holed(&mut self, block: &[f64], validity: Option<Validity<'_>>) {
        let mut holes = core::mem::take(&mut self.holes);
        let mut kept = holes.close(self.set, block, validity, &mut self.tally);
        while !kept.is_empty() {
            kept = &kept[self.take_some(kept)..];
        }
        self.holes = holes;
    }

    /// Takes as many of the first values as go the present way; how many that were. Where that is not all,
    /// the next ones are expected to have holes or another way is taken from there on.
    fn take_some(&mut self, values: &[f64]) -> usize {
        let Some(exponent) = self.exponent.or_else(|| self.look(values)) else {
            return 0;
        };
        let window = Window::below(exponent);
        let tried = first(values, self.length_max(window));
        let taken = match self.way {
            Way::Narrow => self.extract::<2>(tried, window),
            Way::Wide => self.extract::<4>(tried, window),
            Way::Split(limit) => self.take_split(tried, limit, window),
            Way::Buckets => self.take_in_buckets(tried),
        };
        self.spend(taken);
        if taken < tried.len() {
            self.turn(&tried[taken..]);
        }
        taken
    }

    /// Looks at the first values, and expects the others to be like them.
    fn look(&mut self, values: &[f64]) -> Option<i32> {
        let found = bounds(self.set, first(values, BLOCK));
        if !found.finite {
            self.holed = PATIENCE;
        }
        self.exponent = found.finite.then(|| found.exponent());
        self.exponent
    }

    /// How many values go a way at once.
    fn length_max(&self, window: Window) -> usize {
        match self.way {
            Way::Split(_) => SPLIT_LENGTH,
            Way::Buckets => BLOCK,
            Way::Narrow | Way::Wide if window.scales_down() => BLOCK,
            Way::Narrow | Way::Wide => extract::LENGTH_MAX,
        }
    }

    /// Counts down to the next try of the fastest way.
    fn spend(&mut self, taken: usize) {
        self.patience = self.patience.saturating_sub(taken);
        if self.patience == 0 && self.way != Way::Narrow {
            self.way = Way::Narrow;
            self.exponent = None;
        }
    }

    /// Turns another way with values that did not go the present one.
    fn turn(&mut self, values: &[f64]) {
        let block = first(values, BLOCK);
        let expected = self.exponent;
        let Some(needed) = self.look(block) else {
            return;
        };
        let is_extracted = matches!(self.way, Way::Narrow | Way::Wide);
        if is_extracted && expected != Some(needed) {
            return;
        }
        let limit = outliers_from(block);
        self.patience = PATIENCE;
        self.way = match self.way {
            Way::Narrow if self.set > InstructionSet::Sse2 => Way::Wide,
            Way::Narrow | Way::Wide if limit < needed => {
                self.exponent = Some(limit);
                Way::Split(power(limit))
            }
            _ => Way::Buckets,
        };
    }

    fn extract<const LEVELS: usize>(&mut self, values: &[f64], window: Window) -> usize {
        let found = extract::<LEVELS>(self.set, values, window);
        self.add(found)
    }

    fn add<const LEVELS: usize>(&mut self, found: Extracted<LEVELS>) -> usize {
        for (digits, place) in found.digits {
            if digits != 0 {
                // What lies below the last place of a subnormal value is zero.
                let below = (EXPONENT_MIN - place).max(0);
                self.sum.add(digits < 0, digits.unsigned_abs() >> below, place + below);
            }
        }
        found.taken
    }

    /// Takes all or none.
    fn take_split(&mut self, values: &[f64], limit: f64, window: Window) -> usize {
        let mut split_values = core::mem::take(&mut self.split);
        split_values.iter_mut().for_each(|part| part.resize(SPLIT_LENGTH + 8, 0.0));
        let [kept, outliers] = &mut split_values;
        let count = split(self.set, values, 0.0..limit, kept, outliers);
        let (kept, outliers) = (&kept[..count], &outliers[..values.len() - count]);
        let few = outliers.len() <= values.len() / OUTLIERS_MAX;
        let finite = outliers.iter().all(|value| value.is_finite());
        let found = extract::<2>(self.set, kept, window);
        let all = few && finite && found.taken == count;
        if all {
            self.add(found);
            outliers.iter().for_each(|value| self.sum.add_f64(*value));
        }
        self.split = split_values;
        if all { values.len() } else { 0 }
    }

    /// Takes all or none.
    fn take_in_buckets(&mut self, values: &[f64]) -> usize {
        if !bounds(self.set, values).finite {
            return 0;
        }
        if self.is_long {
            self.buckets.get_or_insert_with(Buckets::new).take(values);
        } else {
            values.iter().for_each(|value| self.sum.add_f64(*value));
        }
        values.len()
    }
}

/// At most `length` values.
fn first(values: &[f64], length: usize) -> &[f64] {
    &values[..values.len().min(length)]
}

/// The exponent from which on values are so large that they are few: a little above the upper quartile.
fn outliers_from(block: &[f64]) -> i32 {
    let mut exponents = [i32::MIN; SAMPLE];
    let step = block.len().div_ceil(SAMPLE);
    let sample = block.iter().step_by(step).map(|value| exponent_above(value.abs()));
    exponents.iter_mut().zip(sample).for_each(|(place, exponent)| *place = exponent);
    exponents.sort_unstable();
    exponents[SAMPLE * 3 / 4] + 8
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KINDS, Random, cases, mask};
    use super::*;
    use crate::exact::Dyadic;
    use proptest::prelude::*;

    fn pass(
        set: InstructionSet,
        values: &[f64],
        validity: Option<Validity<'_>>,
    ) -> (Tally, Dyadic) {
        let mut sum = SumAccumulator::default();
        let tally = sum_with(set, values, validity, &mut sum);
        (tally, sum.to_dyadic())
    }

    #[track_caller]
    fn check(values: &[f64], validity: Option<Validity<'_>>) {
        let expected = pass(InstructionSet::Portable, values, validity);
        for set in InstructionSet::available() {
            assert!(pass(set, values, validity) == expected, "{set:?}: {values:?}");
        }
    }

    /// Some thousand values of several kinds, one after another.
    fn mixture(random: &mut Random, length_max: usize) -> Vec<f64> {
        let parts = 1 + random.below(5);
        let part = |_| {
            let (kind, length) = (KINDS[random.below(KINDS.len())], random.below(length_max));
            random.values(kind, length)
        };
        (0..parts).flat_map(part).collect()
    }

    #[test]
    fn every_kind_length_and_alignment_equals_the_portable_loop() {
        for (seed, kind) in KINDS.into_iter().enumerate() {
            let values = Random::new(seed as u64).values(kind, 320);
            for length in 0..=300 {
                (0..8).for_each(|offset| check(&values[offset..][..length], None));
            }
        }
    }

    #[test]
    fn every_way_and_turn_equals_the_portable_loop() {
        let mut random = Random::new(1);
        for round in 0..60 {
            check(&mixture(&mut random, [500, 9_000, 80_000][round % 3]), None);
        }
    }

    #[test]
    fn masks_at_every_offset_equal_the_portable_loop() {
        let mut random = Random::new(2);
        for offset in 0..64 {
            let values = mixture(&mut random, 150 * (1 + offset));
            let bytes = mask(&mut random, offset + values.len());
            check(&values, Validity::new(&bytes, offset, values.len()));
        }
    }

    #[test]
    fn many_short_arrays_equal_the_portable_loop() {
        let mut random = Random::new(3);
        for case in 0..cases(1_000_000) {
            let length = LENGTH_MIN + random.below(8);
            check(&random.values(KINDS[case % KINDS.len()], length), None);
        }
    }

    #[test]
    fn sums_at_the_edges_of_their_binades_equal_the_portable_loop() {
        for exponent in [-1074, -1022, -53, -9, -8, -7, 0, 52, 1000, 1014, 1015, 1023] {
            let power = 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2);
            let last = f64::from_bits(1);
            for value in [power, -power, power.next_down(), -power.next_up()] {
                let mut values = vec![value; 5000];
                check(&values, None);
                values[4000..].fill(-value);
                check(&values, None);
                (values[77], values[4999]) = (last, -last);
                check(&values, None);
                values.iter_mut().skip(1).step_by(2).for_each(|value| *value *= 1.5);
                check(&values, None);
            }
        }
    }

    #[test]
    fn values_that_throw_a_sum_out_and_back_equal_the_portable_loop() {
        // Every magnitude beside the one that the window was made for, in pairs that cancel.
        for exponent in -1000..1020 {
            let power = 2f64.powi(exponent);
            let mut values = [1.0, -0.75].repeat(64);
            for from in [3, 40, 96] {
                (values[from], values[from + 31]) = (power, -power);
            }
            check(&values, None);
            check(&[vec![1.0; 5000], values].concat(), None);
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
