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
    small: Arc<Line>,
    large: Arc<Line>,
}

/// What waits for a turn, and the threads that it is computed on.
struct Line {
    size: Size,
    turns: Arc<Semaphore>,
    /// Threads without work. Each is a pool of rayon with nobody else in it, so that what is computed
    /// there stays on it: cores are shared by requests, not within one.
    idle: Mutex<Vec<Arc<ThreadPool>>>,
    idle_max: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Small,
    Large,
}

impl Computing {
    pub(crate) fn new() -> Arc<Self> {
        let n_cores = available_parallelism().map_or(1, usize::from);
        // A core is left for what is small.
        let [small, large] = [(Size::Small, n_cores), (Size::Large, (n_cores - 1).max(1))]
            .map(|(size, n_turns)| Arc::new(Line::new(size, n_turns, 2 * n_cores)));
        Arc::new(Self { small, large })
    }

    /// Runs what is soon done, once it is its turn.
    pub(crate) async fn small<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.small.wait_and_run(job).await
    }

    /// Runs what is soon done, or what takes long, by how many bytes it is made of; neither waits meanwhile.
    pub(crate) async fn by_size<T: Send + 'static>(
        &self,
        len: u64,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let line = if len <= SMALL_BYTES_MAX { &self.small } else { &self.large };
        line.wait_and_run(job).await
    }

    /// Runs what may take long and takes its turns itself; the answer is none if it panics.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Refusal> {
        self.large.run(job)
    }

    /// Turns among what is large.
    pub(crate) fn turns(&self) -> Turns {
        Turns { line: Arc::clone(&self.large.turns), held: None, runtime: Handle::current() }
    }
}

impl Line {
    fn new(size: Size, n_turns: usize, idle_max: usize) -> Self {
        Self { size, turns: Arc::new(Semaphore::new(n_turns)), idle: Mutex::default(), idle_max }
    }

    /// Runs a job once it is its turn. It ends what it has begun, though nobody may wait for it any more.
    async fn wait_and_run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = acquire(&self.turns).await;
        let job = move || {
            let result = job();
            drop(turn);
            result
        };
        self.run(job)?.await.unwrap_or(Err(Refusal::Internal))
    }

    fn run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<oneshot::Receiver<T>, Refusal> {
        let thread = self.thread()?;
        let (answer, receiver) = oneshot::channel();
        let (line, own) = (Arc::clone(self), Arc::clone(&thread));
        thread.spawn(move || {
            let result = job();
            line.put_back(own);
            // Who asked may be gone.
            let _ = answer.send(result);
        });
        Ok(receiver)
    }

    fn thread(&self) -> Result<Arc<ThreadPool>, Refusal> {
        let idle = self.idle.lock().expect("nothing panics in between").pop();
        idle.map_or_else(|| new_thread(self.size), Ok)
    }

    fn put_back(&self, thread: Arc<ThreadPool>) {
        let mut idle = self.idle.lock().expect("nothing panics in between");
        if idle.len() < self.idle_max {
            idle.push(thread);
        }
    }
}

fn new_thread(size: Size) -> Result<Arc<ThreadPool>, Refusal> {
    let builder = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "compute".to_owned());
    let builder = builder.start_handler(move |_| {
        if size == Size::Large {
            step_back();
        }
    });
    // A panic is told by the answer that does not come.
    let thread = builder.panic_handler(|_| ()).build();
    thread.map(Arc::new).map_err(|_| Refusal::Busy)
}

/// Lets the threads that serve connections go before this one when both want the same core: what takes long takes
/// hardly longer, and what is small need not wait until the turn of this one at the core is over.
#[cfg(target_os = "linux")]
fn step_back() {
    const NICENESS: i32 = 10;
    // A thread that may not is as the others.
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

/// Elsewhere priority is one of the whole process.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

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
