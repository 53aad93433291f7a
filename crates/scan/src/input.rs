//! Where bytes come from: a stream, or a file that can be read at any position; and a look at how they begin. What
//! they mean is not here.

#[cfg(feature = "compression")]
use std::io::{Seek, SeekFrom};
use std::{
    env,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{Error, Progress, ScanOptions};

/// How many bytes are looked at to find out what an input is.
pub(crate) const START_BYTES: u64 = 512;

/// How much is copied to a temporary file between two words about it.
const SPOOL_BYTES: u64 = 1 << 20;

/// An input of a scan: its bytes, and its name if it has one.
///
/// ```
/// use exacta_scan::Input;
///
/// let input = Input::stream("x\ty\n1\t2\n".as_bytes()).named("table.tsv");
/// # let _ = input;
/// ```
pub struct Input<'a> {
    pub(crate) source: Source<'a>,
    /// It may say what the bytes do not.
    pub(crate) name: PathBuf,
}

/// The bytes of an input.
pub(crate) enum Source<'a> {
    Stream(Box<dyn Read + Send + 'a>),
    File(Positions),
}

impl<'a> Input<'a> {
    /// An input that is read from here to its end. A format with a directory at its end is copied to a file
    /// without a name first, in the folder for temporary ones.
    pub fn stream(reader: impl Read + Send + 'a) -> Self {
        Self { source: Source::Stream(Box::new(reader)), name: PathBuf::new() }
    }

    /// A file, which is read at positions, from its beginning; what is no regular file is read as a stream.
    pub fn file(file: File) -> Self {
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => {
                let source = Source::File(Positions::new(file, metadata.len()));
                Self { source, name: PathBuf::new() }
            }
            _ => Self::stream(file),
        }
    }

    /// The same input, which adds to the counter how many bytes of it are read.
    #[must_use]
    pub fn counted(self, n_read: Arc<AtomicU64>) -> Self {
        let source = match self.source {
            Source::Stream(reader) => Source::Stream(Box::new(Counted { reader, n_read })),
            Source::File(file) => Source::File(Positions { n_read, ..file }),
        };
        Self { source, ..self }
    }

    /// The same input under this name, whose end may say what format it has.
    #[must_use]
    pub fn named(self, name: impl AsRef<Path>) -> Self {
        Self { name: name.as_ref().to_owned(), ..self }
    }
}

impl<'a> Source<'a> {
    /// Its first bytes, and itself with those bytes still to come.
    pub(crate) fn start(self) -> io::Result<(Vec<u8>, Self)> {
        match self {
            Self::File(file) => Ok((file.bytes(0, START_BYTES)?, Self::File(file))),
            Self::Stream(mut reader) => {
                let mut start = Vec::new();
                reader.by_ref().take(START_BYTES).read_to_end(&mut start)?;
                let whole = io::Cursor::new(start.clone()).chain(reader);
                Ok((start, Self::Stream(Box::new(whole))))
            }
        }
    }

    /// It as a stream.
    pub(crate) fn into_reader(self) -> Box<dyn Read + Send + 'a> {
        match self {
            Self::Stream(reader) => reader,
            Self::File(file) => {
                let n_bytes = u64::MAX;
                Box::new(file.range(0, n_bytes))
            }
        }
    }

    /// It as a stream, and as a file if it is one.
    pub(crate) fn into_parts(self) -> (Option<Positions>, Box<dyn Read + Send + 'a>) {
        let file = match &self {
            Self::File(file) => Some(file.clone()),
            Self::Stream(_) => None,
        };
        (file, self.into_reader())
    }

    /// It as a file. A stream is copied to one that has no name, so that nothing is left of it.
    pub(crate) fn into_file(self, options: &ScanOptions) -> Result<Positions, Error> {
        match self {
            Self::File(file) => Ok(file),
            Self::Stream(mut reader) => {
                let mut file = tempfile::tempfile().map_err(not_kept)?;
                let (mut n_bytes, mut block) = (0, Vec::new());
                loop {
                    reader.by_ref().take(SPOOL_BYTES).read_to_end(&mut block)?;
                    file.write_all(&block).map_err(not_kept)?;
                    n_bytes += block.len() as u64;
                    options.tell(Progress::Spooled(n_bytes))?;
                    if block.is_empty() {
                        break;
                    }
                    block.clear();
                }
                Ok(Positions::new(file, n_bytes))
            }
        }
    }
}

