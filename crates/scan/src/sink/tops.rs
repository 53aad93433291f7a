//! The most frequent values of each column: every distinct one is kept with its count. What makes two cells one value
//! is in `keys`.

use std::{cmp::Reverse, collections::BTreeMap};

use super::keys::Keys;
use crate::{Batch, Error, ScanOptions};

/// The distinct values of columns, of numbers and of text, with their counts.
///
/// Special values: cells that are the same number are one value, whose text is the shortest; NaN is one. Missing
/// cells are none.
///
/// Limits: each thread, and all of them together, keep as many bytes as [`ScanOptions::memory`] allows, about 40 for a
/// spelling beside its text. Whether that is enough depends neither on the order of rows nor on the threads.
#[derive(Debug)]
pub struct Tops {
    n_values: usize,
    bytes_max: u64,
    columns: BTreeMap<String, OpenTop>,
}

impl Tops {
    /// No rows yet of these columns, each given by its index in a batch and its name; nothing, if nothing is asked.
    pub(super) fn new(columns: &[(usize, String)], options: &ScanOptions) -> Option<Self> {
        let n_values = options.top?.get();
        let bytes_max = options.memory.bytes_max();
        let mut tops = Self { n_values, bytes_max, columns: BTreeMap::new() };
        tops.widen(columns);
        Some(tops)
    }

    /// Has columns added that are null in the rows taken so far.
    pub(super) fn widen(&mut self, columns: &[(usize, String)]) {
        let open = |(index, name): &(usize, String)| (name.clone(), OpenTop::new(*index));
        self.columns.extend(columns.iter().map(open));
    }

    /// Counts the cells of a batch.
    pub(super) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        self.columns.values_mut().for_each(|column| column.take(batch));
        self.check()
    }

    /// Takes in what was counted in other rows. A column that is not here is null in the rows taken so far.
    pub(crate) fn merge(&mut self, others: Self) -> Result<(), Error> {
        for (name, other) in others.columns {
            match self.columns.get_mut(&name) {
                Some(column) => column.merge(&other),
                None => drop(self.columns.insert(name, other)),
            }
        }
        self.check()
    }

    /// Refuses more values than there is memory for, in the name of the column that takes most.
    fn check(&self) -> Result<(), Error> {
        let bytes_max = self.bytes_max;
        if self.columns.values().map(OpenTop::bytes_kept).sum::<u64>() <= bytes_max {
            return Ok(());
        }
        let largest = self.columns.iter().max_by_key(|(_, column)| column.bytes_kept());
        let (name, _) = largest.expect("no column takes no memory");
        Err(Error::DistinctTooMany { name: name.clone(), bytes_max })
    }

    /// The most frequent values of a column and their counts, in descending order, as many as were asked for. Of those
    /// that are as frequent numbers come first, by value, then texts by their bytes.
    ///
    /// Cost: that of sorting its distinct values.
    pub fn of(&self, column: &str) -> Vec<(String, u64)> {
        self.columns.get(column).map_or_else(Vec::new, |column| column.first(self.n_values))
    }
}

/// A column that still takes cells.
#[derive(Debug)]
struct OpenTop {
    /// The index of the column in a batch.
    index: usize,
    keys: Keys,
    /// How often each key was there.
    counts: Vec<u64>,
    /// The key of each row of a batch.
    ids: Vec<u32>,
}

impl OpenTop {
    fn new(index: usize) -> Self {
        Self { index, keys: Keys::new(1), counts: Vec::new(), ids: Vec::new() }
    }

    fn take(&mut self, batch: &Batch<'_>) {
        let Self { index, keys, counts, ids } = self;
        keys.take(&[&batch.columns[*index]], batch.n_rows, ids);
        counts.resize(keys.len(), 0);
        ids.iter().for_each(|id| counts[*id as usize] += 1);
    }

    fn merge(&mut self, other: &Self) {
        // All spellings, so that what is kept is the same however rows were shared out.
        other.keys.spellings().for_each(|spelling| {
            self.keys.key(spelling);
        });
        self.counts.resize(self.keys.len(), 0);
        for (key, count) in (0..).zip(&other.counts) {
            let id = self.keys.key(other.keys.written(key));
            self.counts[id as usize] += count;
        }
    }

    fn bytes_kept(&self) -> u64 {
        self.keys.bytes_kept()
    }

    fn first(&self, n_values: usize) -> Vec<(String, u64)> {
        let count = |key: &u32| self.counts[*key as usize];
        let mut keys = self.keys.sorted();
        keys.sort_by_key(|key| Reverse(count(key)));
        let value = |key: &u32| Some((self.keys.cells(*key).next()??, count(key)));
        keys.iter().filter_map(value).take(n_values).collect()
    }
}
