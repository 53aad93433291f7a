//! The state machine of RFC 4180, strict: from the bytes of one record to the places of its cells. No
//! input, no text and no meaning of cells here.

use crate::arch::count;

/// The byte around a quoted cell.
const QUOTE: u8 = b'"';

/// Where one cell stands in the bytes of its record, without the quotes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) quoted: bool,
    /// Whether there are doubled quotes in it, each of which stands for one.
    pub(super) doubled: bool,
    /// The line where it begins.
    pub(super) line: Line,
}

/// A line of a record, which has several if there are line feeds in its cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// How many line feeds of the record stand before it.
    pub(super) index: u32,
    /// Where it begins in the record.
    pub(super) start: u32,
}

/// The shape of a whole record; the places of its cells are in a list of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its length without its line end.
    pub(super) n_bytes: usize,
    /// Its length with its line end.
    pub(super) next: usize,
    pub(super) n_cells: usize,
    /// The line feeds in its cells.
    pub(super) n_line_feeds: u32,
}

/// Why bytes are no record, and the place of the byte that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) kind: FaultKind,
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    QuoteInside,
    QuoteTrailed,
    QuoteUnclosed,
    CarriageReturn,
    Nul,
}

impl FaultKind {
    fn at(self, at: usize) -> Fault {
        Fault { at, kind: self }
    }
}

/// What follows a cell.
enum Follower {
    Delimiter,
    /// Of this many bytes: LF, CR LF, or none at the end of the input.
    LineEnd(usize),
}

/// The grammar for one delimiter.
pub(super) struct Grammar {
    delimiter: u8,
    /// The byte that begins a comment, where a record could begin.
    comment: Option<u8>,
    /// The bytes that an unquoted cell cannot hold: it ends there, or is at fault.
    stops: [bool; 256],
    /// How many places of cells are kept; cells beyond are counted.
    cells_max: usize,
}

impl Grammar {
    /// The grammar with this delimiter, which keeps the places of up to `cells_max` cells a record.
    pub(super) fn new(delimiter: u8, cells_max: usize) -> Self {
        let mut stops = [false; 256];
        for byte in [delimiter, QUOTE, b'\r', b'\n', b'\0'] {
            stops[usize::from(byte)] = true;
        }
        Self { delimiter, comment: None, stops, cells_max }
    }

    /// The same with comments.
    pub(super) fn with_comment(self, comment: Option<u8>) -> Self {
        Self { comment, ..self }
    }

    /// The length of the comment at the beginning of `bytes`, its line end included, if there is one.
    pub(super) fn comment(&self, bytes: &[u8]) -> Option<usize> {
        let begins = bytes.first().is_some_and(|byte| self.comment == Some(*byte));
        let end = || bytes.iter().position(|byte| *byte == b'\n');
        begins.then(|| end().map_or(bytes.len(), |end| end + 1))
    }

    /// Finds the record at the beginning of `bytes`, and its cells. `None`: it goes on beyond them,
    /// which cannot be where the input has `ended`.
    pub(super) fn record(
        &self,
        bytes: &[u8],
        ended: bool,
        cells: &mut Vec<Span>,
    ) -> Result<Option<Shape>, Fault> {
        cells.clear();
        let (mut start, mut n_cells, mut line) = (0, 0, Line::default());
        loop {
            let Some((span, end)) = self.cell(bytes, start, line, ended)? else { return Ok(None) };
            n_cells += 1;
            if span.quoted {
                line = line.behind(bytes, span);
            }
            if n_cells <= self.cells_max {
                cells.push(span);
            }
            match self.follower(bytes, end, span.quoted, ended)? {
                Some(Follower::Delimiter) => start = end + 1,
                Some(Follower::LineEnd(n_bytes)) => {
                    let n_line_feeds = line.index;
                    return Ok(Some(Shape {
                        n_bytes: end,
                        next: end + n_bytes,
                        n_cells,
                        n_line_feeds,
                    }));
                }
                None => return Ok(None),
            }
        }
    }

    /// The cell that begins at `start`, in `line`, and the place behind it and its closing quote.
    #[inline]
    fn cell(
        &self,
        bytes: &[u8],
        start: usize,
        line: Line,
        ended: bool,
    ) -> Result<Option<(Span, usize)>, Fault> {
        if bytes.get(start) == Some(&QUOTE) {
            return quoted_cell(bytes, start, line, ended);
        }
        let n_bytes = bytes[start..].iter().position(|byte| self.stops[usize::from(*byte)]);
        let end = n_bytes.map_or(bytes.len(), |n_bytes| start + n_bytes);
        let (start, quoted, doubled) = (start as u32, false, false);
        Ok(Some((Span { start, end: end as u32, quoted, doubled, line }, end)))
    }

    /// What stands at `at`, behind a cell.
    #[inline]
    fn follower(
        &self,
        bytes: &[u8],
        at: usize,
        quoted: bool,
        ended: bool,
    ) -> Result<Option<Follower>, Fault> {
        match bytes.get(at) {
            Some(byte) if *byte == self.delimiter => Ok(Some(Follower::Delimiter)),
            Some(b'\n') => Ok(Some(Follower::LineEnd(1))),
            Some(b'\r') => match bytes.get(at + 1) {
                Some(b'\n') => Ok(Some(Follower::LineEnd(2))),
                None if !ended => Ok(None),
                _ => Err(FaultKind::CarriageReturn.at(at)),
            },
            Some(b'\0') => Err(FaultKind::Nul.at(at)),
            Some(_) if quoted => Err(FaultKind::QuoteTrailed.at(at)),
            Some(_) => Err(FaultKind::QuoteInside.at(at)),
            None => Ok(ended.then_some(Follower::LineEnd(0))),
        }
    }
}

impl Line {
    /// The line where a quoted cell ends that begins in this one.
    fn behind(self, bytes: &[u8], cell: Span) -> Self {
        let cell_bytes = &bytes[cell.start as usize..cell.end as usize];
        match cell_bytes.iter().rposition(|byte| *byte == b'\n') {
            None => self,
            Some(last) => Self {
                index: self.index + count(cell_bytes, b'\n') as u32,
                start: cell.start + last as u32 + 1,
            },
        }
    }
}

/// The quoted cell whose opening quote is at `open`, and the place behind its closing quote.
fn quoted_cell(
    bytes: &[u8],
    open: usize,
    line: Line,
    ended: bool,
) -> Result<Option<(Span, usize)>, Fault> {
    let start = open + 1;
    let (mut at, mut doubled) = (start, false);
    loop {
        let n_bytes = bytes[at..].iter().position(|byte| matches!(*byte, QUOTE | b'\0'));
        let Some(n_bytes) = n_bytes else {
            return if ended { Err(FaultKind::QuoteUnclosed.at(open)) } else { Ok(None) };
        };
        at += n_bytes;
        if bytes[at] == b'\0' {
            return Err(FaultKind::Nul.at(at));
        }
        if bytes.get(at + 1) != Some(&QUOTE) {
            let (start, end, quoted) = (start as u32, at as u32, true);
            return Ok(Some((Span { start, end, quoted, doubled, line }, at + 1)));
        }
        doubled = true;
        at += 2;
    }
}
