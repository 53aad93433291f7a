//! An array in blocks of whole elements. What an element is, is not known here: brackets and quotes are counted, and the
//! fault of one that is out of place is found by who reads the block.

use std::io::{self, Read};

use super::{
    fault::JsonFault,
    nesting::{Found, Nesting},
};
use crate::{Error, Place, RECORD_BYTES_MAX, arch::count, blocks::Block, parallel::Units};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The blocks of the elements of an array, each with the comma or the bracket behind its last.
pub(super) struct Elements<R> {
    input: R,
    /// A block that was given back, to be given again.
    returned: Option<Block>,
    /// What has been read and not given, and where it begins: the line, the bytes of it before, the position.
    rest: Vec<u8>,
    line: u64,
    n_before: u64,
    offset: u64,
    /// Whether the input has ended.
    ended: bool,
    /// Whether the array has.
    closed: bool,
    block_bytes: usize,
}

impl<R: Read> Elements<R> {
    /// The elements of the array that `input` is, in blocks of so many bytes or what an element takes.
    pub(super) fn new(input: R, block_bytes: usize) -> Result<Self, Error> {
        let mut elements = Self {
            input,
            returned: None,
            rest: Vec::new(),
            line: 1,
            n_before: 0,
            offset: 0,
            ended: false,
            closed: false,
            block_bytes,
        };
        elements.read_to(BYTE_ORDER_MARK.len())?;
        if elements.rest == BYTE_ORDER_MARK {
            elements.give(BYTE_ORDER_MARK.len());
            elements.n_before = 0;
        }
        match elements.skip_spaces()? {
            None => Err(Error::Empty),
            Some(b'[') => {
                elements.give(1);
                Ok(elements)
            }
            Some(_) => Err(JsonFault::Top.error(elements.place())),
        }
    }

    /// Gives a block back; it comes again.
    pub(super) fn put_back(&mut self, block: Block) {
        self.returned = Some(block);
    }

    /// The next elements; `None` behind the last.
    fn read(&mut self) -> Result<Option<Block>, Error> {
        if self.closed {
            return match self.skip_spaces()? {
                None => Ok(None),
                Some(_) => Err(JsonFault::Trailed.error(self.place())),
            };
        }
        let (n_bytes, whole) = self.find_end()?;
        if n_bytes == 0 {
            return Err(JsonFault::Truncated.error(self.place()));
        }
        let (line, n_before, offset) = (self.line, self.n_before, self.offset);
        Ok(Some(Block { line, n_before, offset, whole, bytes: self.give(n_bytes).into() }))
    }

    /// Reads until there is a whole element, or too long a one. Gives its end, and whether it is one.
    fn find_end(&mut self) -> io::Result<(usize, bool)> {
        let mut nesting = Nesting::default();
        let mut goal = self.block_bytes.max(self.rest.len() + 1);
        loop {
            self.read_to(goal)?;
            match nesting.advance(&self.rest) {
                Found::End(end) => {
                    self.closed = true;
                    return Ok((end, true));
                }
                Found::Comma(end) if !self.ended => return Ok((end, true)),
                _ if self.ended => return Ok((self.rest.len(), true)),
                _ if self.rest.len() > RECORD_BYTES_MAX => return Ok((self.rest.len(), false)),
                _ => goal = self.rest.len() * 2,
            }
        }
    }

    /// Reads until there are so many bytes to give, or no more.
    fn read_to(&mut self, n_bytes: usize) -> io::Result<()> {
        while self.rest.len() < n_bytes && !self.ended {
            let missing = (n_bytes - self.rest.len()) as u64;
            self.ended = self.input.by_ref().take(missing).read_to_end(&mut self.rest)? == 0;
        }
        Ok(())
    }

    /// Takes bytes from the front of those that are to be given.
    fn give(&mut self, n_bytes: usize) -> Vec<u8> {
        let rest = self.rest.split_off(n_bytes);
        let given = std::mem::replace(&mut self.rest, rest);
        self.offset += n_bytes as u64;
        self.n_before += n_bytes as u64;
        // Many a file is one line: it is not searched for what is not there.
        let n_line_feeds = count(&given, b'\n');
        if n_line_feeds > 0 {
            self.line += n_line_feeds;
            let behind = given.iter().rev().take_while(|byte| **byte != b'\n').count();
            self.n_before = behind as u64;
        }
        given
    }

    /// Steps over spaces, and gives the byte behind them.
    fn skip_spaces(&mut self) -> io::Result<Option<u8>> {
        loop {
            self.read_to(self.block_bytes)?;
            let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
            let n_spaces = self.rest.iter().take_while(|byte| is_space(byte)).count();
            self.give(n_spaces);
            if !self.rest.is_empty() || self.ended {
                return Ok(self.rest.first().copied());
            }
        }
    }

    /// The place of what is given next.
    fn place(&self) -> Place {
        Place::Text { line: self.line, column: self.n_before + 1, offset: self.offset }
    }
}

impl<R: Read + Send> Units for Elements<R> {
    type Unit = Block;

    fn next_unit(&mut self) -> Result<Option<Block>, Error> {
        match self.returned.take() {
            Some(block) => Ok(Some(block)),
            None => self.read(),
        }
    }
}
