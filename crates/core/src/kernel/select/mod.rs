//! Selection: the elements that would stand at given ranks if the finite values were sorted. Data is
//! borrowed and stays as it is. Which ranks a quantile needs is not known here.
//!
//! A sample tells where in the order the wanted ranks are likely to lie. One pass over the data counts what
//! lies below those places and keeps the few values within them, in which the search goes on. Where the
//! sample misled, plain selection answers: the sample decides on speed alone.
//!
//! Why it is exact: the pass counts, for every cut, all values below it, so the rank of each
//! segment's first value is known and not estimated. An element is looked for in the segment that
//! its rank says; when that segment was kept, all of its values are at hand, and when it has a
//! single key, that key is the answer. Only where it was not kept has the sample failed, and then
//! the search is done again with wider brackets, in the end without any. So no guess is ever part
//! of an answer.
//!
//! Cost: a sample of 0.75·n^(2/3) values, one pass at the speed of memory, and some hundredth of
//! the values for each rank. After Floyd and Rivest, "Expected time bounds for selection" (1975),
//! with the pass over borrowed data in place of partitioning. Memory: what is kept, about 5·n^(2/3)
//! values for a median.

mod keys;
mod plain;
mod sample;
pub(super) mod sieve;
mod sifted;
mod table;

use super::{Tally, Validity, environment, parallel};
use crate::exact::Value;
use alloc::vec::Vec;
use sample::Sample;
use sieve::Sifter;
use sifted::Sifted;

/// Values that lie together, and which of them are there.
///
/// Columns come in several of them; together they are one multiset.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The values, which may be anything, also NaN and infinite.
    pub values: &'a [f64],
    /// Where there is one, of as many values.
    pub validity: Option<Validity<'a>>,
}

impl<'a> From<&'a [f64]> for Chunk<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self { values, validity: None }
    }
}

impl Chunk<'_> {
    #[inline]
    fn is_there(&self, index: usize) -> bool {
        self.validity.is_none_or(|validity| validity.is_valid(index))
    }

    /// Counts the value at `index`, and gives it if it is there and finite.
    #[inline]
    fn admit(&self, index: usize, tally: &mut Tally) -> Option<f64> {
        if !self.is_there(index) {
            tally.null += 1;
            return None;
        }
        let value = self.values[index];
        tally.admit(value).then_some(value)
    }

    /// The chunk in pieces that make a task each.
    ///
    /// A long chunk becomes several tasks, each with its part of the mask, so one long column feeds
    /// all threads.
    fn pieces(&self) -> impl Iterator<Item = Self> {
        let validity = self.validity;
        self.values.chunks(TASK_LENGTH).enumerate().map(move |(index, values)| Self {
            values,
            validity: validity.map(|all| all.slice(index * TASK_LENGTH, values.len())),
        })
    }
}

/// Values that a task takes in at least.
const TASK_LENGTH: usize = 1 << 16;

/// What selection found.
///
/// The counts come with the elements, since the pass meets every value anyway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What values there are; without the extremes.
    pub tally: Tally,
    /// The elements at the ranks asked for, each with its rank.
    pub elements: Vec<(u64, Value)>,
}

/// The elements at `ranks` (0-based, ascending, different, below their number) of the finite values.
///
/// Cost: linear in the expected case; in the worst as long as selecting from a copy of everything,
/// besides three passes for nothing.
pub fn select(values: &[f64], ranks: &[u64]) -> Vec<(u64, Value)> {
    select_finite(&[Chunk::from(values)], |_| ranks.to_vec()).elements
}

