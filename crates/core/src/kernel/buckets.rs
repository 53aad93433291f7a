//! Sums by exponent: a bucket for each exponent takes the significands of its values as integers.
//! It does not care what exponents the values have, nor in which order they come.
//!
//! Exact, since significands are integers below 2^53 and a bucket has 128 bits for them: 2^74
//! additions could not fill it. As long as a sum moves one way, its upper half is written at most
//! once in 2^10 additions, and only one that stays at the edge is written more often. So the loop is
//! one load, one addition and one store, plus a branch that is nearly never taken. Nothing is
//! carried from one bucket to another before the end. It is the fallback for wild exponents because
//! it is indifferent to them.
//!
//! After Neal, "Fast exact summation using small and large superaccumulators" (2015), whose large
//! one has a chunk for each sign and exponent. Here a significand has its sign, which makes half as many
//! buckets: the halves that are written each time take 16 KB, and stay in the first-level cache.

use super::InstructionSet;
use super::arch::{EXPONENT_FIELDS, add_by_exponent};
use crate::exact::SumAccumulator;
use alloc::boxed::Box;
use alloc::vec;

/// How many buckets are put together when they are emptied: no slice is so long that their sum would leave 128 bits.
/// It has fewer than 2^60 values, so the sum is below 2^(60 + 53 + 7).
const NEIGHBOURS: usize = 8;

/// The sums of significands by exponent.
pub struct Buckets {
    /// Modulo 2^64.
    low: Box<[i64; EXPONENT_FIELDS]>,
    /// How often that was left, upwards less downwards.
    high: Box<[i64; EXPONENT_FIELDS]>,
}

impl Buckets {
    /// All empty: 32 KB to clear, which is why short slices do not go this way.
    pub fn new() -> Self {
        let zeros = || vec![0; EXPONENT_FIELDS].try_into().expect("there are as many");
        Self { low: zeros(), high: zeros() }
    }

    /// Takes the finite ones of some values; whether all are. Of one slice or several, no more than fit into memory.
    pub fn take(&mut self, set: InstructionSet, values: &[f64]) -> bool {
        add_by_exponent(set, values, &mut self.low, &mut self.high)
    }

    /// Adds what was taken to `sum`.
    ///
    /// Neighbours are put together first, which is most of the work when there are few values. What is in the
    /// last bucket is not finite. The buckets keep what they hold.
    pub fn add_to(&self, sum: &mut SumAccumulator) {
        let total =
            |field: usize| (i128::from(self.high[field]) << 64) + i128::from(self.low[field]);
        let mut add = |total: i128, field: usize| {
            if total != 0 {
                sum.add_wide(total < 0, total.unsigned_abs(), field as i32 - 1075);
            }
        };
        // Subnormals have the unit of the first normal values.
        add(total(0), 1);
        for first in (1..EXPONENT_FIELDS - 1).step_by(NEIGHBOURS) {
            let fields = first..(first + NEIGHBOURS).min(EXPONENT_FIELDS - 1);
            add(fields.map(|field| total(field) << (field - first)).sum(), first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::fast_sets;
    use super::super::{Tally, portable};
    use super::*;

    #[track_caller]
    fn check(values: &[f64]) {
        let mut expected = SumAccumulator::default();
        let counted = portable::sum(values, None, &mut expected);
        for set in fast_sets() {
            let (mut buckets, mut found) = (Buckets::new(), SumAccumulator::default());
            let finite = Tally { finite: values.len() as u64, ..Tally::default() };
            assert_eq!(buckets.take(set, values), counted == finite, "{set:?}");
            buckets.add_to(&mut found);
            assert_eq!(found.to_dyadic(), expected.to_dyadic(), "{set:?}");
        }
    }

    #[test]
    fn a_sum_that_leaves_its_integer_either_way_equals_the_portable_loop() {
        let subnormal = f64::MIN_POSITIVE.next_down();
        for value in [f64::MAX, 1.0f64.next_down(), f64::MIN_POSITIVE, subnormal] {
            for value in [value, -value] {
                let mut values = vec![value; 5_000];
                check(&values);
                values.resize(14_000, -value);
                check(&values);
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_told_and_adds_nothing() {
        for other in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in [0, 63, 64, 130] {
                let mut values: Vec<f64> = (0..131).map(f64::from).collect();
                values[place] = other;
                check(&values);
            }
        }
    }
}
