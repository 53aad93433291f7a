//! The store: one directory, one process at a time, one file. Here is what can be done with jobs; how rows
//! are written is in `transition`, how they are read in `reader`.

mod board;
mod reader;
mod row;
mod schema;
mod transition;
mod writer;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::Transaction;

use crate::{
    Cancellation, Claim, Error, Failure, Job, JobId, ListQuery, NewJob, Outcome, PAGE_SIZE_MAX,
    Page, PageToken, State,
};
pub(crate) use board::Board;
use reader::Readers;
use transition::Attempt;
use writer::Writer;

/// The most bytes of one job, and of one result. `SQLite` holds a billion in a row, and a row is a little more
/// than these.
pub const BYTES_MAX: usize = 1_000_000_000 - 4096;

/// Jobs on disk. A clone is another handle to the same store, which closes with the last of them.
///
/// What a method has answered is committed and survives a kill and a power cut. All of them block: the ones
/// that change something until the disk has it.
#[derive(Clone)]
pub struct Store {
    open: Arc<Open>,
}

/// Dropped in this order: `SQLite` tidies up when its writer is the last to leave, and the lock is let go when
/// nothing more can touch the file.
struct Open {
    readers: Readers,
    writer: Writer,
    board: Arc<Board>,
    path: PathBuf,
    _lock: File,
}

