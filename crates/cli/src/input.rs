//! Where bytes come from: a file or stdin, opened for reading and named for messages. What they mean is
//! not here.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use exacta_client::Body;
use exacta_scan::{Format, Input as ScanInput, detect};

use crate::error::Error;
use crate::progress::Reading;
use crate::send::Sent;
use crate::text::one_line;

/// How much of an input tells what it is.
const START_BYTES: u64 = 512;

/// The same of a compressed one: some decoders give nothing before they have a block of it.
const COMPRESSED_START_BYTES: u64 = 256 << 10;

/// One input of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Stdin,
    File(PathBuf),
}

/// An input that can be read.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// Its length in bytes, where that is known beforehand.
    pub(crate) length: Option<u64>,
}

impl Opened {
    /// The same input, which tells how far it is read.
    pub(crate) fn counted(self, reading: &Reading) -> Self {
        let reader = Counted { reader: self.reader, n_read: reading.counter(), has_ended: false };
        Self { reader: Box::new(reader), ..self }
    }

    /// It as the body of a request.
    pub(crate) fn body(self) -> Body<'static> {
        match self.length {
            Some(length) => Body::with_length(self.reader, length),
            None => Body::new(self.reader),
        }
    }
}

/// A reader that counts the bytes it has read, and ends once: a terminal would go on after Ctrl-D.
struct Counted<R> {
    reader: R,
    n_read: Arc<AtomicU64>,
    has_ended: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.has_ended {
            return Ok(0);
        }
        let n_read = self.reader.read(buffer)?;
        self.has_ended = n_read == 0 && !buffer.is_empty();
        self.n_read.fetch_add(n_read as u64, Ordering::Relaxed);
        Ok(n_read)
    }
}

fn has_compressed_name(name: &Path) -> bool {
    let end = name.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
    end.is_some_and(|end| ["gz", "zst", "bz2", "xz"].contains(&end.as_str()))
}

