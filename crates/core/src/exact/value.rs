//! One real number as data brings it: a binary64, or an integer of up to 64 bits carried exactly.
//!
//! A float of 16 bits or an integer of 128 is no value; a decimal becomes the nearest binary64 before it comes here.

use super::{Dyadic, Natural};

/// The exponent of the last place of a subnormal binary64.
const EXPONENT_MIN: i32 = -1074;

/// From here on not every integer is a binary64.
const TWO_53: f64 = 9_007_199_254_740_992.0;

/// The nearest binary64 of the largest integer.
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

/// A number from the data: the nearest binary64 and what is missing to the number itself, which is zero
/// for everything but integers beyond 2^53. Its identity is the real number: `5i64`, `5.0f32` and
/// `5.0f64` are one value. NaN and the infinities are values too; what becomes of them is the plan's.
///
/// The order is total and that of the real numbers, with −0.0 below +0.0 and NaN at the ends.
///
/// ```
/// use exacta::Value;
/// let beyond = Value::from((1i64 << 53) + 1);
/// assert!(beyond > Value::from(9007199254740992.0) && beyond < Value::from(9007199254740994.0));
/// assert_eq!(beyond.to_f64(), 9007199254740992.0);
/// ```
///
/// Rounding to nearest keeps the order, so comparing the nearest binary64s and then the remainders compares the
/// numbers. It takes 16 bytes and is copied.
///
/// ```
/// use exacta::Value;
/// assert_eq!(Value::from(5i64), Value::from(5.0f32));
/// assert!(Value::from(-0.0) < Value::from(0));
/// assert!(Value::from(f64::INFINITY) < Value::from(f64::NAN));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// The bits of the nearest binary64, mapped so that integer order is numeric order.
    key: i64,
    /// The number minus its nearest binary64: at most half an ulp, which is 1024 below 2^64.
    remainder: i16,
}

impl From<f64> for Value {
    #[inline]
    fn from(value: f64) -> Self {
        Self { key: order_preserving(value.to_bits() as i64), remainder: 0 }
    }
}

impl From<f32> for Value {
    /// Widened in integers: a host that set denormals-are-zero would lose subnormals otherwise.
    #[inline]
    fn from(value: f32) -> Self {
        let bits = value.to_bits();
        let fraction = bits & 0x7f_ffff;
        if bits & 0x7f80_0000 != 0 || fraction == 0 {
            return Self::from(f64::from(value));
        }
        // fraction·2^-149: a normal binary64, whose exponent field is lowered by 149.
        let magnitude = f64::from(fraction).to_bits() - (149 << 52);
        Self::from(f64::from_bits(magnitude | u64::from(bits >> 31) << 63))
    }
}

macro_rules! from_references {
    ($($type:ty)*) => { $(
        impl From<&$type> for Value {
            #[inline]
            fn from(value: &$type) -> Self {
                Self::from(*value)
            }
        }
    )* };
}
from_references!(f64 f32 i8 i16 i32 i64 u8 u16 u32 u64 Value);

macro_rules! from_integers {
    ($($signed:ty)*; $($unsigned:ty)*) => {
        $(impl From<$signed> for Value {
            #[inline]
            fn from(value: $signed) -> Self {
                Self::from_integer(value < 0, u64::from(value.unsigned_abs()))
            }
        })*
        $(impl From<$unsigned> for Value {
            #[inline]
            fn from(value: $unsigned) -> Self {
                Self::from_integer(false, u64::from(value))
            }
        })*
    };
}
from_integers!(i8 i16 i32 i64; u8 u16 u32 u64);

impl Value {
    /// The nearest binary64, ties to even.
    ///
    /// ```
    /// use exacta::Value;
    /// assert_eq!(Value::from(u64::MAX).to_f64(), 18_446_744_073_709_551_616.0);
    /// assert_eq!(Value::from(0.1f32).to_f64(), 0.10000000149011612);
    /// ```
    #[inline]
    pub fn to_f64(self) -> f64 {
        f64::from_bits(order_preserving(self.key) as u64)
    }

    /// An integer whose order is that of the nearest binary64, −0.0 below +0.0.
    ///
    /// Integers beyond 2^53 with one nearest binary64 share it: whoever sorts by keys has none of those.
    #[inline]
    pub(crate) fn key(self) -> i64 {
        self.key
    }

