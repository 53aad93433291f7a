//! All values of a column, for the statistics that need nothing less.
//!
//! Order statistics at given ranks select from the values where they lie, without sorting. Sorting is for what
//! needs all of them in order: the bytes of a partial, `mode`, `distinct`, `mad`, and bins that the data decides on.

use crate::exact::Value;
use crate::kernel::parallel;
use crate::kernel::select::{self, Chunk};
use crate::stat::{Runs, SortedValues, elsewhere};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Fewer runs than this are not worth compacting.
const RUNS_MIN: usize = 1024;

/// The least and the most room of a piece of memory that values are kept in: 2 KB for small columns, and 8 MB for large
/// ones, so that less than that is ever kept in reserve.
const PIECE_LENGTHS: core::ops::RangeInclusive<usize> = 1 << 8..=1 << 20;

/// A multiset of finite values. What streams in is kept as it comes; runs come from decoded partials,
/// which may hold a value any number of times without taking more memory for it.
///
/// Limits: those of memory. Cost: 8 bytes a value, never copied to make room; 24 a run. An integer beyond 2^53, which
/// is no binary64, is a run of one.
#[derive(Clone, Debug, Default)]
pub struct Multiset {
    /// In pieces that are never moved, all full but the last and those that were merged.
    loose: Vec<Vec<f64>>,
    n_loose: usize,
    /// Values with how often they occur, in any order, the same value perhaps more than once.
    runs: Vec<(Value, u64)>,
    /// How many runs there were when they were last all different.
    runs_compacted: usize,
    /// Values that lie elsewhere, in sequences of any number.
    elsewhere: Vec<Arc<dyn SortedValues>>,
}

impl Multiset {
    /// Keeps finite values. A new piece is as long as all before it together, up to 8 MB: pieces stay few, and what has
    /// been kept is not moved.
    pub(crate) fn extend(&mut self, values: impl IntoIterator<Item = f64>) {
        let mut values = values.into_iter();
        loop {
            if let Some(piece) = self.loose.last_mut() {
                let before = piece.len();
                piece.extend(values.by_ref().take(piece.capacity() - before));
                self.n_loose += piece.len() - before;
            }
            let Some(value) = values.next() else { return };
            let length = self.n_loose.clamp(*PIECE_LENGTHS.start(), *PIECE_LENGTHS.end());
            let mut piece = Vec::with_capacity(length);
            piece.push(value);
            self.n_loose += 1;
            self.loose.push(piece);
        }
    }

    /// Keeps a value `times` times; it may be there already.
    pub(crate) fn push_run(&mut self, value: Value, times: u64) {
        self.runs.push((value, times));
    }

    /// Takes what another one keeps. Pieces change owners, and are not copied unless they are short.
    pub(crate) fn merge(&mut self, mut other: Self) {
        if other.n_loose > self.n_loose {
            core::mem::swap(&mut self.loose, &mut other.loose);
            core::mem::swap(&mut self.n_loose, &mut other.n_loose);
        }
        self.merge_loose(other.loose);
        self.elsewhere.append(&mut other.elsewhere);
        append(&mut self.runs, other.runs);
        // Partials of the same values take no more room together; compacting at each doubling costs no
        // more than one sort of what is kept for each merge that doubles it.
        if self.runs.len() > 2 * self.runs_compacted.max(RUNS_MIN) {
            compact(&mut self.runs);
            self.runs_compacted = self.runs.len();
        }
    }

    /// Takes pieces as they are, and copies the values of those that are hardly worth being pieces.
    fn merge_loose(&mut self, pieces: Vec<Vec<f64>>) {
        for piece in pieces {
            if piece.len() < *PIECE_LENGTHS.start() {
                self.extend(piece);
                continue;
            }
            self.n_loose += piece.len();
            // The last piece stays the last, since it may have room.
            let last = self.loose.len().saturating_sub(1);
            self.loose.insert(last, piece);
        }
    }

