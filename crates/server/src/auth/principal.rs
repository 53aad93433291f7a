//! Whoever calls, by whatever they proved it with.
//!
//! How it is proved is in the modules beside this one.

use std::sync::Arc;

use super::principals::CERTIFIED_BYTES_MAX;
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

    /// Whoever a certificate names, who may do everything: the first of its names that is of use.
    pub(super) fn certified(names: &[String]) -> Option<Self> {
        let name = names.iter().find(|name| is_name(name, CERTIFIED_BYTES_MAX))?;
        Some(Self::new(name.as_str().into(), Scopes::ALL))
    }

    /// The name that jobs are kept under.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }
}

/// Whether a name from elsewhere can be kept with jobs and stand in a line of a log.
pub(super) fn is_name(name: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&name.len()) && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_of_the_first_of_its_names_that_is_one() {
        let long = format!("uri:{}", "a".repeat(CERTIFIED_BYTES_MAX));
        let of = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            Principal::certified(&names).map(|principal| principal.name().to_string())
        };
        assert_eq!(of(&["uri:a", "dns:b"]).as_deref(), Some("uri:a"));
        assert_eq!(of(&[&long, "uri:a\n", "dns:b"]).as_deref(), Some("dns:b"));
        assert_eq!(of(&[&long]), None);
        assert_eq!(of(&[]), None);
    }
}
