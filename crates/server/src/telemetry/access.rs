//! The outermost layer: it sees each request first and each answer last, and tells of them by one line, one span and a
//! few counts. Of a request it tells the method, the template of the path, sizes, and who is known to have called: nothing that a client
//! wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::Version;
use hyper::body::Body;
use tracing::field::Empty;
use tracing::{Instrument, Level, Span, event, info_span};

use super::REQUEST_TARGET;
use super::metrics::{MethodLabel, Observation};
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

/// How many bytes of a body have come: its reader counts, and whoever is outside looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Received(Arc<AtomicU64>);

impl Received {
    pub(crate) fn add(&self, n_bytes: usize) {
        self.0.fetch_add(n_bytes as u64, Ordering::Relaxed);
    }
}

/// Watches a request from its header to its answer, or until nobody waits for it.
pub(crate) async fn observe(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let watch = Watch::begin(app, &mut request);
    let span = watch.span.clone();
    let response = next.run(request).instrument(span).await;
    watch.end(&response);
    response
}

/// A request under way. Dropped without an answer, it tells that the client is gone.
struct Watch {
    app: Arc<App>,
    start: Instant,
    method: MethodLabel,
    route: Option<MatchedPath>,
    version: Version,
    received: Received,
    trace_id: TraceId,
    span: Span,
    answer: Option<Answer>,
}

/// What is known of a request once it has its answer.
struct Answer {
    status: u16,
    code: Option<Code>,
    cause: Option<Cause>,
    principal: Option<Principal>,
    body_bytes: u64,
}

impl Watch {
    fn begin(app: Arc<App>, request: &mut Request) -> Self {
        let start = Instant::now();
        let method = MethodLabel::from(request.method());
        app.metrics.requests.begin(method);
        let route = request.extensions().get::<MatchedPath>().cloned();
        let received = Received::default();
        request.extensions_mut().insert(received.clone());
        let span = span(method, route.as_ref(), app.scheme());
        let trace_id = join(&span, TraceContext::of(request.headers()));
        let version = request.version();
        Self { app, start, method, route, version, received, trace_id, span, answer: None }
    }

    fn end(mut self, response: &Response) {
        self.answer = Some(Answer {
            status: response.status().as_u16(),
            code: response.extensions().get().copied(),
            cause: response.extensions().get().cloned(),
            principal: response.extensions().get().cloned(),
            body_bytes: response.body().size_hint().lower(),
        });
    }

    fn route(&self) -> Option<&str> {
        self.route.as_ref().map(MatchedPath::as_str)
    }

    fn observation(&self) -> Observation<'_> {
        let answer = self.answer.as_ref();
        let code = answer.map_or(Some(GONE), |answer| answer.code);
        Observation {
            method: self.method,
            route: self.route().unwrap_or_default(),
            status: answer.map(|answer| answer.status),
            error: code.map_or("", |Code(code)| code),
            duration_nanos: self.start.elapsed().as_nanos() as u64,
            request_bytes: self.received.0.load(Ordering::Relaxed),
            response_bytes: answer.map_or(0, |answer| answer.body_bytes),
        }
    }

    /// Completes the span with what was not known at its beginning.
    fn record(&self, observation: &Observation<'_>) {
        if self.span.is_disabled() {
            return;
        }
        if let Some(status) = observation.status {
            self.span.record("http.response.status_code", status);
        }
        if !observation.error.is_empty() {
            self.span.record("error.type", observation.error);
        }
        if observation.status.is_none_or(|status| status >= 500) {
            self.span.record("otel.status_code", "ERROR");
        }
        self.span.record("http.request.body.size", observation.request_bytes);
        self.span.record("http.response.body.size", observation.response_bytes);
    }

    /// Why the server failed, where more is known than a code.
    fn cause(&self) -> Option<&str> {
        let Cause(cause) = self.answer.as_ref()?.cause.as_ref()?;
        Some(cause)
    }

    /// Who called, where callers are asked.
    fn user(&self) -> Option<&str> {
        let principal = self.answer.as_ref()?.principal.as_ref()?;
        Some(principal.name())
    }

    /// The access line. What the server is to blame for is an error, what it is too busy for a warning.
    fn tell(&self, observation: &Observation<'_>) {
        macro_rules! tell {
            ($level:ident) => {
                event!(target: "exacta_server::access", Level::$level, {
                    http.request.method = observation.method.name(),
                    http.route = self.route(),
                    http.response.status_code = observation.status,
                    "error.type" = Some(observation.error).filter(|error| !error.is_empty()),
                    exception.message = self.cause(),
                    duration_seconds = observation.duration_nanos as f64 / 1e9,
                    http.request.body.size = observation.request_bytes,
                    http.response.body.size = observation.response_bytes,
                    network.protocol.version = version(self.version),
                    user.id = self.user(),
                    trace_id = %self.trace_id,
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

impl Drop for Watch {
    fn drop(&mut self) {
        let observation = self.observation();
        self.app.metrics.requests.end(&observation);
        self.record(&observation);
        self.span.in_scope(|| self.tell(&observation));
    }
}

/// The span of a request: none, unless spans go anywhere.
fn span(method: MethodLabel, route: Option<&MatchedPath>, scheme: &'static str) -> Span {
    let (method, route) = (method.name(), route.map(MatchedPath::as_str));
    info_span!(
        target: REQUEST_TARGET,
        "request",
        otel.name = name(method, route),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = route,
        url.scheme = scheme,
        http.response.status_code = Empty,
        "error.type" = Empty,
        http.request.body.size = Empty,
        http.response.body.size = Empty,
    )
}

/// The name of a span by the conventions.
fn name(method: &'static str, route: Option<&str>) -> String {
    route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"))
}

/// The trace that a request belongs to, with its span in it where it has one.
fn join(span: &Span, context: TraceContext) -> TraceId {
    #[cfg(feature = "otlp")]
    if !span.is_disabled() {
        return super::otlp::join(span, context);
    }
    let _ = span;
    context.trace_id
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "2",
        Version::HTTP_11 => "1.1",
        _ => "1.0",
    }
}
