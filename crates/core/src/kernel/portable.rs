//! The plain loops, in integers: what every faster kernel has to equal bit for bit.
//!
//! This is the definition, kept short enough to be seen to be right: each value is taken apart into
//! sign, significand and exponent, its powers are products of integers, and they are added to wide
//! integers. No float is added, multiplied or compared but for the kind of a value. It is also what
//! runs on a machine without vector kernels, on short slices, and on what no fast way takes. Cost:
//! 73 instructions a value for sums, 158 with squares and extremes, 555 for four powers.

use super::{Tally, Validity};
use crate::exact::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator, Value};

/// Adds every finite value to `sum`.
///
/// Any order gives the same state, since an integer addition is associative.
pub fn sum(values: &[f64], validity: Option<Validity<'_>>, sum: &mut SumAccumulator) -> Tally {
    each_finite(values, validity, |value, _| sum.add_f64(value))
}

/// Adds every finite value and its square, and finds the extremes.
///
/// A square has 106 bits at most and is added whole.
pub fn moments(
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
) -> Tally {
    each_finite(values, validity, |value, tally| {
        sum.add_f64(value);
        squares.add_square(value);
        tally.widen(Value::from(value));
    })
}

/// Adds the first four powers of every finite value, and finds the extremes.
///
/// A cube has 159 bits at most and a fourth power 212; both are added whole.
pub fn powers(
    values: &[f64],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
    cubes: &mut CubeAccumulator,
    fourths: &mut FourthAccumulator,
) -> Tally {
    each_finite(values, validity, |value, tally| {
        sum.add_f64(value);
        squares.add_square(value);
        cubes.add_cube(value.into());
        fourths.add_fourth(value.into());
        tally.widen(Value::from(value));
    })
}

/// Counts the values and finds the extremes.
pub fn extremes(values: &[f64], validity: Option<Validity<'_>>) -> Tally {
    each_finite(values, validity, |value, tally| tally.widen(Value::from(value)))
}

/// Counts every value, and hands on those that are there and finite.
fn each_finite(
    values: &[f64],
    validity: Option<Validity<'_>>,
    mut take: impl FnMut(f64, &mut Tally),
) -> Tally {
    let mut tally = Tally::default();
    for (index, value) in values.iter().enumerate() {
        if validity.is_some_and(|validity| !validity.is_valid(index)) {
            tally.null += 1;
        } else if tally.admit(*value) {
            take(*value, &mut tally);
        }
    }
    tally
}
