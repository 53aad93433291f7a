//! What is told how a scan goes, and may end it. What it makes of that is the caller's affair.

use std::{fmt, io, sync::Arc};

/// What a scan tells while it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// So many columns will be summarized, each by an accumulator of its own that is made after this.
    Columns(usize),
    /// Rows were taken, and the values that the plan keeps take so many bytes by now, over all columns and threads.
    Rows(u64),
    /// So many bytes of a stream lie in a temporary file, since its format is read at positions.
    Spooled(u64),
    /// So many bytes at a position of a file are read next, and held as a whole.
    Batch(u64),
}

/// What is told how a scan goes. An error that it answers ends the scan, which fails with [`Error::Io`](crate::Error::Io).
///
/// It is told by the threads that scan, every few thousand rows, and they wait for it.
///
/// ```
/// use std::io;
/// use exacta::Plan;
/// use exacta_scan::{Progress, ScanOptions, Watch, scan_csv};
///
/// let impatient = Watch::new(|progress| match progress {
///     Progress::Rows(_) => Err(io::Error::other("that is enough")),
///     _ => Ok(()),
/// });
/// let options = ScanOptions { watch: Some(impatient), ..ScanOptions::default() };
/// let error = scan_csv("x\n1\n2\n".as_bytes(), &options, &Plan::default()).unwrap_err();
/// assert_eq!(error.code(), "input.read");
/// ```
#[derive(Clone)]
pub struct Watch(Arc<Watcher>);

type Watcher = dyn Fn(Progress) -> io::Result<()> + Send + Sync;

impl Watch {
    /// Tells everything to `watcher`.
    pub fn new(watcher: impl Fn(Progress) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(watcher))
    }

    pub(crate) fn tell(&self, progress: Progress) -> io::Result<()> {
        (self.0)(progress)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl PartialEq for Watch {
    /// Whether they tell the same one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Watch {}
