//! The plain loops, in integers: what every faster kernel has to equal bit for bit.

use crate::exact::{SquareAccumulator, SumAccumulator, Value};

/// Adds every value, all finite, to `sum`.
pub fn add_all(sum: &mut SumAccumulator, values: &[f64]) {
    values.iter().for_each(|value| sum.add_f64(*value));
}

/// Adds the exact square of every value, all finite, to `sum`.
pub fn add_squares(sum: &mut SquareAccumulator, values: &[f64]) {
    values.iter().for_each(|value| sum.add_square(*value));
}

/// The smallest and the largest value, −0.0 below +0.0; none of no values.
pub fn extremes(values: &[f64]) -> Option<(Value, Value)> {
    let first = Value::from(*values.first()?);
    let widen = |(low, high): (Value, Value), value: &f64| {
        (low.min(Value::from(*value)), high.max(Value::from(*value)))
    };
    Some(values.iter().fold((first, first), widen))
}
