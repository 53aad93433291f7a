//! What holds for every request and every answer, whether there is a route for it or not.
//!
//! What is refused of a head is in [`head`](crate::head); the pace of bodies and answers is in
//! [`pace`](crate::pace) and [`held`](crate::held).

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Body as _;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, StatusCode, Version};
use tokio::time::timeout;
use tower::Service;

use crate::app::App;
use crate::operation::{Operations, Route};
use crate::problem::{Refusal, refusing};
use crate::telemetry::{Notes, Watch};
use crate::{body, head, held};

/// All routes, and what stands around them. It is no layer of axum's, each of which has its price with every request.
pub(crate) struct Frame {
    app: Arc<App>,
    operations: Operations,
    routes: Router,
    is_observed: bool,
}

impl Frame {
    /// The routes of a document.
    pub(crate) fn new(app: Arc<App>, operations: Operations, routes: Router) -> Arc<Self> {
        Arc::new(Self { app, operations, routes, is_observed: true })
    }

    /// Routes of which nothing is told: for connections that get nothing but one refusal.
    pub(crate) fn unobserved(app: Arc<App>, routes: Router) -> Arc<Self> {
        let operations = Operations::default();
        Arc::new(Self { app, operations, routes, is_observed: false })
    }

    /// Answers a request, and tells of it.
    pub(crate) async fn respond(&self, request: Request) -> Response {
        let route = self.operations.find(request.uri().path());
        let begin = || Watch::begin(&self.app, route.map(Route::template), &request);
        let watch = self.is_observed.then(begin);
        let notes = watch.as_ref().map(Watch::notes).unwrap_or_default();
        let response = self.frame(request, route, &notes).await;
        if let Some(watch) = watch {
            watch.end(&response);
        }
        response
    }

    async fn frame(&self, request: Request, route: Option<&Route>, notes: &Notes) -> Response {
        let app = &self.app;
        let (version, is_head) = (request.version(), request.method() == Method::HEAD);
        let refuse = refusing(request.uri().path());
        let checked = head::check(&request, app);
        let is_refused = checked.is_err();
        let answer = match checked {
            Ok(()) => self.answer(request, route, notes).await,
            Err(refusal) => Err(refusal),
        };
        let refused = |refusal| if is_head { head_of(refuse(refusal)) } else { refuse(refusal) };
        let mut response = answer.unwrap_or_else(refused);
        // Of a body without a length nobody knows where it ends.
        let is_lost = notes.is_body_lost() || response.status() == StatusCode::LENGTH_REQUIRED;
        // Asked last: the server may have been told to stop meanwhile.
        let is_over = is_refused || is_lost || app.is_draining();
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if version < Version::HTTP_2 && is_over {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Answers in time, and holds the answer within the memory there is.
    async fn answer(
        &self,
        mut request: Request,
        route: Option<&Route>,
        notes: &Notes,
    ) -> Result<Response, Refusal> {
        let limits = &self.app.config.limits;
        let (version, activity) = (request.version(), request.extensions().get().cloned());
        if self.app.auth.is_some() {
            // The gate notes who calls.
            request.extensions_mut().insert(notes.clone());
        }
        let request = body::framed(request, limits, notes.clone());
        route.map_or(Ok(()), |route| route.check(&request))?;
        let answer = self.routes.clone().call(request);
        let answer = timeout(limits.request_timeout.duration(), answer).await;
        let Ok(answer) = answer.map_err(|_| Refusal::TooLong)?;
        held::hold(&self.app, version, activity, notes.principal(), answer).await
    }
}

/// What who asks for the head alone gets of an answer; the routes know that by themselves.
fn head_of(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let len = body.size_hint().lower();
    head.headers.entry(CONTENT_LENGTH).or_insert(len.into());
    Response::from_parts(head, Body::empty())
}
