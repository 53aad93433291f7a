//! A stream of text in blocks of whole records. How often and how much the reader gives does not show.

use std::{
    io::{self, Read},
    ops::Deref,
    sync::{Arc, Mutex},
};

use crate::{Error, Place, arch::count, parallel::Units};

/// How much is read at a time: it fits in a cache of the second level.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

/// Longer buffers are not kept.
const SPARE_BYTES_MAX: usize = 4 * BLOCK_BYTES;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The same mark in UTF-16, its bytes in both orders. UTF-8 has neither byte.
const BYTE_ORDER_MARKS_UTF16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// So many first bytes are looked at for the mark, and for UTF-16 without one.
const START_BYTES: u64 = 8;

/// Whether a text that begins like this is in UTF-16: by its mark, or as every second byte of the first ones is NUL, as
/// in a text of characters below U+0100.
fn is_utf16(start: &[u8]) -> bool {
    let pairs = start.as_chunks::<2>().0;
    let of_ascii = |high: usize| pairs.iter().all(|pair| pair[high] == 0 && pair[1 - high] != 0);
    BYTE_ORDER_MARKS_UTF16.iter().any(|mark| start.starts_with(mark))
        || pairs.len() > 1 && (of_ascii(0) || of_ascii(1))
}

/// Some whole records of a text.
pub(crate) struct Block {
    pub(crate) bytes: Buffer,
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
        self.bytes.bytes.drain(..start);
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
    comment: Option<u8>,
    block_bytes: usize,
    record_bytes_max: usize,
    spares: Spares,
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
        input.by_ref().take(START_BYTES).read_to_end(&mut rest)?;
        if is_utf16(&rest) {
            return Err(Error::Utf16);
        }
        let mut offset = 0;
        if rest.starts_with(BYTE_ORDER_MARK) {
            offset = BYTE_ORDER_MARK.len() as u64;
            rest.drain(..BYTE_ORDER_MARK.len());
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
            comment: None,
            block_bytes,
            record_bytes_max,
            spares: Spares::default(),
        })
    }

    /// The same, where lines that begin with this byte are comments, in which no quote means anything.
    pub(crate) fn with_comment(self, comment: Option<u8>) -> Self {
        Self { comment, ..self }
    }

    /// Gives a block back, of which records may have been taken; it comes again.
    pub(crate) fn put_back(&mut self, block: Block) {
        self.returned = Some(block);
    }

    /// Reads until there is a whole record, or too long a one; `None` when there is no byte left.
    fn read(&mut self) -> io::Result<Option<Block>> {
        let mut buffer = Buffer::new(&self.spares);
        let bytes = &mut buffer.bytes;
        // What has been read, and how much of it has been looked at, up to the end of the last whole record.
        let mut n_bytes = self.rest.len();
        let mut search = Search::new(self.quotes, self.comment);
        let mut goal = self.block_bytes.max(n_bytes + 1);
        bytes.resize(bytes.len().max(n_bytes), 0);
        bytes[..n_bytes].copy_from_slice(&self.rest);
        loop {
            bytes.resize(goal, 0);
            n_bytes += self.fill(&mut bytes[n_bytes..])?;
            search.advance(&bytes[..n_bytes]);
            if search.end > 0 || self.ended || n_bytes > self.record_bytes_max {
                break;
            }
            goal = n_bytes * 2;
        }
        let whole = search.end > 0 || self.ended;
        let end = if self.ended || search.end == 0 { n_bytes } else { search.end };
        self.rest.clear();
        self.rest.extend_from_slice(&bytes[end..n_bytes]);
        bytes.truncate(end);
        if bytes.is_empty() {
            return Ok(None);
        }
        let block =
            Block { line: self.line, n_before: 0, offset: self.offset, whole, bytes: buffer };
        self.line += count(&block.bytes, b'\n');
        self.offset += block.bytes.len() as u64;
        Ok(Some(block))
    }

    /// Fills a slice, unless the input ends before; gives the number of bytes.
    fn fill(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut n_bytes = 0;
        while n_bytes < to.len() && !self.ended {
            match self.input.read(&mut to[n_bytes..]) {
                Ok(0) => self.ended = true,
                Ok(n_read) => n_bytes += n_read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n_bytes)
    }
}

/// The search for the end of the last whole record in bytes that become more.
struct Search {
    quotes: bool,
    comment: Option<u8>,
    n_seen: usize,
    /// In what the bytes end that have been seen.
    within: Within,
    /// The place behind the last line feed that ends a record or a comment; 0 for none.
    end: usize,
}

/// What a byte can stand in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// A record or a comment may begin.
    Nothing,
    Record,
    Quotes,
    Comment,
}

impl Search {
    fn new(quotes: bool, comment: Option<u8>) -> Self {
        Self { quotes, comment, n_seen: 0, within: Within::Nothing, end: 0 }
    }

    /// Looks at what has been added.
    fn advance(&mut self, bytes: &[u8]) {
        let unseen = &bytes[self.n_seen..];
        let has_comments = self.comment.is_some_and(|comment| count(unseen, comment) > 0);
        if has_comments || self.within == Within::Comment {
            self.walk(unseen);
        } else if !unseen.is_empty() {
            self.leap(unseen);
        }
        self.n_seen = bytes.len();
    }

    /// The fast way where there is no comment: quotes are counted, and line feeds looked for from the end.
    fn leap(&mut self, unseen: &[u8]) {
        let is_odd = self.quotes && count(unseen, b'"') % 2 == 1;
        let ends_inside = is_odd ^ (self.within == Within::Quotes);
        let mut inside = ends_inside;
        let last = unseen.iter().rposition(|byte| {
            inside ^= self.quotes && *byte == b'"';
            *byte == b'\n' && !inside
        });
        self.end = last.map_or(self.end, |at| self.n_seen + at + 1);
        self.within = match last {
            _ if ends_inside => Within::Quotes,
            Some(at) if at + 1 == unseen.len() => Within::Nothing,
            _ => Within::Record,
        };
    }

    /// From byte to byte.
    fn walk(&mut self, unseen: &[u8]) {
        for (at, byte) in unseen.iter().enumerate() {
            self.within = match (self.within, *byte) {
                (Within::Nothing, byte) if self.comment == Some(byte) => Within::Comment,
                (Within::Nothing | Within::Record, b'"') if self.quotes => Within::Quotes,
                (Within::Nothing | Within::Record | Within::Comment, b'\n') => Within::Nothing,
                (Within::Quotes, b'"') | (Within::Nothing, _) => Within::Record,
                (within, _) => within,
            };
            if self.within == Within::Nothing {
                self.end = self.n_seen + at + 1;
            }
        }
    }
}

/// Buffers that are free for use.
type Spares = Arc<Mutex<Vec<Vec<u8>>>>;

/// The bytes of a block. Their memory serves again for another, in which they have been written once.
#[derive(Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    spares: Spares,
}

impl Buffer {
    /// With whatever bytes are in it.
    fn new(spares: &Spares) -> Self {
        let bytes = spares.lock().expect("nothing panics in between").pop();
        Self { bytes: bytes.unwrap_or_default(), spares: Arc::clone(spares) }
    }
}

impl From<Vec<u8>> for Buffer {
    /// Serves nobody again.
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, spares: Spares::default() }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // That of a very long record is given back to the system.
        if self.bytes.capacity() <= SPARE_BYTES_MAX {
            let bytes = std::mem::take(&mut self.bytes);
            self.spares.lock().expect("nothing panics in between").push(bytes);
        }
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
