//! Exact statistics over HTTP: the library behind `exacta serve`.
//!
//! [`run()`] is a whole server in one call; [`serve`] serves on a listener of the
//! caller's until the caller says stop; [`router`] is the service without a
//! socket, together with its `OpenAPI` document. Neither the computing nor the
//! shapes of requests and answers are here, nor the keeping of jobs: they are in
//! [`exacta`], [`exacta_scan`], [`exacta_api`] and [`exacta_jobs`].

mod accept;
mod activity;
mod addresses;
mod app;
mod auth;
mod body;
mod columns;
mod compute;
mod config;
mod decode;
mod document;
mod encode;
mod error;
mod estimate;
mod example;
mod exposure;
mod extract;
mod format;
mod frame;
mod head;
mod held;
mod hosts;
mod jobs;
mod kernel;
mod listener;
mod memory;
#[cfg(not(feature = "tls"))]
mod no_tls;
mod operation;
mod pace;
mod parameters;
mod peer;
mod problem;
mod query;
mod routes;
mod run;
mod service;
mod small_file;
mod stream;
mod telemetry;
#[cfg(feature = "tls")]
mod tls;
mod upload;

#[cfg(not(feature = "tls"))]
use no_tls as tls;

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::Uri;
use hyper::header::{CONNECTION, HeaderValue};
use tokio::net::TcpListener;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use auth::{NewToken, Scope, UnknownScope};
pub use config::{
    AuthConfig, BODY_BYTES_MAX, ClientAuth, Config, Limits, LogFormat, LogLevel, Setting, Size,
    Telemetry, Time, Tls, schema, settings,
};
pub use error::Error;
pub use run::{check, run};

use app::App;
use auth::route::{needs, open};
use frame::Frame;
use operation::Operations;
use problem::{Refusal, refuse};
use routes::{files, health, metrics, openapi, partials, predict, summarize};
use service::Service;

/// The service without a socket, and the document that describes it.
///
/// It keeps no jobs, whatever [`Config::data`] says: their threads are started and stopped
/// by [`serve`].
///
/// Where callers are not asked who they are, it answers for the hosts of this machine and those in [`Config::hosts`]
/// alone, as [`serve`] does.
///
/// # Errors
/// When what the configuration says of callers cannot be read.
pub fn router(config: &Config) -> Result<(Router, OpenApi), Error> {
    let (frame, document) = build(App::new(config, None, Arc::default())?);
    let respond = async move |request: Request| frame.respond(request).await;
    Ok((Router::new().fallback(respond), document))
}

/// The document as text: the exact bytes of `openapi/exacta.json`.
pub fn openapi_json() -> String {
    let app =
        App::new(&Config::default(), None, Arc::default()).expect("by default nothing is read");
    document::text(build(app).1)
}

/// Serves on a listener until `shutdown` is ready; then every request whose
/// header was read is answered, connections are closed, and jobs that run are
/// queued again for the next time.
///
/// # Errors
/// When the jobs cannot be opened, as by a second server on the same directory, or the files of TLS;
/// when other machines could reach a service that lacks TLS or authentication; and when requests
/// outlast the drain timeout and their connections are cut.
pub async fn serve(
    config: &Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let address = listener.local_addr().map_err(Error::Start)?;
    exposure::check(address, exposure::Guards::of(config))?;
    Service::open(config)?.serve(listener, shutdown).await
}

/// What is routed is what is documented, and what is asked of callers too: all of it comes from
/// one line a handler.
fn build(app: Arc<App>) -> (Arc<Frame>, OpenApi) {
    let needs = |scope, routes| needs(&app, scope, routes);
    let (router, document) = OpenApiRouter::with_openapi(document::base())
        .routes(needs(Scope::Statistics, routes!(summarize::summarize)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_csv)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_tsv)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_ndjson)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_arrow)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_parquet)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_npy)))
        .routes(needs(Scope::Statistics, routes!(files::summarize_f64)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_csv)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_tsv)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_ndjson)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_arrow)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_parquet)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_npy)))
        .routes(needs(Scope::Statistics, routes!(partials::partial_f64)))
        .routes(needs(Scope::Statistics, routes!(partials::merge)))
        .routes(needs(Scope::JobsWrite, routes!(routes::jobs::submit_job)))
        .routes(needs(Scope::JobsRead, routes!(routes::jobs::list_jobs)))
        .routes(needs(Scope::JobsWrite, routes!(routes::jobs::submit_job_csv)))
        .routes(needs(Scope::JobsRead, routes!(routes::jobs::get_job)))
        .routes(needs(Scope::JobsRead, routes!(routes::jobs::get_job_result)))
        .routes(needs(Scope::JobsWrite, routes!(routes::jobs::cancel_job)))
        .routes(needs(Scope::Statistics, routes!(predict::predict)))
        .routes(open(routes!(health::get_health)))
        .routes(open(routes!(health::get_readiness)))
        .routes(needs(Scope::Metrics, routes!(metrics::get_metrics)))
        .routes(open(routes!(openapi::get_openapi)))
        .split_for_parts();
    let router = router
        .fallback(async || Refusal::NotFound)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::clone(&app));
    (Frame::new(app, Operations::new(&document), router), document)
}

/// Answers those who speak HTTP without TLS where it is spoken, and serves them nothing.
fn needs_tls(app: &Arc<App>) -> Arc<Frame> {
    let refusal = async |uri: Uri| {
        ([(CONNECTION, HeaderValue::from_static("close"))], refuse(uri.path(), Refusal::TlsNeeded))
    };
    Frame::unobserved(Arc::clone(app), Router::new().fallback(refusal))
}

async fn method_not_allowed(uri: Uri) -> Response {
    refuse(uri.path(), Refusal::MethodNotAllowed)
}
