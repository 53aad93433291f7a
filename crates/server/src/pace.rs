//! How long a body may take to come: without a pause that is too long, at a rate that is not
//! too low, and to its end in time. The rate that answers must be taken at is the same.
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

use crate::config::{Limits, Size, Time};

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
    stall_timeout: Duration,
    /// When all of it must have come.
    end: Instant,
    credit: Credit,
    wait: Option<Wait>,
}

/// For how long a peer may go on slower than the lowest rate. What is transferred adds to it and waiting takes it
/// away; there is an end to it, so that much at one time pays for no trickle after it.
#[derive(Clone, Copy)]
pub(crate) struct Credit {
    left: Duration,
    max: Duration,
    rate_min: Size,
}

impl Credit {
    pub(crate) fn new(limits: &Limits) -> Self {
        let rate_min = limits.rate_min;
        let (grace, stall) = (limits.rate_grace.duration(), limits.stall_timeout.duration());
        match rate_min.bytes() {
            // Without a lowest rate, time has no end.
            0 => Self { left: Time::MAX.duration(), max: Time::MAX.duration(), rate_min },
            // A pause is possible after enough bytes.
            _ => Self { left: grace, max: grace.max(stall), rate_min },
        }
    }

    pub(crate) fn left(&self) -> Duration {
        self.left
    }

    /// Counts time in which the peer was waited for.
    pub(crate) fn spend(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Counts bytes that were transferred.
    pub(crate) fn earn(&mut self, n_bytes: u64) {
        let nanos = u128::from(n_bytes) * 1_000_000_000;
        let nanos = nanos.checked_div(self.rate_min.bytes().into()).unwrap_or(u128::MAX);
        let earned = u64::try_from(nanos).map_or(self.max, Duration::from_nanos);
        self.left = self.left.saturating_add(earned).min(self.max);
    }
}

/// Waiting for more of a body, until it is too late.
struct Wait {
    since: Instant,
    timer: Pin<Box<Sleep>>,
    late: Late,
}

impl Pace {
    /// The pace of a body whose header was just read.
    pub(crate) fn new(limits: &Limits) -> Self {
        let end = Instant::now() + limits.request_timeout.duration();
        let stall_timeout = limits.stall_timeout.duration();
        Self { stall_timeout, end, credit: Credit::new(limits), wait: None }
    }

    /// Takes note of what a body says, which may be nothing for too long.
    pub(crate) fn poll_late<E>(
        &mut self,
        cx: &mut Context<'_>,
        poll: &Poll<Option<Result<Frame<Bytes>, E>>>,
    ) -> Poll<Late> {
        let Poll::Ready(frame) = poll else { return self.poll_wait(cx) };
        if let Some(wait) = self.wait.take() {
            self.credit.spend(wait.since.elapsed());
        }
        if let Some(Ok(frame)) = frame {
            self.credit.earn(frame.data_ref().map_or(0, |data| data.len() as u64));
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
        let stalled = since + self.stall_timeout;
        let slow = self.end.min(since + self.credit.left());
        let late = if stalled <= slow { Late::Stalled } else { Late::Slow };
        Wait { since, timer: Box::pin(sleep_until(stalled.min(slow))), late }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// Of 70 KB at once, 140 seconds came of bytes one by one.
    #[test]
    fn what_came_at_once_pays_for_no_trickle() {
        let mut credit = Credit::new(&Limits::default());
        assert_eq!(credit.left(), secs(20));
        credit.earn(70_000);
        assert_eq!(credit.left(), secs(30), "as long as a pause may be");
        credit.spend(secs(20));
        credit.earn(1);
        assert_eq!(credit.left(), secs(10) + Duration::from_millis(2));
        credit.spend(secs(20));
        assert_eq!(credit.left(), Duration::ZERO);
    }

    #[test]
    fn who_keeps_the_rate_may_go_on_for_ever() {
        let mut credit = Credit::new(&Limits::default());
        for _ in 0..1_000 {
            credit.spend(secs(19));
            assert!(credit.left() > Duration::ZERO);
            credit.earn(19 * 500);
        }
        let mut endless = Credit::new(&Limits { rate_min: Size::of(0), ..Limits::default() });
        endless.spend(secs(1_000_000));
        endless.earn(0);
        assert!(endless.left() > secs(1_000_000));
    }
}
