//! Why a request that is well-formed JSON is refused.
//!
//! A pointer (RFC 6901) says where; which HTTP status that is, is the server's affair.

use crate::job::Kernel;
use crate::limit::RESULTS_MAX;

/// Why a request that parses is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More items, or a longer text, than the document allows.
    #[error("{pointer} has {len} {unit}, at most {max} are taken")]
    LimitExceeded {
        /// Where in the request.
        pointer: String,
        /// How many there are.
        len: usize,
        /// What is counted.
        unit: &'static str,
        /// How many are taken.
        max: usize,
    },
    /// Two columns of one name.
    #[error("{pointer} repeats the name of column {first}: give each column its own name")]
    ColumnDuplicate {
        /// Where the second one is.
        pointer: String,
        /// Which column had the name first, counted from 0.
        first: usize,
    },
    /// A kind of work that does not exist.
    #[error("/kernel: unknown kernel `{}`; known: {}", .name.escape_debug(), kernel_names())]
    KernelUnknown {
        /// The name as given, cut to its beginning.
        name: String,
    },
    /// A histogram that is described in no way, or in several.
    #[error("{pointer} takes one of `rule`, `bins` and `edges`")]
    HistogramShape {
        /// Where in the request.
        pointer: String,
    },
    /// More quantiles, bins and digits over all columns than one answer holds.
    #[error(
        "the answer would hold {len} quantiles, bins and parts of exact values, at most {RESULTS_MAX} are given: ask for fewer columns or results at a time"
    )]
    ResultsTooMany {
        /// How many there would be.
        len: usize,
    },
    /// The plan asks for what the library does not have.
    #[error("{pointer}: {source}")]
    Plan {
        /// Where in the plan.
        pointer: String,
        /// What is wrong with it.
        source: exacta::Error,
    },
}

impl Error {
    /// Nothing is known by this name, of which the beginning is kept.
    pub(crate) fn kernel_unknown(name: &str) -> Self {
        Self::KernelUnknown { name: name.chars().take(64).collect() }
    }

    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LimitExceeded { .. } => "limit.exceeded",
            Self::ResultsTooMany { .. } => "result.too_many",
            Self::ColumnDuplicate { .. } => "column.duplicate",
            Self::KernelUnknown { .. } => "kernel.unknown",
            Self::HistogramShape { .. } => "histogram.shape",
            Self::Plan { source, .. } => source.code(),
        }
    }

    /// Where in the request it is, as an RFC 6901 pointer, where it is in one place.
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::LimitExceeded { pointer, .. }
            | Self::ColumnDuplicate { pointer, .. }
            | Self::HistogramShape { pointer }
            | Self::Plan { pointer, .. } => Some(pointer),
            Self::KernelUnknown { .. } => Some("/kernel"),
            Self::ResultsTooMany { .. } => None,
        }
    }

    /// The same error, its pointer seen from further out.
    #[must_use]
    pub fn within(mut self, parent: &str) -> Self {
        match &mut self {
            Self::LimitExceeded { pointer, .. }
            | Self::ColumnDuplicate { pointer, .. }
            | Self::HistogramShape { pointer }
            | Self::Plan { pointer, .. } => pointer.insert_str(0, parent),
            Self::KernelUnknown { .. } | Self::ResultsTooMany { .. } => {}
        }
        self
    }
}

fn kernel_names() -> String {
    Kernel::ALL.iter().map(|kernel| kernel.name()).collect::<Vec<_>>().join(", ")
}

/// Refuses more than `max` of `unit` at `pointer`.
pub(crate) fn check_limit(
    pointer: impl Into<String>,
    len: usize,
    unit: &'static str,
    max: usize,
) -> Result<(), Error> {
    if len <= max {
        return Ok(());
    }
    let pointer = pointer.into();
    Err(Error::LimitExceeded { pointer, len, unit, max })
}
