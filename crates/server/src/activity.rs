//! What a connection is doing, and how long it may go on with that: told by its stream and by the
//! requests on it, asked by who drives it.
//!
//! The builder that detects the version has no time limit, hyper's own one for headers is the
//! same as for the pause before them, and it has none for answers. Time limits on bodies are not
//! here but in [`pace`](crate::pace), and neither is what a rate is.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::config::Limits;
use crate::pace::Credit;

/// What a client of HTTP/2 sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How long a peer of HTTP/2 with nothing under way may take to leave a server that ends. A request that it sent before
/// it read GOAWAY is there by then, over any distance and with a packet lost; one that is dead ends no sooner by waiting.
const LEAVE_TIME: Duration = Duration::from_secs(1);

/// What one connection is doing.
pub(crate) struct Activity {
    limits: Limits,
    network: IpAddr,
    state: Mutex<State>,
}

struct State {
    version: Version,
    /// What is waited for while nothing is under way.
    wait: Option<Wait>,
    n_requests: usize,
    /// The answers that are not sent to their ends, if there are any.
    answers: Option<Answers>,
    /// Since when the peer takes nothing of what is written.
    stalled_since: Option<Instant>,
    /// Whether the server ends, so that nothing new is waited for.
    is_closing: bool,
}

/// Answers that are being taken, all at one rate: a client may take them in any order.
struct Answers {
    n_held: usize,
    credit: Credit,
    /// When the credit was last counted.
    since: Instant,
}

/// What the peer speaks, as far as its bytes tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// So many bytes of the preface were seen, and no other.
    Unknown(usize),
    Http1,
    Http2,
}

/// What a connection that is not used waits for, and since when.
#[derive(Clone, Copy)]
struct Wait {
    what: Awaited,
    since: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// The first request as a whole, or the rest of one that has begun.
    Header,
    /// Any byte of the next request.
    Request,
    /// That a peer of HTTP/2 leaves, as it was told to.
    Leave,
    /// The same, while the server ends.
    End,
}

/// What is to be done about a connection whose time is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Its peer is to be told to leave: a request might be on its way.
    Leave,
    /// It is not used, and nobody is to blame for that.
    End,
    /// It did not do in time what was waited for.
    Cut,
}

impl Activity {
    /// That of a new connection, which comes from a network.
    pub(crate) fn new(limits: Limits, network: IpAddr) -> Arc<Self> {
        let state = State {
            version: Version::Unknown(0),
            wait: Some(Wait::begin(Awaited::Header)),
            n_requests: 0,
            answers: None,
            stalled_since: None,
            is_closing: false,
        };
        Arc::new(Self { limits, network, state: Mutex::new(state) })
    }

    /// Where the peer is.
    pub(crate) fn network(&self) -> IpAddr {
        self.network
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what was read; at the end of the stream that is nothing.
    pub(crate) fn note_read(&self, data: &[u8]) {
        let mut state = self.state();
        if let Version::Unknown(seen) = state.version {
            state.version = version(seen, data);
        }
        // What a peer of HTTP/2 sends need be no request: it answers pings, too.
        let is_idle = state.wait.is_some_and(|wait| wait.what == Awaited::Request);
        if is_idle && state.version == Version::Http1 {
            state.wait = Some(Wait::begin(Awaited::Header));
        }
    }

    /// Takes note of whether the peer takes what is written.
    pub(crate) fn note_stalled(&self, is_stalled: bool) {
        self.state().stalled_since = is_stalled.then(Instant::now);
    }

    /// Takes note of bytes that were written. Over HTTP/2 they are no sign that answers are taken.
    pub(crate) fn note_written(&self, len: usize) {
        let mut state = self.state();
        if state.version == Version::Http1 {
            state.note_taken(len);
        }
    }

    /// Takes note of so many bytes of an answer that were taken.
    pub(crate) fn note_taken(&self, len: usize) {
        self.state().note_taken(len);
    }

    /// Begins a request, which is under way until what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut state = self.state();
        state.n_requests += 1;
        state.wait = None;
        drop(state);
        UnderWay(Arc::clone(self))
    }

    /// Begins an answer that must be taken at a rate until what is returned is dropped.
    pub(crate) fn hold_answer(self: &Arc<Self>) -> Held {
        let mut state = self.state();
        let answers = state.answers.get_or_insert_with(|| Answers::begin(&self.limits));
        answers.n_held += 1;
        state.wait = None;
        drop(state);
        Held(Arc::clone(self))
    }

