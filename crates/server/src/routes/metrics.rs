//! The metrics, for Prometheus and whoever reads its formats.
//!
//! What they are and what they count is in [`telemetry::metrics`](crate::telemetry::metrics).

use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use mediatype::MediaTypeBuf;
use tokio::task::spawn_blocking;

use crate::accept;
use crate::app::App;
use crate::document::JobListProblems;
use crate::held::Source;
use crate::operation;
use crate::problem::Refusal;
use crate::telemetry::metrics::{Family, OPEN_METRICS_TYPE, TEXT_TYPE, open_metrics, text};

/// Writes metrics.
type Write = fn(Vec<Family>) -> String;

/// The formats that there are, the first for whoever has no preference.
const FORMATS: [(&str, Write); 2] = [(TEXT_TYPE, text), (OPEN_METRICS_TYPE, open_metrics)];

/// Get the metrics
///
/// They are written in the text format of Prometheus, version 0.0.4, or in that of `OpenMetrics`, version 1.0.0, for
/// those whose `Accept` prefers it. Sums of durations and sizes are exact: the same requests give the same bits, in whatever order
/// they came.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "service",
    responses(
        (
            status = 200,
            description = "The metrics.",
            content((String = "text/plain"), (String = "application/openmetrics-text")),
        ),
        JobListProblems,
    )
)]
pub(crate) async fn get_metrics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (media_type, write) = format(&headers)?;
    let write = move || write(app.read_metrics());
    // The jobs are asked of the disk.
    let text = spawn_blocking(write).await.map_err(|_| Refusal::Internal)?;
    Ok(([(CONTENT_TYPE, media_type)], Extension(Source::Metrics), text).into_response())
}

/// The format that a client likes best, by its version too.
fn format(headers: &HeaderMap) -> Result<(&'static str, Write), Refusal> {
    static TYPES: LazyLock<[MediaTypeBuf; 2]> =
        LazyLock::new(|| FORMATS.map(|(name, _)| name.parse().expect("it is a media type")));
    let chosen = accept::choose(headers, &*TYPES);
    let refusal = || Refusal::NotAcceptable { given: operation::names(&*TYPES) };
    chosen.map(|index| FORMATS[index]).ok_or_else(refusal)
}
