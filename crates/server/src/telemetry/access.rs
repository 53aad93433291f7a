//! What stands around all else: it sees each request first and each answer last, and tells of them by one line, one span and a
//! few counts. Of a request it tells the method, the template of the path, sizes, and who is known to have called: nothing that a client
//! wrote.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use hyper::Version;
use hyper::body::Body;
use hyper::http::Extensions;
use tracing::{Level, event};

use super::metrics::{MethodLabel, Observation};
use super::span::RequestSpan;
use super::trace::{TraceContext, TraceId};
use crate::app::App;
use crate::auth::Principal;

/// The code of a refusal, on its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code(pub(crate) &'static str);

/// Why the server failed, on its answer: words of the system, nothing that a client wrote.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) Arc<str>);

/// The code of a request whose client did not wait for the answer.
const GONE: Code = Code("client.gone");

/// What is found out about a request while it is under way, by those inside, for whoever is outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    /// How many bytes of the body have come.
    received: AtomicU64,
    /// Whether the end of the body will not be found.
    is_body_lost: AtomicBool,
    /// Who calls, once that is known.
    principal: OnceLock<Principal>,
}

impl Notes {
    pub(crate) fn add_received(&self, n_bytes: usize) {
        self.0.received.fetch_add(n_bytes as u64, Ordering::Relaxed);
    }

    /// Notes that the end of the body will not be found, and so no request after it.
    pub(crate) fn lose_body(&self) {
        self.0.is_body_lost.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_body_lost(&self) -> bool {
        self.0.is_body_lost.load(Ordering::Relaxed)
    }

    /// Notes who calls. A request passes one gate, and once.
    pub(crate) fn name(&self, principal: Principal) {
        self.0.principal.set(principal).expect("nobody has noted it before");
    }

    pub(crate) fn principal(&self) -> Option<&Principal> {
        self.0.principal.get()
    }

    /// Who sends a request, once its gate has noted it.
    pub(crate) fn caller(extensions: &Extensions) -> Option<&Principal> {
        extensions.get().and_then(Self::principal)
    }
}

/// A request under way, from its header to its answer. Dropped without one, it tells that the client is gone.
pub(crate) struct Watch<'a> {
    app: &'a App,
    start: Instant,
    method: MethodLabel,
    /// The template of its path.
    route: Option<&'a str>,
    version: Version,
    notes: Notes,
    trace_id: TraceId,
    /// None where spans go nowhere.
    span: Option<RequestSpan>,
    answer: Option<Answer>,
}

/// What is known of a request once it has its answer.
struct Answer {
    status: u16,
    code: Option<Code>,
    cause: Option<Cause>,
    body_bytes: u64,
}

impl<'a> Watch<'a> {
    /// Begins with a request for a path of this template.
    pub(crate) fn begin(app: &'a App, route: Option<&'a str>, request: &Request) -> Self {
        let start = Instant::now();
        let method = MethodLabel::from(request.method());
        app.metrics.requests.begin(method);
        let context = TraceContext::of(request.headers());
        let span = RequestSpan::begin(context, method.name());
        let trace_id = span.as_ref().map_or(context.trace_id, RequestSpan::trace_id);
        let (version, notes) = (request.version(), Notes::default());
        Self { app, start, method, route, version, notes, trace_id, span, answer: None }
    }

    /// Where those inside leave what they find out.
    pub(crate) fn notes(&self) -> Notes {
        self.notes.clone()
    }

    /// Ends with the answer.
    pub(crate) fn end(mut self, response: &Response) {
        self.answer = Some(Answer {
            status: response.status().as_u16(),
            code: response.extensions().get().copied(),
            cause: response.extensions().get().cloned(),
            body_bytes: response.body().size_hint().lower(),
        });
    }

    fn observation(&self) -> Observation<'_> {
        let answer = self.answer.as_ref();
        let code = answer.map_or(Some(GONE), |answer| answer.code);
        Observation {
            method: self.method,
            route: self.route.unwrap_or_default(),
            status: answer.map(|answer| answer.status),
            error: code.map_or("", |Code(code)| code),
            duration_nanos: self.start.elapsed().as_nanos() as u64,
            request_bytes: self.notes.0.received.load(Ordering::Relaxed),
            response_bytes: answer.map_or(0, |answer| answer.body_bytes),
        }
    }

    /// Why the server failed, where more is known than a code.
    fn cause(&self) -> Option<&str> {
        let Cause(cause) = self.answer.as_ref()?.cause.as_ref()?;
        Some(cause)
    }

    /// Who called, where callers are asked.
    fn user(&self) -> Option<&str> {
        Some(self.notes.principal()?.name())
    }

    /// The access line. What the server is to blame for is an error, what it is too busy for a warning.
    fn tell(&self, observation: &Observation<'_>) {
        let mut digits = [0; 32];
        let trace_id = self.trace_id.write(&mut digits);
        macro_rules! tell {
            ($level:ident) => {
                event!(target: "exacta_server::access", Level::$level, {
                    http.request.method = observation.method.name(),
                    http.route = self.route,
                    http.response.status_code = observation.status,
                    "error.type" = Some(observation.error).filter(|error| !error.is_empty()),
                    exception.message = self.cause(),
                    duration_seconds = observation.duration_nanos as f64 / 1e9,
                    http.request.body.size = observation.request_bytes,
                    http.response.body.size = observation.response_bytes,
                    network.protocol.version = version(self.version),
                    user.id = self.user(),
                    trace_id,
                })
            };
        }
        match observation.status {
            Some(500) => tell!(ERROR),
            Some(501..) => tell!(WARN),
            _ => tell!(INFO),
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let observation = self.observation();
        self.app.metrics.requests.end(&observation);
        match &self.span {
            None => self.tell(&observation),
            Some(span) => {
                span.end(&observation, self.app.scheme());
                span.in_scope(|| self.tell(&observation));
            }
        }
    }
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_11 => "1.1",
        _ => "1.0",
    }
}
