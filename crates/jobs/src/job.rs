//! What a job is to those who look at it: its name, its state and its times. Its input and its result are
//! not here, for they may be large and nobody lists them.

use std::fmt;
use std::str::FromStr;

use crate::{Error, JobId, Timestamp};

/// Where a job stands. More may be added.
///
/// A queued job is taken up, a running one ends or is queued anew (when its process ends before it), and
/// either can be cancelled. From a final state there is no way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It has a result. Final.
    Succeeded,
    /// It has an error. Final.
    Failed,
    /// It was called off before it ended. Final.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] =
        &[Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// Its name, the same through every door.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether a job stays in it for ever.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.iter().find(|state| state.name() == name);
        known.copied().ok_or_else(|| Error::StateUnknown { name: name.chars().take(64).collect() })
    }
}

/// A job as it stands at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What kind of work it is.
    pub kernel: String,
    /// Whose it is; nobody's if it was submitted by nobody in particular.
    pub owner: Option<String>,
    /// Where it stands.
    pub state: State,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When a worker took it; of a queued job there is none, though it may have run before.
    pub started_at: Option<Timestamp>,
    /// When it came to its final state. Never before it started.
    pub finished_at: Option<Timestamp>,
    /// Why it failed, as its runner wrote it: a JSON object.
    pub error: Option<Vec<u8>>,
}

/// Work to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What kind of work it is: the runner's to know.
    pub kernel: String,
    /// How it is to be done: the runner's to read.
    pub spec: Vec<u8>,
    /// What it is to be done with. With the spec it says everything: a job may run more than once.
    pub input: Vec<u8>,
    /// Whose it is to be: a name of the caller's, which lists can be asked for by.
    pub owner: Option<String>,
}
