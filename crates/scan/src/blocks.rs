//! A stream of text in blocks of whole records. How often and how much the reader gives does not show.

use std::io::{self, Read};

use crate::{Error, Place, parallel::Units};

/// How much is read at a time: it fits in a cache of the second level.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Some whole records of a text.
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    /// The line where it begins, from 1.
    pub(crate) line: u64,
    /// How many bytes of that line stand before it.
    pub(crate) n_before: u64,
    /// The position in the stream where it begins.
    pub(crate) offset: u64,
    /// Whether its last record is whole. If not, that is longer than the longest that is read.
    pub(crate) whole: bool,
}

impl Block {
    /// The same block without what stands before `start`.
    pub(crate) fn from(mut self, start: usize) -> Self {
        self.line += count(&self.bytes[..start], b'\n');
        self.offset += start as u64;
        self.bytes.drain(..start);
        self
    }

    /// The place of the byte at `at`.
    pub(crate) fn place(&self, at: usize) -> Place {
        let before = &self.bytes[..at];
        let column = match before.iter().rposition(|byte| *byte == b'\n') {
            Some(line_feed) => (at - line_feed) as u64,
            None => self.n_before + at as u64 + 1,
        };
        Place::Text {
            line: self.line + count(before, b'\n'),
            column,
            offset: self.offset + at as u64,
        }
    }
}

/// The blocks of a stream, a byte order mark left out.
pub(crate) struct Blocks<R> {
    input: R,
    /// A block that was given back, to be given again.
    returned: Option<Block>,
    /// What has been read behind the last block.
    rest: Vec<u8>,
    line: u64,
    offset: u64,
    ended: bool,
    quotes: bool,
    block_bytes: usize,
    record_bytes_max: usize,
}

impl<R: Read> Blocks<R> {
    /// The blocks of `input`, cut behind a line feed: with `quotes`, one that stands in no quotes. A record of more
    /// than `record_bytes_max` is not whole.
    pub(crate) fn new(
        mut input: R,
        quotes: bool,
        block_bytes: usize,
        record_bytes_max: usize,
    ) -> Result<Self, Error> {
        let mut rest = Vec::new();
        input.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut rest)?;
        let mut offset = 0;
        if rest == BYTE_ORDER_MARK {
            offset = rest.len() as u64;
            rest.clear();
        }
        let (returned, line, ended) = (None, 1, false);
        Ok(Self {
            input,
            returned,
            rest,
            line,
            offset,
            ended,
            quotes,
            block_bytes,
            record_bytes_max,
        })
    }

    /// Gives a block back, of which records may have been taken; it comes again.
    pub(crate) fn put_back(&mut self, block: Block) {
        self.returned = Some(block);
    }

    /// Reads until there is a whole record, or too long a one; `None` when there is no byte left.
    fn read(&mut self) -> io::Result<Option<Block>> {
        let mut bytes = std::mem::take(&mut self.rest);
        // What has been looked at, how many quotes are in it, and the end of the last whole record.
        let (mut seen, mut n_quotes, mut end) = (0, 0, 0);
        let mut goal = self.block_bytes.max(bytes.len() + 1);
        loop {
            while bytes.len() < goal && !self.ended {
                let missing = (goal - bytes.len()) as u64;
                self.ended = self.input.by_ref().take(missing).read_to_end(&mut bytes)? == 0;
            }
            while let Some(at) = bytes[seen..].iter().position(|byte| *byte == b'\n') {
                n_quotes += if self.quotes { count(&bytes[seen..seen + at], b'"') } else { 0 };
                seen += at + 1;
                end = if n_quotes % 2 == 0 { seen } else { end };
            }
            n_quotes += if self.quotes { count(&bytes[seen..], b'"') } else { 0 };
            seen = bytes.len();
            if end > 0 || self.ended || bytes.len() > self.record_bytes_max {
                break;
            }
            goal = bytes.len() * 2;
        }
        let whole = end > 0 || self.ended;
        let n_bytes = if self.ended || end == 0 { bytes.len() } else { end };
        self.rest = bytes.split_off(n_bytes);
        if bytes.is_empty() {
            return Ok(None);
        }
        let block = Block { line: self.line, n_before: 0, offset: self.offset, whole, bytes };
        self.line += count(&block.bytes, b'\n');
        self.offset += block.bytes.len() as u64;
        Ok(Some(block))
    }
}

impl<R: Read + Send> Units for Blocks<R> {
    type Unit = Block;

    fn next_unit(&mut self) -> Result<Option<Block>, Error> {
        match self.returned.take() {
            Some(block) => Ok(Some(block)),
            None => Ok(self.read()?),
        }
    }
}

/// How many bytes are `byte`.
pub(crate) fn count(bytes: &[u8], byte: u8) -> u64 {
    // Few enough at a time for a counter of one byte, which a vector has many of.
    let counted = |chunk: &[u8]| chunk.iter().fold(0u8, |n, other| n + u8::from(*other == byte));
    bytes.chunks(255).map(|chunk| u64::from(counted(chunk))).sum()
}
