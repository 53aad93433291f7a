//! Binary64 as integers of the same order.
//!
//! As integers they are ordered by one comparison, with −0.0 below +0.0, and sorted by any
//! algorithm for integers. NaN would lie beyond the infinities, but none comes here.

use crate::exact::Value;
use core::ops::Range;

/// The keys of finite values.
pub const FINITE: Range<i64> = i64::MIN + (1 << 52)..i64::MAX - (1 << 52) + 1;

/// The key of a value.
/// Its inverse is `Value::from_key`.
#[inline]
pub fn of(value: f64) -> i64 {
    Value::from(value).key()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_finite_values() {
        assert_eq!(FINITE, of(f64::MIN)..of(f64::INFINITY));
        assert_eq!(of(f64::NEG_INFINITY) + 1, FINITE.start);
    }
}
