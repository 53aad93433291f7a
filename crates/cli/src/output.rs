//! What goes to stdout, to a file and to stderr, and what becomes of a reader that has left. What is said is not here.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, IntoInnerError, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::color::{Paint, Style};
use crate::ending;
use crate::error::Error;
use crate::input::Input;
use crate::progress::aside;
use crate::text::one_line;

/// Writes a result to stdout. A closed pipe is no error: its reader has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    print_bytes(text.as_bytes())
}

/// The same for bytes.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Error> {
    print_with(|stdout| stdout.write_all(bytes))
}

/// Lets a result be written to stdout as it comes.
fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut stdout = BufWriter::new(io::stdout().lock());
    match write(&mut stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// Writes an object of the service to stdout, as the service writes it, and a line end.
pub(crate) fn print_json(object: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(object).expect("an object of the service is plain data");
    print(&(json + "\n"))
}

/// Where a result goes.
#[derive(Debug)]
pub(crate) enum Target {
    Stdout,
    /// A file that is there when it is whole: until then another one stands beside it.
    File {
        /// As it was named.
        given: PathBuf,
        /// What that leads to.
        path: PathBuf,
    },
    /// A device or a pipe, which cannot be replaced.
    Device(PathBuf),
}

impl Target {
    /// The file, or stdout, for what is made of these inputs, of which it must be none. That it can be written is seen
    /// now, before the work for it is done.
    pub(crate) fn new(file: Option<&Path>, inputs: &[Input]) -> Result<Self, Error> {
        let Some(path) = file else { return Ok(Self::Stdout) };
        if is_device(path) {
            return Ok(Self::Device(path.to_owned()));
        }
        let led = led(path).and_then(|led| check(&led).map(|()| led));
        let led = led.map_err(|source| unwritten(path, &source))?;
        if inputs.iter().any(|input| input.is_file(&led)) {
            return Err(Error::OutputIsInput { path: one_line(&path.to_string_lossy()) });
        }
        Ok(Self::File { given: path.to_owned(), path: led })
    }

    /// Writes the result.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        self.write_with(|writer| writer.write_all(bytes))
    }

    /// Lets the result be written as it comes.
    pub(crate) fn write_with(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Error> {
        match self {
            Self::Stdout => print_with(write),
            Self::File { given, path } => {
                replace(path, write).map_err(|source| unwritten(given, &source))
            }
            Self::Device(path) => {
                let device = OpenOptions::new().write(true).open(path).map(BufWriter::new);
                let written = device.and_then(|mut device| {
                    write(&mut device)?;
                    device.flush()
                });
                written.map_err(|source| unwritten(path, &source))
            }
        }
    }
}

/// Whether it is something to write to that is no file.
pub(crate) fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Where a path leads: a link stays, and what it leads to is replaced, also where that is not there yet.
fn led(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        led => return led,
    }
    let mut led = path.to_owned();
    while let Ok(next) = fs::read_link(&led) {
        led.pop();
        led.push(next);
    }
    Ok(led)
}

/// Whether a file can be written there, by one that has no name.
fn check(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    fs::metadata(folder(path))?;
    tempfile::tempfile_in(folder(path)).map(drop)
}

fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The file that is to go away if the process does.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes it. None is begun, and none becomes whole, while what is returned is held.
pub(crate) fn remove_unfinished() -> impl Sized {
    let mut unfinished = unfinished();
    if let Some(path) = unfinished.take() {
        let _ = fs::remove_file(path);
    }
    unfinished
}

/// A new file in the folder of another one, with the rights of that, or of any new file.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    ending::tidy();
    let mut unfinished = unfinished();
    let create = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
    let file = tempfile::Builder::new().prefix(".exacta-").make_in(folder(path), create)?;
    *unfinished = Some(file.path().to_owned());
    if let Ok(found) = fs::metadata(path) {
        file.as_file().set_permissions(found.permissions())?;
    }
    Ok(file)
}

/// Puts what is written in the place of a file, all of it or nothing.
fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(beside(path)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    let mut unfinished = unfinished();
    file.persist(path).map_err(|error| error.error)?;
    *unfinished = None;
    Ok(())
}

/// An error about a file as it was named; the one that stands beside it is none that the caller knows.
fn unwritten(path: &Path, source: &io::Error) -> Error {
    let source =
        source.raw_os_error().map_or_else(|| source.kind().into(), io::Error::from_raw_os_error);
    let mend = match source.kind() {
        ErrorKind::NotFound => "make its folder, or try another place",
        ErrorKind::IsADirectory => "name a file in it",
        _ if path.is_file() => "the file is as it was, so try another place",
        _ => "try another place",
    };
    Error::OutputFile { path: one_line(&path.to_string_lossy()), source, mend }
}

/// Writes one line about what went wrong.
pub(crate) fn complain(text: &str) {
    let name = Paint::of(&io::stderr()).set(Style::Error, "exacta:");
    notify(&format_args!("{name} {text}"));
}

/// Writes one line about what may be wrong.
pub(crate) fn warn(text: &str) {
    let paint = Paint::of(&io::stderr());
    notify(&format_args!("exacta: {} {text}", paint.set(Style::Warning, "warning:")));
}

/// Writes one line for a person to stderr. If nobody can be told, nobody is.
pub(crate) fn notify(line: &dyn Display) {
    aside(|| _ = writeln!(io::stderr(), "{line}"));
}
