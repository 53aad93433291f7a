//! Values in order that lie elsewhere than in memory, and what is asked of several such sequences at once: the value
//! at a rank, how many are below a number, all of them in one order. Where they lie and how they are read is not known
//! here.
//!
//! Nothing is merged to answer a question of rank: the sequences are bisected side by side. So a quantile reads some
//! hundred values of each, however many there are.

use crate::exact::Value;
use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

/// Finite values in ascending order that can be read by rank: a run that was sorted and put into a file, say.
///
/// An accumulator gives values away with [`Accumulator::take_values`](crate::Accumulator::take_values) and has them
/// back with [`Accumulator::put_values`](crate::Accumulator::put_values).
///
/// Limits: what is read must be what was taken, in order; the results are those of what is read.
/// Errors: a read that fails gives any value, and from then on [`SortedValues::failure`] says why. A partial asks for it
/// before it gives a result.
///
/// ```
/// use exacta::{Accumulator, Plan, SortedValues, Statistic, Value};
/// use std::sync::Arc;
///
/// #[derive(Debug)]
/// struct Lent(Vec<Value>);
///
/// impl SortedValues for Lent {
///     fn n_values(&self) -> u64 {
///         self.0.len() as u64
///     }
///
///     fn read(&self, rank: u64, values: &mut [Value]) {
///         values.copy_from_slice(&self.0[rank as usize..][..values.len()]);
///     }
///
///     fn failure(&self) -> Option<String> {
///         None
///     }
/// }
///
/// let plan = Plan::new([Statistic::Median]);
/// let mut accumulator = Accumulator::new(&plan);
/// accumulator.update(&[3, 1, 2])?;
/// let lent = Lent(accumulator.take_values().collect());
/// accumulator.put_values(Arc::new(lent));
/// accumulator.update(&[9, 8])?;
/// let summary = accumulator.into_partial().finalize(&plan)?;
/// assert_eq!(summary.get(Statistic::Median).unwrap().finite(), Some(3.0));
/// # Ok::<(), exacta::Error>(())
/// ```
pub trait SortedValues: core::fmt::Debug + Send + Sync {
    /// How many there are.
    fn n_values(&self) -> u64;

    /// Reads as many values as there is room for, which there are, from a 0-based rank on.
    fn read(&self, rank: u64, values: &mut [Value]);

    /// Why a value could not be read, if one could not.
    fn failure(&self) -> Option<String>;
}

/// The most values that are read ahead, over all sequences, where all are read in order: 16 MB.
const READ_AHEAD_MAX: usize = 1 << 20;

/// How many values of one sequence are read ahead.
const READ_AHEAD: core::ops::RangeInclusive<usize> = 16..=1 << 12;

/// The value at a rank of one sequence.
pub(super) fn at(values: &dyn SortedValues, rank: u64) -> Value {
    let mut value = [Value::from(0.0)];
    values.read(rank, &mut value);
    value[0]
}

/// How many values of the sequence come before the first that is not `before`; they lie in the window.
pub(super) fn partition_point(
    values: &dyn SortedValues,
    window: Range<u64>,
    before: impl Fn(Value) -> bool,
) -> u64 {
    let Range { mut start, mut end } = window;
    while start < end {
        let middle = start + (end - start) / 2;
        if before(at(values, middle)) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

/// The value at a rank of all sequences together.
///
/// Each has a window in which the rank may lie. The middle of the widest is compared with all of them, and every window
/// loses what lies on the wrong side: the widest half of itself, and most others as much.
pub(super) fn select(sequences: &[&dyn SortedValues], rank: u64) -> Value {
    let mut windows: Vec<_> = sequences.iter().map(|values| 0..values.n_values()).collect();
    loop {
        let width = |index: &usize| windows[*index].end - windows[*index].start;
        let widest = (0..windows.len()).max_by_key(width).expect("there are values");
        let middle = windows[widest].start + width(&widest) / 2;
        // What was read wrongly may be in no order: then any value will do, since it is not told.
        if width(&widest) == 0 {
            return Value::from(0.0);
        }
        let pivot = at(sequences[widest], middle);
        let counts = |before: &dyn Fn(Value) -> bool| -> Vec<u64> {
            let pairs = sequences.iter().zip(&windows);
            pairs.map(|(values, window)| partition_point(*values, window.clone(), before)).collect()
        };
        let (below, upto) = (counts(&|value| value < pivot), counts(&|value| value <= pivot));
        if rank < below.iter().sum() {
            windows.iter_mut().zip(below).for_each(|(window, below)| window.end = below);
        } else if rank >= upto.iter().sum() {
            windows.iter_mut().zip(upto).for_each(|(window, upto)| window.start = upto);
        } else {
            return pivot;
        }
    }
}

/// All values of all sequences in order, each with how often it occurs.
///
/// Cost: every value is read once, with a step for each doubling of the number of sequences.
pub fn runs(sequences: Vec<Arc<dyn SortedValues>>) -> impl Iterator<Item = (Value, u64)> {
    let ahead = READ_AHEAD_MAX / sequences.len().max(1);
    let ahead = ahead.clamp(*READ_AHEAD.start(), *READ_AHEAD.end());
    let mut cursors: Vec<_> =
        sequences.into_iter().map(|values| Cursor::new(values, ahead)).collect();
    let firsts = cursors.iter_mut().enumerate();
    let mut heads: BinaryHeap<_> =
        firsts.filter_map(|(index, cursor)| Some(Reverse((cursor.next()?, index)))).collect();
    core::iter::from_fn(move || {
        let value = heads.peek()?.0.0;
        let mut times = 0;
        while let Some(mut head) = heads.peek_mut().filter(|head| head.0.0 == value) {
            let cursor = &mut cursors[head.0.1];
            times += 1 + cursor.skip_equal(value);
            match cursor.next() {
                Some(next) => head.0.0 = next,
                None => drop(alloc::collections::binary_heap::PeekMut::pop(head)),
            }
        }
        Some((value, times))
    })
}

/// A place in a sequence that is read from its beginning to its end.
struct Cursor {
    values: Arc<dyn SortedValues>,
    /// The rank behind those that were read.
    rank: u64,
    read: Vec<Value>,
    /// The next one of those that were read.
    next: usize,
}

impl Cursor {
    fn new(values: Arc<dyn SortedValues>, ahead: usize) -> Self {
        Self { values, rank: 0, read: vec![Value::from(0.0); ahead], next: ahead }
    }

    /// The next value.
    fn next(&mut self) -> Option<Value> {
        if self.next == self.read.len() {
            let left = self.values.n_values() - self.rank;
            self.read.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            self.values.read(self.rank, &mut self.read);
            self.rank += self.read.len() as u64;
            self.next = 0;
        }
        let value = *self.read.get(self.next)?;
        self.next += 1;
        Some(value)
    }

    /// Goes past the values that were read and are equal to `value`, and tells how many they are.
    fn skip_equal(&mut self, value: Value) -> u64 {
        let equal = self.read[self.next..].iter().take_while(|other| **other == value).count();
        self.next += equal;
        equal as u64
    }
}
