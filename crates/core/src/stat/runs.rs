//! A multiset in order: different values, ascending, each with how often it occurs.
//!
//! A column repeats values more often than not, so a value and its count are one entry. What is
//! kept is not the count but the rank at which each value ends, since every question here is one of
//! rank and is answered by bisection.

use crate::exact::Value;
use alloc::vec::Vec;

/// The values that enter, infinities at the ends.
///
/// Cost: 24 bytes a different value; a look-up takes log2 of their number.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// Ascending, each with the number of values up to and with its own.
    ends: Vec<(Value, u64)>,
}

impl FromIterator<(Value, u64)> for Runs {
    /// From different values, ascending, each with how often it occurs; those that do not are left out.
    fn from_iter<I: IntoIterator<Item = (Value, u64)>>(runs: I) -> Self {
        let mut end = 0;
        let ends = runs.into_iter().filter(|(_, times)| *times > 0).map(|(value, times)| {
            end += times;
            (value, end)
        });
        Self { ends: ends.collect() }
    }
}

impl Runs {
    /// How many values there are.
    pub(super) fn n(&self) -> u64 {
        self.ends.last().map_or(0, |(_, end)| *end)
    }

    /// The value at a rank, 0-based and below [`Runs::n`].
    ///
    /// Panics where there are not as many: ranks come from `n` and are right by construction.
    pub(super) fn at(&self, rank: u64) -> Value {
        self.ends[self.ends.partition_point(|(_, end)| *end <= rank)].0
    }

    /// The smallest and the largest value, if there is one.
    pub(super) fn extremes(&self) -> Option<(Value, Value)> {
        Some((self.ends.first()?.0, self.ends.last()?.0))
    }

    /// How many values are smaller than a real number, −0.0 and +0.0 being one.
    ///
    /// Between bins a number counts, not its bits: −0.0 is not below an edge at 0.
    pub(super) fn count_below(&self, number: Value) -> u64 {
        let least = if number == Value::from(0.0) { Value::from(-0.0) } else { number };
        match self.ends.partition_point(|(value, _)| *value < least) {
            0 => 0,
            n => self.ends[n - 1].1,
        }
    }

    /// The different real numbers, −0.0 and +0.0 as one +0.0, each with how often it occurs.
    ///
    /// The two zeros are neighbours in the order, with nothing between them, so one look ahead
    /// joins them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (Value, u64)> {
        let mut begin = 0;
        let mut rest = self.ends.iter().peekable();
        core::iter::from_fn(move || {
            let (value, mut end) = *rest.next()?;
            let is_zero = |value: Value| value.to_f64().to_bits() << 1 == 0;
            let number = if is_zero(value) { Value::from(0.0) } else { value };
            if let Some((_, next)) = rest.next_if(|(next, _)| is_zero(value) && is_zero(*next)) {
                end = *next;
            }
            let times = end - begin;
            begin = end;
            Some((number, times))
        })
    }
}
