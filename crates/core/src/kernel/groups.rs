//! Sums by group: each value goes to the sum of its group, where groups are numbered from 0. All groups
//! share one scale, in which a sum is two digits of 64 bits; values that it cannot show exactly are handed
//! back. The floats are exact here, every one of them: see [`Scale`].
//!
//! Why it is exact: a value that is a multiple of 2^e and below 2^(e + 75) is two integers, taken
//! off by two additions whose roundings are exact by the sizes of the constants. From there on
//! everything is integer addition, 64 bits wide, with room for 2^24 rows before carries have to be
//! settled. What is no such multiple is seen by comparing what is left, without a branch for each
//! row, and goes to an accumulator of its group.
//!
//! Why it is fast: the digits of 64 rows are computed by vectors, then scattered in a loop that
//! does nothing else; with more groups than a cache holds, those of the rows ahead are fetched
//! meanwhile. A group is 24 bytes.

#![allow(clippy::inline_always)] // the loop is compiled for each instruction set, with all that it calls

use super::arch::power;
use super::{InstructionSet, arch};
use crate::exact::Value;
use alloc::vec;
use alloc::vec::Vec;

/// Rows taken together: their digits are computed by vectors, then added one by one.
/// Few enough for their digits to stay in the first-level cache.
const BLOCK_LENGTH: usize = 64;

/// So many groups stay in a cache near enough to need no fetching ahead.
const CACHED_MAX: usize = 1 << 14;

/// Places of the low digit.
const LOW_PLACES: i32 = 38;

/// Places of both digits.
const PLACES: i32 = 75;

/// Values up to 2^6 times as large as the largest when the scale was chosen still have digits.
const PLACES_ABOVE: i32 = 6;

/// Values that are looked at to choose the scale.
/// They are about to be read anyway. A scale that proves bad costs time, never a bit.
const SAMPLE_LENGTH: usize = 4096;

/// A digit of a value is at most 2^37, so after so many rows one that was below 2^61 is at most 2^62.
const ROWS_MAX: usize = 1 << 24;

/// What a digit is kept below between the rows: 2^61.
const DIGIT_MAX: u64 = 1 << 61;

/// How values become digits: x = high·2^(e + 38) + low·2^e for the values below 2^(e + 75) that are
/// multiples of 2^e.
///
/// Adding 1.5·2^(52 + p) to a float below 2^(51 + p) rounds it to a multiple of 2^p, and the significand of
/// the result counts them. The difference to the float is exact (Dekker's `Fast2Sum`), and below 2^p again.
#[derive(Clone, Copy, Debug)]
struct Scale {
    exponent: i32,
    /// 1.5·2^(52 + e + 38).
    high: f64,
    /// 1.5·2^(52 + e).
    low: f64,
    /// 2^(e + 75).
    bound: f64,
}

impl Scale {
    /// The scale for values like these; none where there is nothing but zeros.
    ///
    /// The largest of the first values is put six places below the top, so that later ones may be
    /// 64 times as large, and 69 places remain below it: a value 2^16 times smaller still has all
    /// its bits.
    fn for_values(values: &[f64]) -> Option<Self> {
        let sizes = values.iter().map(|value| value.abs());
        let sizes = sizes.filter(|size| size.is_finite() && *size != 0.0);
        let (_, magnitude, exponent) =
            Value::from(sizes.take(SAMPLE_LENGTH).reduce(f64::max)?).to_parts();
        let above = exponent + (u64::BITS - magnitude.leading_zeros()) as i32 + PLACES_ABOVE;
        // Not below the places of subnormals, and no constant beyond the largest power of two.
        Some(Self::at((above - PLACES).clamp(-1074, 1023 - 52 - LOW_PLACES)))
    }

    /// The scale whose low digit counts multiples of 2^`exponent`.
    fn at(exponent: i32) -> Self {
        Self {
            exponent,
            high: 1.5 * power(52 + exponent + LOW_PLACES),
            low: 1.5 * power(52 + exponent),
            bound: power(exponent + PLACES),
        }
    }

