//! A service that keeps jobs, and what leads back to a job there. How a job is waited for is in `follow`.

use exacta_client::{Client, Error as ClientError, Job, SummarizeResponse};

use crate::args::ServerArguments;
use crate::error::Error;
use crate::text::one_line;

/// A service that keeps jobs.
pub(crate) struct Service {
    pub(crate) client: Client,
    /// How it was named.
    arguments: ServerArguments,
}

impl Service {
    pub(crate) fn new(arguments: &ServerArguments) -> Result<Self, Error> {
        Ok(Self { client: arguments.tls.client(&arguments.url)?, arguments: arguments.clone() })
    }

    /// The command that fetches the result of a job that is no longer waited for.
    pub(crate) fn way_back(&self, id: &str) -> String {
        let ServerArguments { url, tls } = &self.arguments;
        format!("exacta jobs result {} --server {url}{} --wait", one_line(id), tls.words())
    }
}

/// The result of a job that has ended. Without one it says why, as of the `input` where the job does, or in
/// the words of the service.
pub(crate) fn result_of(
    job: Job,
    input: &str,
    fetch: impl FnOnce(&str) -> Result<SummarizeResponse, Error>,
) -> Result<SummarizeResponse, Error> {
    let Some(problem) = job.error else { return fetch(&job.id) };
    let source = ClientError::Problem(problem.into());
    Err(Error::Service { input: input.to_owned(), source })
}
