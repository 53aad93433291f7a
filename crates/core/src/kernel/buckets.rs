//! Sums by exponent: a bucket for each sign and exponent takes the significands of its values as integers.
//! It does not care what exponents the values have, nor in which order they come.
//!
//! Exact, since significands are integers below 2^53 and a bucket has 128 bits for them: 2^75
//! additions could not fill it. The upper half is written at most once in 2^11 additions, so the
//! loop is one load, one addition and one store, plus a branch that is nearly never taken. Nothing
//! is carried from one bucket to another before the end. It is the fallback for wild exponents
//! because it is indifferent to them.
//!
//! After Neal, "Fast exact summation using small and large superaccumulators" (2015), whose large
//! one has a chunk for each sign and exponent as well.

use crate::exact::SumAccumulator;
use alloc::boxed::Box;
use alloc::vec;

/// One for each sign and exponent.
const BUCKETS: usize = 1 << 12;

/// The sums of significands by sign and exponent.
///
/// 64 KB, so it lives beside the data in the second-level cache.
pub struct Buckets {
    /// Modulo 2^64.
    low: Box<[u64; BUCKETS]>,
    /// How often that was exceeded.
    high: Box<[u64; BUCKETS]>,
}

impl Buckets {
    /// All empty: 64 KB to clear, which is why short slices do not go this way.
    pub fn new() -> Self {
        let zeros = || vec![0; BUCKETS].try_into().expect("there are as many");
        Self { low: zeros(), high: zeros() }
    }

    /// Takes finite values.
    ///
    /// A subnormal has no hidden bit and the exponent field 0, whose unit is that of the field 1:
    /// the hidden bit is what tells them apart. An infinity or NaN would be counted as a number, so
    /// there must be none.
    pub fn take(&mut self, values: &[f64]) {
        for value in values {
            let bits = value.to_bits();
            let bucket = (bits >> 52) as usize;
            let hidden = u64::from(bucket & 0x7ff != 0) << 52;
            let significand = bits & ((1 << 52) - 1) | hidden;
            let (sum, is_full) = self.low[bucket].overflowing_add(significand);
            self.low[bucket] = sum;
            if is_full {
                self.high[bucket] += 1;
            }
        }
    }

    /// Adds what was taken to `sum`.
    ///
    /// Each bucket is one exact multiple of its exponent's unit. The buckets keep what they hold.
    pub fn add_to(&self, sum: &mut SumAccumulator) {
        for (bucket, (low, high)) in self.low.iter().zip(self.high.iter()).enumerate() {
            let total = u128::from(*high) << 64 | u128::from(*low);
            if total != 0 {
                let exponent = (bucket as i32 & 0x7ff).max(1) - 1075;
                sum.add_wide(bucket >> 11 == 1, total, exponent);
            }
        }
    }
}
