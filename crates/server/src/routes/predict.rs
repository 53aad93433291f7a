//! The simple contract that small clients speak: numbers in, five figures out.
//!
//! Its errors are bare messages, whatever goes wrong and wherever.

use std::sync::Arc;

use axum::extract::State;
use exacta::{Accumulator, Plan, Statistic, Summary};
use exacta_api::{PredictRequest, PredictResponse};

use crate::app::App;
use crate::decode::json;
use crate::document::PredictProblems;
use crate::encode::Answer;
use crate::estimate;
use crate::extract::AnyBody;
use crate::problem::{PredictRefusal, Refusal};

/// Where it is.
pub(crate) const PATH: &str = "/predict";

/// Describe numbers by five figures
///
/// Each figure is the binary64 nearest to the exact value, whatever the order of the input.
/// The media type of the body is not looked at.
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
    AnyBody(mut body): AnyBody,
) -> Result<Answer, PredictRefusal> {
    let job = move || {
        body.charge(estimate::parsing(&body.bytes))?;
        Ok(Answer::new(&describe(&json(&body.bytes)?)?))
    };
    app.compute(job).await.map_err(PredictRefusal)
}

/// The figures of an input.
pub(crate) fn describe(request: &PredictRequest) -> Result<PredictResponse, Refusal> {
    if request.input.is_empty() {
        return Err(Refusal::InputEmpty);
    }
    let plan = Plan::new([Statistic::Sum, Statistic::Mean, Statistic::Min, Statistic::Max]);
    let mut accumulator = Accumulator::new(&plan);
    accumulator.update_parallel(&request.input)?;
    let summary = accumulator.into_partial().finalize(&plan)?;
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
