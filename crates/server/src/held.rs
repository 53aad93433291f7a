//! Answers that wait to be sent, within the memory there is.
//!
//! A client that never takes its answers could otherwise ask for more and more of them.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as HttpBody;

use crate::activity::{Activity, Held};
use crate::app::{Account, App};
use crate::problem::Refusal;

/// Answers up to this length are not worth an account: the number of requests that are under way
/// bounds them.
const SMALL_BYTES_MAX: u64 = 4 << 10;

/// Charges an answer to the memory for bodies until the last of its bytes is sent, for which
/// its connection has time as long as the answer is.
pub(crate) async fn hold(
    app: &App,
    activity: Option<Arc<Activity>>,
    response: Response,
) -> Result<Response, Refusal> {
    let len = response.body().size_hint().lower();
    if len <= SMALL_BYTES_MAX {
        return Ok(response);
    }
    let mut account = app.open_account();
    account.grow_to(len)?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| Refusal::Internal)?.to_bytes();
    // The account lives as long as the bytes: a connection keeps some of them when it has
    // taken all from the body.
    let held = activity.map(|activity| activity.hold_answer(len));
    let bytes = Bytes::from_owner(Charged { bytes, _account: account, _held: held });
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

struct Charged {
    bytes: Bytes,
    _account: Account,
    _held: Option<Held>,
}

impl AsRef<[u8]> for Charged {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
