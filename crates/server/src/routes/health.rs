//! Whether the process lives, and whether it takes requests.
//!
//! Neither looks at the load: a server that is busy is ready.

use std::sync::Arc;

use axum::extract::State;
use exacta_api::{Health, HealthStatus};

use crate::app::App;
use crate::document::RequestProblems;
use crate::encode::Answer;
use crate::problem::Refusal;

/// Tell whether the process lives
///
/// Answers as long as the process can answer at all, also while it stops.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "get_health",
    tag = "service",
    responses(
        (status = 200, description = "The process lives.", body = Health, example = json!({"status": "ok"})),
        RequestProblems,
    )
)]
pub(crate) async fn get_health() -> Answer {
    Answer::new(&Health { status: HealthStatus::Ok })
}

/// Tell whether requests are taken
///
/// Fails as soon as the server is told to stop, so that a load balancer sends no more requests.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    tag = "service",
    responses(
        (status = 200, description = "Requests are taken.", body = Health, example = json!({"status": "ready"})),
        RequestProblems,
    )
)]
pub(crate) async fn get_readiness(State(app): State<Arc<App>>) -> Result<Answer, Refusal> {
    if app.is_draining() {
        return Err(Refusal::Draining);
    }
    Ok(Answer::new(&Health { status: HealthStatus::Ready }))
}
