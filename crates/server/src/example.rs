//! The examples in the document: a question each, and the answer that the code gives to it.
//!
//! No answer stands here: each is computed when the document is written.

use exacta_api::{JobList, Kernel};
use exacta_jobs::{State, Timestamp};
use exacta_scan::{Format, Input, JsonReader};
use serde_json::{Value, json};

use crate::columns::Request;
use crate::jobs::wire;
use crate::problem::Refusal;
use crate::query::Question;
use crate::routes::{files, predict};

/// The CSV file of the example.
const FILE: &str = "day,rain\nmonday,1.5\ntuesday,\nwednesday,0.25\n";

/// The same with tabs, and as records.
const TABS: &str = "day\train\nmonday\t1.5\ntuesday\t\nwednesday\t0.25\n";
const RECORDS: &str = "{\"rain\":1.5}\n{\"rain\":null}\n{\"rain\":0.25}\n";

/// The example of an operation: its body and the answer to it.
pub(crate) fn of(operation_id: &str) -> Option<(Value, Value)> {
    let (body, answer) = match operation_id {
        "summarize" => (summarize_body(), summarize_answer()),
        "summarize_csv" => (json!(FILE), answer_to(Format::Csv, FILE)),
        "summarize_tsv" => (json!(TABS), answer_to(Format::Tsv, TABS)),
        "summarize_ndjson" => (json!(RECORDS), answer_to(Format::Ndjson, RECORDS)),
        "predict" => (predict_body(), predict_answer()),
        "submit_job" => (job_body(), wire(job(SUBMITTED, State::Queued)).map(value)),
        "submit_job_csv" => (json!(FILE), wire(job(SUBMITTED_LATER, State::Queued)).map(value)),
        "get_job" => (Value::Null, wire(job(SUBMITTED, State::Succeeded)).map(value)),
        "get_job_result" => (Value::Null, summarize_answer()),
        "cancel_job" => (Value::Null, wire(job(SUBMITTED, State::Cancelled)).map(value)),
        "list_jobs" => (Value::Null, list_answer()),
        _ => return None,
    };
    Some((body, answer.expect("the examples are in order")))
}

fn summarize_body() -> Value {
    json!({
        "columns": [
            {"name": "weight", "values": [72.5, 68.1, 80.3, 75.0]},
            {"name": "single", "values": [0.1]},
        ],
        "plan": {
            "statistics": ["sum", "mean", "stddev"],
            "quantiles": [0.5, 0.9],
            "quantile_method": "linear",
            "nonfinite": "propagate",
            "bits": true,
        },
    })
}

fn summarize_answer() -> Result<Value, Refusal> {
    let body = summarize_body().to_string();
    let mut hold = |_| Ok(());
    let mut request = Request::new(None, &mut hold);
    request.read(JsonReader::from_bytes(body.as_bytes()))?;
    request.answer().map(value)
}

fn answer_to(format: Format, file: &str) -> Result<Value, Refusal> {
    let question = Question { format, ..Question::of_csv("")? };
    let table = question.table(Input::stream(file.as_bytes()))?;
    files::response(&table, &question).map(value)
}

fn job_body() -> Value {
    json!({"kernel": Kernel::Aggregate.name(), "aggregate": summarize_body()})
}

/// When the jobs of the examples are submitted, in milliseconds since 1970.
const SUBMITTED: i64 = 1_767_225_600_000;
const SUBMITTED_LATER: i64 = SUBMITTED + 250;

/// Their names, which begin with that moment.
const ID: &str = "01kdvdna00sabr24pa3eywnyp2";
const ID_LATER: &str = "01kdvdna7t7rhyg5g075cmmcw9";

/// A job that was submitted then, taken up a millisecond later and has ended after one more.
fn job(submitted: i64, state: State) -> exacta_jobs::Job {
    let id = if submitted == SUBMITTED { ID } else { ID_LATER };
    let moment = |millis| Some(Timestamp::from_unix_millis(submitted + millis));
    exacta_jobs::Job {
        id: id.parse().expect("it is the name of a job"),
        kernel: Kernel::Aggregate.name().to_owned(),
        owner: None,
        state,
        created_at: Timestamp::from_unix_millis(submitted),
        started_at: moment(1).filter(|_| state == State::Succeeded),
        finished_at: moment(2).filter(|_| state.is_final()),
        error: None,
    }
}

fn list_answer() -> Result<Value, Refusal> {
    let jobs = [SUBMITTED_LATER, SUBMITTED].map(|submitted| wire(job(submitted, State::Succeeded)));
    let jobs = jobs.into_iter().collect::<Result<_, _>>()?;
    Ok(value(JobList { jobs, next_page_token: None }))
}

fn predict_body() -> Value {
    json!({"input": [1, 2, 3]})
}

fn predict_answer() -> Result<Value, Refusal> {
    let body = predict_body().to_string();
    predict::describe(JsonReader::from_bytes(body.as_bytes()), &mut |_| Ok(())).map(value)
}

fn value(answer: impl serde::Serialize) -> Value {
    serde_json::to_value(answer).expect("answers are plain data")
}
