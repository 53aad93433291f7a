//! How bodies are read: counted, timed, within the memory there is, and to the
//! end even when nobody wants the rest.
//!
//! What the bytes mean is not here.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::header::EXPECT;
use tokio::time::timeout;

use crate::app::{Account, App};
use crate::problem::Refusal;

/// How much of an unwanted body is read and thrown away.
const DISCARD_BYTES_MAX: u64 = 256 << 20;

/// For how long an unwanted body is read and thrown away.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(10);

/// How long an unwanted body may pause: who pauses longer waits for the answer.
const DISCARD_PAUSE_MAX: Duration = Duration::from_secs(1);

/// A whole body, and the memory that it holds.
pub(crate) struct Octets {
    pub(crate) bytes: Bytes,
    account: Account,
}

impl Octets {
    /// The bytes, and the memory that they hold until it is dropped.
    pub(crate) fn into_parts(self) -> (Bytes, Account) {
        (self.bytes, self.account)
    }
}

/// Reads a body to its end.
///
/// Its announced length is looked at first: a body that is too long is refused
/// before the client is told to continue.
pub(crate) async fn read(app: &App, mut body: Body) -> Result<Octets, Refusal> {
    let bytes_max = app.config.body_bytes_max;
    check_len(body.size_hint().lower(), bytes_max)?;
    let mut account = app.open_account();
    let mut bytes = BytesMut::new();
    while let Some(data) = next_data(&mut body, app.config.stall_timeout).await? {
        let len = (bytes.len() + data.len()) as u64;
        check_len(len, bytes_max)?;
        account.grow_to(len)?;
        bytes.extend_from_slice(&data);
    }
    Ok(Octets { bytes: bytes.freeze(), account })
}

fn check_len(len: u64, bytes_max: u64) -> Result<(), Refusal> {
    if len > bytes_max { Err(Refusal::BodyTooLarge { bytes_max }) } else { Ok(()) }
}

/// The next piece of data, or nothing at the end. Trailers are passed over.
async fn next_data(body: &mut Body, stall_timeout: Duration) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = timeout(stall_timeout, body.frame()).await.map_err(|_| Refusal::BodyStalled)?;
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|_| Refusal::BodyBroken)?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

/// Makes a request's body one that is read on when it is dropped early, so that
/// a client which sends before it reads gets to see its answer.
pub(crate) fn read_on(request: Request) -> Request {
    let waits = request.headers().contains_key(EXPECT);
    request.map(|body| Body::new(ReadOn { body, is_wanted: !waits }))
}

struct ReadOn {
    body: Body,
    /// Whether the client sends without being told to. One that waits for
    /// `100 Continue` is told so by the first poll, which must not come too late.
    is_wanted: bool,
}

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.is_wanted = true;
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ReadOn {
    fn drop(&mut self) {
        if self.body.is_end_stream() || !self.is_wanted {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(DISCARD_TIME_MAX, discard(std::mem::take(&mut self.body))));
        }
    }
}

/// Reads and throws away, up to the limit.
async fn discard(mut body: Body) {
    let mut len = 0;
    while let Ok(Some(Ok(frame))) = timeout(DISCARD_PAUSE_MAX, body.frame()).await {
        len += frame.data_ref().map_or(0, |data| data.len() as u64);
        if len > DISCARD_BYTES_MAX {
            return;
        }
    }
}
