//! The examples in the document: a question each, and the answer that the code gives to it.
//!
//! No answer stands here: each is computed when the document is written.

use exacta_api::{PredictRequest, SummarizeRequest};
use hyper::Uri;
use serde_json::{Value, json};

use crate::problem::Refusal;
use crate::query::CsvQuery;
use crate::routes::{predict, summarize};

/// The CSV file of the example.
const FILE: &str = "day,rain\nmonday,1.5\ntuesday,\nwednesday,0.25\n";

/// The example of an operation: its body and the answer to it.
pub(crate) fn of(operation_id: &str) -> Option<(Value, Value)> {
    let (body, answer) = match operation_id {
        "summarize" => (summarize_body(), summarize_answer()),
        "summarize_csv" => (json!(FILE), csv_answer()),
        "predict" => (predict_body(), predict_answer()),
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
    let request: SummarizeRequest =
        serde_json::from_value(summarize_body()).expect("it is in order");
    summarize::summarize_json(&request).map(value)
}

fn csv_answer() -> Result<Value, Refusal> {
    let query = CsvQuery::from_uri(&Uri::from_static("/"))?;
    summarize::summarize_file(FILE.as_bytes(), &query).map(value)
}

fn predict_body() -> Value {
    json!({"input": [1, 2, 3]})
}

fn predict_answer() -> Result<Value, Refusal> {
    let request: PredictRequest = serde_json::from_value(predict_body()).expect("it is in order");
    predict::describe(&request).map(value)
}

fn value(answer: impl serde::Serialize) -> Value {
    serde_json::to_value(answer).expect("answers are plain data")
}
