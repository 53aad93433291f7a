//! Sums by exponent: a bucket for each sign and exponent takes the significands of its values as integers.
//! It does not care what exponents the values have, nor in which order they come.

use crate::exact::SumAccumulator;
use alloc::boxed::Box;
use alloc::vec;

/// One for each sign and exponent.
const BUCKETS: usize = 1 << 12;

/// The sums of significands by sign and exponent.
pub struct Buckets {
    /// Modulo 2^64.
    low: Box<[u64; BUCKETS]>,
    /// How often that was exceeded.
    high: Box<[u64; BUCKETS]>,
}

impl Buckets {
    pub fn new() -> Self {
        let zeros = || vec![0; BUCKETS].try_into().expect("there are as many");
        Self { low: zeros(), high: zeros() }
    }

    /// Takes finite values.
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
