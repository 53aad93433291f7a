//! Where computing is done: on threads of its own, which are never those that serve connections, and
//! in turns. What is small has a line of its own, so that it never waits behind what is large.
//!
//! What is computed is not here, and neither is memory.

use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::problem::Refusal;

/// What is computed from so many bytes is soon done, unless they are compressed.
pub(crate) const SMALL_BYTES_MAX: u64 = 64 << 10;

/// The lines and the threads.
pub(crate) struct Computing {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    /// Threads without work. Each is a pool of rayon with nobody else in it, so that what is computed
    /// there stays on it: cores are shared by requests, not within one.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
    idle_max: usize,
}

impl Computing {
    pub(crate) fn new() -> Arc<Self> {
        let n_cores = available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            small: Arc::new(Semaphore::new(n_cores)),
            // A core is left for what is small.
            large: Arc::new(Semaphore::new((n_cores - 1).max(1))),
            idle: Mutex::default(),
            idle_max: 2 * n_cores,
        })
    }

    /// Runs what is soon done, once it is its turn.
    pub(crate) async fn small<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.in_line(&self.small, job).await
    }

    /// Runs what is soon done, or what takes long, by how many bytes it is made of; neither waits meanwhile.
    pub(crate) async fn by_size<T: Send + 'static>(
        self: &Arc<Self>,
        len: u64,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.in_line(if len <= SMALL_BYTES_MAX { &self.small } else { &self.large }, job).await
    }

    /// Runs a job once it is its turn in a line. It ends what it has begun, though nobody may wait for
    /// it any more.
    async fn in_line<T: Send + 'static>(
        self: &Arc<Self>,
        line: &Arc<Semaphore>,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = acquire(line).await;
        let job = move || {
            let result = job();
            drop(turn);
            result
        };
        self.run(job)?.await.unwrap_or(Err(Refusal::Internal))
    }

    /// Runs what may take long and takes its turns itself; the answer is none if it panics.
    pub(crate) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Refusal> {
        let thread = self.thread()?;
        let (answer, receiver) = oneshot::channel();
        let (computing, own) = (Arc::clone(self), Arc::clone(&thread));
        thread.spawn(move || {
            let result = job();
            computing.put_back(own);
            // Who asked may be gone.
            let _ = answer.send(result);
        });
        Ok(receiver)
    }

    /// Turns among what is large.
    pub(crate) fn turns(&self) -> Turns {
        Turns { line: Arc::clone(&self.large), held: None, runtime: Handle::current() }
    }

    fn thread(&self) -> Result<Arc<ThreadPool>, Refusal> {
        let idle = self.idle.lock().expect("nothing panics in between").pop();
        idle.map_or_else(new_thread, Ok)
    }

    fn put_back(&self, thread: Arc<ThreadPool>) {
        let mut idle = self.idle.lock().expect("nothing panics in between");
        if idle.len() < self.idle_max {
            idle.push(thread);
        }
    }
}

fn new_thread() -> Result<Arc<ThreadPool>, Refusal> {
    let builder = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "compute".to_owned());
    // A panic is told by the answer that does not come.
    let thread = builder.panic_handler(|_| ()).build();
    thread.map(Arc::new).map_err(|_| Refusal::Busy)
}

async fn acquire(line: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(line).acquire_owned().await.expect("the semaphore is never closed")
}

/// The turn of a thread at a core, which it gives back while it has nothing to compute.
pub(crate) struct Turns {
    line: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
    runtime: Handle,
}

impl Turns {
    /// Waits for a turn, unless it has one.
    pub(crate) fn take(&mut self) {
        if self.held.is_none() {
            self.held = Some(self.runtime.block_on(acquire(&self.line)));
        }
    }

    /// Lets another one compute.
    pub(crate) fn give(&mut self) {
        self.held = None;
    }

    /// Lets those compute that wait, each for one turn.
    pub(crate) fn pass(&mut self) {
        self.give();
        self.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_leaves_threads_to_others() {
        let computing = Computing::new();
        for _ in 0..100 {
            let result = computing.small::<()>(|| panic!("on purpose")).await;
            assert!(matches!(result, Err(Refusal::Internal)));
        }
        assert_eq!(computing.small(|| Ok(7)).await.unwrap(), 7);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_large_keeps_nothing_small_from_its_turn() {
        let computing = Computing::new();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let ended = Arc::new(Mutex::new(ended));
        let large: Vec<_> = (0..10)
            .map(|_| {
                let (mut turns, ended) = (computing.turns(), Arc::clone(&ended));
                let job = move || {
                    turns.take();
                    ended.lock().unwrap().recv().unwrap();
                };
                computing.run(job).unwrap()
            })
            .collect();
        assert_eq!(computing.small(|| Ok(7)).await.unwrap(), 7);
        (0..10).for_each(|_| end.send(()).unwrap());
        for job in large {
            job.await.unwrap();
        }
    }
}
