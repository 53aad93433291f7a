//! The types of numbers that a column may hold, and how each becomes binary64 without losing anything.

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
pub trait Widen: Copy {
    /// The slice itself, where its elements are binary64 already.
    fn as_floats(_values: &[Self]) -> Option<&[f64]> {
        None
    }

    /// The nearest binary64. Under the default floating-point environment only.
    fn nearest(self) -> f64;

    /// Whether the nearest binary64 is the number itself.
    fn is_float(self) -> bool {
        true
    }
}

impl Element for f64 {}

impl Widen for f64 {
    fn as_floats(values: &[Self]) -> Option<&[f64]> {
        Some(values)
    }

    #[inline]
    fn nearest(self) -> f64 {
        self
    }
}

impl Element for Value {}

impl Widen for Value {
    #[inline]
    fn nearest(self) -> f64 {
        self.to_f64()
    }

    #[inline]
    fn is_float(self) -> bool {
        self.remainder() == 0
    }
}

macro_rules! narrow {
    ($($type:ty)*) => { $(
        impl Element for $type {}

        impl Widen for $type {
            #[inline]
            fn nearest(self) -> f64 {
                self.into()
            }
        }
    )* };
}
narrow!(f32 i8 i16 i32 u8 u16 u32);

macro_rules! wide {
    ($($type:ty)*) => { $(
        impl Element for $type {}

        impl Widen for $type {
            #[inline]
            fn nearest(self) -> f64 {
                self as f64
            }

            /// Says no for some that are: every multiple of two just beyond 2^53 is a binary64 too.
            #[inline]
            fn is_float(self) -> bool {
                self.abs_diff(0) <= 1 << 53
            }
        }
    )* };
}
wide!(i64 u64);
