//! Who is at the other end of a connection, as far as the connection itself proves it.
//!
//! What its owner may do is not here.

use std::sync::Arc;

/// The names that the certificate of a client proves: `uri:…` and `dns:…` for each subject
/// alternative name of these two kinds, those of hosts in lower case. Without a certificate there
/// are none. Each request that comes by TLS carries them among its extensions.
///
/// The kind stands in front, since the text of one kind could otherwise be taken for the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PeerIdentities(Arc<[String]>);

impl FromIterator<String> for PeerIdentities {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl PeerIdentities {
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }
}