    /// The digits of a value and a count of 1; zeros where digits cannot show it.
    ///
    /// Rounding to a multiple of 2^(e + 38) gives the high digit and leaves less; rounding that to
    /// a multiple of 2^e gives the low one. The value fits when it is below the bound and nothing
    /// is left. NaN and infinities fail both comparisons.
    #[inline(always)]
    fn digits(&self, value: f64) -> (Digits, u64) {
        let high = value + self.high;
        let rest = value - (high - self.high);
        let low = rest + self.low;
        let fits = value.abs() < self.bound && rest == low - self.low;
        let mask = -i64::from(fits);
        let digit = |sum: f64, zero: f64| sum.to_bits().wrapping_sub(zero.to_bits()) as i64 & mask;
        ([digit(high, self.high), digit(low, self.low)], u64::from(fits))
    }
}

/// The sum of a group: `sum`·2^`exponent` over `count` values.
///
/// Exact, and in lowest terms or not: two equal sums may have different exponents.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupSum {
    pub sum: i128,
    pub exponent: i32,
    pub count: u64,
}

/// Who takes what has no digits in the scale.
///
/// An accumulator for that group alone, made when it is first needed.
pub trait Elsewhere {
    /// Takes a value of a group, perhaps one that is not finite.
    fn take_value(&mut self, group: usize, value: f64);
    /// Takes the sum of values of a group.
    fn take_sum(&mut self, group: usize, sum: GroupSum);
}

/// The high and the low digit.
type Digits = [i64; 2];

/// The sums of all groups.
///
/// Digits may have either sign and be of any size below their limit; what counts is their total, of
/// which there is one.
#[derive(Clone, Debug)]
pub struct GroupSums {
    /// Chosen when the first values come.
    scale: Option<Scale>,
    digits: Vec<Digits>,
    counts: Vec<u64>,
    /// How many since all digits were below 2^61.
    rows: usize,
}

impl GroupSums {
    /// So many groups of no values.
    pub fn new(n_groups: usize) -> Self {
        Self { scale: None, digits: vec![[0; 2]; n_groups], counts: vec![0; n_groups], rows: 0 }
    }

    /// Adds groups of no values until there are so many.
    pub fn grow(&mut self, n_groups: usize) {
        self.digits.resize(n_groups, [0; 2]);
        self.counts.resize(n_groups, 0);
    }

    /// How many groups.
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// How many bytes they take.
    pub fn bytes_kept(&self) -> u64 {
        (size_of_val(&self.digits[..]) + size_of_val(&self.counts[..])) as u64
    }

    /// The sum of a group.
    pub fn at(&self, group: usize) -> GroupSum {
        let exponent = self.scale.map_or(0, |scale| scale.exponent);
        GroupSum { sum: total(self.digits[group]), exponent, count: self.counts[group] }
    }

    /// Adds each value to the group of its row, or to the one `elsewhere`. There are as many ids as values,
    /// each below the number of groups. Under the default floating-point environment only.
    ///
    /// Cost: bound by fetching the groups where they are many.
    ///
    /// # Panics
    /// When an id is not below the number of groups.
    pub fn update(&mut self, ids: &[u32], values: &[f64], elsewhere: &mut dyn Elsewhere) {
        self.update_with(InstructionSet::current(), ids, values, elsewhere);
    }

    /// The scale is chosen by the first call that brings a value other than zero, and then holds: a
    /// sum cannot be moved to another scale without losing what it has no places for.
    fn update_with(
        &mut self,
        set: InstructionSet,
        ids: &[u32],
        values: &[f64],
        elsewhere: &mut dyn Elsewhere,
    ) {
        self.scale = self.scale.or_else(|| Scale::for_values(values));
        let scale = self.scale.unwrap_or(Scale::at(0)); // zeros have digits in any
        for (ids, values) in ids.chunks(ROWS_MAX).zip(values.chunks(ROWS_MAX)) {
            if self.rows + ids.len() > ROWS_MAX {
                self.settle(elsewhere);
            }
            self.rows += ids.len();
            let rows =
                Rows { scale, ids, values, digits: &mut self.digits, counts: &mut self.counts };
            if set == InstructionSet::Portable {
                rows.add(elsewhere);
            } else {
                arch::add_rows(set, rows, elsewhere);
            }
        }
    }

