//! The exact sum at the speed of memory: values go the fastest way that proves itself exact on them, and
//! those that it withdraws the next one. Which way is tried first is learned from the values before, and
//! changes no bit. The ways themselves are in `arch` and in `buckets`.
//!
//! Three ways, fastest first. *Narrow*: extraction in two levels, for values whose bits all lie in
//! a window of 89 bits below their largest, as nearly all data does. *Wide*: in four levels, a
//! window of 179 bits. *Buckets*: by exponent, for anything finite. Each proves its own result, or
//! takes nothing of the block: a narrow sum that a value did not fit is withdrawn and leaves no
//! trace. NaN, infinities and what is masked out are sifted in the same pass, and so are outliers,
//! where they are few, which would otherwise force all other values out of the window.
//!
//! After a failure a slower way is kept for 2^17 values before the fastest is tried again, so that
//! the price of trying is less than one part in thirty, and data that changes its nature is
//! followed.
//!
//! Cost, in instructions for each value: docs/bench/kernel-instructions.md. With AVX2 and AVX-512 the
//! ordinary case waits for memory.

use super::arch::extract::{self, Extracted, Sieve, Window, extract, extract_sifted};
use super::arch::{bounds, exponent_above, power};
use super::buckets::Buckets;
use super::{InstructionSet, Tally, Validity, portable};
use crate::exact::SumAccumulator;
use alloc::vec::Vec;

/// From this many values on vectors pay.
/// Below, setting up a pass and reading its lanes takes longer than the integers do.
const LENGTH_MIN: usize = 32;

/// From this many values on it pays to empty buckets.
/// Both arrays of 2048 have to be cleared before and added after.
const BUCKETS_MIN: usize = 1 << 12;

/// Values that are sifted at once, and looked at when some did not go the way that was tried.
/// 32 KB, so that what is sifted or tried again is still in the first-level cache.
const BLOCK: usize = 4096;

/// How many values go a slower way, or are sifted, before a faster one is tried again.
/// Long enough that a failed try, one block of extraction for nothing, is not seen in the time.
const PATIENCE: usize = 32 * BLOCK;

/// If more than one value in so many is an outlier, they are no outliers.
/// Each of them costs an addition to the superaccumulator, many times what another value takes.
const OUTLIERS_MAX: usize = 16;

/// How many values are looked at to find out what an outlier is.
const SAMPLE: usize = 64;

/// The exponent of the last place of a subnormal binary64.
const EXPONENT_MIN: i32 = -1074;

/// All finite values lie below 2^1024.
const EXPONENT_MAX: i32 = 1024;

/// Adds every finite value to `sum`.
///
/// Exact: the state is that of adding value by value. NaN, infinities and what is masked out do not
/// enter the sum and are counted; the extremes are not looked for.
/// Limits: any length. Under the default floating-point environment only, see
/// [`super::environment`].
pub fn sum(values: &[f64], validity: Option<Validity<'_>>, sum: &mut SumAccumulator) -> Tally {
    sum_with(InstructionSet::current(), values, validity, sum)
}

/// The same with a given instruction set.
///
/// # Panics
/// When the machine does not have it.
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
    pass.take(values, validity);
    pass.finish()
}

/// A way of summing values.
///
/// Kept from one call of `take_some` to the next, since neighbours are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// By extraction in two levels: a window of about 90 bits.
    /// 44 bits in the first level, whose other places are headroom, and 45 in the second.
    Narrow,
    /// By extraction in four levels: a window of about 180 bits.
    /// 90 bits more. Not with SSE2, where two lanes make it no faster than buckets.
    Wide,
    /// By exponent.
    /// It needs nothing of the values but that they are finite.
    Buckets,
}

/// A pass over values.
///
/// Nothing in it but `sum`, `tally` and `buckets` is a result; all else is a guess at what comes
/// next.
struct Pass<'a> {
    set: InstructionSet,
    sum: &'a mut SumAccumulator,
    tally: Tally,
    way: Way,
    /// How many more values go this way before the fastest is tried again.
    patience: usize,
    /// Values are expected to lie below 2^`exponent`.
    exponent: Option<i32>,
    /// How many more values are sifted.
    sifting: usize,
    /// Values from this magnitude on are kept back where values are sifted.
    limit: f64,
    /// Where they are kept.
    rest: Vec<f64>,
    buckets: Option<Buckets>,
    /// Whether there are enough values for buckets.
    is_long: bool,
}

