//! Sums of integers that are no binary64: timestamps in nanoseconds, identifiers, counters. Each is one machine
//! integer, so nothing has to be cut into digits: the sum of a block fits 128 bits, and the halves of its squares
//! do too. Cost: some twenty instructions a value, with squares and extremes.
//!
//! Plain loops, for every machine: a product of 64 by 64 bits is no instruction for vectors.

use super::{Tally, Validity};
use crate::exact::{SquareAccumulator, SumAccumulator, Value};

/// Adds every integer that is there to `sum`, and finds the extremes. Each is one of up to 64 bits, with its sign.
pub fn sum(values: &[i128], validity: Option<Validity<'_>>, sum: &mut SumAccumulator) -> Tally {
    fold(values, validity, sum, |_| {})
}

/// Adds every integer that is there and its square, and finds the extremes.
///
/// The high and the low half of a square are summed apart: 2^64 of them fit 128 bits.
pub fn moments(
    values: &[i128],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    squares: &mut SquareAccumulator,
) -> Tally {
    let (mut low, mut high) = (0, 0);
    let tally = fold(values, validity, sum, |value| {
        let magnitude = u128::from(value.unsigned_abs() as u64);
        let square = magnitude * magnitude;
        low += u128::from(square as u64);
        high += square >> 64;
    });
    squares.add_wide(false, low, 0);
    squares.add_wide(false, high, 64);
    tally
}

/// The integers that are there, in their order.
pub fn present(
    values: &[i128],
    validity: Option<Validity<'_>>,
) -> impl Iterator<Item = (usize, i128)> {
    let values = values.iter().copied().enumerate();
    values.filter(move |(index, _)| validity.is_none_or(|validity| validity.is_valid(*index)))
}

/// Counts, sums and orders the integers that are there, and hands each on.
#[inline]
fn fold(
    values: &[i128],
    validity: Option<Validity<'_>>,
    sum: &mut SumAccumulator,
    mut take: impl FnMut(i128),
) -> Tally {
    let (mut total, mut low, mut high) = (0, i128::MAX, i128::MIN);
    let mut add = |value: i128| {
        total += value;
        (low, high) = (low.min(value), high.max(value));
        take(value);
    };
    let finite = match validity {
        None => {
            values.iter().for_each(|value| add(*value));
            values.len()
        }
        Some(_) => present(values, validity).inspect(|(_, value)| add(*value)).count(),
    };
    sum.add_wide(total < 0, total.unsigned_abs(), 0);
    let extremes = (finite > 0).then(|| (Value::from_wide(low), Value::from_wide(high)));
    let null = (values.len() - finite) as u64;
    Tally { finite: finite as u64, null, extremes, ..Tally::default() }
}
