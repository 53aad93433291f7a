//! Sorted values in a temporary file, for columns that take more memory than they may. The file has no name from the
//! beginning: whatever ends the process, the system takes it away.

use std::{
    env,
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, OnceLock},
};

use exacta::{SortedValues, Value};

use crate::Error;

/// From here on a number may have a remainder, and takes two bytes more.
const WIDE: f64 = 9_007_199_254_740_992.0;

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 1 << 16;

/// A file of a sink's own, made when it is needed.
#[derive(Debug, Default)]
pub(crate) struct Spill {
    file: Option<Arc<SpillFile>>,
    /// How much has been written.
    end: u64,
}

#[derive(Debug)]
struct SpillFile {
    file: Mutex<File>,
    failure: OnceLock<String>,
}

impl Spill {
    /// Writes values, which come in ascending order, and gives them back as they can be read.
    pub(crate) fn write(
        &mut self,
        values: impl Iterator<Item = Value>,
    ) -> Result<Vec<Arc<dyn SortedValues>>, Error> {
        let written = self.try_write(values);
        written.map_err(|source| Error::Spill { directory: env::temp_dir(), source })
    }

    fn try_write(
        &mut self,
        values: impl Iterator<Item = Value>,
    ) -> io::Result<Vec<Arc<dyn SortedValues>>> {
        let file = self.open()?;
        let opened = file.file.lock().expect("reading and writing do not panic");
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, &*opened);
        // Ascending values are wide, narrow and wide again: three runs at most.
        let mut runs: Vec<Run> = Vec::new();
        for value in values {
            let is_wide = value.to_f64().abs() >= WIDE;
            if runs.last().is_none_or(|run| run.is_wide != is_wide) {
                runs.push(Run { file: file.clone(), start: self.end, n_values: 0, is_wide });
            }
            let run = runs.last_mut().expect("one was pushed");
            writer.write_all(&value.to_f64().to_le_bytes())?;
            if is_wide {
                writer.write_all(&value.remainder().to_le_bytes())?;
            }
            run.n_values += 1;
            self.end += run.value_bytes() as u64;
        }
        writer.flush()?;
        Ok(runs.into_iter().map(|run| Arc::new(run) as Arc<dyn SortedValues>).collect())
    }

    fn open(&mut self) -> io::Result<Arc<SpillFile>> {
        if self.file.is_none() {
            let file = Mutex::new(tempfile::tempfile()?);
            self.file = Some(Arc::new(SpillFile { file, failure: OnceLock::new() }));
        }
        Ok(self.file.clone().expect("it was made"))
    }
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
        let mut file = self.file.file.lock().expect("reading and writing do not panic");
        file.seek(SeekFrom::Start(self.start + rank * n_bytes as u64))?;
        file.read_exact(&mut bytes)?;
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
        spill.write([Value::from(7)].into_iter()).unwrap();
        let runs = spill.write(values.iter().copied()).unwrap();
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
        let runs = spill.write([1, 2, 3].map(Value::from).into_iter()).unwrap();
        spill.file.unwrap().file.lock().unwrap().set_len(9).unwrap();
        runs[0].read(1, &mut [Value::from(0)]);
        assert!(runs[0].failure().is_some());
    }
}
