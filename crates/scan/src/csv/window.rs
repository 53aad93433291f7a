//! The part of a byte stream that is in memory: a block at a time, grown only for a record that does not
//! fit. How often and how much the reader gives does not show: the window is always filled, or ended.

use std::io::{self, ErrorKind, Read};

/// A window on a stream of bytes.
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    /// What is in view: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// The position of `start` in the stream.
    offset: u64,
    /// Whether the stream has nothing after `end`.
    ended: bool,
    bytes_max: usize,
}

impl<R: Read> Window<R> {
    /// A window on `input` that shows nothing yet, of `n_bytes` and growing to `bytes_max`.
    pub(super) fn new(input: R, n_bytes: usize, bytes_max: usize) -> Self {
        let buffer = vec![0; n_bytes];
        Self { input, buffer, start: 0, end: 0, offset: 0, ended: false, bytes_max }
    }

    /// What is in view.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The position in the stream of the first byte in view.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the stream ends with the view.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Moves the view past its first `n_bytes`.
    pub(super) fn advance(&mut self, n_bytes: usize) {
        self.start += n_bytes;
        self.offset += n_bytes as u64;
        debug_assert!(self.start <= self.end, "nobody has seen what is beyond the view");
    }

    /// Lengthens the view as far as the buffer or the stream goes; doubles the buffer when the view
    /// takes more than half of it, so that looking at a long record again and again costs no more
    /// than a constant for each byte. False: the view has its greatest length already.
    pub(super) fn extend(&mut self) -> io::Result<bool> {
        let n_bytes = self.end - self.start;
        if n_bytes == self.bytes_max {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, n_bytes);
        if n_bytes > self.buffer.len() / 2 {
            self.buffer.resize((self.buffer.len() * 2).min(self.bytes_max), 0);
        }
        while self.end < self.buffer.len() && !self.ended {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(n_read) => self.end += n_read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}