    /// Adds a sum to that of a group, if digits can show what comes out.
    ///
    /// How another state's group is merged, whose scale may be another, and how an integer enters that is no
    /// binary64. False leaves the group as it was.
    pub fn add(&mut self, group: usize, addend: GroupSum) -> bool {
        if addend.sum != 0 {
            let scale = self.scale.get_or_insert_with(|| Scale::at(addend.exponent));
            let exponent = scale.exponent;
            let shifted = shift_left(addend.sum, addend.exponent - exponent);
            let sum = shifted.and_then(|sum| total(self.digits[group]).checked_add(sum));
            let Some(digits) = sum.and_then(split) else { return false };
            self.digits[group] = digits;
        }
        self.counts[group] += addend.count;
        true
    }

    /// Brings all digits below 2^61. Sums too large for that go elsewhere, and begin again from nothing.
    ///
    /// After 2^24 rows a digit may have grown to 2^62. Splitting the total anew makes both small
    /// again, unless the sum itself has outgrown them.
    fn settle(&mut self, elsewhere: &mut dyn Elsewhere) {
        for group in 0..self.digits.len() {
            let digits = self.digits[group];
            if digits.iter().all(|digit| digit.unsigned_abs() < DIGIT_MAX) {
                continue;
            }
            self.digits[group] = split(total(digits)).unwrap_or_else(|| {
                elsewhere.take_sum(group, self.at(group));
                self.counts[group] = 0;
                [0; 2]
            });
        }
        self.rows = 0;
    }
}

/// The sum that digits show, in units of the low one.
fn total([high, low]: Digits) -> i128 {
    (i128::from(high) << LOW_PLACES) + i128::from(low)
}

/// The digits that show a sum, both below 2^61.
/// The low one from 0 to 2^38, the high one with the sign.
fn split(total: i128) -> Option<Digits> {
    let high = i64::try_from(total >> LOW_PLACES).ok()?;
    let low = total as i64 & ((1 << LOW_PLACES) - 1);
    (high.unsigned_abs() < DIGIT_MAX).then_some([high, low])
}

/// `value`·2^`bits`, where that is an integer of 127 bits.
/// None where a bit would be lost at either end.
fn shift_left(value: i128, bits: i32) -> Option<i128> {
    let places = bits.unsigned_abs();
    match bits {
        _ if value == 0 => Some(0),
        0.. => (places < value.unsigned_abs().leading_zeros()).then(|| value << places),
        _ => (places <= value.trailing_zeros()).then(|| value >> places),
    }
}

/// Rows on their way into sums.
pub(super) struct Rows<'a> {
    scale: Scale,
    ids: &'a [u32],
    values: &'a [f64],
    digits: &'a mut [Digits],
    counts: &'a mut [u64],
}

