//! The metrics, for Prometheus and whoever reads its formats.
//!
//! What they are and what they count is in [`telemetry::metrics`](crate::telemetry::metrics).

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::HeaderMap;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::document::JobListProblems;
use crate::problem::Refusal;
use crate::telemetry::metrics::{OPEN_METRICS_TYPE, TEXT_TYPE, open_metrics, text};

/// Get the metrics
///
/// They are written in the text format of Prometheus, version 0.0.4, or in that of `OpenMetrics` for those whose
/// `Accept` names it. Sums of durations and sizes are exact: the same requests give the same bits, in whatever order
/// they came.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "service",
    responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
        JobListProblems,
    )
)]
pub(crate) async fn get_metrics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let is_open = wants_open_metrics(&headers);
    let write = move || {
        let families = app.read_metrics();
        if is_open { open_metrics(families) } else { text(families) }
    };
    // The jobs are asked of the disk.
    let text = spawn_blocking(write).await.map_err(|_| Refusal::Internal)?;
    let media_type = if is_open { OPEN_METRICS_TYPE } else { TEXT_TYPE };
    Ok(([(CONTENT_TYPE, media_type)], text).into_response())
}

fn wants_open_metrics(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    types.any(|types| types.contains("application/openmetrics-text"))
}