    /// The value with this [`Value::key`] and [`Value::remainder`], taken from one.
    #[inline]
    pub(crate) fn from_key(key: i64, remainder: i16) -> Self {
        Self { key, remainder }
    }

    /// Whether it is a real number: neither NaN nor infinite.
    ///
    /// ```
    /// use exacta::Value;
    /// assert!(Value::from(7).is_finite() && !Value::from(f64::INFINITY).is_finite());
    /// ```
    #[inline]
    pub fn is_finite(self) -> bool {
        self.to_f64().is_finite()
    }

    /// The number minus its nearest binary64: not zero only for integers beyond 2^53.
    ///
    /// ```
    /// use exacta::Value;
    /// assert_eq!((Value::from(u64::MAX).remainder(), Value::from(0.1).remainder()), (-1, 0));
    /// ```
    #[inline]
    pub fn remainder(self) -> i16 {
        self.remainder
    }

    /// The exact number; zero for NaN and the infinities, which have none.
    pub(crate) fn to_dyadic(self) -> Dyadic {
        let (negative, magnitude, exponent) = self.to_parts();
        Dyadic::new(negative, &Natural::from(magnitude), exponent)
    }

    /// Sign, magnitude and exponent of the exact number ±magnitude·2^exponent; the magnitude is zero for
    /// NaN and the infinities.
    ///
    /// It is the form in which values enter sums. No normal form: the magnitude of a binary64 is its significand.
    #[inline]
    pub(crate) fn to_parts(self) -> (bool, u64, i32) {
        match self.to_wide_integer() {
            // Below 2^64 in magnitude, as every integer that comes in.
            Some(integer) => (integer < 0, integer.unsigned_abs() as u64, 0),
            None => decompose(self.to_f64()),
        }
    }

    /// The integer, where a remainder says that it is one beyond 2^53.
    #[inline]
    pub(crate) fn to_wide_integer(self) -> Option<i128> {
        (self.remainder != 0).then(|| {
            let (negative, significand, exponent) = decompose(self.to_f64());
            let nearest = i128::from(significand) << exponent;
            i128::from(self.remainder) + if negative { -nearest } else { nearest }
        })
    }

    /// The value whose nearest binary64 and remainder these are, if there is one.
    ///
    /// None for what no number has: a remainder of more than half an ulp or of a number below 2^53, or an integer
    /// beyond 64 bits. Bytes from outside come through here.
    ///
    /// ```
    /// use exacta::Value;
    /// for value in [Value::from(-0.1), Value::from(u64::MAX), Value::from(f64::NAN)] {
    ///     assert_eq!(Value::from_parts(value.to_f64(), value.remainder()), Some(value));
    /// }
    /// assert_eq!(Value::from_parts(0.5, 1), None);
    /// ```
    pub fn from_parts(nearest: f64, remainder: i16) -> Option<Self> {
        if remainder == 0 {
            return Some(Self::from(nearest));
        }
        let integral = nearest.abs() >= TWO_53 && nearest.abs() <= TWO_64;
        let value = Self { remainder, ..Self::from(nearest) };
        let integer = integral.then(|| value.to_wide_integer())??;
        let magnitude = u64::try_from(integer.unsigned_abs()).ok()?;
        let representable = integer >= i128::from(i64::MIN);
        (representable && Self::from_integer(integer < 0, magnitude) == value).then_some(value)
    }

    /// The value of an integer of up to 64 bits, with its sign.
    #[inline]
    pub(crate) fn from_wide(integer: i128) -> Self {
        Self::from_integer(integer < 0, integer.unsigned_abs() as u64)
    }

    /// The value of ±`magnitude`. Beyond 2^53 it is rounded to the nearest binary64 in integers, ties to even, and what
    /// that is off by is kept as the remainder.
    #[inline]
    fn from_integer(negative: bool, magnitude: u64) -> Self {
        let excess = 11u32.saturating_sub(magnitude.leading_zeros());
        if excess == 0 {
            // Fits 53 bits: the conversion is exact under any rounding mode.
            let nearest = magnitude as f64;
            return Self::from(if negative { -nearest } else { nearest });
        }
        let (floor, rest) = (magnitude >> excess, magnitude & ((1 << excess) - 1));
        let half = 1 << (excess - 1);
        let significand = floor + u64::from(rest > half || rest == half && floor & 1 == 1);
        let nearest = f64::from_bits((significand as f64).to_bits() + (u64::from(excess) << 52));
        let remainder = (i128::from(magnitude) - (i128::from(significand) << excess)) as i16;
        let signed = if negative { (-nearest, -remainder) } else { (nearest, remainder) };
        Self { remainder: signed.1, ..Self::from(signed.0) }
    }
}

