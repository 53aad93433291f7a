//! What handlers take: a body of the right kind, read to its end or yet to be read; jobs, and the name of one.
//!
//! Decoding it is not here, since that computes.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use exacta_jobs::JobId;
use exacta_scan::{Compression, Excerpt};
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;

use crate::app::App;
use crate::auth::Principal;
use crate::body::{Octets, read};
use crate::format::{Csv, FileFormat, OCTETS};
use crate::jobs::VisibleJobs;
use crate::problem::{PredictRefusal, Refusal};
use crate::telemetry::Notes;
use crate::upload::Upload;

/// A body that says that it is JSON, or says nothing; read to its end.
pub(crate) struct JsonBody(pub(crate) Octets);

impl FromRequest<Arc<App>> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        check_json(request.headers())?;
        read(app, request).await.map(Self)
    }
}

/// The same, yet to be read.
pub(crate) struct JsonUpload(pub(crate) Upload);

impl FromRequest<Arc<App>> for JsonUpload {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refusal> {
        check_json(request.headers())?;
        Ok(Self(Upload::new(request, None, false)))
    }
}

/// A body that says that it is CSV or bytes, or says nothing; read to its end.
pub(crate) struct CsvBody(pub(crate) Octets);

impl FromRequest<Arc<App>> for CsvBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refusal> {
        check_identity(request.headers())?;
        check_file_type::<Csv>(request.headers())?;
        read(app, request).await.map(Self)
    }
}

/// A body that says that it is a file of a format or bytes, or says nothing; it is yet to be read, and may be encoded.
pub(crate) struct FileBody<F> {
    pub(crate) upload: Upload,
    format: PhantomData<F>,
}

impl<F: FileFormat> FromRequest<Arc<App>> for FileBody<F> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refusal> {
        check_file_type::<F>(request.headers())?;
        let encoding = encoding(request.headers())?;
        let upload = Upload::new(request, encoding, F::IS_DENSE);
        Ok(Self { upload, format: PhantomData })
    }
}

/// A body that says that it is bytes, or says nothing, yet to be read. A few of them may be much to compute.
pub(crate) struct PartialsBody(pub(crate) Upload);

impl FromRequest<Arc<App>> for PartialsBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refusal> {
        check_identity(request.headers())?;
        check_type(request.headers(), |name| name == OCTETS, OCTETS)?;
        Ok(Self(Upload::new(request, None, true)))
    }
}

/// A body of whatever kind that is not encoded, yet to be read, for `/predict`.
pub(crate) struct AnyUpload(pub(crate) Upload);

impl FromRequest<Arc<App>> for AnyUpload {
    type Rejection = PredictRefusal;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, PredictRefusal> {
        check_identity(request.headers())?;
        Ok(Self(Upload::new(request, None, false)))
    }
}

/// The jobs of a server that keeps any, as far as the caller may see them.
pub(crate) struct JobStore(pub(crate) VisibleJobs);

impl FromRequestParts<Arc<App>> for JobStore {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let jobs = app.jobs.clone().ok_or(Refusal::JobsDisabled)?;
        let owner = Notes::caller(&parts.extensions).map(Principal::name);
        // Without an owner all jobs are seen, which is for services that ask nobody.
        if app.auth.is_some() && owner.is_none() {
            return Err(Refusal::Internal);
        }
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

/// How a body is encoded, if it is.
fn encoding(headers: &HeaderMap) -> Result<Option<Compression>, Refusal> {
    match encodings(headers).as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => Ok(Some(Compression::Gzip)),
        "zstd" => Ok(Some(Compression::Zstd)),
        given => {
            let given = Excerpt(given).to_string();
            Err(Refusal::ContentEncoding { given, taken: "gzip, zstd" })
        }
    }
}

/// Refuses a body of another kind than JSON.
fn check_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_json = |name: &str| {
        name == "application/json" || name.starts_with("application/") && name.ends_with("+json")
    };
    check_identity(headers)?;
    check_type(headers, is_json, "application/json")
}

/// Refuses an encoded body.
fn check_identity(headers: &HeaderMap) -> Result<(), Refusal> {
    match encodings(headers).as_str() {
        "" | "identity" => Ok(()),
        given => {
            let given = Excerpt(given).to_string();
            Err(Refusal::ContentEncoding { given, taken: "identity" })
        }
    }
}

/// All encodings of a body, one after another, in however many lines they stand.
fn encodings(headers: &HeaderMap) -> String {
    let given: Vec<_> = headers.get_all(CONTENT_ENCODING).iter().map(lower_case).collect();
    given.join(", ")
}

/// Refuses a body of another kind than a file of this format.
fn check_file_type<F: FileFormat>(headers: &HeaderMap) -> Result<(), Refusal> {
    let taken = [F::MEDIA_TYPES, &[OCTETS]].concat();
    check_type(headers, |name| taken.contains(&name), &taken.join(" or "))
}

/// Refuses a body of another kind.
fn check_type(
    headers: &HeaderMap,
    is_taken: impl Fn(&str) -> bool,
    taken: &str,
) -> Result<(), Refusal> {
    let Some(given) = text(headers, &CONTENT_TYPE) else { return Ok(()) };
    let name = given.split(';').next().unwrap_or_default().trim();
    if is_taken(name) {
        Ok(())
    } else {
        let given = Excerpt(&given).to_string();
        Err(Refusal::MediaType { given, taken: taken.to_owned() })
    }
}

/// A header's value in lower case.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(lower_case)
}

fn lower_case(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).trim().to_ascii_lowercase()
}
