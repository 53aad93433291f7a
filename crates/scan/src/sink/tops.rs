//! The most frequent values of each column: every distinct one is kept with its count. Where they take more memory than
//! they may, those of the largest columns go to a file. What makes two cells one value is in `keys`.

use std::{cmp::Reverse, collections::BTreeMap, collections::BinaryHeap};

use super::keys::{KeyRank, Keys, cells, rank};
use crate::{
    Batch, Error, ScanOptions,
    memory::{PutAway, Share},
    spill::{Merged, Record, RecordRun, Sequence, Spill},
};

/// The distinct values of columns, of numbers and of text, with their counts.
///
/// Special values: cells that are the same number are one value, whose text is the shortest; NaN is one. Missing
/// cells are none.
///
/// Limits: they take as many bytes as [`ScanOptions::memory`] allows, about 40 for a spelling beside its text; more of
/// them go to a temporary file.
#[derive(Debug)]
pub struct Tops {
    n_values: usize,
    columns: BTreeMap<String, OpenTop>,
    share: Share,
    spill: Spill,
}

impl Tops {
    /// No rows yet of these columns, each given by its index in a batch and its name; nothing, if nothing is asked.
    pub(super) fn new(columns: &[(usize, String)], options: &ScanOptions) -> Option<Self> {
        let n_values = options.top?.get();
        let (share, spill) = (Share::new(&options.memory), Spill::default());
        let mut tops = Self { n_values, columns: BTreeMap::new(), share, spill };
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
        self.keep_within_memory()
    }

    /// Takes in what was counted in other rows. A column that is not here is null in the rows taken so far.
    pub(crate) fn merge(&mut self, others: Self) -> Result<(), Error> {
        self.share.merge(&others.share);
        for (name, other) in others.columns {
            match self.columns.get_mut(&name) {
                Some(column) => column.merge(other),
                None => drop(self.columns.insert(name, other)),
            }
        }
        self.keep_within_memory()
    }

    /// Puts the values of the largest columns into a file while there are too many.
    fn keep_within_memory(&mut self) -> Result<(), Error> {
        self.share.make_room(self.columns.values_mut(), 1, &mut self.spill)
    }

    /// The most frequent values of a column and their counts, in descending order, as many as were asked for. Of those
    /// that are as frequent numbers come first, by value, then texts by their bytes.
    ///
    /// Cost: that of going through its distinct values.
    ///
    /// # Errors
    ///
    /// When values are in a file that cannot be read.
    pub fn of(&self, column: &str) -> Result<Vec<(String, u64)>, Error> {
        self.columns.get(column).map_or(Ok(Vec::new()), |column| column.first(self.n_values))
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
    /// Keys and counts in a file, beside those here.
    runs: Vec<RecordRun>,
}

impl OpenTop {
    fn new(index: usize) -> Self {
        Self { index, keys: Keys::new(1), counts: Vec::new(), ids: Vec::new(), runs: Vec::new() }
    }

    fn take(&mut self, batch: &Batch<'_>) {
        if batch.lacks(self.index) {
            return;
        }
        let Self { index, keys, counts, ids, .. } = self;
        keys.take(&[&batch.columns[*index]], batch.n_rows, ids);
        counts.resize(keys.len(), 0);
        ids.iter().for_each(|id| counts[*id as usize] += 1);
    }

    fn merge(&mut self, other: Self) {
        for (key, count) in (0..).zip(&other.counts) {
            let id = self.keys.key(other.keys.written(key)) as usize;
            self.counts.resize(self.keys.len(), 0);
            self.counts[id] += count;
        }
        self.runs.extend(other.runs);
    }

    fn first(&self, n_values: usize) -> Result<Vec<(String, u64)>, Error> {
        let mut first = First { n_values, values: BinaryHeap::new() };
        if self.runs.is_empty() {
            for (key, count) in (0..).zip(&self.counts) {
                first.push(*count, self.keys.written(key), None);
            }
        } else {
            let mut merged = Merged::new(self.sequences())?;
            while let Some((rank, parts)) = merged.next()? {
                let count = parts.iter().map(|(_, count)| count).sum();
                first.push(count, &parts[0].0, Some(rank));
            }
        }
        Ok(first.into_values())
    }

    /// What is in files and what is here, each in order.
    fn sequences(&self) -> Vec<Sequence<'_, KeyRank, (Vec<u8>, u64)>> {
        let runs = self.runs.iter().map(|run| {
            let records = run.clone().into_records().map(|record| {
                let Record { key, value } = record?;
                let count = value.try_into().expect("a count was written");
                Ok((rank(&key, 1), (key, u64::from_le_bytes(count))))
            });
            Box::new(records) as Sequence<'_, _, _>
        });
        let here = self.keys.sorted().into_iter().map(|key| {
            let written = self.keys.written(key).to_vec();
            Ok((rank(&written, 1), (written, self.counts[key as usize])))
        });
        runs.chain([Box::new(here) as Sequence<'_, _, _>]).collect()
    }
}

impl PutAway for OpenTop {
    fn bytes_kept(&self) -> u64 {
        self.keys.bytes_kept()
    }

    fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        let keys = std::mem::replace(&mut self.keys, Keys::new(1));
        let counts = std::mem::take(&mut self.counts);
        let record = |key: u32| {
            let value = counts[key as usize].to_le_bytes().to_vec();
            Ok(Record { key: keys.written(key).to_vec(), value })
        };
        self.runs.push(spill.write_records(keys.sorted().into_iter().map(record))?);
        Ok(())
    }
}

/// Those of many values that come first: most frequent first, then in the order of keys.
struct First {
    n_values: usize,
    /// The last of them on top.
    values: BinaryHeap<(Reverse<u64>, KeyRank, String)>,
}

impl First {
    /// Takes a value as it is written, unless it is missing or enough others come before it. Its rank is found where it
    /// is not given.
    fn push(&mut self, count: u64, written: &[u8], known: Option<KeyRank>) {
        let is_full = self.values.len() == self.n_values;
        if is_full && self.values.peek().is_some_and(|(last, ..)| count < last.0) {
            return;
        }
        let Some(text) = cells(written, 1).next().flatten() else { return };
        let rank = known.unwrap_or_else(|| rank(written, 1));
        self.values.push((Reverse(count), rank, text));
        if is_full {
            self.values.pop();
        }
    }

    fn into_values(self) -> Vec<(String, u64)> {
        let sorted = self.values.into_sorted_vec().into_iter();
        sorted.map(|(Reverse(count), _, text)| (text, count)).collect()
    }
}
