//! Keys in order in a file, each with what is known under it. Runs of them are read side by side, and a key that stands
//! in several comes once.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    io::{self, BufReader, ErrorKind, Read, Write},
    ops::Range,
    sync::Arc,
};

use super::{Spill, SpillFile, failed};
use crate::Error;

/// How much of a run is read at a time: there may be many.
const READ_BYTES: usize = 1 << 14;

/// A key, and what is known under it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

/// Records in a file, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct RecordRun {
    file: Arc<SpillFile>,
    range: Range<u64>,
}

impl Spill {
    /// Writes records, which come in the order in which they are to be read.
    pub(crate) fn write_records(
        &mut self,
        mut records: impl Iterator<Item = Result<Record, Error>>,
    ) -> Result<RecordRun, Error> {
        let range = self.append(|writer| {
            records.try_for_each(|record| {
                let Record { key, value } = record?;
                write_part(writer, &key).and_then(|()| write_part(writer, &value)).map_err(failed)
            })
        })?;
        Ok(RecordRun { file: self.open().map_err(failed)?, range })
    }
}

/// Writes bytes behind their length.
fn write_part(writer: &mut dyn Write, part: &[u8]) -> io::Result<()> {
    writer.write_all(&(part.len() as u64).to_le_bytes())?;
    writer.write_all(part)
}

impl RecordRun {
    /// Reads them through.
    pub(crate) fn into_records(self) -> impl Iterator<Item = Result<Record, Error>> {
        let mut reader = BufReader::with_capacity(READ_BYTES, self);
        std::iter::from_fn(move || read_record(&mut reader).map_err(failed).transpose())
    }
}

/// The next record, unless there is none.
fn read_record(reader: &mut BufReader<RecordRun>) -> io::Result<Option<Record>> {
    if reader.buffer().is_empty() && reader.get_ref().range.is_empty() {
        return Ok(None);
    }
    Ok(Some(Record { key: read_part(reader)?, value: read_part(reader)? }))
}

fn read_part(reader: &mut BufReader<RecordRun>) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    reader.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let left = reader.buffer().len() as u64 + reader.get_ref().n_left();
    if length > left {
        return Err(io::Error::new(ErrorKind::InvalidData, "the file has changed"));
    }
    let mut part = vec![0; length as usize];
    reader.read_exact(&mut part)?;
    Ok(part)
}

impl RecordRun {
    fn n_left(&self) -> u64 {
        self.range.end - self.range.start
    }
}

impl Read for RecordRun {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.n_left().min(bytes.len() as u64);
        self.file.read_at(self.range.start, &mut bytes[..n_bytes as usize])?;
        self.range.start += n_bytes;
        Ok(n_bytes as usize)
    }
}

/// What is known under keys, of several sequences that are each in ascending order of their keys.
pub(crate) struct Merged<'a, K, T> {
    sequences: Vec<Sequence<'a, K, T>>,
    /// The sequences that have not ended, by their next key.
    next: BinaryHeap<Reverse<(K, usize)>>,
    /// What stands under the next key of each sequence.
    items: Vec<Option<T>>,
}

/// Keys in ascending order, each with what is known under it.
pub(crate) type Sequence<'a, K, T> = Box<dyn Iterator<Item = Result<(K, T), Error>> + 'a>;

impl<'a, K: Ord, T> Merged<'a, K, T> {
    /// Reads the first of each.
    pub(crate) fn new(sequences: Vec<Sequence<'a, K, T>>) -> Result<Self, Error> {
        let n_sequences = sequences.len();
        let items = (0..n_sequences).map(|_| None).collect();
        let mut merged = Self { sequences, next: BinaryHeap::new(), items };
        for index in 0..n_sequences {
            if let Some(key) = merged.fetch(index)? {
                merged.next.push(Reverse((key, index)));
            }
        }
        Ok(merged)
    }

    /// Has the next of a sequence ready, and gives its key.
    fn fetch(&mut self, index: usize) -> Result<Option<K>, Error> {
        let fetched = self.sequences[index].next().transpose()?;
        Ok(fetched.map(|(key, item)| {
            self.items[index] = Some(item);
            key
        }))
    }

    /// The next key, and all that is known under it.
    pub(crate) fn next(&mut self) -> Result<Option<(K, Vec<T>)>, Error> {
        let Some(Reverse((key, index))) = self.next.pop() else { return Ok(None) };
        let mut items = vec![self.take(index)?];
        while let Some(Reverse((other, _))) = self.next.peek()
            && *other == key
        {
            let Reverse((_, index)) = PeekMut::pop(self.next.peek_mut().expect("it was seen"));
            items.push(self.take(index)?);
        }
        Ok(Some((key, items)))
    }

    /// Takes what a sequence has ready, and fetches what comes after it.
    fn take(&mut self, index: usize) -> Result<T, Error> {
        let item = self.items[index].take().expect("a key in the heap has its item");
        if let Some(key) = self.fetch(index)? {
            self.next.push(Reverse((key, index)));
        }
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn merged_runs_are_all_records_in_order(
            runs in prop::collection::vec(
                prop::collection::btree_map(prop::collection::vec(0u8..3, 0..3), any::<u16>(), 0..20),
                0..6,
            ),
        ) {
            let mut spill = Spill::default();
            let mut expected = BTreeMap::<_, Vec<u16>>::new();
            let mut sequences: Vec<Sequence<'_, Vec<u8>, u16>> = Vec::new();
            for run in runs {
                for (key, value) in &run {
                    expected.entry(key.clone()).or_default().push(*value);
                }
                let record = |(key, value): (Vec<u8>, u16)| {
                    Ok(Record { key, value: value.to_le_bytes().to_vec() })
                };
                let written = spill.write_records(run.into_iter().map(record)).unwrap();
                sequences.push(Box::new(written.into_records().map(|record| {
                    let Record { key, value } = record?;
                    Ok((key, u16::from_le_bytes(value.try_into().unwrap())))
                })));
            }
            let mut merged = Merged::new(sequences).unwrap();
            for (key, mut values) in expected {
                let (found, mut items) = merged.next().unwrap().unwrap();
                prop_assert_eq!(found, key);
                items.sort_unstable();
                values.sort_unstable();
                prop_assert_eq!(items, values);
            }
            prop_assert!(merged.next().unwrap().is_none());
        }
    }

    #[test]
    fn a_file_that_is_cut_short_is_an_error() {
        let mut spill = Spill::default();
        let record = Record { key: b"k".to_vec(), value: vec![7; 100] };
        let run = spill.write_records([Ok(record)].into_iter()).unwrap();
        run.file.file.lock().unwrap().set_len(50).unwrap();
        let read = run.into_records().next().unwrap();
        assert_eq!(read.unwrap_err().code(), "memory.spill");
    }
}
