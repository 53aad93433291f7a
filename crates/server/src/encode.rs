//! Answers as bytes with their media type.
//!
//! What the answers say is not here.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::format::OCTETS;

/// The media type of an answer.
pub(crate) const JSON: &str = "application/json";

/// The media type of an error.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A JSON answer that is already bytes.
pub(crate) struct Answer(Vec<u8>);

impl Answer {
    /// Encodes a value.
    pub(crate) fn new(value: &impl Serialize) -> Self {
        Self(serde_json::to_vec(value).expect("answers have text keys and finite numbers"))
    }

    /// An answer that was encoded before.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        with_type(StatusCode::OK, JSON, self.0)
    }
}

/// An answer of bytes that are no text.
pub(crate) struct Octets(pub(crate) Vec<u8>);

impl IntoResponse for Octets {
    fn into_response(self) -> Response {
        with_type(StatusCode::OK, OCTETS, self.0)
    }
}

/// A JSON response of any status and media type.
pub(crate) fn response(
    status: StatusCode,
    media_type: &'static str,
    value: &impl Serialize,
) -> Response {
    with_type(status, media_type, Answer::new(value).0)
}

fn with_type(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
