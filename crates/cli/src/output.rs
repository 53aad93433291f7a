//! What goes to stdout and stderr, and what becomes of a reader that has left. What is said is not here.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::error::Error;

/// Writes a result to stdout. A closed pipe is no error: its reader has seen enough.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// Writes an object of the service to stdout, as the service writes it, and a line end.
pub(crate) fn print_json(object: &impl Serialize) -> Result<(), Error> {
    let json = serde_json::to_string(object).expect("an object of the service is plain data");
    print(&(json + "\n"))
}

/// Writes one line about what went wrong.
pub(crate) fn complain(text: &str) {
    notify(&format_args!("exacta: {text}"));
}

/// Writes one line about what may be wrong.
pub(crate) fn warn(text: &str) {
    notify(&format_args!("exacta: warning: {text}"));
}

/// Writes one line for a person to stderr. If nobody can be told, nobody is.
pub(crate) fn notify(line: &dyn Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
