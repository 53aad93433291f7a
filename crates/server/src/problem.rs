//! The one place where an error meets HTTP: each refusal with its status, its
//! code and its document.
//!
//! The errors of the library, of the scan and of the wire types know no status;
//! what they say is taken over word by word.

use std::error::Error;
use std::iter::successors;

use axum::response::{IntoResponse, Response};
use exacta_api::{PredictError, Problem};
use hyper::StatusCode;
use hyper::header::{ACCEPT_ENCODING, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::auth::Scope;
use crate::decode::JsonError;
use crate::encode::{JSON, PROBLEM_JSON, response};
use crate::pace::Late;
use crate::query::QueryError;
use crate::routes::predict;
use crate::telemetry::{Cause, Code};

/// Why a request is not answered with what it asks for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Api(#[from] exacta_api::Error),
    #[error(transparent)]
    Scan(exacta_scan::Error),
    #[error("the server cannot use its temporary files: try again later, and tell who runs it")]
    TemporaryFile(#[source] exacta_scan::Error),
    #[error(transparent)]
    Core(#[from] exacta::Error),
    #[error("/plan: the query has a plan as well: send one of them")]
    PlanRepeated,
    #[error("input must include at least one value")]
    InputEmpty,
    #[error("the {statistic} of input is beyond the range of binary64")]
    Overflow { statistic: &'static str },
    #[error(
        "the body is larger than {bytes_max} bytes, the most that is taken: send less at a time"
    )]
    BodyTooLarge { bytes_max: u64 },
    #[error(transparent)]
    BodyLate(#[from] Late),
    #[error("the body broke off before its end: send it again")]
    BodyBroken,
    #[error("the body is {given}, {taken} is taken: set Content-Type to what the body is")]
    MediaType { given: String, taken: String },
    #[error(
        "the body is encoded with {given}, and taken is {taken}: send it otherwise, or without Content-Encoding"
    )]
    ContentEncoding { given: String, taken: &'static str },
    #[error(
        "the body decodes to more than {bytes_max} bytes, the most that is taken: send less at a time"
    )]
    DecodedTooLarge { bytes_max: u64 },
    #[error(
        "the file must be kept until its end is there, and has more than the {bytes_max} bytes that may be kept: send less at a time, or a format that is read from its beginning"
    )]
    SpoolTooLarge { bytes_max: u64 },
    #[error(
        "the values that the plan keeps take more than the {bytes_max} bytes of memory allowed: send less at a time, or ask for sums, or approx_quantiles and approx_distinct, which keep none"
    )]
    PlanNeedsMemory { bytes_max: u64 },
    #[error("the body holds no partial: send one or more, one after the other")]
    PartialsMissing,
    #[error("partial {number}, at byte {offset}: {source}")]
    Partial { number: u64, offset: u64, source: exacta_scan::Error },
    #[error("the request must name its host once: send one valid Host header")]
    Host,
    #[error("the body must be framed once: send Content-Length, or Transfer-Encoding: chunked")]
    TransferEncoding,
    #[error(
        "the service asks nobody who they are, and answers for names of its own machine alone: ask for localhost, or have it started with this host among --hosts"
    )]
    HostForeign,
    #[error(
        "the request is from a page of another site, and the service asks nobody who they are: have it started with the host of that page among --hosts"
    )]
    OriginForeign,
    #[error("the request says no length of a body: send Content-Length, be it 0")]
    LengthRequired,
    #[error("the address has more than {bytes_max} bytes: ask for less at a time")]
    AddressTooLong { bytes_max: u64 },
    #[error("the request has more than {headers_max} headers: send fewer")]
    TooManyHeaders { headers_max: u32 },
    #[error("the answer would be {given}, which Accept excludes: accept that, or leave Accept out")]
    NotAcceptable { given: String },
    #[error("this is for callers who are known: send a token as `Authorization: Bearer TOKEN`")]
    TokenMissing,
    #[error("the token is not valid here: send another as `Authorization: Bearer TOKEN`")]
    TokenInvalid,
    #[error(
        "the key of the token is not known, and its issuer cannot be asked for it now: try again later"
    )]
    KeysUnavailable,
    #[error("the caller lacks the scope {scope}: ask who runs the service for a token with it")]
    ScopeMissing { scope: Scope },
    #[error(
        "the certificate names nobody: show one that has a URI or a host name among its subject alternative names"
    )]
    CertificateNameless,
    #[error("this port speaks TLS: write https:// instead of http://")]
    TlsNeeded,
    #[error("there is nothing at this path: /openapi.json lists what there is")]
    NotFound,
    #[error("the path does not take this method: the Allow header lists those it takes")]
    MethodNotAllowed,
    #[error("the server is stopping: send the request to another one")]
    Draining,
    #[error("the server has no memory left for this request: try again later")]
    Busy,
    #[error(
        "other requests of this client hold as much memory as one may: wait for their answers, then try again"
    )]
    ClientBusy,
    #[error("the request took longer than is allowed: ask for less at a time")]
    TooLong,
    #[error("the server failed while it computed; the request may be in order")]
    Internal,
    #[error("the work was told to stop before its end: nobody waits for it")]
    Interrupted,
    #[error("this server keeps no jobs: have it started with a data directory (--data)")]
    JobsDisabled,
    #[error("the server cannot read or write its jobs: try again later, and tell who runs it")]
    JobStorage(#[source] Box<dyn Error + Send + Sync>),
    #[error(transparent)]
    Job(exacta_jobs::Error),
}

