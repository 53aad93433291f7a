//! Which jobs to list, as it stands in a query.
//!
//! What a page holds, and which sizes it has, is the affair of the store.

use exacta_jobs::ListQuery;
use hyper::Uri;

use super::{Parameters, QueryError, value_error};

/// Which jobs a query asks for.
pub(crate) struct JobsQuery(pub(crate) ListQuery);

impl JobsQuery {
    /// The names of the parameters.
    pub(crate) const NAMES: &[&str] = &["state", "page_size", "page_token"];

    /// Reads the query of an address.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, QueryError> {
        let parameters = Parameters::from_uri(uri, Self::NAMES.to_vec())?;
        let state = parameters.text("state").map(str::parse).transpose()?;
        let page_token = parameters.text("page_token").map(str::parse).transpose()?;
        let page_size = match parameters.text("page_size") {
            Some(text) => page_size(text)?,
            None => ListQuery::default().page_size,
        };
        Ok(Self(ListQuery { owner: None, state, page_size, page_token }))
    }
}

fn page_size(text: &str) -> Result<usize, QueryError> {
    text.parse().map_err(|_| value_error("page_size", text, "it must be a whole number"))
}
