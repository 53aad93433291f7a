//! What can go wrong with jobs: one closed list, each with a stable code. Why a job itself failed is not
//! here: that is its runner's to say.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{JobId, PAGE_SIZE_MAX};

/// An error of the store or the pool. The text is one line that says what happened and what to do;
/// [`Error::code`] is for programs and never changes.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory cannot be made, read or locked.
    #[error(
        "the job directory {} cannot be used: {source}; the directory above it must exist, and this user must be able to write to it",
        .dir.display()
    )]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// A store is open on this directory already.
    #[error(
        "another process has the job directory {} open; stop that process, or give this one a directory of its own",
        .dir.display()
    )]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// The file was written by a newer version.
    #[error(
        "the job store {} has schema {found} and this version knows up to {known}; use the version that wrote it, or another directory",
        .path.display()
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// The number of its schema.
        found: i64,
        /// The newest schema that this version knows.
        known: i64,
    },
    /// The file is something else.
    #[error("{} is not a job store; move it away, or give another directory", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is a job store with wrong bytes in it.
    #[error(
        "the job store {} is damaged: {source}; restore the directory from a copy, or give another one",
        .path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        source: Arc<rusqlite::Error>,
    },
    /// The file cannot be read or written.
    #[error(
        "the job store {} cannot be read or written: {source}; see that its disk has room and works, and try again",
        .path.display()
    )]
    Storage {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<rusqlite::Error>,
    },
    /// A thread cannot be started.
    #[error(
        "no thread can be started for jobs: {source}; raise the limit on threads, or start fewer workers"
    )]
    Threads {
        /// Why.
        source: Arc<io::Error>,
    },
    /// A job to be submitted is larger than the store holds.
    #[error(
        "a job of {n_bytes} bytes is larger than {bytes_max}, the most that is kept; cut its input into several jobs"
    )]
    TooLarge {
        /// Its kernel, spec and input together.
        n_bytes: usize,
        /// The most.
        bytes_max: usize,
    },
    /// There is no such job.
    #[error("there is no job `{}`; the list of jobs has the ids there are", .id.escape_debug())]
    NotFound {
        /// The name as given, cut to its beginning.
        id: String,
    },
    /// The result of a job was asked for that has not ended.
    #[error("job {id} has not finished; ask again when its state is succeeded")]
    NotFinished {
        /// The job.
        id: JobId,
    },
    /// The result of a job was asked for that has none, for it failed.
    #[error("job {id} failed and has no result; its error says why")]
    Failed {
        /// The job.
        id: JobId,
        /// Why, as its runner wrote it.
        error: Vec<u8>,
    },
    /// The result of a job was asked for that has none, for it was cancelled.
    #[error("job {id} was cancelled and has no result; submit it again to have one")]
    Cancelled {
        /// The job.
        id: JobId,
    },
    /// A page is to hold too many jobs, or none.
    #[error(
        "page_size {found} is not in 1..={PAGE_SIZE_MAX}; give a number that is, or leave it out"
    )]
    PageSize {
        /// The size as given.
        found: usize,
    },
    /// A text is no page token.
    #[error(
        "the page token is none that was given out; hand next_page_token back as it came, or leave it out"
    )]
    PageToken,
    /// A name of [`State`](crate::State) that does not exist.
    #[error(
        "unknown state `{}`; known: queued, running, succeeded, failed, cancelled", .name.escape_debug()
    )]
    StateUnknown {
        /// The name as given, cut to its beginning.
        name: String,
    },
}

impl Error {
    /// The stable dotted code: the same in every language and door.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "jobs.directory",
            Self::Locked { .. } => "jobs.locked",
            Self::Schema { .. } => "jobs.schema",
            Self::Foreign { .. } => "jobs.foreign",
            Self::Damaged { .. } => "jobs.damaged",
            Self::Storage { .. } => "jobs.storage",
            Self::Threads { .. } => "jobs.threads",
            Self::TooLarge { .. } => "job.too_large",
            Self::NotFound { .. } => "job.not_found",
            Self::NotFinished { .. } => "job.not_finished",
            Self::Failed { .. } => "job.failed",
            Self::Cancelled { .. } => "job.cancelled",
            Self::PageSize { .. } => "page_size.invalid",
            Self::PageToken => "page_token.invalid",
            Self::StateUnknown { .. } => "state.unknown",
        }
    }

    pub(crate) fn directory(dir: &Path, source: io::Error) -> Self {
        Self::Directory { dir: dir.to_owned(), source: Arc::new(source) }
    }

    pub(crate) fn threads(source: io::Error) -> Self {
        Self::Threads { source: Arc::new(source) }
    }

    pub(crate) fn not_found(id: JobId) -> Self {
        Self::NotFound { id: id.to_string() }
    }

    /// What `SQLite` says, by what there is to do about it.
    pub(crate) fn sqlite(path: &Path, source: impl Into<Arc<rusqlite::Error>>) -> Self {
        use rusqlite::Error as E;
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let (path, source) = (path.to_owned(), source.into());
        match (&*source, source.sqlite_error_code()) {
            (_, Some(NotADatabase)) => Self::Foreign { path },
            (_, Some(DatabaseCorrupt))
            | (E::FromSqlConversionFailure(..) | E::InvalidColumnType(..), _) => {
                Self::Damaged { path, source }
            }
            _ => Self::Storage { path, source },
        }
    }
}