/// The names of the inputs without their folders, for a heading; nothing for stdin.
pub(crate) fn names(inputs: &[Input]) -> String {
    let name = |input: &Input| match input {
        Input::File(path) => Some(one_line(&path.file_name()?.to_string_lossy())),
        Input::Stdin => None,
    };
    inputs.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

/// How many bytes all inputs have, if that is known before they are read.
pub(crate) fn length(inputs: &[Input]) -> Option<u64> {
    let length = |input: &Input| match input {
        Input::File(path) => {
            let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
            Some(metadata.len())
        }
        Input::Stdin => None,
    };
    inputs.iter().map(length).sum()
}

impl Input {
    /// The inputs that a list of paths names: stdin for `-`, and for no path at all.
    pub(crate) fn list(paths: &[PathBuf]) -> Result<Vec<Self>, Error> {
        if paths.is_empty() {
            let is_bare = io::stdin().is_terminal();
            return if is_bare { Err(Error::NoInput) } else { Ok(vec![Self::Stdin]) };
        }
        let is_stdin = |path: &&PathBuf| path.as_path() == Path::new("-");
        if paths.iter().filter(is_stdin).count() > 1 {
            return Err(Error::StdinTwice);
        }
        let input = |path| if is_stdin(&path) { Self::Stdin } else { Self::File(path.clone()) };
        Ok(paths.iter().map(input).collect())
    }

    /// The input that a path names, in the same way.
    pub(crate) fn one(path: Option<&Path>) -> Result<Self, Error> {
        match path {
            None if io::stdin().is_terminal() => Err(Error::NoFile),
            Some(path) if path != Path::new("-") => Ok(Self::File(path.to_owned())),
            _ => Ok(Self::Stdin),
        }
    }

    /// Its name in messages, fit for one line.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".to_owned(),
            Self::File(path) => one_line(&path.to_string_lossy()),
        }
    }

    /// Whether it is the file at this path, by whatever name.
    pub(crate) fn is_file(&self, path: &Path) -> bool {
        match self {
            Self::Stdin => stdin_id().is_some_and(|id| file_id(path) == Some(id)),
            Self::File(other) => file_id(other).is_some_and(|id| file_id(path) == Some(id)),
        }
    }

    /// Opens it for the scan, which tells how far it is read.
    pub(crate) fn open_to_scan(&self, reading: &Reading) -> Result<ScanInput<'static>, Error> {
        match self {
            Self::Stdin => Ok(ScanInput::stream(self.open()?.counted(reading).reader)),
            Self::File(path) => {
                let input = ScanInput::file(self.open_file(path)?).named(path);
                Ok(input.counted(reading.counter()))
            }
        }
    }

    /// Opens it as a stream.
    pub(crate) fn open(&self) -> Result<Opened, Error> {
        let Self::File(path) = self else {
            return Ok(Opened { reader: Box::new(io::stdin()), length: None });
        };
        let file = self.open_file(path)?;
        // What is no regular file says 0 for its length, whatever it holds.
        let metadata = file.metadata().ok().filter(Metadata::is_file);
        Ok(Opened { length: metadata.map(|metadata| metadata.len()), reader: Box::new(file) })
    }

    /// Opens it for a service. It is of the format that is said, whatever it looks like, else of the one that it looks like.
    pub(crate) fn open_to_send(&self, said: Option<Format>) -> Result<Sent, Error> {
        let Opened { mut reader, length } = self.open()?;
        let mut start = Vec::new();
        let mut read_start = |n_bytes: u64| {
            let read = reader.by_ref().take(n_bytes).read_to_end(&mut start);
            read.map_err(|source| Error::Read { input: self.name(), source })?;
            Ok::<_, Error>(start.clone())
        };
        let mut start = read_start(START_BYTES)?;
        let name = match self {
            Self::File(path) => path.as_path(),
            Self::Stdin => Path::new(""),
        };
        if detect(&start, name).0.is_some() {
            start = read_start(COMPRESSED_START_BYTES)?;
        }
        let (compression, looks_like) = detect(&start, name);
        let format = said.unwrap_or(looks_like);
        // Numbers may begin with any bytes: only a name says that they are compressed.
        let may_be = !matches!(format, Format::Raw(_)) || has_compressed_name(name);
        let opened = Opened { reader: Box::new(io::Cursor::new(start).chain(reader)), length };
        Sent::new(opened, format, compression.filter(|_| may_be))
            .map_err(|source| Error::Scan { input: self.name(), source })
    }

    fn open_file(&self, path: &Path) -> Result<File, Error> {
        let file = File::open(path).map_err(|source| Error::Open { input: self.name(), source })?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::Directory { input: self.name() });
        }
        Ok(file)
    }
}

/// What a file is, whatever it is called: its device and its number there.
#[cfg(unix)]
fn file_id(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|found| id_of(&found))
}

#[cfg(unix)]
fn id_of(found: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

/// What stdin was opened from.
#[cfg(unix)]
fn stdin_id() -> Option<(u64, u64)> {
    use std::os::fd::AsFd;
    let stdin = io::stdin().as_fd().try_clone_to_owned().ok()?;
    File::from(stdin).metadata().ok().map(|found| id_of(&found))
}

/// Where neither is to be had, where all links lead.
#[cfg(not(unix))]
fn file_id(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// There nobody tells.
#[cfg(not(unix))]
fn stdin_id() -> Option<PathBuf> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_stdin_once() {
        let list =
            |paths: &[&str]| Input::list(&paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        let file = Input::File("./-".into());
        assert_eq!(list(&["-", "./-"]).unwrap(), [Input::Stdin, file]);
        assert!(matches!(list(&["-", "a", "-"]), Err(Error::StdinTwice)));
    }

    #[test]
    fn names_stay_in_their_line() {
        assert_eq!(Input::File("a\nb\u{1b}[1mé".into()).name(), "a\\nb\\u{1b}[1mé");
    }
}
