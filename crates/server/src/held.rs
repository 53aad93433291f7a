//! Answers that wait to be sent: within the memory there is, and no slower than bodies may come.
//!
//! A client that never takes its answers could otherwise ask for more and more of them. What follows
//! when it is too slow is in [`activity`](crate::activity).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Version;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::activity::{Activity, Held};
use crate::app::App;
use crate::auth::Principal;
use crate::memory::{Account, Client};
use crate::problem::Refusal;

/// Answers up to this length are not worth an account: the number of requests that are under way
/// bounds them.
const SMALL_BYTES_MAX: u64 = 4 << 10;

/// How much of an answer is given to HTTP/2 at a time. Twice as much may wait for room, and must be
/// taken at the lowest rate before that is held for a stall.
const PIECE_BYTES: usize = 8 << 10;

/// Which memory an answer takes, where it is not that for bodies; an extension of the answer.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// None: it is there for all.
    Shared,
    /// That for metrics, which must be seen when the other is full.
    Metrics,
}

/// Charges an answer to its memory until the last of its bytes is sent, and has its connection watch
/// that it is taken. Over HTTP/1.1, where small answers wait for one another, only large ones are watched.
pub(crate) async fn hold(
    app: &App,
    version: Version,
    activity: Option<Arc<Activity>>,
    principal: Option<&Principal>,
    response: Response,
) -> Result<Response, Refusal> {
    let len = response.body().size_hint().lower();
    if len == 0 || len <= SMALL_BYTES_MAX && version < Version::HTTP_2 {
        return Ok(response);
    }
    let client = || Client::of(principal, activity.as_ref());
    let account = account(app, client, &response, len)?;
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| Refusal::Internal)?.to_bytes();
    // The account lives as long as the bytes: a connection keeps some of them when it has
    // taken all from the body.
    let held = activity.as_ref().map(Activity::hold_answer);
    let bytes = Bytes::from_owner(Charged { bytes, _account: account, _held: held });
    let body = match activity.filter(|_| version >= Version::HTTP_2) {
        Some(activity) => Body::new(Pieces { rest: bytes, n_given: 0, activity }),
        None => Body::from(bytes),
    };
    Ok(Response::from_parts(parts, body))
}

/// The account of an answer, unless it takes no memory worth one.
fn account(
    app: &App,
    client: impl FnOnce() -> Option<Client>,
    response: &Response,
    len: u64,
) -> Result<Option<Account>, Refusal> {
    let mut account = match response.extensions().get() {
        _ if len <= SMALL_BYTES_MAX => return Ok(None),
        Some(Source::Shared) => return Ok(None),
        Some(Source::Metrics) => app.open_metrics_account(client()),
        None => app.open_account(client()),
    };
    account.grow_to(len)?;
    Ok(Some(account))
}

struct Charged {
    bytes: Bytes,
    _account: Option<Account>,
    _held: Option<Held>,
}

impl AsRef<[u8]> for Charged {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// An answer piece by piece. Whoever sends it asks for one when there is room for it: that the one
/// before was taken.
struct Pieces {
    rest: Bytes,
    n_given: usize,
    activity: Arc<Activity>,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        this.activity.note_taken(this.n_given);
        let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES));
        this.n_given = piece.len();
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
