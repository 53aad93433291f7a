//! The types of numbers that a column may hold, and how each becomes binary64 without losing anything.
//!
//! The list is closed because exactness is a property of each type: what widens without loss is
//! here, and what would not (128-bit integers, decimals, binary128) is not. [`Widen`] is out of
//! reach from outside, which seals [`Element`].

use crate::exact::Value;

/// A type of numbers that columns are made of: `f64`, `f32`, the integers of 8 to 64 bits, and [`Value`],
/// which may be any of them.
///
/// Rounding: none. Binary32 is widened exactly, integers are taken exactly whatever their size.
/// The trait is sealed: what else is a number can be turned into a [`Value`] first.
///
/// ```
/// fn total<T: exacta::Element>(values: &[T]) -> f64 {
///     exacta::summarize(values).get(exacta::Statistic::Sum).unwrap().finite().unwrap()
/// }
/// assert_eq!(total(&[0.5f32, 0.25]), 0.75);
/// assert_eq!(total(&[i64::MAX, i64::MAX]), 18_446_744_073_709_551_616.0);
/// ```
pub trait Element: Copy + Into<Value> + Send + Sync + Widen {}

/// How an element becomes a binary64.
///
/// `to_float` and `excess` are apart so that a loop over both has no branch: all floats of a block
/// are written, all excesses or-ed, and one test decides at its end.
pub trait Widen: Copy {
    /// The slice itself, where its elements are binary64 already.
    fn as_floats(_values: &[Self]) -> Option<&[f64]> {
        None
    }

    /// The number as binary64, unless it has an excess. Under the default floating-point environment only.
    fn to_float(self) -> f64;

    /// Not zero for a number that is too large for `to_float`.
    #[inline]
    fn excess(self) -> u64 {
        0
    }

    /// The number as an integer: for all of a type of which some have an excess, or else for those that have one.
    #[inline]
    fn to_integer(self) -> Option<i128> {
        None
    }
}

impl Element for f64 {}

impl Widen for f64 {
    fn as_floats(values: &[Self]) -> Option<&[f64]> {
        Some(values)
    }

    #[inline]
    fn to_float(self) -> f64 {
        self
    }
}

impl Element for Value {}

impl Widen for Value {
    /// Its nearest binary64; where that is not all of it there is an excess.
    #[inline]
    fn to_float(self) -> f64 {
        self.to_f64()
    }

    /// The remainder to the nearest binary64: a [`Value`] that is an integer beyond 2^53 has one.
    #[inline]
    fn excess(self) -> u64 {
        self.remainder().unsigned_abs().into()
    }

    #[inline]
    fn to_integer(self) -> Option<i128> {
        self.to_wide_integer()
    }
}

macro_rules! narrow {
    ($($type:ty)*) => { $(
        impl Element for $type {}

        impl Widen for $type {
            #[inline]
            fn to_float(self) -> f64 {
                self.into()
            }
        }
    )* };
}
narrow!(f32 i8 i16 i32 u8 u16 u32);

/// 2^52: the bits of a binary64 from here to 2^53 are those of an integer, above a fixed exponent. So an
/// integer becomes a binary64 by an addition and a subtraction, which every processor has for vectors.
const TWO_52: f64 = 4_503_599_627_370_496.0;

impl Element for u64 {}

impl Widen for u64 {
    /// For an integer below 2^52: added to the significand of 2^52, which the subtraction takes
    /// away again, exactly.
    #[inline]
    fn to_float(self) -> f64 {
        f64::from_bits(self.wrapping_add(TWO_52.to_bits())) - TWO_52
    }

    #[inline]
    fn excess(self) -> u64 {
        self >> 52
    }

    #[inline]
    fn to_integer(self) -> Option<i128> {
        Some(self.into())
    }
}

impl Element for i64 {}

impl Widen for i64 {
    /// From −2^51 to 2^51, moved up by 2^51.
    #[inline]
    fn to_float(self) -> f64 {
        f64::from_bits(moved_up(self).wrapping_add(TWO_52.to_bits())) - 1.5 * TWO_52
    }

    #[inline]
    fn excess(self) -> u64 {
        moved_up(self) >> 52
    }

    #[inline]
    fn to_integer(self) -> Option<i128> {
        Some(self.into())
    }
}

/// So that integers from −2^51 to 2^51 are those below 2^52, and any other is not.
#[inline]
fn moved_up(integer: i64) -> u64 {
    (integer as u64).wrapping_add(1 << 51)
}
