//! The document that describes the service, as the repository holds it.
//!
//! Making it is not here: a test sees to it that both are the same bytes.

use axum::Extension;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH};
use hyper::{HeaderMap, StatusCode};

use crate::document::RequestProblems;
use crate::encode::JSON;
use crate::held::Source;

/// The document.
pub(crate) const DOCUMENT: &str = include_str!("../../../../openapi/exacta.json");

/// For how long a copy may be used unasked: an hour.
const FRESHNESS: &str = "public, max-age=3600";

/// Get this document
///
/// The `OpenAPI` description of the service, from which its clients are generated.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "get_openapi",
    tag = "service",
    responses(
        (status = 200, description = "The document.", body = inline(crate::document::OpenApiDocument),
            headers(
                ("Cache-Control" = String, description = "For how long a copy may be used unasked."),
                ("ETag" = String, description = "Names these bytes, for If-None-Match."),
            )
        ),
        RequestProblems,
    )
)]
pub(crate) async fn get_openapi(headers: HeaderMap) -> Response {
    let tag = entity_tag();
    let is_known = headers.get(IF_NONE_MATCH).is_some_and(|known| lists(known, &tag));
    let response: Response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (content_type(), Extension(Source::Shared), Body::from(DOCUMENT)).into_response()
    };
    ([(CACHE_CONTROL, HeaderValue::from_static(FRESHNESS)), (ETAG, tag)], response).into_response()
}

fn content_type() -> [(HeaderName, HeaderValue); 1] {
    [(CONTENT_TYPE, HeaderValue::from_static(JSON))]
}

/// Whether an `If-None-Match` lists a tag.
fn lists(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let tags = known.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.map(|known| known.strip_prefix(b"W/").unwrap_or(known))
        .any(|known| known == b"*" || known == tag.as_bytes())
}

/// A strong entity tag: the FNV-1a hash of the document, which nobody gains by forging.
fn entity_tag() -> HeaderValue {
    const HASH: u64 = fnv1a(DOCUMENT.as_bytes());
    HeaderValue::from_str(&format!("\"{HASH:016x}\"")).expect("hexadecimal digits and quotes")
}

#[allow(long_running_const_eval)] // one pass over the document, at build time
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}
