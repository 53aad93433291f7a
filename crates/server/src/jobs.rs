//! Jobs between the store, whose calls block, and the handlers, which must not; and how a
//! job looks on the wire.
//!
//! What is done when a job is run is in [`kernel`](crate::kernel).

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use exacta_api::{Job, JobList};
use exacta_jobs::{JobId, ListQuery, NewJob, Pool, State, Store};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::body::Octets;
use crate::config::Config;
use crate::error::Error;
use crate::kernel;
use crate::problem::Refusal;
use crate::telemetry::metrics::Metrics;

/// How many calls wait for the disk at one time. They share their threads with what computes,
/// which must not wait behind them.
const CALLS_MAX: usize = 64;

/// The jobs of a server.
pub(crate) struct Jobs {
    store: Store,
    turns: Arc<Semaphore>,
}

impl Jobs {
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        Ok(Self { store: Store::open(dir)?, turns: Arc::new(Semaphore::new(CALLS_MAX)) })
    }

    /// Starts what runs jobs. What they compute has threads of its own: beside requests, and
    /// never before them in a line.
    pub(crate) fn start(&self, config: &Config, metrics: Arc<Metrics>) -> Result<Pool, Error> {
        let n_threads = config.limits.job_threads();
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads.get())
            .thread_name(|index| format!("kernel-{index}"))
            .build()
            .map_err(Error::Threads)?;
        Ok(Pool::start(&self.store, n_threads, move |claim| {
            let start = Instant::now();
            let outcome = threads.install(|| kernel::run(claim));
            metrics.finish_job(claim, &outcome, start.elapsed());
            outcome
        })?)
    }

    /// How many jobs wait and how many run; nothing where the disk does not tell.
    pub(crate) fn n_pending(&self) -> Option<[u64; 2]> {
        let count = |state| self.store.count(state).ok();
        Some([count(State::Queued)?, count(State::Running)?])
    }

    /// Asks the store on a thread that may wait for the disk.
    async fn call<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Store) -> Result<T, exacta_jobs::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed");
        let store = self.store.clone();
        let call = move || {
            let answer = ask(&store);
            drop(turn);
            answer
        };
        Ok(spawn_blocking(call).await.map_err(|_| Refusal::Internal)??)
    }
}

/// The jobs that a caller may see: their own. Where nobody is asked who they are, all.
pub(crate) struct VisibleJobs {
    pub(crate) jobs: Arc<Jobs>,
    pub(crate) owner: Option<Arc<str>>,
}

impl VisibleJobs {
    /// Accepts a job: it is on disk when this returns.
    pub(crate) async fn submit(
        &self,
        kernel: exacta_api::Kernel,
        spec: &kernel::Spec,
        body: Octets,
    ) -> Result<Job, Refusal> {
        let kernel = kernel.name().to_owned();
        let spec = serde_json::to_vec(spec).expect("a spec is plain data");
        let owner = self.owner.as_deref().map(str::to_owned);
        let job = self.jobs.call(move |store| {
            let (bytes, _account) = body.into_parts();
            store.submit(NewJob { kernel, spec, input: bytes.into(), owner })
        });
        wire(job.await?)
    }

    pub(crate) async fn job(&self, id: JobId) -> Result<Job, Refusal> {
        wire(self.of_one(id, move |store| store.job(id)).await?)
    }

    pub(crate) async fn result(&self, id: JobId) -> Result<Vec<u8>, Refusal> {
        self.of_one(id, move |store| store.result(id)).await
    }

    pub(crate) async fn cancel(&self, id: JobId) -> Result<Job, Refusal> {
        wire(self.of_one(id, move |store| store.cancel(id)).await?)
    }

    /// Asks about a job if it is the caller's; the job of someone else is none. It does not
    /// change hands, so that it may be looked at first.
    async fn of_one<T: Send + 'static>(
        &self,
        id: JobId,
        ask: impl FnOnce(&Store) -> Result<T, exacta_jobs::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let owner = self.owner.clone();
        let ask = move |store: &Store| match owner {
            Some(owner) if store.job(id)?.owner.as_deref() != Some(&*owner) => {
                Err(exacta_jobs::Error::NotFound { id: id.to_string() })
            }
            _ => ask(store),
        };
        self.jobs.call(ask).await
    }

    pub(crate) async fn list(&self, query: ListQuery) -> Result<JobList, Refusal> {
        let query = ListQuery { owner: self.owner.as_deref().map(str::to_owned), ..query };
        let page = self.jobs.call(move |store| store.list(&query)).await?;
        Ok(JobList {
            jobs: page.jobs.into_iter().map(wire).collect::<Result<_, _>>()?,
            next_page_token: page.next_page_token.map(|token| token.to_string()),
        })
    }
}

/// A job as it travels.
pub(crate) fn wire(job: exacta_jobs::Job) -> Result<Job, Refusal> {
    let problem = |bytes: &Vec<u8>| serde_json::from_slice(bytes);
    // What is in it might be a client's.
    let damaged = |_| Refusal::JobStorage("the error of a job is no problem".into());
    let error = job.error.as_ref().map(problem).transpose().map_err(damaged)?;
    Ok(Job {
        id: job.id.to_string(),
        kernel: job.kernel,
        state: job.state.name(),
        created_at: job.created_at.to_string(),
        started_at: job.started_at.map(|moment| moment.to_string()),
        finished_at: job.finished_at.map(|moment| moment.to_string()),
        error,
    })
}