/// What is told of a temporary file that cannot be written.
fn not_kept(source: io::Error) -> Error {
    Error::Spool { directory: env::temp_dir(), source }
}

/// A file that several threads read, each at positions of its own.
#[derive(Clone, Debug)]
pub(crate) struct Positions {
    file: Arc<File>,
    n_bytes: u64,
    n_read: Arc<AtomicU64>,
}

impl Positions {
    fn new(file: File, n_bytes: u64) -> Self {
        Self { file: Arc::new(file), n_bytes, n_read: Arc::default() }
    }

    /// How long the file was when it was opened.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// The bytes from `start` on, `n_bytes` at most.
    pub(crate) fn range(&self, start: u64, n_bytes: u64) -> Range {
        Range { file: self.clone(), at: start, end: start.saturating_add(n_bytes) }
    }

    /// The same, read: fewer where the file ends.
    pub(crate) fn bytes(&self, start: u64, n_bytes: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.range(start, n_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&*self.file, buffer, at)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, at)
    }
}

/// A part of a file as a stream.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    file: Positions,
    at: u64,
    end: u64,
}

impl Read for Range {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_wanted = (self.end - self.at).min(buffer.len() as u64) as usize;
        let n_read = self.file.read_at(&mut buffer[..n_wanted], self.at)?;
        if n_read == 0 && n_wanted > 0 && self.at < self.file.n_bytes {
            let words = "the file has become shorter while it was read";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, words));
        }
        self.at += n_read as u64;
        self.file.n_read.fetch_add(n_read as u64, Ordering::Relaxed);
        Ok(n_read)
    }
}

#[cfg(feature = "compression")]
impl Seek for Range {
    /// Goes to a position of the file, no further than the end of the part.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.end.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?.min(self.end);
        Ok(self.at)
    }
}

/// A stream that counts the bytes it gives.
struct Counted<R> {
    reader: R,
    n_read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.reader.read(buffer)?;
        self.n_read.fetch_add(n_read as u64, Ordering::Relaxed);
        Ok(n_read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    /// What is left of it would be taken for all of it.
    #[test]
    fn a_file_that_shrinks_while_it_is_read_is_an_error() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"x\n1\n2\n").unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut reader = Input::file(file.try_clone().unwrap()).source.into_reader();
        reader.read_exact(&mut [0; 4]).unwrap();
        file.set_len(4).unwrap();
        let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "the file has become shorter while it was read");
        file.write_all(b"x\n1\n2\n3\n").unwrap();
        reader.read_to_end(&mut Vec::new()).expect("one that grows is read to its end");
    }

    #[test]
    fn a_stream_and_a_file_begin_and_go_on_alike() {
        for n_bytes in [0, 1, 511, 512, 513, 2000] {
            let bytes: Vec<u8> = (0..n_bytes).map(|byte| byte as u8).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            for input in [Input::stream(bytes.as_slice()), Input::file(file)] {
                let (start, source) = input.source.start().unwrap();
                assert_eq!(start, bytes[..bytes.len().min(512)]);
                let file = source.into_file(&ScanOptions::default()).unwrap();
                assert_eq!(file.n_bytes(), bytes.len() as u64);
                let mut whole = Vec::new();
                Source::File(file).into_reader().read_to_end(&mut whole).unwrap();
                assert_eq!(whole, bytes);
            }
        }
    }
}
