//! How long a body may take to come: without a pause that is too long, at a rate that is not
//! too low, and to its end in time.
//!
//! Only waiting for the client counts: a body of which nobody asks for more loses no time. What
//! the bytes mean is not here.

use std::error::Error;
use std::iter::successors;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Frame;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::Limits;

/// Why more of a body is not waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Late {
    #[error("the body paused for too long: send it without a break")]
    Stalled,
    #[error("the body comes too slowly: send it faster, or less of it")]
    Slow,
}

impl Late {
    /// Finds it among what an error comes from.
    pub(crate) fn within(error: &(dyn Error + 'static)) -> Option<Self> {
        successors(Some(error), |&error| error.source())
            .find_map(|error| error.downcast_ref().copied())
    }
}

/// The pace of one body.
pub(crate) struct Pace {
    limits: Limits,
    /// When all of it must have come.
    end: Instant,
    n_bytes: u64,
    waited: Duration,
    wait: Option<Wait>,
}

/// Waiting for more of a body, until it is too late.
struct Wait {
    since: Instant,
    timer: Pin<Box<Sleep>>,
    late: Late,
}

impl Pace {
    /// The pace of a body whose header was just read.
    pub(crate) fn new(limits: Limits) -> Self {
        let end = Instant::now() + limits.request_timeout.duration();
        Self { limits, end, n_bytes: 0, waited: Duration::ZERO, wait: None }
    }

    /// Takes note of what a body says, which may be nothing for too long.
    pub(crate) fn poll_late<E>(
        &mut self,
        cx: &mut Context<'_>,
        poll: &Poll<Option<Result<Frame<Bytes>, E>>>,
    ) -> Poll<Late> {
        let Poll::Ready(frame) = poll else { return self.poll_wait(cx) };
        self.waited += self.wait.take().map_or(Duration::ZERO, |wait| wait.since.elapsed());
        if let Some(Ok(frame)) = frame {
            self.n_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        Poll::Pending
    }

    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let wait = match self.wait.take() {
            Some(wait) => wait,
            None => self.begin_wait(),
        };
        let wait = self.wait.insert(wait);
        ready!(wait.timer.as_mut().poll(cx));
        Poll::Ready(wait.late)
    }

    fn begin_wait(&self) -> Wait {
        let since = Instant::now();
        let stalled = since + self.limits.stall_timeout.duration();
        let time = self.limits.time_for(self.n_bytes) + self.limits.rate_grace.duration();
        let slow = self.end.min(since + time.saturating_sub(self.waited));
        let late = if stalled < slow { Late::Stalled } else { Late::Slow };
        Wait { since, timer: Box::pin(sleep_until(stalled.min(slow))), late }
    }
}
