//! What passes between a store and whoever does the work: the claim, the sign to stop, and the outcome.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::JobId;

/// A job that is one worker's to do. It says nothing about anyone else's claim: when the job has meanwhile been
/// cancelled, or was queued anew, what comes of this claim is dropped.
#[derive(Debug)]
pub struct Claim {
    /// The job.
    pub id: JobId,
    /// What kind of work it is.
    pub kernel: String,
    /// How it is to be done.
    pub spec: Vec<u8>,
    /// What it is to be done with.
    pub input: Vec<u8>,
    /// The sign to stop.
    pub cancellation: Cancellation,
    /// Which of the job's attempts this is; no two claims of one job share it.
    pub(crate) attempt: i64,
}

/// The sign that nobody waits for the outcome any more. Work that looks at it now and then ends sooner.
#[derive(Clone, Debug, Default)]
pub struct Cancellation {
    cancelled: Arc<AtomicBool>,
    stopping: Arc<AtomicBool>,
}

impl Cancellation {
    /// One that is set with the job's own sign or with that of all the work of a pool.
    pub(crate) fn under(stopping: &Arc<AtomicBool>) -> Self {
        Self { cancelled: Arc::default(), stopping: Arc::clone(stopping) }
    }

    /// Whether to stop: the job was cancelled, or its pool is shutting down. What is returned then, other than
    /// a result, is not recorded.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// What comes of a job: the bytes of its result, or why there is none.
pub type Outcome = Result<Vec<u8>, Failure>;

/// Why a job failed, as the bytes of a JSON object for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub Vec<u8>);

impl Failure {
    pub(crate) fn panicked() -> Self {
        Self::internal(
            "job.panicked",
            "the kernel panicked on this input; report it, with the input",
        )
    }

    pub(crate) fn result_too_large() -> Self {
        Self::internal(
            "job.result_too_large",
            "the result is too large to be kept; ask for less at once",
        )
    }

    /// The members of problem details (RFC 9457) that every error answer of the service has.
    fn internal(code: &'static str, detail: impl fmt::Display) -> Self {
        let problem = format!(
            r#"{{"type":"about:blank","title":"Internal Server Error","status":500,"code":"{code}","detail":"{detail}"}}"#
        );
        Self(problem.into_bytes())
    }
}
