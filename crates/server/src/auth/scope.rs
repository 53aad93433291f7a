//! What a caller may do, by the names that the document, the file of principals and tokens
//! from elsewhere have for it.
//!
//! Which operation needs which is declared with the routes.

use std::fmt;
use std::str::FromStr;

/// A permission. An operation needs one, or is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// To have statistics computed.
    Statistics,
    /// To see one's own jobs and their results.
    JobsRead,
    /// To submit jobs, and to cancel one's own.
    JobsWrite,
    /// To read the figures of the service.
    Metrics,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] =
        &[Self::Statistics, Self::JobsRead, Self::JobsWrite, Self::Metrics];

    /// Its name, the same everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Statistics => "statistics",
            Self::JobsRead => "jobs:read",
            Self::JobsWrite => "jobs:write",
            Self::Metrics => "metrics",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no scope; known: {}", .0.escape_debug(), Scopes::ALL)]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        let known = Self::ALL.iter().find(|scope| scope.name() == name);
        known.copied().ok_or_else(|| UnknownScope(name.chars().take(64).collect()))
    }
}

/// A set of scopes, displayed as a list with commas.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scopes(u8);

impl Scopes {
    pub(super) const ALL: Self = Self(u8::MAX);

    pub(crate) fn contains(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }
}

fn bit(scope: Scope) -> u8 {
    1 << scope as u8
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Scope::ALL.iter().filter(|scope| self.contains(**scope));
        for (index, scope) in held.enumerate() {
            write!(f, "{}{scope}", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
