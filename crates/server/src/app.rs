//! What all requests share: the configuration, the cores and the memory.
//!
//! Connections are not here: they belong to the listener. How memory is lent is in [`memory`](crate::memory).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::auth::Auth;
use crate::compute::Computing;
use crate::config::Config;
use crate::error::Error;
use crate::hosts::Hosts;
use crate::jobs::Jobs;
use crate::memory::{Account, Client, Room};
use crate::telemetry::metrics::{Family, Metrics, Outside};

/// Memory for metrics that are being sent, beside that for bodies: who looks on must see that it is full.
const METRICS_BYTES_MAX: u64 = 4 << 20;

/// The state that handlers work with.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) jobs: Option<Arc<Jobs>>,
    /// Who may call; nothing where everybody may.
    pub(crate) auth: Option<Arc<Auth>>,
    /// Which hosts requests may name; nothing where all will do.
    pub(crate) hosts: Option<Hosts>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) computing: Arc<Computing>,
    memory: Arc<Room>,
    metrics_memory: Arc<Room>,
    disk: Arc<Room>,
    is_draining: AtomicBool,
}

impl App {
    pub(crate) fn new(
        config: &Config,
        jobs: Option<Jobs>,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, Error> {
        let limits = &config.limits;
        let room = |bytes_max| Room::new(bytes_max, limits.client_percent_max.get());
        Ok(Arc::new(Self {
            auth: Auth::open(config)?.map(Arc::new),
            hosts: Hosts::of(config),
            config: config.clone(),
            jobs: jobs.map(Arc::new),
            metrics,
            computing: Computing::new(),
            // A body that is taken at all finds room once it is alone.
            memory: room(limits.bodies_max.max(limits.body_max).bytes()),
            metrics_memory: room(METRICS_BYTES_MAX),
            disk: room(limits.spool_max.bytes()),
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
            memory_held: self.memory.lent(),
            memory_limit: self.memory.len(),
            jobs_pending: self.jobs.as_ref().and_then(|jobs| jobs.n_pending()),
        })
    }

    /// An account of memory, with nothing drawn on it.
    pub(crate) fn open_account(&self, client: Option<Client>) -> Account {
        self.memory.open_account(client)
    }

    /// An account of memory for metrics.
    pub(crate) fn open_metrics_account(&self, client: Option<Client>) -> Account {
        self.metrics_memory.open_account(client)
    }

    /// An account of room in temporary files.
    pub(crate) fn open_disk_account(&self, client: Option<Client>) -> Account {
        self.disk.open_account(client)
    }
}