/// The elements of the finite values that are there, at the ranks that `ranks` gives for what there is:
/// 0-based, ascending, different, and below the number of finite values. It is asked more than once, also
/// for an estimate, since the number of finite values is known only after the pass that selects. A caller
/// that knows the ranks already gives them whatever it is told.
///
/// # Panics
/// When a rank is not below the number of finite values.
pub fn select_finite(chunks: &[Chunk<'_>], ranks: impl Fn(&Tally) -> Vec<u64>) -> Selection {
    environment::with_default(|| select_tuned(chunks, &ranks, &Tuning::DEFAULT))
}

/// What speed depends on, and no result.
///
/// Tests set values that force each branch, and expect the same elements.
#[derive(Clone, Copy, Debug)]
struct Tuning {
    /// So many values are selected from plainly.
    plain_max: u64,
    /// So many values are taken in by one thread.
    serial_max: u64,
    /// The values of a sample, as a part of n^(2/3).
    sample_percent: u64,
    /// How many standard deviations of a sample's rank a bracket reaches to each side, squared, times 4.
    margin_squared_quarters: u64,
    /// How much further it reaches.
    margin_least: u64,
    /// How often to try again with wider brackets where the sample misled.
    attempts: u32,
}

impl Tuning {
    /// 4.5 standard deviations miss about once in a hundred thousand independent samples, so trying
    /// again costs nothing on average, while a narrower bracket would save little of what is kept.
    const DEFAULT: Self = Self {
        plain_max: 1 << 14,
        serial_max: 1 << 17,
        sample_percent: 75,
        margin_squared_quarters: 81,
        margin_least: 4,
        attempts: 2,
    };

    /// For what was missed: brackets four times as wide, in the end the whole order.
    ///
    /// What missed was not bad luck but data in which neighbours are alike, so a little wider would
    /// miss again.
    fn wider(&self) -> Self {
        Self {
            plain_max: if self.attempts == 0 { u64::MAX } else { self.plain_max },
            margin_squared_quarters: 16 * self.margin_squared_quarters,
            margin_least: 4 * self.margin_least,
            attempts: self.attempts.saturating_sub(1),
            ..*self
        }
    }
}

/// The ranks are asked for twice: for the estimate of the sample, to know where to cut, and for the
/// exact counts, to know what to look for.
fn select_tuned(
    chunks: &[Chunk<'_>],
    ranks: &dyn Fn(&Tally) -> Vec<u64>,
    tuning: &Tuning,
) -> Selection {
    let length = chunks.iter().map(|chunk| chunk.values.len() as u64).sum();
    if length <= tuning.plain_max {
        return select_plainly(chunks, ranks);
    }
    let mut sample = Sample::draw(chunks, length, tuning);
    let expected = ranks(&sample.estimate);
    let Some(sieve) = sample.sieve(&expected, tuning) else {
        return select_plainly(chunks, ranks);
    };
    let way = Sifter::new(sieve);
    let sifted = sift(chunks, length, &way, tuning);
    let ranks = ranks(&sifted.tally);
    let elements = resolve(chunks, length, &sifted, &ranks, tuning);
    Selection { tally: sifted.tally, elements }
}

/// Selects from a copy of the finite values.
///
/// For what is short, and for what misled the sample. Keys are integers, so nothing compares a NaN.
fn select_plainly(chunks: &[Chunk<'_>], ranks: &dyn Fn(&Tally) -> Vec<u64>) -> Selection {
    let mut tally = Tally::default();
    let mut keys = Vec::with_capacity(chunks.iter().map(|chunk| chunk.values.len()).sum());
    for chunk in chunks {
        let finite = (0..chunk.values.len()).filter_map(|index| chunk.admit(index, &mut tally));
        keys.extend(finite.map(keys::of));
    }
    let ranks = ranks(&tally);
    let selected = plain::select(&mut keys, &ranks).into_iter().map(|key| Value::from_key(key, 0));
    Selection { tally, elements: ranks.into_iter().zip(selected).collect() }
}

/// Lets all values fall through a sieve.
///
/// Threads take pieces and merge what they kept; the order in which it lies does not matter to a
/// search.
fn sift<'s>(chunks: &[Chunk<'_>], length: u64, way: &'s Sifter, tuning: &Tuning) -> Sifted<'s> {
    let take = |mut sifted: Sifted<'s>, chunk: &Chunk<'_>| {
        sifted.take(chunk);
        sifted
    };
    if length <= tuning.serial_max {
        return chunks.iter().fold(Sifted::new(way), take).finish();
    }
    let pieces: Vec<Chunk<'_>> = chunks.iter().flat_map(Chunk::pieces).collect();
    parallel::fold_items(&pieces, || Sifted::new(way), take, Sifted::merge).finish()
}

/// Ranks that lie in one segment, and where they are to be looked for.
///
/// Ranks of one segment share it, so each segment is searched once.
struct Search<'a> {
    segment: usize,
    ranks: &'a [u64],
    /// How many values lie below the segment.
    below: u64,
}

/// The elements at `ranks`, from what fell through the sieve.
///
/// Three cases for a segment: one key, kept, or missed; the missed ones are looked for together, in
/// one more pass.
fn resolve(
    chunks: &[Chunk<'_>],
    length: u64,
    sifted: &Sifted<'_>,
    ranks: &[u64],
    tuning: &Tuning,
) -> Vec<(u64, Value)> {
    let searches: Vec<Search<'_>> = ranks
        .chunk_by(|a, b| sifted.segment_of(*a) == sifted.segment_of(*b))
        .map(|ranks| {
            let segment = sifted.segment_of(ranks[0]);
            Search { segment, ranks, below: sifted.below_segment(segment) }
        })
        .collect();
    let find = |search: &Search<'_>| -> Vec<(u64, Value)> {
        if let Some(key) = sifted.sieve().single_key(search.segment) {
            return search.ranks.iter().map(|rank| (*rank, Value::from_key(key, 0))).collect();
        }
        search.within(&sifted.segment(search.segment), length, tuning)
    };
    let (missed, searches): (Vec<_>, Vec<_>) =
        searches.into_iter().partition(|search| sifted.sieve().misses(search.segment));
    let mut elements = if length <= tuning.serial_max {
        searches.iter().flat_map(find).collect()
    } else {
        parallel::map(&searches, find).concat()
    };
    if !missed.is_empty() {
        let missed = |_: &Tally| missed.iter().flat_map(|search| search.ranks).copied().collect();
        elements.extend(select_tuned(chunks, &missed, &tuning.wider()).elements);
        elements.sort_unstable_by_key(|(rank, _)| *rank);
    }
    elements
}

impl Search<'_> {
    /// The elements among the values of the segment: by another sieve where the first has left few.
    ///
    /// Where more than a quarter of the values was kept, sifting has not helped and would go on not
    /// helping; a plain selection ends it.
    fn within(&self, chunks: &[Chunk<'_>], length: u64, tuning: &Tuning) -> Vec<(u64, Value)> {
        let ranks = |_: &Tally| self.ranks.iter().map(|rank| rank - self.below).collect();
        let left: u64 = chunks.iter().map(|chunk| chunk.values.len() as u64).sum();
        let found = if left <= length / 4 {
            select_tuned(chunks, &ranks, tuning)
        } else {
            select_plainly(chunks, &ranks)
        };
        let placed = found.elements.into_iter().map(|(rank, value)| (rank + self.below, value));
        placed.collect()
    }
}

#[cfg(test)]
mod tests;
