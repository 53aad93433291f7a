//! A body as it arrives, up to the most that is taken of one, its small frames joined.
//!
//! A client may send it byte by byte: a frame alone takes more than a hundred bytes, and to hand one to a thread takes longer
//! than to scan many.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use tokio::task::yield_now;

use crate::body::{Turn, check_len, next_data};
use crate::config::Limits;
use crate::problem::Refusal;

/// What is shorter waits for more, if more is there already.
const JOINED_BYTES_MIN: usize = 16 << 10;

/// A body that is being read.
pub(super) struct Arriving {
    body: Body,
    turn: Turn,
    bytes_max: u64,
    n_bytes: u64,
    is_over: bool,
}

impl Arriving {
    pub(super) fn new(body: Body, limits: &Limits) -> Self {
        let bytes_max = limits.body_max.bytes();
        Self { body, turn: Turn::default(), bytes_max, n_bytes: 0, is_over: false }
    }

    /// The next frame, or nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.is_over {
            return Ok(None);
        }
        let data = next_data(&mut self.body, &mut self.turn).await?;
        self.is_over = data.is_none();
        self.n_bytes += data.as_ref().map_or(0, Bytes::len) as u64;
        check_len(self.n_bytes, self.bytes_max)?;
        Ok(data)
    }

    /// The next frames that are there without being waited for, at least one; or nothing at the end.
    pub(super) async fn gather(&mut self) -> Result<Option<Bytes>, Refusal> {
        let Some(first) = self.next().await? else { return Ok(None) };
        let mut joined = Joined::default();
        joined.push(first);
        while joined.len() < JOINED_BYTES_MIN {
            let more = tokio::select! {
                biased;
                more = self.next() => more?,
                // The connection gives one frame of what it has read for each turn of it.
                () = yield_now() => break,
            };
            let Some(data) = more else { break };
            joined.push(data);
        }
        Ok(Some(joined.into_bytes()))
    }
}

/// Frames one after another. One alone is not copied.
#[derive(Default)]
pub(super) struct Joined {
    only: Bytes,
    all: BytesMut,
}

impl Joined {
    pub(super) fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.only = data;
            return;
        }
        self.all.extend_from_slice(&std::mem::take(&mut self.only));
        self.all.extend_from_slice(&data);
    }

    pub(super) fn len(&self) -> usize {
        self.only.len() + self.all.len()
    }

    pub(super) fn into_bytes(self) -> Bytes {
        if self.all.is_empty() { self.only } else { self.all.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Body as HttpBody, Frame};

    use super::*;

    /// A body of so many bytes, each in a frame that is there only after a turn of its connection.
    struct ByteByByte {
        n_bytes: usize,
        is_ready: bool,
    }

    impl HttpBody for ByteByByte {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.is_ready = !self.is_ready;
            if self.n_bytes > 0 && self.is_ready {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let is_left = self.n_bytes.checked_sub(1);
            self.n_bytes = is_left.unwrap_or(0);
            Poll::Ready(is_left.map(|_| Ok(Frame::data(Bytes::from_static(b"1")))))
        }
    }

    #[tokio::test]
    async fn bytes_that_come_one_by_one_are_given_on_by_the_thousand() {
        let n_bytes = 3 * JOINED_BYTES_MIN + 7;
        let body = Body::new(ByteByByte { n_bytes, is_ready: false });
        let mut arriving = Arriving::new(body, &Limits::default());
        for expected in [Some(JOINED_BYTES_MIN); 3].into_iter().chain([Some(7), None, None]) {
            let gathered = arriving.gather().await.unwrap();
            assert_eq!(gathered.as_ref().map(Bytes::len), expected);
        }
    }

    fn joined(frames: &[&'static str]) -> Bytes {
        let mut joined = Joined::default();
        frames.iter().for_each(|frame| joined.push(Bytes::from_static(frame.as_bytes())));
        joined.into_bytes()
    }

    #[test]
    fn frames_come_one_after_another_and_one_alone_stays_where_it_is() {
        assert_eq!(joined(&[]), "");
        assert_eq!(joined(&["", "a", "", "bc", "d"]), "abcd");
        let only = "alone";
        assert_eq!(joined(&[only]).as_ptr(), only.as_ptr());
    }
}
