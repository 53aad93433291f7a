//! Exact statistics over HTTP: the library behind `exacta serve`.
//!
//! [`run()`] is a whole server in one call; [`serve`] serves on a listener of the
//! caller's until the caller says stop; [`router`] is the service without a
//! socket, together with its `OpenAPI` document. Neither the computing nor the
//! shapes of requests and answers are here, nor the keeping of jobs: they are in
//! [`exacta`], [`exacta_scan`], [`exacta_api`] and [`exacta_jobs`].

mod app;
mod body;
mod config;
mod deadline;
mod decode;
mod document;
mod encode;
mod error;
mod estimate;
mod example;
mod extract;
mod held;
mod jobs;
mod kernel;
mod listener;
mod parameters;
mod problem;
mod query;
mod routes;
mod run;
mod service;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper::header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS};
use hyper::http::uri::Authority;
use hyper::{Uri, Version};
use tokio::net::TcpListener;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use config::{BODY_BYTES_MAX, Config, Limits, Setting, Size, Time, schema, settings};
pub use error::Error;
pub use run::run;

use app::App;
use problem::{Refusal, refuse};
use routes::{health, openapi, predict, summarize};
use service::Service;

/// The service without a socket, and the document that describes it.
///
/// It keeps no jobs, whatever [`Config::data`] says: their threads are started and stopped
/// by [`serve`].
pub fn router(config: &Config) -> (Router, OpenApi) {
    build(App::new(config, None))
}

/// The document as text: the exact bytes of `openapi/exacta.json`.
pub fn openapi_json() -> String {
    document::text(router(&Config::default()).1)
}

/// Serves on a listener until `shutdown` is ready; then every request whose
/// header was read is answered, connections are closed, and jobs that run are
/// queued again for the next time.
///
/// # Errors
/// When the jobs cannot be opened, as by a second server on the same directory,
/// and when requests outlast the drain timeout and their connections are cut.
pub async fn serve(
    config: &Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    Service::open(config)?.serve(listener, shutdown).await
}

/// What is routed is what is documented: both come from one line a handler.
fn build(app: Arc<App>) -> (Router, OpenApi) {
    let (router, document) = OpenApiRouter::with_openapi(document::base())
        .routes(routes!(summarize::summarize))
        .routes(routes!(summarize::summarize_csv))
        .routes(routes!(routes::jobs::submit_job, routes::jobs::list_jobs))
        .routes(routes!(routes::jobs::submit_job_csv))
        .routes(routes!(routes::jobs::get_job))
        .routes(routes!(routes::jobs::get_job_result))
        .routes(routes!(routes::jobs::cancel_job))
        .routes(routes!(predict::predict))
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
        .routes(routes!(openapi::get_openapi))
        .split_for_parts();
    let router = router
        .fallback(async || Refusal::NotFound)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&app), frame))
        .with_state(app);
    (router, document)
}

async fn method_not_allowed(uri: Uri) -> Response {
    refuse(uri.path(), Refusal::MethodNotAllowed)
}

/// What holds for every request and every answer.
async fn frame(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let version = request.version();
    let refusal = ambiguity(&request);
    let is_ambiguous = refusal.is_some();
    let path = request.uri().path().to_owned();
    let answer = match refusal {
        None => held::hold(&app, next.run(body::read_on(request)).await).await,
        Some(refusal) => Err(refusal),
    };
    let mut response = answer.unwrap_or_else(|refusal| refuse(&path, refusal));
    // Asked last: the server may have been told to stop meanwhile.
    let closes = version < Version::HTTP_2 && (is_ambiguous || app.is_draining());
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if closes {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What is wrong with a head that two servers might take for two different requests.
fn ambiguity(request: &Request) -> Option<Refusal> {
    if request.version() >= Version::HTTP_2 {
        return None;
    }
    let hosts: Vec<_> = request.headers().get_all(HOST).iter().collect();
    let is_host = match hosts[..] {
        [] => request.version() < Version::HTTP_11,
        [host] => Authority::try_from(host.as_bytes()).is_ok(),
        _ => false,
    };
    let mut encodings = request.headers().get_all(TRANSFER_ENCODING).iter();
    let is_chunked = |encoding: &HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !is_host {
        Some(Refusal::Host)
    } else if !encodings.next().is_none_or(is_chunked) || encodings.next().is_some() {
        Some(Refusal::TransferEncoding)
    } else {
        None
    }
}
