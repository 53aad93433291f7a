//! Whoever calls, by whatever they proved it with.
//!
//! How it is proved is in the modules beside this one.

use std::sync::Arc;

use super::scope::{Scope, Scopes};

/// A caller who is known. Neither a token nor a digest of one is in it, so that it may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    name: Arc<str>,
    scopes: Scopes,
}

impl Principal {
    pub(super) fn new(name: Arc<str>, scopes: Scopes) -> Self {
        Self { name, scopes }
    }

    /// The name that jobs are kept under.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }
}
