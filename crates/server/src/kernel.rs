//! The kinds of work that a job can be, and how each is run: the same functions as the
//! direct routes call, so that the bytes are the same.
//!
//! Keeping jobs and their threads is not here.

use std::io::{self, Read};

use exacta_api::{Kernel, SummarizeResponse};
use exacta_jobs::{Cancellation, Claim, Failure, Outcome};
use exacta_scan::{Input as ScanInput, JsonReader};
use serde::{Deserialize, Serialize};

use crate::columns::Request;
use crate::decode::json;
use crate::encode::Answer;
use crate::problem::Refusal;
use crate::query::Question;
use crate::routes::files;

/// How the input of a job is to be read. It lies on disk with the job: what one version
/// wrote, later ones read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "snake_case")]
pub(crate) enum Spec {
    /// The whole JSON request.
    Json,
    /// A CSV file, with the query as it was sent.
    Csv { query: String },
}

/// Refuses a request that could never have a result.
pub(crate) fn check_json(body: &[u8]) -> Result<Kernel, Refusal> {
    let mut hold = |_| Ok(());
    let mut request = Request::checked(&mut hold);
    let kernel = request.read_job(JsonReader::from_bytes(body))?;
    request.check()?;
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
        Spec::Json => summarize_json(input, stop)?,
        Spec::Csv { query } => summarize_csv(input, &Question::of_csv(query)?, stop)?,
    };
    Ok(Answer::new(&response))
}

/// The answer to a request, or none once it is time to stop.
fn summarize_json(text: &[u8], stop: &Cancellation) -> Result<SummarizeResponse, Refusal> {
    let mut hold = |_| if stop.is_cancelled() { Err(Refusal::Interrupted) } else { Ok(()) };
    hold(0)?;
    let mut request = Request::new(None, &mut hold);
    request.read_job(JsonReader::from_bytes(text))?;
    request.answer()
}

/// The answer to a file, or none once it is time to stop.
fn summarize_csv(
    file: &[u8],
    question: &Question,
    stop: &Cancellation,
) -> Result<SummarizeResponse, Refusal> {
    let input = ScanInput::stream(Interruptible { input: file, stop });
    files::response(&question.table(input)?, question)
}

/// Bytes that end in an error once it is time to stop.
struct Interruptible<'a, R> {
    input: R,
    stop: &'a Cancellation,
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("it was told to stop"));
        }
        self.input.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exacta_jobs::{NewJob, Store};

    const JSON: &[u8] =
        br#"{"kernel":"aggregate","aggregate":{"columns":[{"name":"x","values":[1,2]}]}}"#;
    const CSV: &[u8] = b"x\n1\n2\n";

    /// The specs as the first version wrote them.
    const CASES: [(&str, &[u8]); 2] = [
        (r#"{"input":"json"}"#, JSON),
        (r#"{"input":"csv","query":"statistics=sum,mean,min,max,stddev"}"#, CSV),
    ];

    /// What becomes of a job that is claimed, when `meanwhile` happens before it is run.
    fn run_claimed(
        kernel: &str,
        spec: &str,
        input: &[u8],
        meanwhile: fn(&Store, &Claim),
    ) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data")).unwrap();
        let new =
            NewJob { kernel: kernel.into(), spec: spec.into(), input: input.into(), owner: None };
        store.submit(new).unwrap();
        let claim = store.claim().unwrap().unwrap();
        meanwhile(&store, &claim);
        run(&claim)
    }

    #[track_caller]
    fn check_failure(outcome: Outcome, code: &str) {
        let problem: serde_json::Value = serde_json::from_slice(&outcome.unwrap_err().0).unwrap();
        assert_eq!(problem["code"], code);
    }

    #[test]
    fn what_earlier_versions_wrote_is_run() {
        let results = CASES.map(|(spec, input)| run_claimed("aggregate", spec, input, |_, _| ()));
        assert!(results[0].is_ok());
        assert_eq!(results[0], results[1]);
        for (text, _) in CASES {
            let spec: Spec = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&spec).unwrap(), text, "it is still written so");
        }
    }

    #[test]
    fn work_that_is_told_to_stop_stops() {
        let cancel = |store: &Store, claim: &Claim| drop(store.cancel(claim.id).unwrap());
        for ((spec, input), code) in CASES.into_iter().zip(["server.interrupted", "input.read"]) {
            check_failure(run_claimed("aggregate", spec, input, cancel), code);
        }
    }

    /// As those of a later version are, when an earlier one is put back.
    #[test]
    fn what_is_not_known_fails_its_job() {
        check_failure(run_claimed("sort", CASES[0].0, JSON, |_, _| ()), "kernel.unknown");
        check_failure(run_claimed("aggregate", "{}", JSON, |_, _| ()), "json.shape");
        let spec = r#"{"input":"csv","query":"statistics=entropy"}"#;
        check_failure(run_claimed("aggregate", spec, CSV, |_, _| ()), "statistic.unknown");
    }
}
