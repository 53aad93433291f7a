//! From a stream of bytes to records of text: UTF-8 is checked here, lines are counted, and what is wrong
//! gets its place. What a cell means is not known here.

use std::{borrow::Cow, io::Read};

use super::{
    COLUMNS_MAX, RECORD_BYTES_MAX,
    grammar::{Fault, FaultKind, Grammar, Shape, Span},
    window::Window,
};
use crate::{Error, Place};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The records of a CSV, one after the other.
pub(crate) struct Records<R> {
    window: Window<R>,
    grammar: Grammar,
    cells: Vec<Span>,
    /// The line where the window begins.
    line: u64,
    /// What the record read last takes of the window, and how many line feeds are in it.
    taken: (usize, u64),
}

impl<R: Read> Records<R> {
    /// The records of `input`, a byte order mark left out.
    pub(crate) fn new(input: R, delimiter: u8) -> Result<Self, Error> {
        // One byte more than a record may have tells a record that ends there from one that goes on.
        let mut window = Window::new(input, RECORD_BYTES_MAX + 1);
        window.extend()?;
        if window.bytes().starts_with(BYTE_ORDER_MARK) {
            window.advance(BYTE_ORDER_MARK.len());
        }
        let grammar = Grammar::new(delimiter, COLUMNS_MAX);
        Ok(Self { window, grammar, cells: Vec::new(), line: 1, taken: (0, 0) })
    }

    /// The next record; `None` at the end of the input.
    pub(crate) fn read(&mut self) -> Result<Option<Record<'_>>, Error> {
        let (n_bytes, n_line_feeds) = std::mem::take(&mut self.taken);
        self.window.advance(n_bytes);
        self.line += n_line_feeds;
        let Some(shape) = self.find()? else { return Ok(None) };
        if shape.next > RECORD_BYTES_MAX {
            return Err(self.too_long());
        }
        let bytes = &self.window.bytes()[..shape.next];
        let text = std::str::from_utf8(&bytes[..shape.n_bytes])
            .map_err(|error| Error::Utf8 { place: self.place(error.valid_up_to()) })?;
        let n_line_feeds =
            if shape.quoted { line_feeds(bytes) } else { u64::from(shape.next > shape.n_bytes) };
        self.taken = (shape.next, n_line_feeds);
        let (line, offset) = (self.line, self.window.offset());
        Ok(Some(Record { text, cells: &self.cells, n_cells: shape.n_cells, line, offset }))
    }

    /// Finds the record where the window begins, which is lengthened until it is all in view.
    fn find(&mut self) -> Result<Option<Shape>, Error> {
        loop {
            let (bytes, ended) = (self.window.bytes(), self.window.ended());
            if bytes.is_empty() && ended {
                return Ok(None);
            }
            match self.grammar.record(bytes, ended, &mut self.cells) {
                Ok(Some(shape)) => return Ok(Some(shape)),
                Ok(None) if self.window.extend()? => {}
                Ok(None) => return Err(self.too_long()),
                Err(fault) => return Err(self.fault(fault)),
            }
        }
    }

    fn too_long(&self) -> Error {
        Error::RecordTooLong { bytes_max: RECORD_BYTES_MAX, place: self.place(0) }
    }

    fn fault(&self, fault: Fault) -> Error {
        let place = self.place(fault.at);
        match fault.kind {
            FaultKind::QuoteInside => Error::QuoteInside { place },
            FaultKind::QuoteTrailed => Error::QuoteTrailed { place },
            FaultKind::QuoteUnclosed => Error::QuoteUnclosed { place },
            FaultKind::CarriageReturn => Error::CarriageReturn { place },
            FaultKind::Nul => Error::Nul { place },
        }
    }

    /// The place of the byte at `at` in the window.
    fn place(&self, at: usize) -> Place {
        place(self.window.bytes(), at, self.line, self.window.offset())
    }
}

/// One record of a CSV, in text.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    text: &'a str,
    cells: &'a [Span],
    n_cells: usize,
    line: u64,
    offset: u64,
}

impl<'a> Record<'a> {
    /// How many cells it has. Only the first [`COLUMNS_MAX`] can be asked for.
    pub(crate) fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// Whether it is an empty line.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// The cell at `index`.
    #[inline]
    pub(crate) fn cell(&self, index: usize) -> Cell<'a> {
        let span = self.cells[index];
        let raw = &self.text[span.start as usize..span.end as usize];
        Cell { raw, quoted: span.quoted, doubled: span.doubled }
    }

    /// All its cells, which are [`COLUMNS_MAX`] at most.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.cells.len()).map(|index| self.cell(index))
    }

    /// Where it begins.
    pub(crate) fn place(&self) -> Place {
        place(self.text.as_bytes(), 0, self.line, self.offset)
    }

    /// Where the cell at `index` begins; at its quote, if it has one.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        let span = self.cells[index];
        let start = span.start as usize - usize::from(span.quoted);
        place(self.text.as_bytes(), start, self.line, self.offset)
    }
}

/// One cell as it stands in its record.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    raw: &'a str,
    quoted: bool,
    doubled: bool,
}

impl<'a> Cell<'a> {
    /// Its text. Allocates for a cell with doubled quotes only.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        if self.doubled {
            Cow::Owned(self.raw.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Its text as far as numbers care: blanks around an unquoted cell mean nothing. A doubled quote
    /// stays one here, since it is part of no number.
    #[inline]
    pub(crate) fn literal(&self) -> &'a str {
        if self.quoted { self.raw } else { self.raw.trim_matches([' ', '\t']) }
    }
}

/// The place of `bytes[at]`, if the first of them begins `line` and stands at `offset` in the stream.
fn place(bytes: &[u8], at: usize, line: u64, offset: u64) -> Place {
    let before = &bytes[..at];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Place {
        line: line + line_feeds(before),
        column: (at - line_start) as u64 + 1,
        offset: offset + at as u64,
    }
}

#[expect(clippy::naive_bytecount, reason = "of one record, and only if it has quotes or an error")]
fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