    /// Takes as many values out as a piece may have, or all if there are fewer, in order. What lies elsewhere stays.
    ///
    /// Cost: a sort by this thread alone, and 8 MB.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Value> + use<> {
        let mut keys = Vec::new();
        let room = |keys: &Vec<i64>| PIECE_LENGTHS.end().saturating_sub(keys.len());
        while let Some(piece) =
            self.loose.pop_if(|piece| keys.is_empty() || piece.len() <= room(&keys))
        {
            self.n_loose -= piece.len();
            keys.extend(piece.iter().map(|value| Value::from(*value).key()));
        }
        keys.sort_unstable();
        let mut runs = core::mem::take(&mut self.runs);
        compact(&mut runs);
        let runs = merged(runs_of_keys(keys), runs.into_iter());
        runs.flat_map(|(value, times)| (0..times).map(move |_| value))
    }

    /// Takes values that lie elsewhere.
    pub(crate) fn put(&mut self, values: Arc<dyn SortedValues>) {
        self.elsewhere.push(values);
    }

    /// How many bytes the values take that are kept in memory.
    pub(crate) fn bytes_kept(&self) -> u64 {
        let runs = self.runs.len() * size_of::<(Value, u64)>();
        (self.n_loose * size_of::<f64>() + runs) as u64
    }

    /// Whether all values are in memory.
    pub(crate) fn is_whole(&self) -> bool {
        self.elsewhere.is_empty()
    }

    /// Why a value that lies elsewhere could not be read, if one could not.
    pub(crate) fn failure(&self) -> Option<String> {
        self.elsewhere.iter().find_map(|values| values.failure())
    }

    /// All values and those of two runs more, to be looked up by rank.
    pub(crate) fn ordered(&self, below: (Value, u64), above: (Value, u64)) -> Runs {
        let held = [below].into_iter().chain(self.held_runs()).chain([above]);
        held.collect::<Runs>().with_elsewhere(self.elsewhere.clone())
    }

    /// The multiset in its only form: different values in order, each with how often it occurs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Value, u64)> + use<> {
        merged(self.held_runs(), elsewhere::runs(self.elsewhere.clone()))
    }

    /// The same of the values in memory. Sorts a copy of them, of eight bytes each.
    ///
    /// Cost: a sort by the threads there are; no more memory than the copy and the runs, which are
    /// given one by one.
    fn held_runs(&self) -> impl Iterator<Item = (Value, u64)> + use<> {
        let loose = self.loose.iter().flatten();
        let mut keys = Vec::with_capacity(self.n_loose);
        keys.extend(loose.map(|value| Value::from(*value).key()));
        parallel::sort(&mut keys);
        let mut runs = self.runs.clone();
        compact(&mut runs);
        merged(runs_of_keys(keys), runs.into_iter())
    }

    /// [`Multiset::runs`] at hand: 24 bytes for each different value.
    pub(crate) fn to_runs(&self) -> Vec<(Value, u64)> {
        self.runs().collect()
    }

    /// The elements at `ranks` (0-based, ascending, within the multiset), each with its rank.
    ///
    /// Cost: expected linear time where there are no runs, and a sort of a copy where there are.
    pub(crate) fn select(&self, ranks: &[u64]) -> Vec<(u64, Value)> {
        if ranks.is_empty() {
            return Vec::new();
        }
        if !self.is_whole() {
            let values = self.held_runs().collect::<Runs>().with_elsewhere(self.elsewhere.clone());
            return ranks.iter().map(|rank| (*rank, values.at(*rank))).collect();
        }
        if self.runs.is_empty() {
            let chunks: Vec<_> = self.loose.iter().map(|piece| Chunk::from(&piece[..])).collect();
            return select::select_finite(&chunks, |_| ranks.to_vec()).elements;
        }
        let mut ends = self.runs().scan(0, |end, (value, times)| {
            *end += times;
            Some((*end, value))
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

/// The runs of sorted keys.
///
/// Keys are equal exactly when binary64s have equal bits, so −0.0 and +0.0 are two runs.
fn runs_of_keys(keys: Vec<i64>) -> impl Iterator<Item = (Value, u64)> {
    let mut start = 0;
    core::iter::from_fn(move || {
        let key = *keys.get(start)?;
        let times = keys[start..].iter().take_while(|other| **other == key).count();
        start += times;
        Some((Value::from_key(key, 0), times as u64))
    })
}

/// The runs of two multisets that have their runs in order, in order.
///
/// A value in both makes one run, of both together. Those in order stay in order, and none is held up.
fn merged(
    left: impl Iterator<Item = (Value, u64)>,
    right: impl Iterator<Item = (Value, u64)>,
) -> impl Iterator<Item = (Value, u64)> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    core::iter::from_fn(move || {
        let Some((value, _)) = right.peek() else { return left.next() };
        match left.next_if(|(other, _)| other <= value) {
            Some((other, times)) if other == *value => {
                right.next().map(|(value, more)| (value, times + more))
            }
            Some(run) => Some(run),
            None => right.next(),
        }
    })
}

/// Sorts runs and makes one of those with the same value.
///
/// That makes the form unique: two multisets that are equal have equal runs afterwards.
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
///
/// So merging many small ones into a large one copies each of theirs once.
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

    #[test]
    fn pieces_and_runs_hold_what_came_in() {
        let value = |index: usize| (index * 7919 % 1000) as f64 - 3.0;
        let mut whole = Multiset::default();
        for (start, length) in
            [(0, 1), (1, 255), (256, 1), (257, 5000), (5257, 100), (5357, 20_000)]
        {
            let mut part = Multiset::default();
            part.extend((start..start + length).map(value));
            whole.merge(part);
            assert_eq!(whole.n_loose, start + length);
        }
        whole.extend([0.5, 0.5]);
        whole.push_run(Value::from(0.5), 3);
        whole.push_run(Value::from(u64::MAX), 1);
        let mut values: Vec<Value> = (0..25_357).map(|index| value(index).into()).collect();
        values.extend([Value::from(0.5); 5]);
        values.push(u64::MAX.into());
        values.sort_unstable();
        let listed = whole.runs().flat_map(|(value, times)| (0..times).map(move |_| value));
        assert!(listed.eq(values.iter().copied()));
        let runs = whole.to_runs();
        assert!(runs.is_sorted_by(|a, b| a.0 < b.0), "each value has one run");
        let ranks = [0, 1, 9_000, 25_361, 25_362];
        let expected = ranks.map(|rank| (rank, values[rank as usize]));
        assert_eq!(whole.select(&ranks), expected);
    }
}
