//! What keeps a bench from its end.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{program} failed: {stderr}")]
    Failed { program: String, stderr: String },
    #[error("{program} does not say where it listens, but: {line}")]
    Address { program: String, line: String },
    #[error("{url} answered: {answer}")]
    Refused { url: String, answer: String },
    #[error(
        "{contender} answers {n_numbers} numbers with other bits than the library: a wrong answer has no time"
    )]
    Wrong { contender: &'static str, n_numbers: usize },
    #[error("{contender} left a figure out")]
    Incomplete { contender: &'static str },
    #[error("wrk counted {count} failure(s) beside {total} answer(s) at {url}")]
    Load { url: String, count: u64, total: u64 },
    #[error("wrk ended without its line of figures: {output}")]
    LoadOutput { output: String },
    #[error(
        "the peers need Python 3.11 or later with its module venv (Debian and Ubuntu: `apt-get install python3-venv`): {0}"
    )]
    Python(String),
    #[error(
        "{n_changes} count(s) are not as recorded: see above; `cargo xtask bench instructions` records them"
    )]
    Counts { n_changes: usize },
    #[error("the reader of the service refuses what `serde_json` wrote: {0}")]
    Unread(String),
    #[error("it failed: see above")]
    Again,
    #[error("the threads did not start: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(transparent)]
    Client(#[from] exacta_client::Error),
    #[error(transparent)]
    Core(#[from] exacta::Error),
    #[error(transparent)]
    Scan(#[from] exacta_scan::Error),
    #[error("an answer is not the JSON that it should be: {0}")]
    Json(#[from] serde_json::Error),
}

/// Says at which path, or with which program, an input or output failed.
pub(crate) fn at(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { path: path.as_ref().to_owned(), source }
}
