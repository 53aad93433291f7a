//! What goes to stdout, to a file and to stderr, and what becomes of a reader that has left. What is said is not here.

use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::color::{Paint, Style};
use crate::error::Error;
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
    File(PathBuf),
    /// A device or a pipe, which cannot be replaced.
    Device(PathBuf),
}

impl Target {
    /// The file, or stdout. That the file can be written is seen now, before the work for it is done.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self, Error> {
        let Some(path) = file else { return Ok(Self::Stdout) };
        let is_device = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
        if is_device {
            return Ok(Self::Device(path.to_owned()));
        }
        // A link stays, and what it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let fault = if path.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(()) };
        fault.and_then(|()| beside(&path)).map_err(|source| unwritten(&path, source))?;
        Ok(Self::File(path))
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
            Self::File(path) => replace(path, write).map_err(|source| unwritten(path, source)),
            Self::Device(path) => {
                let device = OpenOptions::new().write(true).open(path).map(BufWriter::new);
                let written = device.and_then(|mut device| {
                    write(&mut device)?;
                    device.flush()
                });
                written.map_err(|source| unwritten(path, source))
            }
        }
    }
}

/// A new file in the folder of another one, with the rights of that, or of any new file.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".exacta-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
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
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn unwritten(path: &Path, source: io::Error) -> Error {
    // A path that the temporary file adds is none that the caller knows.
    let source = source.raw_os_error().map_or(source, io::Error::from_raw_os_error);
    Error::OutputFile { path: one_line(&path.to_string_lossy()), source }
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