/// Values that are looked at together: all of them, or with a mask those that are there.
#[derive(Clone, Copy)]
struct Block<'a> {
    values: &'a [f64],
    validity: Option<Validity<'a>>,
}

impl Block<'_> {
    /// The first `length` values, without a mask if it masks none of them out.
    ///
    /// Dropping a full mask sends the block through the loop that does not look at masks.
    fn first(self, length: usize) -> Self {
        let values = &self.values[..self.values.len().min(length)];
        let validity = self.validity.map(|validity| validity.slice(0, values.len()));
        Self { values, validity: validity.filter(|validity| !validity.is_full()) }
    }

    /// The values after the first `length`.
    fn after(self, length: usize) -> Self {
        let values = &self.values[length..];
        let validity = self.validity.map(|validity| validity.slice(length, values.len()));
        Self { values, validity }
    }

    /// The values that are there.
    fn valid(self) -> impl Iterator<Item = f64> {
        let is_valid = move |index| self.validity.is_none_or(|validity| validity.is_valid(index));
        let values = self.values.iter().enumerate();
        values.filter(move |(index, _)| is_valid(*index)).map(|(_, value)| *value)
    }

    /// The exponent of a power of two above all values that are finite and there.
    ///
    /// A loop over single values, for blocks in which what is masked out or not finite hides the
    /// bound.
    fn exponent(self) -> i32 {
        let magnitudes = self.valid().filter(|value| value.is_finite()).map(f64::abs);
        exponent_above(magnitudes.fold(0.0, f64::max))
    }

    /// How many values are there.
    fn count_valid(self) -> usize {
        let words = (0..self.values.len()).step_by(64);
        let count = |validity: Validity<'_>| {
            words.map(|index| validity.word(index).count_ones() as usize).sum()
        };
        self.validity.map_or(self.values.len(), count)
    }
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
            sifting: 0,
            limit: f64::INFINITY,
            rest: Vec::new(),
            buckets: None,
            is_long: length >= BUCKETS_MIN,
        }
    }

    /// Empties the buckets, which have taken values of all blocks, and says what was met.
    fn finish(self) -> Tally {
        if let Some(buckets) = &self.buckets {
            buckets.add_to(self.sum);
        }
        self.tally
    }

    /// Each round takes something or changes the way, and the last way takes everything, so it
    /// ends.
    fn take(&mut self, values: &[f64], validity: Option<Validity<'_>>) {
        let mut left = Block { values, validity };
        while !left.values.is_empty() {
            let taken = self.take_some(left);
            left = left.after(taken);
        }
    }

    /// Takes as many of the first values as go the present way; how many that were. Where that is not all,
    /// another way is taken from there on.
    fn take_some(&mut self, left: Block<'_>) -> usize {
        let length = if left.validity.is_some() || self.sifting > 0 || self.way == Way::Buckets {
            BLOCK
        } else {
            extract::LENGTH_MAX
        };
        let tried = left.first(length);
        let taken = match self.way {
            Way::Narrow => self.extract::<2>(tried),
            Way::Wide => self.extract::<4>(tried),
            Way::Buckets => self.take_in_buckets(tried),
        };
        self.spend(taken);
        if taken < tried.values.len() {
            self.turn(tried.after(taken).first(BLOCK));
        }
        taken
    }

    /// Counts down to the next try of a faster way.
    ///
    /// Outliers may have been a passing thing as well: the limit is lifted and the exponent
    /// forgotten, so that the next block is looked at afresh.
    fn spend(&mut self, taken: usize) {
        self.sifting = self.sifting.saturating_sub(taken);
        if self.sifting == 0 && self.limit.is_finite() {
            (self.limit, self.exponent) = (f64::INFINITY, None);
        }
        self.patience = self.patience.saturating_sub(taken);
        if self.patience == 0 && self.way != Way::Narrow {
            (self.way, self.exponent) = (Way::Narrow, None);
        }
    }

    /// Turns another way with values that did not go the present one.
    ///
    /// In order: where something is not finite, the same way with a sieve; where the exponent was
    /// merely wrong, the same way with the right one; else the wide way, the narrow one with
    /// outliers kept back, or buckets.
    fn turn(&mut self, block: Block<'_>) {
        let found = bounds(self.set, block.values);
        if !found.finite && block.validity.is_none() && self.sifting == 0 {
            self.sifting = PATIENCE;
            return;
        }
        let needed = match found.exponent() {
            exponent @ ..=EXPONENT_MAX if block.validity.is_none() => exponent,
            _ => block.exponent(),
        };
        if self.exponent.replace(needed) != Some(needed) && self.limit.is_infinite() {
            return;
        }
        self.patience = PATIENCE;
        let limit = outliers_from(block);
        self.way = match self.way {
            _ if self.limit.is_finite() => Way::Buckets,
            Way::Narrow if self.set > InstructionSet::Sse2 => Way::Wide,
            Way::Narrow | Way::Wide if limit < needed => {
                (self.limit, self.sifting) = (power(limit), PATIENCE);
                self.exponent = Some(limit);
                Way::Narrow
            }
            _ => Way::Buckets,
        };
    }

    /// The exponent that the values seem to need: what is masked out may make it too large.
    fn look(&self, block: Block<'_>) -> i32 {
        match bounds(self.set, block.values).exponent() {
            exponent @ ..=EXPONENT_MAX => exponent,
            _ => block.exponent(),
        }
    }

    /// The exponent of the first block is looked for; later ones are guessed to be like it, and the
    /// proof tells if not. Only then are they read twice.
    fn extract<const LEVELS: usize>(&mut self, tried: Block<'_>) -> usize {
        let exponent = match self.exponent {
            Some(exponent) => exponent,
            None => self.look(tried.first(BLOCK)),
        };
        self.exponent = Some(exponent);
        let window = Window::below(exponent);
        if tried.validity.is_some() || self.sifting > 0 {
            return self.extract_sifted::<LEVELS>(tried, window);
        }
        let found = extract::<LEVELS>(self.set, tried.values, window);
        self.tally.finite += found.taken as u64;
        self.add(found)
    }

    /// What the sieve keeps back is counted, and where it is finite added to the superaccumulator
    /// itself: an outlier costs as much as in the portable loop. With too many of them buckets are
    /// faster.
    fn extract_sifted<const LEVELS: usize>(&mut self, tried: Block<'_>, window: Window) -> usize {
        self.rest.resize(BLOCK, 0.0);
        let mut sieve = Sieve::new(tried.validity, self.limit, &mut self.rest);
        let found = extract_sifted::<LEVELS>(self.set, tried.values, window, &mut sieve);
        let rest = sieve.into_rest();
        let valid = tried.first(found.taken).count_valid();
        self.tally.null += (found.taken - valid) as u64;
        self.tally.finite += (valid - rest.len()) as u64;
        let mut outliers = 0;
        for value in rest {
            if self.tally.admit(*value) {
                self.sum.add_f64(*value);
                outliers += 1;
            }
        }
        if outliers > found.taken / OUTLIERS_MAX {
            (self.way, self.patience) = (Way::Buckets, PATIENCE);
        }
        self.add(found)
    }

    /// At most four additions for up to 2^16 values. With subnormals among the values the last
    /// level may lie below their last place; what it holds is then a multiple of it, and the shift
    /// loses nothing.
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

    /// Takes all values.
    ///
    /// Blocks with something masked out, and arrays too short for buckets, take the portable loop.
    fn take_in_buckets(&mut self, tried: Block<'_>) -> usize {
        let Block { values, validity } = tried;
        if !self.is_long || validity.is_some() {
            self.tally.merge(&portable::sum(values, validity, self.sum));
        } else if self.buckets.get_or_insert_with(Buckets::new).take(self.set, values) {
            self.tally.finite += values.len() as u64;
        } else {
            values.iter().for_each(|value| _ = self.tally.admit(*value));
        }
        values.len()
    }
}

/// The exponent from which on values are so large that they are few: a little above the upper quartile.
///
/// Eight binades above the upper quartile of 64 values: ordinary spread stays below, and what lies
/// beyond a quarter of the values is no outlier.
fn outliers_from(block: Block<'_>) -> i32 {
    let mut exponents = [0; SAMPLE];
    let sample = block.values.iter().step_by(block.values.len().div_ceil(SAMPLE));
    let exponents = &mut exponents[..sample.len()];
    for (exponent, value) in exponents.iter_mut().zip(sample) {
        *exponent = exponent_above(value.abs());
    }
    exponents.sort_unstable();
    exponents[exponents.len() * 3 / 4] + 8
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        KINDS, Random, at_every_alignment, cases, each_kind_and_length, fast_sets, mask,
    };
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
        for set in fast_sets() {
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
        each_kind_and_length(|values| {
            at_every_alignment(values, |values| check(values, None));
        });
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
        for case in 0..cases(50) {
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