impl Store {
    /// Opens the store in `dir`, and makes both where they are not there yet, for this user alone. Jobs that
    /// ran when the last process ended are queued again, in their old places.
    ///
    /// # Errors
    /// [`Error::Locked`] when a store is open on `dir`, in this process or another. [`Error::Directory`],
    /// [`Error::Schema`], [`Error::Foreign`], [`Error::Damaged`], [`Error::Storage`] and [`Error::Threads`] as
    /// they say.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        create(dir).map_err(|source| Error::directory(dir, source))?;
        let lock = lock(dir)?;
        let path = dir.join("jobs.sqlite");
        let writer = Writer::start(schema::open(&path)?)?;
        let readers = Readers::new(path.clone());
        let store = Self {
            open: Arc::new(Open { readers, writer, board: Arc::default(), path, _lock: lock }),
        };
        store.write(transition::requeue, |()| ())?;
        Ok(store)
    }

    /// Adds a job to the end of the queue.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when its texts and bytes are more than [`BYTES_MAX`], and those of the storage.
    pub fn submit(&self, new: NewJob) -> Result<Job, Error> {
        let n_bytes =
            new.kernel.len().saturating_add(new.spec.len()).saturating_add(new.input.len());
        if n_bytes > BYTES_MAX {
            return Err(Error::TooLarge { n_bytes, bytes_max: BYTES_MAX });
        }
        let board = Arc::clone(self.board());
        self.write(
            move |transaction| transition::submit(transaction, &new),
            move |_| board.announce(),
        )
    }

    /// How a job stands.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the storage.
    pub fn job(&self, id: JobId) -> Result<Job, Error> {
        let job = self.open.readers.ask(|connection| reader::job(connection, id))?;
        job.ok_or_else(|| Error::not_found(id))
    }

    /// A page of jobs, the newest first. Page by page, every job that was there at the first is listed once,
    /// whatever is submitted meanwhile.
    ///
    /// # Errors
    /// [`Error::PageSize`], and those of the storage.
    pub fn list(&self, query: &ListQuery) -> Result<Page, Error> {
        let page_size = query.page_size;
        if !(1..=PAGE_SIZE_MAX).contains(&page_size) {
            return Err(Error::PageSize { found: page_size });
        }
        // One more than asked for tells whether there is a next page.
        let list = |connection: &_| reader::list(connection, query, page_size + 1);
        let mut jobs = self.open.readers.ask(list)?;
        let is_last = jobs.len() <= page_size;
        jobs.truncate(page_size);
        let end = jobs.last().filter(|_| !is_last);
        let next_page_token = end.map(|job| PageToken(job.id));
        Ok(Page { jobs, next_page_token })
    }

    /// How many jobs are in a state. It takes as long as there are of them: what waits or runs is counted at once.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn count(&self, state: State) -> Result<u64, Error> {
        self.open.readers.ask(|connection| reader::count(connection, state))
    }

    /// Calls a job off, and tells whoever runs it. A job that has ended stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of the storage.
    pub fn cancel(&self, id: JobId) -> Result<Job, Error> {
        let board = Arc::clone(self.board());
        let job = self.write(
            move |transaction| transition::cancel(transaction, id),
            move |job| {
                if job.as_ref().is_some_and(|job| job.state == State::Cancelled) {
                    board.cancel(id);
                }
            },
        )?;
        job.ok_or_else(|| Error::not_found(id))
    }

    /// The result of a job.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotFinished`], [`Error::Failed`], [`Error::Cancelled`], and those of the
    /// storage.
    pub fn result(&self, id: JobId) -> Result<Vec<u8>, Error> {
        let found = self.open.readers.ask(|connection| reader::result(connection, id))?;
        let job = match found.ok_or_else(|| Error::not_found(id))? {
            Ok(result) => return Ok(result),
            Err(job) => job,
        };
        Err(match job.state {
            State::Failed => Error::Failed { id, error: job.error.unwrap_or_default() },
            State::Cancelled => Error::Cancelled { id },
            State::Queued | State::Running | State::Succeeded => Error::NotFinished { id },
        })
    }

    /// Takes the oldest queued job to be run by the caller, who must end it with [`Store::finish`] or
    /// [`Store::release`]; otherwise it is queued again at the next start. A [`Pool`](crate::Pool) does all
    /// this.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn claim(&self) -> Result<Option<Claim>, Error> {
        self.claim_until(&Arc::default())
    }

    /// The same for work that ends when `stopping` is set.
    pub(crate) fn claim_until(&self, stopping: &Arc<AtomicBool>) -> Result<Option<Claim>, Error> {
        loop {
            let cancellation = Cancellation::under(stopping);
            let Some((attempt, kernel)) = self.take(cancellation.clone())? else { return Ok(None) };
            let Attempt { id, number } = attempt;
            // Read outside the transaction: a large input would hold up everyone who writes.
            match self.open.readers.ask(|connection| reader::input(connection, id)) {
                Ok(Some((spec, input))) => {
                    return Ok(Some(Claim {
                        id,
                        kernel,
                        spec,
                        input,
                        cancellation,
                        attempt: number,
                    }));
                }
                // Cancelled since.
                Ok(None) => self.board().forget(attempt),
                Err(error) => return self.put_back(attempt).and(Err(error)),
            }
        }
    }

    fn take(&self, cancellation: Cancellation) -> Result<Option<(Attempt, String)>, Error> {
        let board = Arc::clone(self.board());
        self.write(transition::claim, move |taken| {
            if let Some((attempt, _)) = taken {
                board.register(*attempt, cancellation);
            }
        })
    }

    /// Commits what came of a claim, and says whether it counts: it does not when the job was cancelled, or is
    /// another claim's by now. A result larger than [`BYTES_MAX`] is a failure.
    ///
    /// # Errors
    /// Those of the storage; then nothing is recorded, and the same may be tried again.
    pub fn finish(&self, claim: &Claim, outcome: impl Into<Arc<Outcome>>) -> Result<bool, Error> {
        let (attempt, outcome) = (claim.attempt(), outcome.into());
        let end = move |transaction: &Transaction<'_>| match &*outcome {
            Ok(result) if result.len() > BYTES_MAX => {
                transition::end(transaction, attempt, Err(&Failure::result_too_large()))
            }
            outcome => transition::end(transaction, attempt, outcome.as_deref()),
        };
        let is_recorded = self.write(end, |_| ())?;
        self.board().forget(attempt);
        Ok(is_recorded)
    }

    /// Gives a claim back: the job is queued again, in its old place.
    ///
    /// # Errors
    /// Those of the storage; then the job runs on until the next start.
    pub fn release(&self, claim: &Claim) -> Result<(), Error> {
        self.put_back(claim.attempt())?;
        self.board().announce();
        Ok(())
    }

    fn put_back(&self, attempt: Attempt) -> Result<(), Error> {
        self.write(move |transaction| transition::release(transaction, attempt), |()| ())?;
        self.board().forget(attempt);
        Ok(())
    }

    pub(crate) fn board(&self) -> &Arc<Board> {
        &self.open.board
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, Error> {
        self.open
            .writer
            .call(work, committed)
            .map_err(|source| Error::sqlite(&self.open.path, source))
    }
}

impl Claim {
    fn attempt(&self) -> Attempt {
        Attempt { id: self.id, number: self.attempt }
    }
}

/// Makes the directory where there is none, and its name durable.
fn create(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => return Ok(()),
        created => created?,
    }
    // Only on Unix can a directory be opened and made durable.
    #[cfg(unix)]
    File::open(dir.join(".."))?.sync_all()?;
    Ok(())
}

/// Locks the directory against a second store. The system lets the lock go when the process ends, however it does.
fn lock(dir: &Path) -> Result<File, Error> {
    let open = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join("lock"));
    let file = open.map_err(|source| Error::directory(dir, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::directory(dir, source)),
    }
}
