//! The threads that run jobs: a fixed number, each with one job at a time, asleep while there is none. What
//! running means is the caller's.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::{Claim, Error, Failure, Outcome, Store};

/// How long a worker waits before it tries again what the disk refused.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Workers on a store. Dropping it is [`Pool::shutdown`].
pub struct Pool {
    store: Store,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts `n_workers` threads that claim the oldest queued job, call `runner` and commit what it returns.
    ///
    /// `runner` must return the same for the same kernel, spec and input: a job that was interrupted is run
    /// again from its beginning. It should look at the claim's [`Cancellation`](crate::Cancellation) now and
    /// then, and return any failure once it is set. Should it panic, the job fails with the code
    /// `job.panicked`. While the disk refuses to record an outcome, the worker keeps it and tries again.
    ///
    /// # Errors
    /// [`Error::Threads`]; the workers that were started are stopped again.
    pub fn start(
        store: &Store,
        n_workers: NonZeroUsize,
        runner: impl Fn(&Claim) -> Outcome + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut pool = Self { store: store.clone(), stopping: Arc::default(), threads: Vec::new() };
        let runner = Arc::new(runner);
        for index in 0..n_workers.get() {
            let worker = Worker {
                store: store.clone(),
                stopping: Arc::clone(&pool.stopping),
                runner: Arc::clone(&runner),
            };
            let builder = std::thread::Builder::new().name(format!("jobs-{index}"));
            pool.threads.push(builder.spawn(move || worker.work()).map_err(Error::threads)?);
        }
        Ok(pool)
    }

    /// Takes no more jobs, tells running ones to stop, and returns when the last thread has ended. A job that
    /// stops without a result is queued again; nothing is cancelled.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.store.board().stop(&self.stopping);
        for thread in self.threads.drain(..) {
            // A worker has no panic of its own to pass on: it catches its runner's.
            let _ = thread.join();
        }
    }
}

struct Worker<R> {
    store: Store,
    stopping: Arc<AtomicBool>,
    runner: Arc<R>,
}

impl<R: Fn(&Claim) -> Outcome> Worker<R> {
    fn work(&self) {
        while !self.is_stopping() {
            // Seen before the look into the queue: what is announced after it ends the wait at once.
            let seen = self.store.board().n_announced();
            match self.store.claim_until(&self.stopping) {
                Ok(Some(claim)) => self.run(&claim),
                Ok(None) => self.store.board().wait(seen, &self.stopping),
                Err(_) => self.pause(),
            }
        }
    }

    fn run(&self, claim: &Claim) {
        let ran = catch_unwind(AssertUnwindSafe(|| (self.runner)(claim)));
        match ran.unwrap_or_else(|_| Err(Failure::panicked())) {
            // It may have failed only because it was told to stop.
            Err(_) if self.is_stopping() => self.insist(|| self.store.release(claim)),
            outcome => {
                let outcome = Arc::new(outcome);
                self.insist(|| self.store.finish(claim, Arc::clone(&outcome)));
            }
        }
    }

    /// Tries until the disk takes it. What it has not taken at the end is run again at the next start.
    fn insist<T>(&self, write: impl Fn() -> Result<T, Error>) {
        while write().is_err() && !self.is_stopping() {
            self.pause();
        }
    }

    fn pause(&self) {
        self.store.board().pause(RETRY_PAUSE, &self.stopping);
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
