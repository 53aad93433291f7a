//! The doors to count, Σx, Σx², smallest and largest in one pass: which way a block is taken. The choice is
//! one of speed; no bit depends on it.
//!
//! A block of 4096 values goes one of three ways. *Digits*: cut into three digits below the power
//! of two that bounded the block before; the few values with a fourth digit are put right one by
//! one. *Split*: a block of many magnitudes by its commonest binades, each lot by digits of its
//! own. *Classes*: what is scattered, sorted by exponent, each class by digits of its own. All
//! three end in [`LevelSums`], integers with an exponent, so that the superaccumulators see eight
//! additions for a block and not two for each value. Where a block went by digits, the next four are tried together.
//!
//! Why a block may be tried with the exponent of another: a value at or above the bound, or one
//! that is not finite, is found in the same pass, and nothing has been added by then. So the
//! maximum of a block need not be known beforehand, which would mean reading it twice.
//!
//! Cost, in instructions for each value: docs/bench/kernel-instructions.md.

use super::arch::{self, Bounds, EXPONENTS, LONG, LevelSums, Spill};
use super::blocks::{Blocks, Splitter, widen};
use super::classes::Classes;
use super::{InstructionSet, Tally, Validity, portable};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};
use alloc::boxed::Box;

/// Below so many values the loop over them is faster than setting up.
const SHORT: usize = 32;

/// After a block with values of many magnitudes, so many more are taken for such before the fast way is
/// tried again.
const PATIENCE: u32 = 15;

/// Adds every finite value and its square, and finds the extremes.
///
/// Exact: both states are those of adding value by value. The floats in between are exact too; see
/// the decision 0075.
pub fn moments(
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
) -> Tally {
    moments_with(InstructionSet::current(), values, validity, sum, squares)
}

/// The same with a given instruction set.
///
/// # Panics
/// When the machine does not have it.
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
    let (head, values) = at_line(values);
    let mut tally = portable::moments(head, validity.map(|v| v.slice(0, head.len())), sum, squares);
    let validity = validity.map(|validity| validity.slice(head.len(), values.len()));
    let mut pass = Pass::new(set, sum, squares);
    let mut blocks = Blocks::new(set);
    for (index, part) in values.chunks(LONG).enumerate() {
        let validity = validity.map(|validity| validity.slice(index * LONG, part.len()));
        let is_full = validity.is_none_or(|validity| validity.is_full());
        if !(is_full && blocks.are_trusted() && pass.take_whole(part, &mut tally)) {
            let take = |block: &[f64], tally: &mut Tally| pass.take(block, tally);
            tally.merge(&blocks.each(part, validity, take));
        }
    }
    pass.finish();
    tally
}

/// Long slices cut where a line of the cache begins: a vector of AVX-512 that lies across two lines takes two
/// reads. Few values are not worth it.
fn at_line(values: &[f64]) -> (&[f64], &[f64]) {
    let offset = values.as_ptr().align_offset(64);
    values.split_at(if values.len() < 64 * SHORT { 0 } else { offset.min(SHORT) })
}

/// The state of a pass.
///
/// `exponent` and `wide` are guesses about the next block; only `sums` holds results.
struct Pass<'a> {
    set: InstructionSet,
    sums: Sums<'a>,
    /// The values of a block are expected to be below 2^`exponent`.
    exponent: Option<i32>,
    spill: Spill,
    /// Whether what was tried last by digits went that way.
    is_tame: bool,
    /// How many blocks are taken for ones of many magnitudes.
    wide: u32,
    splitter: Splitter,
    /// Where values of magnitudes go that are not common.
    classes: Option<Box<Classes>>,
}

/// Where the sums go.
pub(super) struct Sums<'a> {
    pub(super) sum: &'a mut SumAccumulator,
    pub(super) squares: &'a mut SquareAccumulator,
}

