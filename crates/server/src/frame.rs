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
use crate::problem::{Refusal, refuse};
use crate::{body, head, held};

pub(crate) async fn frame(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (version, uri) = (request.version(), request.uri().clone());
    let checked = head::check(&request, &app.config.limits);
    let is_refused = checked.is_err();
    let answer = match checked {
        Ok(()) => answer(&app, request, next).await,
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
async fn answer(app: &App, request: Request, next: Next) -> Result<Response, Refusal> {
    let limits = app.config.limits;
    let (version, activity) = (request.version(), request.extensions().get().cloned());
    let answer = next.run(body::framed(request, &limits));
    let answer =
        timeout(limits.request_timeout.duration(), answer).await.map_err(|_| Refusal::TooLong)?;
    held::hold(app, version, activity, answer).await
}
