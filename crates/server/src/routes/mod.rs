//! The handlers, one file a subject: each takes a request apart, calls, and puts
//! the answer together. Their documentation is what the document says.
//!
//! Which of them there are stands in the router, in the crate's root.

pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod jobs;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod partials;
pub(crate) mod predict;
pub(crate) mod summarize;
