//! The door to the sums of integers with exponents of ten: exponent after exponent, the integers that have it are added up.
//!
//! A column of decimals has a few exponents, and one that most have. So integers are taken by the hundred, and those that
//! have the exponent of the first are added up in one loop without a branch; the others come next.

use super::{InstructionSet, arch};

/// How many integers are taken at a time.
pub const INTEGERS_MAX: usize = arch::INTEGERS_MAX;

/// What some integers add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerSums {
    pub count: u64,
    pub sum: i128,
    /// The lower 128 bits of the sum of squares, and what is carried out of them.
    pub squares: (u128, u64),
    pub min: i64,
    pub max: i64,
}

impl IntegerSums {
    /// Those of any integers, one by one.
    fn of(integers: impl Iterator<Item = i64>) -> Self {
        let (mut squares, mut carried) = (0u128, 0);
        let mut sums = Self { count: 0, sum: 0, squares: (0, 0), min: i64::MAX, max: i64::MIN };
        for integer in integers {
            sums.count += 1;
            sums.sum += i128::from(integer);
            let magnitude = u128::from(integer.unsigned_abs());
            let (low, overflows) = squares.overflowing_add(magnitude * magnitude);
            (squares, carried) = (low, carried + u64::from(overflows));
            sums.min = sums.min.min(integer);
            sums.max = sums.max.max(integer);
        }
        Self { squares: (squares, carried), ..sums }
    }
}

/// Calls `take` with each exponent that is there, and the sums of the integers that have it. What is in the buffers
/// is lost.
///
/// # Panics
/// When there are not as many of both, or more than [`INTEGERS_MAX`].
pub fn for_each_exponent(
    integers: &mut [i64],
    exponents: &mut [i16],
    take: impl FnMut(i16, &IntegerSums),
) {
    for_each_exponent_with(InstructionSet::current(), integers, exponents, take);
}

fn for_each_exponent_with(
    set: InstructionSet,
    mut integers: &mut [i64],
    mut exponents: &mut [i16],
    mut take: impl FnMut(i16, &IntegerSums),
) {
    assert_eq!(integers.len(), exponents.len(), "each integer has an exponent");
    while let Some(first) = exponents.first().copied() {
        take(first, &sums_of_first(set, integers, exponents));
        let n_others = others_to_front(set, integers, exponents);
        (integers, exponents) = (&mut integers[..n_others], &mut exponents[..n_others]);
    }
}

/// Vectors of two lanes, which cannot be compared, are no faster than one by one.
fn has_vectors(set: InstructionSet) -> bool {
    set >= InstructionSet::Avx2
}

/// The sums of the integers that have the exponent of the first.
fn sums_of_first(set: InstructionSet, integers: &[i64], exponents: &[i16]) -> IntegerSums {
    let sums = has_vectors(set).then(|| arch::sums_of_first(set, integers, exponents)).flatten();
    sums.unwrap_or_else(|| {
        let pairs = integers.iter().zip(exponents);
        let first = pairs.filter(|(_, exponent)| **exponent == exponents[0]);
        IntegerSums::of(first.map(|(integer, _)| *integer))
    })
}

