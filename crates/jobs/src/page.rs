//! How jobs are listed: what is asked for, and what one page of the answer holds.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Job, JobId, State};

/// The most jobs on one page.
pub const PAGE_SIZE_MAX: usize = 1000;

/// Which jobs to list. Each field may hold anything; [`Store::list`](crate::Store::list) checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Only jobs of this owner.
    pub owner: Option<String>,
    /// Only jobs in this state.
    pub state: Option<State>,
    /// How many jobs at the most, in 1..=[`PAGE_SIZE_MAX`].
    pub page_size: usize,
    /// Where the page before this one ended.
    pub page_token: Option<PageToken>,
}

impl Default for ListQuery {
    /// The newest hundred of all owners, in whatever state.
    fn default() -> Self {
        Self { owner: None, state: None, page_size: 100, page_token: None }
    }
}

/// Some jobs, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What the next page is asked for with; none on the last.
    pub next_page_token: Option<PageToken>,
}

/// The end of a page. Its text is opaque: it is to be handed back as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageToken(pub(crate) JobId);

/// The first character of a token. Another format begins with another one.
const FORMAT: &str = "a";

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORMAT}{}", self.0)
    }
}

impl FromStr for PageToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let id = text.strip_prefix(FORMAT).and_then(|id| id.parse().ok());
        id.map(Self).ok_or(Error::PageToken)
    }
}
