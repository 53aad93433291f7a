//! A stream that does not wait for ever: for the bytes that tell HTTP/1.1 from
//! HTTP/2, for a peer that takes nothing more, and for a request that is only
//! begun when the server stops.
//!
//! The builder that detects the version has no time limit of its own, and its
//! header timeout starts only after that. Time limits on headers and bodies are
//! not here.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// What a client of HTTP/2 sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection is needed for, shared by its stream and its requests.
#[derive(Clone)]
pub(crate) struct Need {
    is_closing: Arc<AtomicBool>,
    n_requests: Arc<AtomicUsize>,
}

impl Need {
    /// The need for a new connection. `is_closing`: no request is taken any more.
    pub(crate) fn new(is_closing: Arc<AtomicBool>) -> Self {
        Self { is_closing, n_requests: Arc::default() }
    }

    /// Runs a request, for which the connection is needed until it has its answer.
    /// Answers are whole, so from then on the stream knows whether they are written.
    pub(crate) async fn during<T>(self, request: impl Future<Output = T>) -> T {
        self.n_requests.fetch_add(1, Ordering::Relaxed);
        let answer = request.await;
        self.n_requests.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    fn is_over(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed) && self.n_requests.load(Ordering::Relaxed) == 0
    }
}

/// A stream under deadlines.
pub(crate) struct Deadline<S> {
    stream: S,
    timer: Pin<Box<Sleep>>,
    /// How much of the preface was seen; nothing once the version is clear.
    preface_seen: Option<usize>,
    is_http1: bool,
    is_write_stalled: bool,
    stall_timeout: Duration,
    need: Need,
}

impl<S> Deadline<S> {
    pub(crate) fn new(
        stream: S,
        version_timeout: Duration,
        stall_timeout: Duration,
        need: Need,
    ) -> Self {
        Self {
            stream,
            timer: Box::pin(sleep(version_timeout)),
            preface_seen: Some(0),
            is_http1: false,
            is_write_stalled: false,
            stall_timeout,
            need,
        }
    }

    /// Follows the preface; the end of the stream and any other byte end it.
    fn note_read(&mut self, data: &[u8]) {
        let Some(seen) = self.preface_seen else { return };
        let rest = &PREFACE[seen..];
        let is_preface = !data.is_empty() && data.len() < rest.len() && rest.starts_with(data);
        self.preface_seen = is_preface.then_some(seen + data.len());
        self.is_http1 = !is_preface && !data.starts_with(rest);
    }

    /// Whether what is waited for would be a request that comes too late. HTTP/2 has its own
    /// word for that, and answers that wait for the peer to take more of them.
    fn is_too_late(&self) -> bool {
        self.is_http1 && !self.is_write_stalled && self.need.is_over()
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        ready!(self.timer.as_mut().poll(cx));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    /// Passes on what a write says, unless it has said nothing for too long.
    fn poll_stall<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.is_write_stalled = false;
            return poll;
        }
        if !self.is_write_stalled {
            self.is_write_stalled = true;
            self.timer.as_mut().reset(Instant::now() + self.stall_timeout);
        }
        self.poll_timer(cx).map(Err)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadline<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let filled = buf.filled().len();
        let poll = Pin::new(&mut this.stream).poll_read(cx, buf);
        if poll.is_pending() && this.preface_seen.is_some() {
            return this.poll_timer(cx).map(Err);
        }
        if poll.is_pending() && this.is_too_late() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if poll.is_ready() {
            this.note_read(&buf.filled()[filled..]);
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadline<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write(cx, data);
        this.poll_stall(cx, poll)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.poll_stall(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_flush(cx);
        this.poll_stall(cx, poll)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let poll = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.poll_stall(cx, poll)
    }
}
