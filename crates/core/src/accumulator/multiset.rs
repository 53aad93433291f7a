//! All values of a column, for the statistics that need nothing less.

use crate::exact::Value;
use crate::kernel::select;
use alloc::vec::Vec;

/// Fewer runs than this are not worth compacting.
const RUNS_MIN: usize = 1024;

/// A multiset of finite values. What streams in is kept as it comes; runs come from decoded partials,
/// which may hold a value any number of times without taking more memory for it.
#[derive(Clone, Debug, Default)]
pub struct Multiset {
    loose: Vec<f64>,
    /// Values with how often they occur, in any order, the same value perhaps more than once.
    runs: Vec<(Value, u64)>,
    /// How many runs there were when they were last all different.
    runs_compacted: usize,
}

impl Multiset {
    pub(crate) fn extend(&mut self, values: impl IntoIterator<Item = f64>) {
        self.loose.extend(values);
    }

    pub(crate) fn push_run(&mut self, value: Value, times: u64) {
        self.runs.push((value, times));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        append(&mut self.loose, other.loose);
        append(&mut self.runs, other.runs);
        // Partials of the same values take no more room together; compacting at each doubling costs no
        // more than one sort of what is kept for each merge that doubles it.
        if self.runs.len() > 2 * self.runs_compacted.max(RUNS_MIN) {
            compact(&mut self.runs);
            self.runs_compacted = self.runs.len();
        }
    }

    /// The multiset in its only form: different values in order, each with how often it occurs.
    pub(crate) fn to_runs(&self) -> Vec<(Value, u64)> {
        let loose = self.loose.iter().map(|value| (Value::from(*value), 1));
        let mut runs: Vec<(Value, u64)> = loose.chain(self.runs.iter().copied()).collect();
        compact(&mut runs);
        runs
    }

    /// The elements at `ranks` (0-based, ascending, within the multiset), each with its rank.
    pub(crate) fn select(&self, ranks: &[u64]) -> Vec<(u64, Value)> {
        if ranks.is_empty() {
            return Vec::new();
        }
        if self.runs.is_empty() {
            return select::select(&self.loose, ranks);
        }
        let runs = self.to_runs();
        let mut ends = runs.iter().scan(0, |end, (value, times)| {
            *end += times;
            Some((*end, *value))
        });
        let mut run = ends.next();
        let element = |rank: &u64| {
            while run.is_some_and(|(end, _)| end <= *rank) {
                run = ends.next();
            }
            (*rank, run.expect("the rank lies within the multiset").1)
        };
        ranks.iter().map(element).collect()
    }
}

/// Sorts runs and makes one of those with the same value.
fn compact(runs: &mut Vec<(Value, u64)>) {
    runs.sort_unstable_by_key(|(value, _)| *value);
    runs.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1; // their total is counted and fits 64 bits
        }
        same
    });
}

/// Appends the shorter to the longer: the order within a multiset does not matter.
fn append<T>(kept: &mut Vec<T>, mut other: Vec<T>) {
    if other.len() > kept.len() {
        core::mem::swap(kept, &mut other);
    }
    kept.append(&mut other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_the_same_runs_again_and_again_takes_no_more_room() {
        let mut part = Multiset::default();
        (0..4 * RUNS_MIN as u64).for_each(|index| part.push_run(Value::from(index), 3));
        let mut whole = Multiset::default();
        for _ in 0..50 {
            whole.merge(part.clone());
            assert!(whole.runs.len() <= 3 * part.runs.len(), "{} runs", whole.runs.len());
        }
        assert!(whole.to_runs().iter().all(|(_, times)| *times == 150));
    }
}
