//! What handlers take: a body of the right kind, read to its end; jobs, and the name of one.
//!
//! Decoding it is not here, since that computes.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use exacta_jobs::JobId;
use exacta_scan::Excerpt;
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use hyper::http::request::Parts;

use crate::app::App;
use crate::auth::Principal;
use crate::body::{Octets, read};
use crate::jobs::VisibleJobs;
use crate::problem::{PredictRefusal, Refusal};

/// A body that says that it is JSON, or says nothing.
pub(crate) struct JsonBody(pub(crate) Octets);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        let is_json = |name: &str| {
            name == "application/json"
                || (name.starts_with("application/") && name.ends_with("+json"))
        };
        check_type(request.headers(), is_json, "application/json")?;
        read(app, request.into_body()).await.map(Self)
    }
}

/// A body that says that it is CSV or bytes, or says nothing.
pub(crate) struct CsvBody(pub(crate) Octets);

impl FromRequest<Arc<App>> for CsvBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        let is_csv = |name: &str| name == "text/csv" || name == "application/octet-stream";
        check_type(request.headers(), is_csv, "text/csv or application/octet-stream")?;
        read(app, request.into_body()).await.map(Self)
    }
}

/// A body of whatever kind, for `/predict`.
pub(crate) struct AnyBody(pub(crate) Octets);

impl FromRequest<Arc<App>> for AnyBody {
    type Rejection = PredictRefusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, PredictRefusal> {
        Ok(Self(read(app, request.into_body()).await?))
    }
}

/// The jobs of a server that keeps any, as far as the caller may see them.
pub(crate) struct JobStore(pub(crate) VisibleJobs);

impl FromRequestParts<Arc<App>> for JobStore {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let jobs = app.jobs.clone().ok_or(Refusal::JobsDisabled)?;
        let owner = parts.extensions.get::<Principal>().map(Principal::name);
        Ok(Self(VisibleJobs { jobs, owner: owner.cloned() }))
    }
}

/// The job that an address names.
pub(crate) struct JobName(pub(crate) JobId);

impl FromRequestParts<Arc<App>> for JobName {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        // What is no text names no job, and neither does the empty one.
        let name = Path::<String>::from_request_parts(parts, app).await;
        Ok(Self(name.map(|Path(name)| name).unwrap_or_default().parse()?))
    }
}

/// Refuses a body of another kind, or an encoded one.
fn check_type(
    headers: &HeaderMap,
    is_taken: impl Fn(&str) -> bool,
    taken: &'static str,
) -> Result<(), Refusal> {
    if let Some(given) = text(headers, &CONTENT_ENCODING).filter(|given| given != "identity") {
        return Err(Refusal::ContentEncoding { given: Excerpt(&given).to_string() });
    }
    let Some(given) = text(headers, &CONTENT_TYPE) else { return Ok(()) };
    let name = given.split(';').next().unwrap_or_default().trim();
    if is_taken(name) {
        Ok(())
    } else {
        Err(Refusal::MediaType { given: Excerpt(&given).to_string(), taken })
    }
}

/// A header's value in lower case.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
}
