//! Jobs that survive: a durable store of work and the threads that do it.
//!
//! A [`Store`] is one directory with one `SQLite` file. What [`Store::submit`] has answered is on disk;
//! whatever is killed when, the job is there at the next [`Store::open`] and is run to its end. A [`Pool`]
//! takes the oldest job, hands it to a function of the caller's and commits what comes of it. What a kernel,
//! a spec, an input or a result mean is not known here, and neither is HTTP: they are text and bytes.
//!
//! ```
//! use exacta_jobs::{NewJob, Pool, State, Store};
//! use std::num::NonZeroUsize;
//! # let folder = tempfile::tempdir().unwrap();
//! # let dir = &folder.path().join("data");
//! let store = Store::open(dir)?;
//! let (ran, wait) = std::sync::mpsc::channel();
//! let pool = Pool::start(&store, NonZeroUsize::MIN, move |claim| {
//!     ran.send(()).expect("the caller waits");
//!     Ok(claim.input.iter().rev().copied().collect())
//! })?;
//! let job = store.submit(NewJob { kernel: "reverse".into(), spec: vec![], input: b"abc".to_vec(), owner: None })?;
//! wait.recv().expect("the job is run");
//! pool.shutdown();
//! assert_eq!(store.job(job.id)?.state, State::Succeeded);
//! assert_eq!(store.result(job.id)?, b"cba");
//! # Ok::<(), exacta_jobs::Error>(())
//! ```

mod claim;
mod error;
mod id;
mod job;
mod page;
mod pool;
mod store;
mod timestamp;

pub use claim::{Cancellation, Claim, Failure, Outcome};
pub use error::Error;
pub use id::JobId;
pub use job::{Job, NewJob, State};
pub use page::{ListQuery, PAGE_SIZE_MAX, Page, PageToken};
pub use pool::Pool;
pub use store::{BYTES_MAX, Store};
pub use timestamp::Timestamp;