impl From<exacta_scan::Error> for Refusal {
    /// Where temporary files are, clients need not know.
    fn from(error: exacta_scan::Error) -> Self {
        match error.code() {
            "input.spool" | "memory.spill" => Self::TemporaryFile(error),
            _ => Self::Scan(error),
        }
    }
}

impl From<exacta_jobs::Error> for Refusal {
    /// What is wrong with the storage is said without its paths, which are the server's own.
    fn from(error: exacta_jobs::Error) -> Self {
        match job_status(&error) {
            StatusCode::INTERNAL_SERVER_ERROR => Self::JobStorage(error.into()),
            _ => Self::Job(error),
        }
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Json(error) if error.is_out_of_range() => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Api(
                exacta_api::Error::LimitExceeded { .. }
                | exacta_api::Error::KernelUnknown { .. }
                | exacta_api::Error::Plan { .. },
            )
            | Self::Json(_)
            | Self::Query(_)
            | Self::InputEmpty
            | Self::PlanRepeated
            | Self::PartialsMissing
            | Self::Overflow { .. }
            | Self::BodyBroken
            | Self::Host
            | Self::TlsNeeded
            | Self::TransferEncoding => StatusCode::BAD_REQUEST,
            Self::Api(_) | Self::Core(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Scan(error) | Self::Partial { source: error, .. } => scan_status(error),
            Self::BodyTooLarge { .. }
            | Self::DecodedTooLarge { .. }
            | Self::SpoolTooLarge { .. }
            | Self::PlanNeedsMemory { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyLate(_) => StatusCode::REQUEST_TIMEOUT,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::AddressTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::TooManyHeaders { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType { .. } | Self::ContentEncoding { .. } => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            Self::TokenMissing | Self::TokenInvalid => StatusCode::UNAUTHORIZED,
            Self::ScopeMissing { .. } | Self::CertificateNameless | Self::OriginForeign => {
                StatusCode::FORBIDDEN
            }
            Self::HostForeign => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Draining
            | Self::Busy
            | Self::ClientBusy
            | Self::TooLong
            | Self::KeysUnavailable
            | Self::Interrupted
            | Self::JobsDisabled => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal | Self::TemporaryFile(_) | Self::JobStorage(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Job(error) => job_status(error),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Query(error) => error.code(),
            Self::Api(error) => error.code(),
            Self::Scan(error)
            | Self::TemporaryFile(error)
            | Self::Partial { source: error, .. } => error.code(),
            Self::Core(error) => error.code(),
            Self::InputEmpty | Self::PartialsMissing => "input.empty",
            Self::PlanRepeated => "plan.repeated",
            Self::DecodedTooLarge { .. } => "body.decoded_too_large",
            Self::SpoolTooLarge { .. } => "body.spool_too_large",
            Self::PlanNeedsMemory { .. } => "plan.needs_memory",
            Self::Overflow { .. } => "number.overflow",
            Self::BodyTooLarge { .. } => "body.too_large",
            Self::BodyLate(Late::Stalled) => "body.stalled",
            Self::BodyLate(Late::Slow) => "body.slow",
            Self::BodyBroken => "body.broken",
            Self::MediaType { .. } => "media_type.unsupported",
            Self::ContentEncoding { .. } => "content_encoding.unsupported",
            Self::Host => "host.invalid",
            Self::HostForeign => "host.foreign",
            Self::OriginForeign => "origin.foreign",
            Self::TransferEncoding => "transfer_encoding.invalid",
            Self::LengthRequired => "length.required",
            Self::AddressTooLong { .. } => "address.too_long",
            Self::TooManyHeaders { .. } => "headers.too_many",
            Self::NotAcceptable { .. } => "accept.unsatisfiable",
            Self::TokenMissing => "token.missing",
            Self::TokenInvalid => "token.invalid",
            Self::KeysUnavailable => "keys.unavailable",
            Self::ScopeMissing { .. } => "scope.missing",
            Self::CertificateNameless => "certificate.nameless",
            Self::TlsNeeded => "tls.needed",
            Self::NotFound => "path.unknown",
            Self::MethodNotAllowed => "method.not_allowed",
            Self::Draining => "server.draining",
            Self::Busy => "server.busy",
            Self::ClientBusy => "memory.share",
            Self::TooLong => "request.too_long",
            Self::Internal => "server.internal",
            Self::Interrupted => "server.interrupted",
            Self::JobsDisabled => "jobs.disabled",
            Self::JobStorage(_) => "jobs.storage",
            Self::Job(error) => error.code(),
        }
    }

    /// The problem document, with the place where the error knows it.
    pub(crate) fn problem(&self) -> Problem {
        let status = self.status();
        let title = status.canonical_reason().unwrap_or_default();
        let mut problem = Problem::new(status.as_u16(), title, self.code(), self.to_string());
        match self {
            Self::Json(error) => {
                problem.pointer = error.pointer().map(str::to_owned);
                problem.offset = Some(error.offset());
            }
            Self::Partial { offset, .. } => problem.offset = Some(*offset),
            Self::Api(error) => problem.pointer = error.pointer().map(str::to_owned),
            Self::PlanRepeated => problem.pointer = Some("/plan".to_owned()),
            Self::Scan(error) => {
                if let Some(exacta_scan::Place::Text { line, column, offset }) = error.place() {
                    (problem.line, problem.column, problem.offset) =
                        (Some(line), Some(column), Some(offset));
                }
            }
            _ => {}
        }
        problem
    }
}

/// Bytes that are no table are bad; a table that is not what was asked for is refused.
fn scan_status(error: &exacta_scan::Error) -> StatusCode {
    match error.code() {
        "input.read" => StatusCode::INTERNAL_SERVER_ERROR,
        "batch.too_large" => StatusCode::PAYLOAD_TOO_LARGE,
        "column.repeated"
        | "names.repeated"
        | "compression.invalid"
        | "arrow.invalid"
        | "npy.invalid"
        | "parquet.invalid"
        | "partial.invalid"
        | "partial.version"
        | "raw.length" => StatusCode::BAD_REQUEST,
        code => match code.split_once('.') {
            Some(("csv" | "input" | "json" | "table", _)) => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        },
    }
}

/// What of a job is not there, or not yet, and what of the storage is broken.
fn job_status(error: &exacta_jobs::Error) -> StatusCode {
    use exacta_jobs::Error as E;
    match error {
        E::NotFound { .. } => StatusCode::NOT_FOUND,
        E::NotFinished { .. } | E::Failed { .. } | E::Cancelled { .. } => StatusCode::CONFLICT,
        E::PageSize { .. } | E::PageToken | E::StateUnknown { .. } => StatusCode::BAD_REQUEST,
        E::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Refusal {
    /// Says on the answer what whoever tells of the request wants to know.
    fn mark(&self, response: &mut Response) {
        let extensions = response.extensions_mut();
        extensions.insert(Code(self.code()));
        if let Some(cause) = self.cause() {
            extensions.insert(cause);
        }
    }

    /// What a failure of the server comes from. What is wrong with a request is not told: it might hold what was sent.
    fn cause(&self) -> Option<Cause> {
        if !self.status().is_server_error() {
            return None;
        }
        let chain = successors(self.source(), |&error| error.source());
        let words: Vec<_> = chain.map(ToString::to_string).collect();
        (!words.is_empty()).then(|| Cause(words.join(": ").into()))
    }

    /// Tells in the header what a client can do about it: come back soon, or show who it is.
    fn advise(&self, mut response: Response) -> Response {
        let (name, value) = match self {
            Self::TokenMissing => (WWW_AUTHENTICATE, REALM.to_owned()),
            Self::TokenInvalid => (WWW_AUTHENTICATE, format!(r#"{REALM}, error="invalid_token""#)),
            Self::ScopeMissing { scope } => (
                WWW_AUTHENTICATE,
                format!(r#"{REALM}, error="insufficient_scope", scope="{scope}""#),
            ),
            Self::ContentEncoding { taken, .. } => (ACCEPT_ENCODING, (*taken).to_owned()),
            // Another time will not help, only another server.
            Self::JobsDisabled => return response,
            _ if response.status() == StatusCode::SERVICE_UNAVAILABLE => {
                (RETRY_AFTER, "1".to_owned())
            }
            _ => return response,
        };
        let value = HeaderValue::try_from(value).expect("scopes are names");
        response.headers_mut().insert(name, value);
        response
    }
}

/// How a caller is asked who they are (RFC 6750, 3).
const REALM: &str = r#"Bearer realm="exacta""#;

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = response(self.status(), PROBLEM_JSON, &self.problem());
        self.mark(&mut response);
        self.advise(response)
    }
}

/// A refusal in the words of `/predict`: a bare message, and 400 for whatever
/// is wrong with the input.
pub(crate) struct PredictRefusal(pub(crate) Refusal);

impl<E: Into<Refusal>> From<E> for PredictRefusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PredictRefusal {
    fn into_response(self) -> Response {
        let status = match self.0.status() {
            StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
            status => status,
        };
        let mut response = response(status, JSON, &PredictError { error: self.0.to_string() });
        self.0.mark(&mut response);
        self.0.advise(response)
    }
}

/// A refusal in the words of a path, where no handler is there to choose them.
pub(crate) fn refuse(path: &str, refusal: Refusal) -> Response {
    refusing(path)(refusal)
}

/// What makes refusals in the words of a path.
pub(crate) fn refusing(path: &str) -> fn(Refusal) -> Response {
    if path == predict::PATH {
        |refusal| PredictRefusal(refusal).into_response()
    } else {
        Refusal::into_response
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// It was `input.read`, as if the file that was sent were to blame, and nobody was told what the system had said.
    #[test]
    fn a_failure_tells_its_cause_to_the_log_and_not_to_the_client() {
        let source = io::Error::other("no room");
        let spool = exacta_scan::Error::Spool { directory: "/secret".into(), source };
        let refusals = [
            (Refusal::from(spool), "input.spool", "no room"),
            (Refusal::JobStorage("disk I/O error".into()), "jobs.storage", "disk I/O error"),
        ];
        for (refusal, code, cause) in refusals {
            let problem = refusal.problem();
            assert_eq!((problem.status, problem.code.as_str()), (500, code));
            let detail = problem.detail;
            assert!(!detail.contains("/secret") && !detail.contains(cause), "{detail}");
            let response = refusal.into_response();
            let Cause(told) = response.extensions().get().unwrap();
            assert!(told.contains(cause), "{told}");
        }
        let broken = exacta_scan::Error::from(io::Error::other("what was sent"));
        let partial = Refusal::Partial { number: 1, offset: 0, source: exacta_scan::Error::Empty };
        assert!(Refusal::from(broken).cause().is_none());
        assert!(partial.cause().is_none(), "what is wrong with a body is not told");
    }
}