/// Maps the bits of a binary64 to an integer whose order is the numeric one, and back: it is its own inverse.
///
/// Positive ones keep their bits, which are in order; of negative ones all but the sign are inverted.
#[inline]
fn order_preserving(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// Sign, significand and exponent of a finite binary64: ±significand·2^exponent. For NaN and the
/// infinities the significand is 0.
#[inline]
pub(super) fn decompose(value: f64) -> (bool, u64, i32) {
    let bits = value.to_bits();
    let field = (bits >> 52) as i32 & 0x7ff;
    let fraction = bits & ((1 << 52) - 1);
    let significand = match field {
        0 => fraction,
        0x7ff => 0,
        _ => fraction | 1 << 52,
    };
    (bits >> 63 == 1, significand, EXPONENT_MIN + (field - 1).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The number as text that both Rust and a person can check.
    fn integer(value: Value) -> i128 {
        value.to_wide_integer().unwrap_or_else(|| value.to_f64() as i128)
    }

    proptest! {
        #[test]
        fn integers_keep_their_value_and_order(a in any::<i64>(), b in any::<u64>(), shift in 0u32..64) {
            let (a, b) = (a >> shift, b >> shift);
            prop_assert_eq!(integer(Value::from(a)), i128::from(a));
            prop_assert_eq!(integer(Value::from(b)), i128::from(b));
            prop_assert_eq!(Value::from(a).to_f64().to_bits(), (a as f64).to_bits());
            prop_assert_eq!(Value::from(b).to_f64().to_bits(), (b as f64).to_bits());
            prop_assert_eq!(Value::from(a).cmp(&Value::from(b)), i128::from(a).cmp(&i128::from(b)));
            for value in [Value::from(a), Value::from(b)] {
                prop_assert_eq!(Value::from_parts(value.to_f64(), value.remainder()), Some(value));
            }
        }

        #[test]
        fn floats_keep_their_bits_and_order(a in any::<f64>(), b in any::<f64>()) {
            prop_assert_eq!(Value::from(a).to_f64().to_bits(), a.to_bits());
            prop_assert_eq!(Value::from(a).cmp(&Value::from(b)), a.total_cmp(&b));
        }

        #[test]
        fn single_precision_widens_exactly(a in any::<u32>()) {
            let a = f32::from_bits(a);
            prop_assume!(!a.is_nan());
            prop_assert_eq!(Value::from(a).to_f64().to_bits(), f64::from(a).to_bits());
        }

        #[test]
        fn parts_that_are_no_integer_are_refused(a in any::<f64>(), remainder in any::<i16>()) {
            if let Some(value) = Value::from_parts(a, remainder) && remainder != 0 {
                let wide = value.to_wide_integer().unwrap();
                prop_assert!(i128::from(i64::MIN) <= wide && wide <= i128::from(u64::MAX));
            }
        }
    }

    #[test]
    fn one_number_is_one_value_whatever_its_type() {
        for value in [Value::from(5i8), 5u16.into(), 5i32.into(), 5u64.into(), 5f32.into()] {
            assert_eq!(value, Value::from(5.0));
        }
    }

    #[test]
    fn the_largest_integer_lies_one_below_its_nearest() {
        let value = Value::from(u64::MAX);
        assert_eq!((value.to_f64(), value.remainder()), (TWO_64, -1));
        assert_eq!(Value::from_parts(TWO_64, 1), None);
        assert_eq!(Value::from_parts(0.5, 1), None);
        assert_eq!(Value::from_parts(f64::NAN, 1), None);
    }

    #[test]
    fn subnormal_single_precision() {
        let tiny = f32::from_bits(1);
        assert_eq!(Value::from(-tiny).to_f64().to_bits(), (-f64::from(tiny)).to_bits());
    }
}
