//! Statistics of columns, which come as JSON.
//!
//! How they are read and computed is in [`columns`](crate::columns); what comes as a file is not here.

use std::sync::Arc;

use axum::extract::State;
use exacta_api::{SummarizeRequest, SummarizeResponse};
use exacta_scan::JsonReader;

use crate::app::App;
use crate::columns::{Hold, Request};
use crate::document::BodyProblems;
use crate::encode::Answer;
use crate::extract::JsonUpload;
use crate::problem::Refusal;
use crate::query::PlanQuery;

/// Summarize columns of numbers
///
/// Each result is the binary64 nearest to the exact value, whatever the order of the values.
/// A result without a finite value is absent, and `undefined` says why.
///
/// The plan may stand in the query instead. There, or before the columns, it lets them be summarized
/// while they arrive, in memory that does not grow with them; values that wait for a plan, and those
/// that order statistics, `mode`, `distinct` and derived bins need, are kept up to a limit of the
/// server's (`plan.needs_memory`).
#[utoipa::path(
    post,
    path = "/v1/summarize",
    operation_id = "summarize",
    tag = "statistics",
    params(PlanQuery),
    request_body(content = SummarizeRequest, description = "The columns and the plan."),
    responses(
        (status = 200, description = "A summary of each column.", body = SummarizeResponse),
        BodyProblems,
    )
)]
pub(crate) async fn summarize(
    State(app): State<Arc<App>>,
    PlanQuery(asked): PlanQuery, // before the body, which need not be sent for a query that is refused
    JsonUpload(upload): JsonUpload,
) -> Result<Answer, Refusal> {
    let read = |reader: JsonReader<'_>, hold: &mut Hold<'_>| {
        let mut request = Request::new(asked, hold);
        request.read(reader)?;
        Ok(Answer::new(&request.answer()?))
    };
    // A short request may ask for much.
    upload.read_json(&app, 0, read).await
}
