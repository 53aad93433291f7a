//! What all requests share: the configuration, the cores and the memory.
//!
//! Connections are not here: they belong to the listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Auth;
use crate::compute::Computing;
use crate::config::Config;
use crate::error::Error;
use crate::jobs::Jobs;
use crate::problem::Refusal;
use crate::telemetry::metrics::{Family, Metrics, Outside};

/// Memory, and room on a disk, is lent in pieces of this many bytes.
const PIECE_BYTES: u64 = 64 << 10;

/// The state that handlers work with.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) jobs: Option<Arc<Jobs>>,
    /// Who may call; nothing where everybody may.
    pub(crate) auth: Option<Arc<Auth>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) computing: Arc<Computing>,
    memory: Pieces,
    disk: Pieces,
    is_draining: AtomicBool,
}

impl App {
    pub(crate) fn new(
        config: &Config,
        jobs: Option<Jobs>,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, Error> {
        let limits = &config.limits;
        Ok(Arc::new(Self {
            auth: Auth::open(config)?.map(Arc::new),
            config: config.clone(),
            jobs: jobs.map(Arc::new),
            metrics,
            computing: Computing::new(),
            // A body that is taken at all finds room once it is alone.
            memory: Pieces::new(limits.bodies_max.max(limits.body_max).bytes()),
            disk: Pieces::new(limits.spool_max.bytes()),
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

    /// What clients speak.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.config.tls.is_on() { "https" } else { "http" }
    }

    /// Every metric as it stands. It waits for the disk, where there are jobs.
    pub(crate) fn read_metrics(&self) -> Vec<Family> {
        self.metrics.read(&Outside {
            scheme: self.scheme(),
            memory_held: self.memory.held(),
            memory_limit: self.memory.n_pieces as u64 * PIECE_BYTES,
            jobs_pending: self.jobs.as_ref().and_then(|jobs| jobs.n_pending()),
        })
    }

    /// An account of memory, with nothing drawn on it.
    pub(crate) fn open_account(&self) -> Account {
        Account { pieces: self.memory.clone(), len: 0, held: None }
    }

    /// An account of room in temporary files.
    pub(crate) fn open_disk_account(&self) -> Account {
        Account { pieces: self.disk.clone(), len: 0, held: None }
    }
}

/// Room that is lent.
#[derive(Clone)]
struct Pieces {
    free: Arc<Semaphore>,
    n_pieces: usize,
}

impl Pieces {
    fn new(bytes_max: u64) -> Self {
        let n_pieces = (bytes_max.div_ceil(PIECE_BYTES) as usize).min(u32::MAX as usize);
        Self { free: Arc::new(Semaphore::new(n_pieces)), n_pieces }
    }

    /// How many bytes are lent.
    fn held(&self) -> u64 {
        (self.n_pieces - self.free.available_permits()) as u64 * PIECE_BYTES
    }
}

/// The room that one request holds for its body and for what is computed from it; it is given
/// back on drop.
pub(crate) struct Account {
    pieces: Pieces,
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
        let n_pieces = (len.div_ceil(PIECE_BYTES) as usize).min(self.pieces.n_pieces);
        let wanted = u32::try_from(n_pieces.saturating_sub(held)).expect("there are no more");
        let more = Arc::clone(&self.pieces.free)
            .try_acquire_many_owned(wanted)
            .map_err(|_| Refusal::Busy)?;
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