    /// From now on nothing new is waited for, but what may be on its way.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.is_closing = true;
        state.settle();
    }

    /// Whether something would be lost if the connection ended now.
    pub(crate) fn is_busy(&self) -> bool {
        self.state().is_busy()
    }

    /// Waits until the time of the connection is over. The deadline is looked up each time that
    /// this is polled, and so is always the one that holds now.
    pub(crate) async fn expire(&self, mut timer: Pin<&mut Sleep>) -> Verdict {
        poll_fn(|cx| {
            let due = self.state().due(&self.limits);
            let Some(due) = due else { return Poll::Pending };
            // Most deadlines move away before they are near: the timer is set anew only when it would come too
            // late, or has come too early.
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() < due {
                timer.as_mut().reset(due);
                ready!(timer.as_mut().poll(cx));
            }
            Poll::Ready(self.state().expire())
        })
        .await
    }

    /// Waits until the peer is known to speak HTTP/2.
    pub(crate) async fn speaks_http2(&self) {
        self.wait_until(|state| state.version == Version::Http2).await;
    }

    /// Waits until there is neither a request under way nor an answer to be written, on a
    /// connection that is not of HTTP/2, which alone has a word for that no more requests are taken.
    pub(crate) async fn rest(&self) {
        self.wait_until(State::is_at_rest).await;
    }

    /// Waits for what comes about only while the connection is driven, by who waits here.
    async fn wait_until(&self, is_so: impl Fn(&State) -> bool) {
        poll_fn(|_| if is_so(&self.state()) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

impl State {
    /// When the peer must have done what is waited for. A request has limits of its own.
    fn due(&self, limits: &Limits) -> Option<Instant> {
        let wait = match (self.stalled_since, self.wait) {
            (Some(since), _) => Some(since + limits.stall_timeout.duration()),
            (None, wait) => wait.map(|wait| wait.due(limits)),
        };
        let answers = self.answers.as_ref().map(Answers::due);
        [wait, answers].into_iter().flatten().min()
    }

    /// What follows from a deadline that is over.
    fn expire(&mut self) -> Verdict {
        let wait = self.wait.filter(|_| self.stalled_since.is_none());
        let is_http2 = self.version == Version::Http2;
        match wait.map(|wait| wait.what) {
            Some(Awaited::Header | Awaited::Request) if is_http2 => {
                self.wait = Some(Wait::begin(Awaited::Leave));
                Verdict::Leave
            }
            Some(Awaited::Request | Awaited::End) => Verdict::End,
            _ => Verdict::Cut,
        }
    }

    fn note_taken(&mut self, len: usize) {
        if let Some(answers) = &mut self.answers {
            answers.note_taken(len);
        }
    }

    /// An answer is sent to its end, or given up.
    fn end_answer(&mut self) {
        self.answers = self.answers.take().and_then(Answers::without_one);
        self.settle();
    }

    fn is_busy(&self) -> bool {
        self.n_requests > 0 || self.answers.is_some() || self.stalled_since.is_some()
    }

    fn is_at_rest(&self) -> bool {
        // Whoever drives the connection has written what there was of answers, or is stalled.
        self.version != Version::Http2 && self.n_requests == 0 && self.stalled_since.is_none()
    }

    /// Begins to wait for the next request, or for the end, if there is nothing else.
    fn settle(&mut self) {
        if self.n_requests == 0 && self.answers.is_none() {
            let what = if self.is_closing { Awaited::End } else { Awaited::Request };
            self.wait = Some(Wait::begin(what));
        }
    }
}

impl Answers {
    fn begin(limits: &Limits) -> Self {
        Self { n_held: 0, credit: Credit::new(limits), since: Instant::now() }
    }

    fn note_taken(&mut self, len: usize) {
        let now = Instant::now();
        self.credit.spend(now - self.since);
        self.credit.earn(len as u64);
        self.since = now;
    }

    fn due(&self) -> Instant {
        self.since + self.credit.left()
    }

    fn without_one(self) -> Option<Self> {
        (self.n_held > 1).then(|| Self { n_held: self.n_held - 1, ..self })
    }
}

impl Wait {
    fn begin(what: Awaited) -> Self {
        Self { what, since: Instant::now() }
    }

    fn due(self, limits: &Limits) -> Instant {
        let time = match self.what {
            Awaited::Header => limits.header_timeout.duration(),
            Awaited::Request => limits.idle_timeout.duration(),
            Awaited::Leave => limits.stall_timeout.duration(),
            Awaited::End => LEAVE_TIME,
        };
        self.since + time
    }
}

/// What the next bytes tell of the version, after so many of the preface; none are the end.
fn version(seen: usize, data: &[u8]) -> Version {
    let rest = &PREFACE[seen..];
    if data.starts_with(rest) {
        Version::Http2
    } else if !data.is_empty() && rest.starts_with(data) {
        Version::Unknown(seen + data.len())
    } else {
        Version::Http1
    }
}

/// A request that is under way.
pub(crate) struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.n_requests -= 1;
        state.settle();
    }
}

/// An answer that is not sent to its end.
pub(crate) struct Held(Arc<Activity>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.state().end_answer();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_clear_with_the_first_byte_that_tells() {
        let preface = std::str::from_utf8(PREFACE).unwrap();
        let read = |pieces: &[&str]| {
            let start = Version::Unknown(0);
            pieces.iter().fold(start, |known, piece| match known {
                Version::Unknown(seen) => version(seen, piece.as_bytes()),
                known => known,
            })
        };
        assert!(read(&[preface]) == Version::Http2);
        assert!(read(&[&preface[..3], &preface[3..], "and more"]) == Version::Http2);
        assert!(read(&[&preface[..23]]) == Version::Unknown(23));
        for pieces in [&["PUT /"] as &[_], &["P", "OST"], &["PRI", ""], &[""]] {
            assert!(read(pieces) == Version::Http1, "{pieces:?}");
        }
    }
}
