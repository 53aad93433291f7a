//! The door to count, Σx, Σx², Σx³, Σx⁴, smallest and largest in one pass. Blocks are split by their
//! commonest binades, each of which takes the fast way; what is scattered is added one by one.
//!
//! Third and fourth powers have up to 212 bits, so digits of 22 bits would be too many to multiply.
//! Instead a product is kept as a rounded float and its error, which fused multiply-add gives
//! exactly, and those go down ladders of large sums: see `arch::ladder`. That needs values of a few
//! binades, so every block is split, also one of ordinary data.
//!
//! Cost: 73 instructions for each normal value with AVX2, and 555 in the portable loop, which SSE2
//! takes as well.

use super::arch::{self, LADDER_EXPONENTS, PowerSums};
use super::blocks::{Blocks, Splitter, widen};
use super::{InstructionSet, Tally, Validity, portable};
use crate::exact::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator};

/// Below so many values the loop over them is faster than setting up.
const SHORT: usize = 128;

/// Adds the first four powers of every finite value, and finds the extremes.
///
/// Exact: the four states are those of adding value by value.
pub fn powers(
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
    cubes: &mut CubeAccumulator,
    fourths: &mut FourthAccumulator,
) -> Tally {
    let sums = Sums { sum, squares, cubes, fourths };
    powers_with(InstructionSet::current(), values, validity, sums)
}

/// Where the sums go.
struct Sums<'a> {
    sum: &'a mut SumAccumulator,
    squares: &'a mut SquareAccumulator,
    cubes: &'a mut CubeAccumulator,
    fourths: &'a mut FourthAccumulator,
}

impl Sums<'_> {
    /// Sixteen parts at most, for any number of values.
    fn add(&mut self, found: &PowerSums) {
        each(found, 1, |negative, part, exponent| self.sum.add(negative, part, exponent));
        each(found, 2, |negative, part, exponent| self.squares.add(negative, part, exponent));
        each(found, 3, |negative, part, exponent| self.cubes.add(negative, part, exponent));
        each(found, 4, |negative, part, exponent| self.fourths.add(negative, part, exponent));
    }

    /// The portable loop, for what is short, scattered or out of reach.
    fn add_each(&mut self, values: &[f64], validity: Option<Validity<'_>>) -> Tally {
        let Self { sum, squares, cubes, fourths } = self;
        portable::powers(values, validity, sum, squares, cubes, fourths)
    }
}

/// The parts of one power's sum that are not zero.
fn each(found: &PowerSums, power: usize, mut add: impl FnMut(bool, u64, i32)) {
    for (part, exponent) in found.of(power) {
        if *part != 0 {
            add(*part < 0, part.unsigned_abs(), *exponent);
        }
    }
}

/// Errors of products need fused multiply-add.
fn has_ladders(set: InstructionSet) -> bool {
    set >= InstructionSet::Avx2
}

/// The same with a given instruction set.
///
/// Values outside the exponents that ladders have are left over by the splitter and added one by
/// one.
fn powers_with(
    set: InstructionSet,
    values: &[f64],
    validity: Option<Validity<'_>>,
    mut sums: Sums<'_>,
) -> Tally {
    if !has_ladders(set) || values.len() < SHORT {
        return sums.add_each(values, validity);
    }
    let mut splitter = Splitter::default();
    Blocks::new(set).each(values, validity, |block, tally| {
        let bounds = arch::bounds(set, block);
        if bounds.finite {
            widen(tally, block, bounds.low, bounds.high);
            let rest = splitter.split(set, block, &LADDER_EXPONENTS, |inside, exponent| {
                sums.add(&arch::powers(set, inside, exponent));
            });
            sums.add_each(rest, None);
        }
        bounds.finite
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{
        KINDS, Random, at_every_alignment, cases, each_kind_and_length, fast_sets, mask,
    };
    use super::*;
    use crate::exact::Dyadic;
    use proptest::prelude::*;

    type Found = (Tally, [Dyadic; 4]);

    fn pass(set: InstructionSet, values: &[f64], validity: Option<Validity<'_>>) -> Found {
        let (mut sum, mut squares) = (SumAccumulator::default(), SquareAccumulator::default());
        let (mut cubes, mut fourths) = (CubeAccumulator::default(), FourthAccumulator::default());
        let sums =
            Sums { sum: &mut sum, squares: &mut squares, cubes: &mut cubes, fourths: &mut fourths };
        let tally = powers_with(set, values, validity, sums);
        let (sum, squares) = (sum.to_dyadic(), squares.to_dyadic());
        (tally, [sum, squares, cubes.to_dyadic(), fourths.to_dyadic()])
    }

    #[track_caller]
    fn check(values: &[f64], validity: Option<Validity<'_>>) {
        check_against(&pass(InstructionSet::Portable, values, validity), values, validity);
    }

    /// Without SSE2, which takes the portable loop.
    #[track_caller]
    fn check_against(expected: &Found, values: &[f64], validity: Option<Validity<'_>>) {
        for set in fast_sets().filter(|set| has_ladders(*set)) {
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
    fn many_short_arrays_equal_the_portable_loop() {
        let mut random = Random::new(10);
        for case in 0..cases(2) {
            let length = SHORT + random.below(10);
            check(&random.values(KINDS[case % KINDS.len()], length), None);
        }
    }

    #[test]
    fn blocks_and_masks_equal_the_portable_loop() {
        let mut random = Random::new(3);
        for offset in 0..64 {
            let first = random.values(KINDS[offset % KINDS.len()], 300 * offset);
            let (kind, length) = (KINDS[random.below(KINDS.len())], random.below(3000));
            let second = random.values(kind, length);
            let values = [first, second].concat();
            check(&values, None);
            let bytes = mask(&mut random, offset + values.len());
            check(&values, Validity::new(&bytes, offset, values.len()));
        }
    }

    #[test]
    fn the_largest_sums_have_room() {
        for value in [1.0f64.next_down(), -1.0f64.next_down(), 1.0, 2f64.powi(-16)] {
            check(&vec![value; 5000], None);
        }
    }

    proptest! {
        #[test]
        fn any_bits_equal_the_portable_loop(
            bits in proptest::collection::vec(any::<u64>(), SHORT..200),
            exponent in 0u64..2000,
        ) {
            let any: Vec<f64> = bits.iter().copied().map(f64::from_bits).collect();
            check(&any, None);
            let near = |bits: &u64| f64::from_bits(bits & !(0x7f0 << 52) | exponent << 52);
            let near: Vec<f64> = bits.iter().map(near).collect();
            check(&near, None);
        }
    }
}
