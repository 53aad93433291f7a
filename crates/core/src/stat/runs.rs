//! A multiset in order: different values, ascending, each with how often it occurs.
//!
//! A column repeats values more often than not, so a value and its count are one entry. What is
//! kept is not the count but the rank at which each value ends, since every question here is one of
//! rank and is answered by bisection. Values that lie elsewhere stay there, and are looked up beside them.

use super::elsewhere::{self, SortedValues};
use crate::exact::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The values that enter, infinities at the ends.
///
/// Cost: 24 bytes a different value; a look-up takes log2 of their number.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    held: Arc<Ends>,
    elsewhere: Vec<Arc<dyn SortedValues>>,
}

/// Different values in memory.
#[derive(Debug, Default)]
struct Ends {
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
        Self { held: Arc::new(Ends { ends: ends.collect() }), elsewhere: Vec::new() }
    }
}

impl Ends {
    fn at(&self, rank: u64) -> Value {
        self.ends[self.ends.partition_point(|(_, end)| *end <= rank)].0
    }
}

impl SortedValues for Ends {
    fn n_values(&self) -> u64 {
        self.ends.last().map_or(0, |(_, end)| *end)
    }

    fn read(&self, rank: u64, values: &mut [Value]) {
        (rank..).zip(values).for_each(|(rank, value)| *value = self.at(rank));
    }

    fn failure(&self) -> Option<String> {
        None
    }
}

impl Runs {
    /// The same values and those of some sequences.
    pub(crate) fn with_elsewhere(self, elsewhere: Vec<Arc<dyn SortedValues>>) -> Self {
        Self { elsewhere, ..self }
    }

    /// All values, as sequences.
    fn sequences(&self) -> Vec<&dyn SortedValues> {
        let held: &dyn SortedValues = &*self.held;
        [held].into_iter().chain(self.elsewhere.iter().map(|values| &**values)).collect()
    }

    /// How many values there are.
    pub(super) fn n(&self) -> u64 {
        self.sequences().iter().map(|values| values.n_values()).sum()
    }

    /// The value at a rank, 0-based and below [`Runs::n`].
    ///
    /// Panics where there are not as many: ranks come from `n` and are right by construction.
    pub(crate) fn at(&self, rank: u64) -> Value {
        if self.elsewhere.is_empty() {
            self.held.at(rank)
        } else {
            elsewhere::select(&self.sequences(), rank)
        }
    }

    /// The smallest and the largest value, if there is one.
    pub(super) fn extremes(&self) -> Option<(Value, Value)> {
        let last = self.n().checked_sub(1)?;
        Some((self.at(0), self.at(last)))
    }

    /// How many values are smaller than a real number, −0.0 and +0.0 being one.
    ///
    /// Between bins a number counts, not its bits: −0.0 is not below an edge at 0.
    pub(super) fn count_below(&self, number: Value) -> u64 {
        let least = if number == Value::from(0.0) { Value::from(-0.0) } else { number };
        let ends = &self.held.ends;
        let held = match ends.partition_point(|(value, _)| *value < least) {
            0 => 0,
            n => ends[n - 1].1,
        };
        let below = |values: &Arc<dyn SortedValues>| {
            elsewhere::partition_point(&**values, 0..values.n_values(), |value| value < least)
        };
        held + self.elsewhere.iter().map(below).sum::<u64>()
    }

    /// The different values in order, each with how often it occurs.
    fn runs(&self) -> Box<dyn Iterator<Item = (Value, u64)> + '_> {
        if self.elsewhere.is_empty() {
            let mut begin = 0;
            let times = move |(value, end): &(Value, u64)| {
                (*value, end - core::mem::replace(&mut begin, *end))
            };
            return Box::new(self.held.ends.iter().map(times));
        }
        let held: Arc<dyn SortedValues> = self.held.clone();
        Box::new(elsewhere::runs(
            [held].into_iter().chain(self.elsewhere.iter().cloned()).collect(),
        ))
    }

    /// The different real numbers, −0.0 and +0.0 as one +0.0, each with how often it occurs.
    ///
    /// The two zeros are neighbours in the order, with nothing between them, so one look ahead
    /// joins them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (Value, u64)> {
        let mut rest = self.runs().peekable();
        core::iter::from_fn(move || {
            let (value, times) = rest.next()?;
            let is_zero = |value: Value| value.to_f64().to_bits() << 1 == 0;
            let number = if is_zero(value) { Value::from(0.0) } else { value };
            let more = rest.next_if(|(next, _)| is_zero(value) && is_zero(*next));
            Some((number, times + more.map_or(0, |(_, times)| times)))
        })
    }
}
