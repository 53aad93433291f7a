//! The kinds of work that a job can be, and how each is run: the same functions as the
//! direct routes call, so that the bytes are the same.
//!
//! Keeping jobs and their threads is not here.

use std::io::{self, Read};

use exacta_api::{JobRequest, Kernel};
use exacta_jobs::{Cancellation, Claim, Failure, Outcome};
use serde::{Deserialize, Serialize};

use crate::decode::json;
use crate::encode::Answer;
use crate::problem::Refusal;
use crate::query::CsvQuery;
use crate::routes::summarize::{question, summarize_file, summarize_json};

/// How the input of a job is to be read. It lies on disk with the job: what one version
/// wrote, later ones read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub(crate) enum Spec {
    /// The whole JSON request.
    Json,
    /// A CSV file, with the query as it was sent.
    Csv { query: String },
}

/// Refuses a request that could never have a result.
pub(crate) fn check_json(body: &[u8]) -> Result<Kernel, Refusal> {
    let request: JobRequest = json(body)?;
    let kernel = request.kernel.parse()?;
    match kernel {
        Kernel::Aggregate => {
            question(&request.aggregate).map_err(|error| error.within("/aggregate"))?;
        }
    }
    Ok(kernel)
}

/// Does the work of a job: the bytes that the direct route answers, or its problem.
pub(crate) fn run(claim: &Claim) -> Outcome {
    let failure = |refusal: Refusal| Failure(Answer::new(&refusal.problem()).into_bytes());
    answer(claim).map(Answer::into_bytes).map_err(failure)
}

fn answer(claim: &Claim) -> Result<Answer, Refusal> {
    match claim.kernel.parse()? {
        Kernel::Aggregate => aggregate(&json(&claim.spec)?, &claim.input, &claim.cancellation),
    }
}

fn aggregate(spec: &Spec, input: &[u8], stop: &Cancellation) -> Result<Answer, Refusal> {
    let response = match spec {
        Spec::Json => summarize_json(&json::<JobRequest>(input)?.aggregate, stop)?,
        Spec::Csv { query } => summarize_file(input, &CsvQuery::from_text(query)?, stop)?,
    };
    Ok(Answer::new(&response))
}

/// Bytes that end in an error once it is time to stop.
pub(crate) struct Interruptible<'a, R> {
    pub(crate) input: R,
    pub(crate) stop: &'a Cancellation,
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("it was told to stop"));
        }
        self.input.read(buffer)
    }
}
