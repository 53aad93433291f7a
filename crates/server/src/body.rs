//! How bodies are read: counted, at their pace, within the memory there is, and to
//! the end even when nobody wants the rest.
//!
//! What the bytes mean is not here, nor what pace there must be.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::header::EXPECT;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::app::App;
use crate::config::Limits;
use crate::memory::{Account, Client};
use crate::pace::{Late, Pace};
use crate::problem::Refusal;
use crate::telemetry::Notes;

/// How much room there is for a body before any of it is there, unless it is announced smaller.
const ROOM_BYTES_MIN: u64 = 64 << 10;

/// How much of an unwanted body is read and thrown away.
const DISCARD_BYTES_MAX: u64 = 256 << 20;

/// For how long an unwanted body is read and thrown away.
const DISCARD_TIME_MAX: Duration = Duration::from_secs(10);

/// How long an unwanted body may pause: who pauses longer waits for the answer.
const DISCARD_PAUSE_MAX: Duration = Duration::from_secs(1);

/// How much of a body a thread reads before it lets others go first: for that it needs some hundred microseconds.
const TURN_BYTES: usize = 256 << 10;

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
pub(crate) async fn read(app: &App, request: Request) -> Result<Octets, Refusal> {
    let (client, mut body) = (client(&request), request.into_body());
    let bytes_max = app.config.limits.body_max.bytes();
    check_len(body.size_hint().lower(), bytes_max)?;
    let announced = body.size_hint().upper().unwrap_or(bytes_max);
    let mut account = app.open_account(client);
    let (mut bytes, mut turn) = (Vec::new(), Turn::default());
    make_room(&mut account, &mut bytes, announced.min(ROOM_BYTES_MIN))?;
    while let Some(data) = next_data(&mut body, &mut turn).await? {
        let len = (bytes.len() + data.len()) as u64;
        check_len(len, bytes_max)?;
        if len > bytes.capacity() as u64 {
            make_room(&mut account, &mut bytes, room(len, announced))?;
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Octets { bytes: bytes.into(), account })
}

/// Whose request it is.
pub(crate) fn client(request: &Request) -> Option<Client> {
    let extensions = request.extensions();
    Client::of(Notes::caller(extensions), extensions.get())
}

/// Makes room for `len` bytes in all.
fn make_room(account: &mut Account, bytes: &mut Vec<u8>, len: u64) -> Result<(), Refusal> {
    account.grow_to(len)?;
    bytes.reserve_exact(len as usize - bytes.len());
    Ok(())
}

/// How much to have room for once there are `len` bytes: as much again, but no more than was
/// announced. Who announces much and sends little holds little.
fn room(len: u64, announced: u64) -> u64 {
    len.max(announced.min(2 * len))
}

pub(crate) fn check_len(len: u64, bytes_max: u64) -> Result<(), Refusal> {
    if len > bytes_max { Err(Refusal::BodyTooLarge { bytes_max }) } else { Ok(()) }
}

/// What has been read of a body since others went first.
#[derive(Default)]
pub(crate) struct Turn {
    n_bytes: usize,
}

impl Turn {
    /// Lets others go first if it is their turn: a connection that always has more to read would read on, and requests
    /// that have come meanwhile would wait.
    async fn pass(&mut self) {
        if self.n_bytes < TURN_BYTES {
            return;
        }
        self.n_bytes = 0;
        // The thread that was woken for them may wait for this core. This one never sleeps, and is taken off the core for
        // one of the same priority only at a tick of the clock, milliseconds later.
        std::thread::yield_now();
        yield_now().await;
    }
}

/// The next piece of data, or nothing at the end. Trailers are passed over. Who stops waiting for it loses nothing.
pub(crate) async fn next_data(body: &mut Body, turn: &mut Turn) -> Result<Option<Bytes>, Refusal> {
    turn.pass().await;
    loop {
        let Some(frame) = body.frame().await else { return Ok(None) };
        let frame = frame
            .map_err(|error| Late::within(&error).map_or(Refusal::BodyBroken, Refusal::from))?;
        if let Ok(data) = frame.into_data() {
            turn.n_bytes += data.len();
            return Ok(Some(data));
        }
    }
}

/// Makes a request's body one that must keep its pace, and that is read on when it is dropped
/// early, so that a client which sends before it reads gets to see its answer. What comes of it is counted, and it is
/// noted when there is no getting to its end: the answer then says that nothing can follow it.
pub(crate) fn framed(request: Request, limits: &Limits, notes: Notes) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let waits = request.headers().contains_key(EXPECT);
    let pace = Pace::new(limits);
    request.map(|body| Body::new(ReadOn { body, pace, is_wanted: !waits, notes }))
}

struct ReadOn {
    body: Body,
    pace: Pace,
    /// Whether the client sends without being told to. One that waits for
    /// `100 Continue` is told so by the first poll, which must not come too late.
    is_wanted: bool,
    notes: Notes,
}

impl HttpBody for ReadOn {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        this.is_wanted = true;
        let poll = Pin::new(&mut this.body).poll_frame(cx);
        match &poll {
            Poll::Ready(Some(Ok(frame))) => {
                this.notes.add_received(frame.data_ref().map_or(0, Bytes::len));
            }
            Poll::Ready(Some(Err(_))) => this.notes.lose_body(),
            _ => {}
        }
        let Poll::Ready(late) = this.pace.poll_late(cx, &poll) else { return poll };
        // Nobody waits for the rest either.
        this.notes.lose_body();
        this.body = Body::empty();
        Poll::Ready(Some(Err(axum::Error::new(late))))
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
        if self.body.is_end_stream() {
            return;
        }
        if !self.is_wanted || self.body.size_hint().lower() > DISCARD_BYTES_MAX {
            self.notes.lose_body();
        }
        if !self.is_wanted {
            return;
        }
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(timeout(DISCARD_TIME_MAX, discard(std::mem::take(&mut self.body))));
        }
    }
}

/// Reads and throws away, up to the limit.
async fn discard(mut body: Body) {
    let (mut len, mut turn) = (0, Turn::default());
    while let Ok(Ok(Some(data))) = timeout(DISCARD_PAUSE_MAX, next_data(&mut body, &mut turn)).await
    {
        len += data.len() as u64;
        if len > DISCARD_BYTES_MAX {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const FRAME: &[u8] = &[0; 16 << 10];

    #[tokio::test]
    async fn a_body_that_is_there_at_once_lets_others_go_first() {
        let n_others = Arc::new(AtomicUsize::new(0));
        let other = {
            let n_others = Arc::clone(&n_others);
            tokio::spawn(async move {
                loop {
                    n_others.fetch_add(1, Ordering::Relaxed);
                    yield_now().await;
                }
            })
        };
        let (mut turn, mut n_bytes) = (Turn::default(), 0);
        for _ in 0..256 {
            let data = next_data(&mut Body::from(FRAME), &mut turn).await.unwrap();
            n_bytes += data.map_or(0, |data| data.len());
        }
        other.abort();
        assert_eq!(n_bytes, 256 * FRAME.len());
        assert!(n_others.load(Ordering::Relaxed) >= n_bytes / TURN_BYTES - 1);
    }

    #[test]
    fn room_is_for_what_was_sent_and_as_much_again() {
        for (len, announced, expected) in
            [(0, 9, 0), (3, 9, 6), (5, 9, 9), (9, 9, 9), (3, u64::MAX, 6), (9, 3, 9)]
        {
            assert_eq!(room(len, announced), expected, "{len} of {announced}");
        }
    }
}
