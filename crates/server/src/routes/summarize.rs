//! Statistics of columns, which come as JSON.
//!
//! How statistics are computed is not here, nor what comes as a file.

use std::sync::Arc;

use axum::extract::State;
use exacta::{Accumulator, Plan};
use exacta_api::limit::{check_columns, check_results};
use exacta_api::{ColumnInput, ColumnSummary, SummarizeRequest, SummarizeResponse};
use exacta_jobs::Cancellation;

use crate::app::App;
use crate::decode::json;
use crate::document::BodyProblems;
use crate::encode::Answer;
use crate::estimate;
use crate::extract::JsonBody;
use crate::problem::Refusal;

/// How many values are taken between two looks at the sign to stop.
const CHUNK_LENGTH: usize = 1 << 18;

/// Summarize columns of numbers
///
/// Each result is the binary64 nearest to the exact value, whatever the order of the values.
/// A result without a finite value is absent, and `undefined` says why.
#[utoipa::path(
    post,
    path = "/v1/summarize",
    operation_id = "summarize",
    tag = "statistics",
    request_body(content = SummarizeRequest, description = "The columns and the plan."),
    responses(
        (status = 200, description = "A summary of each column.", body = SummarizeResponse),
        BodyProblems,
    )
)]
pub(crate) async fn summarize(
    State(app): State<Arc<App>>,
    JsonBody(mut body): JsonBody,
) -> Result<Answer, Refusal> {
    let job = move || {
        body.charge(estimate::parsing(&body.bytes))?;
        let request = json(&body.bytes)?;
        body.charge(estimate::columns(&request))?;
        Ok(Answer::new(&summarize_json(&request, &Cancellation::default())?))
    };
    app.compute(job).await
}

/// What a request asks: its plan, and whether it wants bits.
pub(crate) fn question(request: &SummarizeRequest) -> Result<(Plan, bool), exacta_api::Error> {
    request.check()?;
    let asked = request.plan.clone().unwrap_or_default();
    let plan = asked.to_plan().map_err(|error| error.within("/plan"))?;
    check_results(request.columns.len(), &plan)?;
    Ok((plan, asked.bits.unwrap_or(false)))
}

/// The answer to a request, or none once it is time to stop.
pub(crate) fn summarize_json(
    request: &SummarizeRequest,
    stop: &Cancellation,
) -> Result<SummarizeResponse, Refusal> {
    let (plan, bits) = question(request)?;
    let columns = request.columns.iter().map(|column| summary(column, &plan, bits, stop));
    Ok(SummarizeResponse { columns: check_columns(columns)? })
}

fn summary(
    column: &ColumnInput,
    plan: &Plan,
    bits: bool,
    stop: &Cancellation,
) -> Result<ColumnSummary, Refusal> {
    let mut accumulator = Accumulator::new(plan);
    for chunk in column.values.chunks(CHUNK_LENGTH) {
        if stop.is_cancelled() {
            return Err(Refusal::Interrupted);
        }
        accumulator.update_parallel(chunk)?;
    }
    Ok(ColumnSummary::number(&column.name, &accumulator.into_partial().finalize(plan)?, bits))
}
