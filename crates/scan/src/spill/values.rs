//! Numbers in order in a file, for columns and groups that keep all of their values.

use std::{
    io::{self, Write},
    ops::Range,
    sync::Arc,
};

use exacta::{Accumulator, SortedValues, Value};

use super::{Spill, SpillFile, failed};
use crate::Error;

/// From here on a number may have a remainder, and takes two bytes more.
const WIDE: f64 = 9_007_199_254_740_992.0;

impl Spill {
    /// Puts the values that an accumulator keeps into the file, where it finds them again.
    pub(crate) fn put_away(&mut self, accumulator: &mut Accumulator) -> Result<(), Error> {
        while accumulator.bytes_kept() > 0 {
            let runs = self.write_values(accumulator.take_values())?;
            runs.into_iter().for_each(|run| accumulator.put_values(run));
        }
        Ok(())
    }

    /// Writes values, which come in ascending order, and gives them back as they can be read.
    fn write_values(
        &mut self,
        values: impl Iterator<Item = Value>,
    ) -> Result<Vec<Arc<dyn SortedValues>>, Error> {
        // Ascending values are wide, narrow and wide again: three runs at most.
        let mut lengths: Vec<(bool, u64)> = Vec::new();
        let Range { mut start, .. } = self.append(|writer| {
            values.into_iter().try_for_each(|value| {
                let is_wide = value.to_f64().abs() >= WIDE;
                match lengths.last_mut() {
                    Some((is_alike, n_values)) if *is_alike == is_wide => *n_values += 1,
                    _ => lengths.push((is_wide, 1)),
                }
                write_value(writer, value, is_wide).map_err(failed)
            })
        })?;
        let file = self.open().map_err(failed)?;
        let run = |(is_wide, n_values)| {
            let run = Run { file: file.clone(), start, n_values, is_wide };
            start += n_values * run.value_bytes() as u64;
            Arc::new(run) as Arc<dyn SortedValues>
        };
        Ok(lengths.into_iter().map(run).collect())
    }
}

fn write_value(writer: &mut dyn Write, value: Value, is_wide: bool) -> io::Result<()> {
    writer.write_all(&value.to_f64().to_le_bytes())?;
    if is_wide { writer.write_all(&value.remainder().to_le_bytes()) } else { Ok(()) }
}

/// Values in order in a file: the eight bytes of each and, if they are wide, the two of its remainder.
#[derive(Debug)]
struct Run {
    file: Arc<SpillFile>,
    /// Where it begins in the file.
    start: u64,
    n_values: u64,
    is_wide: bool,
}

impl Run {
    fn value_bytes(&self) -> usize {
        if self.is_wide { 10 } else { 8 }
    }

    fn try_read(&self, rank: u64, values: &mut [Value]) -> io::Result<()> {
        let n_bytes = self.value_bytes();
        let mut bytes = vec![0; values.len() * n_bytes];
        self.file.read_at(self.start + rank * n_bytes as u64, &mut bytes)?;
        for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(n_bytes)) {
            let (nearest, remainder) = bytes.split_at(8);
            let nearest =
                f64::from_le_bytes(nearest.try_into().expect("eight bytes were split off"));
            let remainder = remainder.try_into().map_or(0, i16::from_le_bytes);
            let read = Value::from_parts(nearest, remainder);
            *value = read.ok_or_else(|| io::Error::other("the file has changed"))?;
        }
        Ok(())
    }
}

impl SortedValues for Run {
    fn n_values(&self) -> u64 {
        self.n_values
    }

    fn read(&self, rank: u64, values: &mut [Value]) {
        if let Err(error) = self.try_read(rank, values) {
            self.file.failure.get_or_init(|| error.to_string());
        }
    }

    fn failure(&self) -> Option<String> {
        self.file.failure.get().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were_written() {
        let mut values: Vec<_> = (0..1000).map(|n| Value::from(f64::from(n) - 500.5)).collect();
        values.extend(
            [i64::MIN, i64::MIN + 1, -(1 << 53) - 1, 1 << 53, (1 << 53) + 1].map(Value::from),
        );
        values.extend([-0.0, 0.0, f64::MIN, f64::MAX].map(Value::from));
        values.sort_unstable();
        let mut spill = Spill::default();
        spill.write_values([Value::from(7)].into_iter()).unwrap();
        let runs = spill.write_values(values.iter().copied()).unwrap();
        assert_eq!(runs.len(), 3);
        let read = runs.iter().flat_map(|run| {
            let mut values = vec![Value::from(0); run.n_values() as usize];
            run.read(0, &mut values[..1]);
            run.read(1, &mut values[1..]);
            values
        });
        assert!(read.eq(values));
        assert!(runs.iter().all(|run| run.failure().is_none()));
    }

    #[test]
    fn a_file_that_is_cut_short_tells_so() {
        let mut spill = Spill::default();
        let runs = spill.write_values([1, 2, 3].map(Value::from).into_iter()).unwrap();
        spill.file.unwrap().file.lock().unwrap().set_len(9).unwrap();
        runs[0].read(1, &mut [Value::from(0)]);
        assert!(runs[0].failure().is_some());
    }
}