impl Rows<'_> {
    /// Adds them.
    #[inline(always)]
    pub(super) fn add(self, elsewhere: &mut dyn Elsewhere) {
        let mut digits = [[0; 2]; BLOCK_LENGTH];
        let mut fits = [0; BLOCK_LENGTH];
        let mut ahead = self.ids;
        for (ids, values) in self.ids.chunks(BLOCK_LENGTH).zip(self.values.chunks(BLOCK_LENGTH)) {
            for (index, value) in values.iter().enumerate() {
                (digits[index], fits[index]) = self.scale.digits(*value);
            }
            ahead =
                ahead.get(BLOCK_LENGTH..).filter(|_| self.digits.len() > CACHED_MAX).unwrap_or(&[]);
            for (index, id) in ids.iter().enumerate() {
                if let Some(next) = ahead.get(index) {
                    arch::prefetch(self.digits, *next as usize);
                    arch::prefetch(self.counts, *next as usize);
                }
                let group = *id as usize;
                let sum = &mut self.digits[group];
                sum[0] += digits[index][0];
                sum[1] += digits[index][1];
                self.counts[group] += fits[index];
            }
            if fits[..ids.len()].contains(&0) {
                let rows = ids.iter().zip(values).zip(&fits);
                for ((id, value), _) in rows.filter(|(_, fits)| **fits == 0) {
                    elsewhere.take_value(*id as usize, *value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KINDS, Random, cases, fast_sets};
    use super::*;
    use crate::exact::{Dyadic, Natural};
    use proptest::prelude::*;

    /// Sums in numbers of any size, of what is left to others.
    #[derive(Default)]
    struct Apart(Vec<(Dyadic, u64)>);

    impl Apart {
        fn add(&mut self, group: usize, sum: &Dyadic, count: u64) {
            self.0.resize(self.0.len().max(group + 1), Default::default());
            let (total, n) = &mut self.0[group];
            (*total, *n) = (total.add(sum), *n + count);
        }
    }

    impl Elsewhere for Apart {
        fn take_value(&mut self, group: usize, value: f64) {
            self.add(group, &Value::from(value).to_dyadic(), 1);
        }

        fn take_sum(&mut self, group: usize, sum: GroupSum) {
            self.add(group, &exact(sum), sum.count);
        }
    }

    fn exact(sum: GroupSum) -> Dyadic {
        Dyadic::new(sum.sum < 0, &Natural::from(sum.sum.unsigned_abs()), sum.exponent)
    }

    fn total_of(sums: &GroupSums, mut apart: Apart) -> Vec<(Dyadic, u64)> {
        for group in 0..sums.len() {
            apart.add(group, &exact(sums.at(group)), sums.at(group).count);
        }
        apart.0
    }

    proptest! {
        #[test]
        fn every_instruction_set_gives_the_sums_of_natural_arithmetic(
            values in proptest::collection::vec(prop_oneof![
                6 => (-1e3..1e3).prop_map(|x: f64| x),
                1 => any::<u64>().prop_map(f64::from_bits),
                1 => Just(0.0),
            ], 0..300),
            n_groups in 1u32..5,
            merged in any::<bool>(),
        ) {
            let ids: Vec<u32> = (0..values.len() as u32).map(|row| row * row % n_groups).collect();
            let mut expected = Apart::default();
            for (id, value) in ids.iter().zip(&values) {
                expected.take_value(*id as usize, *value);
            }
            let expected = total_of(&GroupSums::new(n_groups as usize), expected);
            for set in InstructionSet::available() {
                let mut apart = Apart::default();
                let halves = [0..values.len() / 2, values.len() / 2..values.len()];
                let [mut sums, mut other] = [GroupSums::new(n_groups as usize), GroupSums::new(n_groups as usize)];
                for (half, rows) in halves.into_iter().enumerate() {
                    let sums = if merged && half == 1 { &mut other } else { &mut sums };
                    sums.update_with(set, &ids[rows.clone()], &values[rows], &mut apart);
                    sums.settle(&mut apart);
                }
                for group in 0..other.len() {
                    if !sums.add(group, other.at(group)) {
                        apart.take_sum(group, other.at(group));
                    }
                }
                prop_assert_eq!(&total_of(&sums, apart), &expected, "{:?}", set);
            }
        }
    }

    #[test]
    fn many_short_arrays_equal_the_portable_loop() {
        let mut random = Random::new(20);
        for case in 0..cases(6) {
            let (length, n_groups) = (1 + random.below(20), 1 + random.below(3));
            let values = random.values(KINDS[case % KINDS.len()], length);
            let ids: Vec<u32> = values.iter().map(|_| random.below(n_groups) as u32).collect();
            let sums_by = |set| {
                let (mut sums, mut apart) = (GroupSums::new(n_groups), Apart::default());
                sums.update_with(set, &ids, &values, &mut apart);
                total_of(&sums, apart)
            };
            let expected = sums_by(InstructionSet::Portable);
            for set in fast_sets() {
                assert!(sums_by(set) == expected, "{set:?}: {ids:?} {values:?}");
            }
        }
    }

    #[test]
    fn sums_beyond_their_digits_go_elsewhere() {
        let (mut sums, mut apart) = (GroupSums::new(1), Apart::default());
        sums.update(&[0], &[1.0], &mut apart);
        for _ in 0..80 {
            let double = sums.at(0);
            if !sums.add(0, double) {
                apart.take_sum(0, double);
            }
        }
        sums.digits[0][1] = i64::MAX;
        sums.settle(&mut apart);
        assert!(sums.digits[0].iter().all(|digit| digit.unsigned_abs() < DIGIT_MAX));
        assert!(apart.0[0].1 > 0, "it has taken something");
    }
}
