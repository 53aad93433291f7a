//! A text of which a part is in memory: all of it, or a window that moves on.

use std::{
    borrow::Cow,
    io::{self, Read},
};

/// How much is read at a time, if there is so much: it fits in a cache of the second level.
const WINDOW_BYTES: usize = 128 << 10;

/// A part of a text, and where it comes from.
pub(super) struct Window<'a> {
    /// The part, and behind it room to read to.
    buffer: Cow<'a, [u8]>,
    n_filled: usize,
    /// Where the part begins in the text.
    offset: u64,
    /// What the rest is read from; nothing once the part is the last one.
    input: Option<Box<dyn Read + Send + 'a>>,
}

impl<'a> Window<'a> {
    pub(super) fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { n_filled: bytes.len(), buffer: Cow::Borrowed(bytes), offset: 0, input: None }
    }

    pub(super) fn of_input(input: impl Read + Send + 'a) -> Self {
        Self { n_filled: 0, buffer: Cow::default(), offset: 0, input: Some(Box::new(input)) }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.n_filled]
    }

    /// Whether nothing comes behind the part.
    #[inline]
    pub(super) fn is_last(&self) -> bool {
        self.input.is_none()
    }

    /// Where a position of the part is in the text.
    pub(super) fn offset(&self, at: usize) -> u64 {
        self.offset + at as u64
    }

    /// Forgets what stands before `at`, and reads on until there are twice as many bytes as are left, or no more.
    ///
    /// Whoever reads a token again, because more is there, so reads no more than twice its length.
    #[cold]
    pub(super) fn advance(&mut self, at: usize) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        let buffer = self.buffer.to_mut();
        buffer.copy_within(at..self.n_filled, 0);
        self.offset += at as u64;
        self.n_filled -= at;
        let goal = 2 * self.n_filled.max(1);
        buffer.resize(buffer.len().max(goal).max(WINDOW_BYTES), 0);
        while self.n_filled < goal {
            match input.read(&mut buffer[self.n_filled..]) {
                Ok(0) => {
                    self.input = None;
                    break;
                }
                Ok(n_bytes) => self.n_filled += n_bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
