//! What holds for every request and every answer, whether there is a route for it or not.
//!
//! What is refused of a head is in [`head`](crate::head); the pace of bodies and answers is in
//! [`pace`](crate::pace) and [`held`](crate::held).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::header::{CONNECTION, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::{StatusCode, Version};
use tokio::time::timeout;

use crate::app::App;
use crate::operation::Operations;
use crate::problem::{Refusal, refuse};
use crate::telemetry::observe;
use crate::{body, head, held};

/// What stands around all routes.
pub(crate) struct Frame {
    pub(crate) app: Arc<App>,
    pub(crate) operations: Operations,
}

/// The outermost layer. It is one, since each has its price with every request.
pub(crate) async fn frame(
    State(frame): State<Arc<Frame>>,
    request: Request,
    next: Next,
) -> Response {
    observe(&frame.app, request, async |request| frame.frame(request, next).await).await
}

/// The same for what is not told of: connections that get nothing but one refusal.
pub(crate) async fn unobserved(
    State(frame): State<Arc<Frame>>,
    request: Request,
    next: Next,
) -> Response {
    frame.frame(request, next).await
}

impl Frame {
    async fn frame(&self, request: Request, next: Next) -> Response {
        let app = &self.app;
        let (version, uri) = (request.version(), request.uri().clone());
        let checked = head::check(&request, &app.config.limits);
        let is_refused = checked.is_err();
        let answer = match checked {
            Ok(()) => self.answer(request, next).await,
            Err(refusal) => Err(refusal),
        };
        let mut response = answer.unwrap_or_else(|refusal| refuse(uri.path(), refusal));
        // Of a body that is late or without a length nobody knows where it ends.
        let is_lost = [StatusCode::REQUEST_TIMEOUT, StatusCode::LENGTH_REQUIRED];
        // Asked last: the server may have been told to stop meanwhile.
        let is_over = is_refused || is_lost.contains(&response.status()) || app.is_draining();
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if version < Version::HTTP_2 && is_over {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Answers in time, and holds the answer within the memory there is.
    async fn answer(&self, request: Request, next: Next) -> Result<Response, Refusal> {
        let limits = &self.app.config.limits;
        let (version, activity) = (request.version(), request.extensions().get().cloned());
        let request = body::framed(request, limits);
        self.operations.check(&request)?;
        let answer = timeout(limits.request_timeout.duration(), next.run(request)).await;
        let answer = answer.map_err(|_| Refusal::TooLong)?;
        held::hold(&self.app, version, activity, answer).await
    }
}