impl Sums<'_> {
    /// Three parts of Σx and five of Σx², whatever the number of values.
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
    ///
    /// With x = d + r, the digits have given Σx the d and Σx² the d²: missing are r and x² − d².
    /// The subtraction x − r is exact: where r is not zero x has bits below the third digit's last
    /// place, so it lies below 2^53 of those places, and d is a multiple of them.
    pub(super) fn add_rest(&mut self, value: f64, rest: f64) {
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
            exponent: None,
            spill: Spill::default(),
            is_tame: false,
            wide: 0,
            splitter: Splitter::default(),
            classes: None,
        }
    }

    /// Takes more than a block, if it goes the way that the block before went; else nothing, and false.
    fn take_whole(&mut self, values: &[f64], tally: &mut Tally) -> bool {
        let exponent = self.exponent.filter(|_| self.is_tame);
        let is_taken = exponent.is_some_and(|exponent| self.take_below(values, exponent, tally));
        if is_taken {
            tally.finite += values.len() as u64;
        }
        is_taken
    }

    /// Takes a block; nothing of it, and false, if a value is not finite.
    ///
    /// First with the exponent that was right before; if that fails, with the block's own; if that
    /// fails too it is one of many magnitudes, and so are the next fifteen expected to be.
    fn take(&mut self, block: &[f64], tally: &mut Tally) -> bool {
        if self.wide == 0
            && let Some(exponent) = self.exponent
            && self.take_below(block, exponent, tally)
        {
            return true;
        }
        let bounds = arch::bounds(self.set, block);
        if bounds.finite && !self.take_bounded(block, bounds, tally) {
            widen(tally, block, bounds.low, bounds.high);
            self.take_wide(block);
        }
        bounds.finite
    }

    /// Takes a block with the exponent that its bounds ask for, unless it is one of many magnitudes.
    ///
    /// The bound is no less than the smallest exponent that digits have, so subnormals go this way
    /// as far as their products do not underflow, and the others by classes, which scale.
    fn take_bounded(&mut self, block: &[f64], bounds: Bounds, tally: &mut Tally) -> bool {
        if let Some(left) = self.wide.checked_sub(1) {
            self.wide = left;
            return false;
        }
        let exponent = bounds.exponent().max(*EXPONENTS.start());
        let is_taken = EXPONENTS.contains(&exponent)
            && self.exponent != Some(exponent)
            && self.take_below(block, exponent, tally);
        if is_taken {
            self.exponent = Some(exponent);
        } else {
            self.wide = PATIENCE;
        }
        is_taken
    }

    /// Takes a block if all but a few of its values have three digits below 2^`exponent`.
    ///
    /// The extremes come from the same loads; they enter the tally only when the block is taken.
    fn take_below(&mut self, block: &[f64], exponent: i32, tally: &mut Tally) -> bool {
        let found = arch::moments(self.set, block, exponent, &mut self.spill);
        self.is_tame = found.is_some();
        let Some(found) = found else { return false };
        self.sums.add(&found.sums);
        for (value, rest) in self.spill.entries() {
            self.sums.add_rest(*value, *rest);
        }
        widen(tally, block, found.low, found.high);
        true
    }

    /// Takes a block of many magnitudes. It cannot fail: what no lot takes has a class.
    fn take_wide(&mut self, block: &[f64]) {
        let Self { set, sums, spill, splitter, classes, .. } = self;
        // The two lanes of SSE2 would not gain by splitting.
        let rest = if *set == InstructionSet::Sse2 {
            block
        } else {
            splitter.split(*set, block, &EXPONENTS, |inside, exponent| {
                let found = arch::moments(*set, inside, exponent, spill);
                sums.add(&found.expect("within the binades nothing is left").sums);
            })
        };
        if !rest.is_empty() {
            classes.get_or_insert_with(|| Box::new(Classes::new(*set))).take(rest, sums);
        }
    }

    /// Empties the classes, in which values may wait.
    fn finish(mut self) {
        if let Some(classes) = &mut self.classes {
            classes.finish(&mut self.sums);
        }
    }
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
    ) -> (Tally, Dyadic, Dyadic) {
        let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
        let tally = moments_with(set, values, validity, &mut sum, &mut squares);
        (tally, sum.to_dyadic(), squares.to_dyadic())
    }

    #[track_caller]
    fn check(values: &[f64], validity: Option<Validity<'_>>) {
        check_against(&pass(InstructionSet::Portable, values, validity), values, validity);
    }

    #[track_caller]
    fn check_against(
        expected: &(Tally, Dyadic, Dyadic),
        values: &[f64],
        validity: Option<Validity<'_>>,
    ) {
        for set in fast_sets() {
            let found = pass(set, values, validity);
            assert!(found == *expected, "{set:?}, {} values: {values:?}", values.len());
        }
    }

    #[test]
    fn every_kind_length_and_alignment_equals_the_portable_loop() {
        each_kind_and_length(|values| {
            let expected = pass(InstructionSet::Portable, values, None);
            at_every_alignment(values, |values| check_against(&expected, values, None));
        });
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
    fn one_value_with_a_fourth_digit_at_every_place_equals_the_portable_loop() {
        for length in [40, 300, 1_100] {
            for place in 0..length {
                let mut values = vec![1.0; length];
                values[place] = 2f64.powi(-50).next_up();
                check(&values, None);
            }
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
        let mut random = Random::new(9);
        for case in 0..cases(10) {
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
