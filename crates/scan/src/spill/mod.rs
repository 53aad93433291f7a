//! What takes more memory than it may, in a temporary file. The file has no name from the beginning: whatever ends the
//! process, the system takes it away. `values` are numbers in order, that are read by rank; `records` are keys in order,
//! each with what is known under it, that are read through. What goes first the sinks decide.

mod records;
mod values;

use std::{
    env,
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    ops::Range,
    sync::{Arc, Mutex, OnceLock},
};

pub(crate) use self::records::{Merged, Record, RecordRun, Sequence};
use crate::Error;

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
    /// Why what was read by rank is not what was written.
    failure: OnceLock<String>,
}

impl Spill {
    /// Appends what is written, and tells where in the file it stands.
    fn append(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<Range<u64>, Error> {
        let file = self.open().map_err(failed)?;
        let mut opened = file.file.lock().expect("reading and writing do not panic");
        opened.seek(SeekFrom::Start(self.end)).map_err(failed)?;
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, &*opened);
        write(&mut writer)?;
        writer.flush().map_err(failed)?;
        drop(writer);
        let start = self.end;
        self.end = opened.stream_position().map_err(failed)?;
        Ok(start..self.end)
    }

    fn open(&mut self) -> io::Result<Arc<SpillFile>> {
        if self.file.is_none() {
            let file = Mutex::new(tempfile::tempfile()?);
            self.file = Some(Arc::new(SpillFile { file, failure: OnceLock::new() }));
        }
        Ok(self.file.clone().expect("it was made"))
    }
}

impl SpillFile {
    /// Reads what was written from `start` on, all of these bytes.
    fn read_at(&self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock().expect("reading and writing do not panic");
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(bytes)
    }
}

/// What is told of a file that cannot be written or read.
fn failed(source: io::Error) -> Error {
    Error::Spill { directory: env::temp_dir(), source }
}
