//! The simple contract that small clients speak: numbers in, five figures out.
//!
//! Its errors are bare messages, whatever goes wrong and wherever.

use std::sync::{Arc, LazyLock};

use axum::extract::State;
use exacta::{Plan, Statistic, Summary};
use exacta_api::{PredictRequest, PredictResponse};
use exacta_scan::JsonReader;

use crate::app::App;
use crate::columns::{Hold, summarize};
use crate::decode::Members;
use crate::document::PredictProblems;
use crate::encode::Answer;
use crate::extract::AnyUpload;
use crate::problem::{PredictRefusal, Refusal};

/// A body up to this length is answered by the thread that has read it: it takes no longer than to wake another.
const IN_PLACE_BYTES_MAX: u64 = 16 << 10;

/// Where it is.
pub(crate) const PATH: &str = "/predict";

/// Describe numbers by five figures
///
/// Each figure is the binary64 nearest to the exact value, whatever the order of the input.
/// The media type of the body is not looked at; a body with a `Content-Encoding` is refused.
#[utoipa::path(
    post,
    path = "/predict",
    operation_id = "predict",
    tag = "statistics",
    request_body(content = PredictRequest, description = "The numbers."),
    responses(
        (status = 200, description = "The figures.", body = PredictResponse),
        PredictProblems,
    )
)]
pub(crate) async fn predict(
    State(app): State<Arc<App>>,
    AnyUpload(upload): AnyUpload,
) -> Result<Answer, PredictRefusal> {
    let read =
        |reader: JsonReader<'_>, hold: &mut Hold<'_>| Ok(Answer::new(&describe(reader, hold)?));
    upload.read_json(&app, IN_PLACE_BYTES_MAX, read).await.map_err(PredictRefusal)
}

/// What is asked of each input.
static PLAN: LazyLock<Plan> =
    LazyLock::new(|| Plan::new([Statistic::Sum, Statistic::Mean, Statistic::Min, Statistic::Max]));

/// The figures of an input.
pub(crate) fn describe(
    mut reader: JsonReader<'_>,
    hold: &mut Hold<'_>,
) -> Result<PredictResponse, Refusal> {
    let mut members = Members::begin(&mut reader, &["input"], 1)?;
    let mut summary = None;
    while let Some(member) = members.next(&mut reader)? {
        let read = summarize(&mut reader, &PLAN, 0, hold).map_err(|error| error.within(member))?;
        summary = Some(read);
    }
    reader.end()?;
    let summary =
        summary.filter(|summary| summary.counts().count > 0).ok_or(Refusal::InputEmpty)?;
    Ok(PredictResponse {
        sum: figure(&summary, Statistic::Sum)?,
        count: summary.counts().count,
        average: figure(&summary, Statistic::Mean)?,
        min: figure(&summary, Statistic::Min)?,
        max: figure(&summary, Statistic::Max)?,
    })
}

fn figure(summary: &Summary, statistic: Statistic) -> Result<f64, Refusal> {
    summary
        .get(statistic)
        .and_then(exacta::Outcome::finite)
        .ok_or(Refusal::Overflow { statistic: statistic.name() })
}