/// Moves the integers that have another exponent than the first to the front, and gives their number.
fn others_to_front(set: InstructionSet, integers: &mut [i64], exponents: &mut [i16]) -> usize {
    if has_vectors(set) {
        return arch::others_to_front(set, integers, exponents);
    }
    let (first, mut n_others) = (exponents[0], 0);
    for index in 0..integers.len() {
        (integers[n_others], exponents[n_others]) = (integers[index], exponents[index]);
        n_others += usize::from(exponents[index] != first);
    }
    n_others
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::super::samples::{Random, cases, fast_sets};
    use super::*;

    fn sums(set: InstructionSet, integers: &[i64], exponents: &[i16]) -> Vec<(i16, IntegerSums)> {
        sums_at(0, set, integers, exponents)
    }

    /// With both buffers so many places behind where an allocation begins.
    fn sums_at(
        offset: usize,
        set: InstructionSet,
        integers: &[i64],
        exponents: &[i16],
    ) -> Vec<(i16, IntegerSums)> {
        let mut found = Vec::new();
        let mut integers = [&[0; 8][..offset], integers].concat();
        let mut exponents = [&[0; 8][..offset], exponents].concat();
        let (integers, exponents) = (&mut integers[offset..], &mut exponents[offset..]);
        for_each_exponent_with(set, integers, exponents, |exponent, sums| {
            found.push((exponent, *sums));
        });
        found
    }

    /// Integers of any length, with a few exponents.
    fn any_decimals(random: &mut Random, length: usize) -> (Vec<i64>, Vec<i16>) {
        let (n_bits_max, n_exponents) = (1 + random.below(64), 1 + random.below(6));
        let integers = (0..length).map(|_| random.bits() as i64 >> random.below(n_bits_max));
        let integers = integers.collect();
        (integers, (0..length).map(|_| -(random.below(n_exponents) as i16)).collect())
    }

    #[track_caller]
    fn check(integers: &[i64], exponents: &[i16]) {
        let expected = sums(InstructionSet::Portable, integers, exponents);
        for set in fast_sets().filter(|set| has_vectors(*set)) {
            let found = sums(set, integers, exponents);
            assert!(found == expected, "{set:?}: {integers:?} {exponents:?}");
        }
    }

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_sums_of_the_portable_loop(
            pairs in prop::collection::vec((any::<i64>(), 0u32..64, 0i16..20), 0..INTEGERS_MAX),
            n_exponents in 1i16..20,
        ) {
            let integers: Vec<_> = pairs.iter().map(|(integer, n_bits, _)| integer >> n_bits).collect();
            let exponents: Vec<_> = pairs.iter().map(|(.., exponent)| -(exponent % n_exponents)).collect();
            check(&integers, &exponents);
        }
    }

    #[test]
    fn every_length_and_alignment_equals_the_portable_loop() {
        let mut random = Random::new(16);
        for length in 0..=300 {
            let (integers, exponents) = any_decimals(&mut random, length);
            let expected = sums(InstructionSet::Portable, &integers, &exponents);
            for set in fast_sets().filter(|set| has_vectors(*set)) {
                for offset in 0..8 {
                    let found = sums_at(offset, set, &integers, &exponents);
                    assert!(found == expected, "{set:?}, {offset}: {integers:?} {exponents:?}");
                }
            }
        }
    }

    #[test]
    fn many_short_arrays_equal_the_portable_loop() {
        let mut random = Random::new(17);
        for _ in 0..cases(8) {
            let length = 1 + random.below(40);
            let (integers, exponents) = any_decimals(&mut random, length);
            check(&integers, &exponents);
        }
    }

    #[test]
    fn a_portable_loop_adds_one_by_one() {
        let found = sums(InstructionSet::Portable, &[3, i64::MIN, -4], &[-2, 7, -2]);
        let of = |count, sum, squares, min, max| IntegerSums {
            count,
            sum,
            squares: (squares, 0),
            min,
            max,
        };
        let lowest = i64::MIN;
        let expected =
            [(-2, of(2, -1, 25, -4, 3)), (7, of(1, lowest.into(), 1 << 126, lowest, lowest))];
        assert_eq!(found, expected);
    }

    /// The largest that lanes take, and the smallest that they refuse, at every length.
    #[test]
    fn lanes_do_not_overflow() {
        for magnitude in [(1 << 57) - 1, 1 << 57, i64::MAX] {
            for length in (1..=INTEGERS_MAX).step_by(7).chain([INTEGERS_MAX]) {
                let integers: Vec<_> =
                    (0..length as i64).map(|at| magnitude * (1 - at % 2 * 2)).collect();
                check(&integers, &alloc::vec![0; length]);
                check(&alloc::vec![magnitude; length], &alloc::vec![0; length]);
            }
        }
    }
}
