//! What all requests share: the configuration, the cores and the memory.
//!
//! Connections are not here: they belong to the listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::auth::Auth;
use crate::config::Config;
use crate::error::Error;
use crate::jobs::Jobs;
use crate::problem::Refusal;

/// Memory is lent in pieces of this many bytes.
const PIECE_BYTES: u64 = 64 << 10;

/// The state that handlers work with.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) jobs: Option<Arc<Jobs>>,
    /// Who may call; nothing where everybody may.
    pub(crate) auth: Option<Arc<Auth>>,
    cores: Arc<Semaphore>,
    body_pieces: Arc<Semaphore>,
    body_pieces_max: usize,
    is_draining: AtomicBool,
}

impl App {
    pub(crate) fn new(config: &Config, jobs: Option<Jobs>) -> Result<Arc<Self>, Error> {
        let cores = available_parallelism().map_or(1, usize::from);
        // A body that is taken at all finds room once it is alone.
        let bytes_max = config.limits.bodies_max.max(config.limits.body_max).bytes();
        let pieces = (bytes_max.div_ceil(PIECE_BYTES) as usize).min(u32::MAX as usize);
        Ok(Arc::new(Self {
            auth: Auth::open(&config.auth)?.map(Arc::new),
            config: config.clone(),
            jobs: jobs.map(Arc::new),
            cores: Arc::new(Semaphore::new(cores)),
            body_pieces: Arc::new(Semaphore::new(pieces)),
            body_pieces_max: pieces,
            is_draining: AtomicBool::new(false),
        }))
    }

    /// Whether the server has been told to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    pub(crate) fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    /// Runs a job that computes, off the threads that serve connections and with
    /// no more of them at a time than there are cores. A job that has begun ends,
    /// and keeps its core until then, though nobody may wait for it any more.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let core =
            Arc::clone(&self.cores).acquire_owned().await.expect("the semaphore is never closed");
        let job = move || {
            let result = job();
            drop(core);
            result
        };
        spawn_blocking(job).await.unwrap_or(Err(Refusal::Internal))
    }

    /// An account of memory, with nothing drawn on it.
    pub(crate) fn open_account(&self) -> Account {
        Account {
            pieces: Arc::clone(&self.body_pieces),
            pieces_max: self.body_pieces_max,
            len: 0,
            held: None,
        }
    }
}

/// The memory that one request holds for its body and for what is computed from it; it is given
/// back on drop.
pub(crate) struct Account {
    pieces: Arc<Semaphore>,
    pieces_max: usize,
    len: u64,
    held: Option<OwnedSemaphorePermit>,
}

impl Account {
    /// Makes room for `len` bytes in all. What is more than all the memory there is takes all
    /// of it: such a request is alone, but it is answered.
    ///
    /// It refuses rather than waits: requests that each hold a part of the
    /// memory and wait for more would wait for ever.
    pub(crate) fn grow_to(&mut self, len: u64) -> Result<(), Refusal> {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let n_pieces = (len.div_ceil(PIECE_BYTES) as usize).min(self.pieces_max);
        let wanted = u32::try_from(n_pieces.saturating_sub(held)).expect("there are no more");
        let more =
            Arc::clone(&self.pieces).try_acquire_many_owned(wanted).map_err(|_| Refusal::Busy)?;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        self.len = len;
        Ok(())
    }

    /// Makes room for `len` bytes more.
    pub(crate) fn grow_by(&mut self, len: u64) -> Result<(), Refusal> {
        self.grow_to(self.len.saturating_add(len))
    }
}
