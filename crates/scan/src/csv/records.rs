//! From a stream of bytes to records of text: UTF-8 is checked here, lines are counted, and what is wrong
//! gets its place. What a cell means is not known here.

use std::{borrow::Cow, io::Read};

use super::{
    COLUMNS_MAX, RECORD_BYTES_MAX,
    grammar::{Fault, FaultKind, Grammar, Shape, Span, line_feeds},
    window::Window,
};
use crate::{Error, Place};

/// How much is read at a time: it fits in a cache.
const BLOCK_BYTES: usize = 256 << 10;

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
        Self::through(Window::new(input, BLOCK_BYTES, RECORD_BYTES_MAX + 1), delimiter)
    }

    fn through(mut window: Window<R>, delimiter: u8) -> Result<Self, Error> {
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
        let n_line_feeds = u64::from(shape.n_line_feeds) + u64::from(shape.next > shape.n_bytes);
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
        let before = &self.window.bytes()[..at];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Place {
            line: self.line + line_feeds(before),
            column: (at - line_start) as u64 + 1,
            offset: self.window.offset() + at as u64,
        }
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
        Place { line: self.line, column: 1, offset: self.offset }
    }

    /// Where the cell at `index` begins; at its quote, if it has one.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        let Span { start, quoted, line, .. } = self.cells[index];
        let start = u64::from(start) - u64::from(quoted);
        Place {
            line: self.line + u64::from(line.index),
            column: start - u64::from(line.start) + 1,
            offset: self.offset + start,
        }
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

#[cfg(test)]
mod tests {
    use std::{io::Write, process::Stdio};

    use proptest::prelude::*;

    use super::*;
    use crate::oracle::python;

    /// Reads CSVs, one a line in hexadecimal, and writes the cells of each, or `error`.
    const PYTHON: &str = r#"
import csv, io, sys
for line in sys.stdin.readlines():
    text = bytes.fromhex(line).decode()
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        print("error")
    else:
        print(";".join(",".join(cell.encode().hex() for cell in row) for row in rows))
"#;

    /// All cells of a CSV, or the error; through a window that begins with `n_bytes`.
    fn read(input: &[u8], n_bytes: usize) -> Result<Vec<Vec<String>>, Error> {
        let window = Window::new(input, n_bytes, RECORD_BYTES_MAX + 1);
        let mut records = Records::through(window, b',')?;
        let mut rows = Vec::new();
        while let Some(record) = records.read()? {
            assert_eq!(record.n_cells(), record.cells().count());
            rows.push(record.cells().map(|cell| cell.text().into_owned()).collect());
        }
        Ok(rows)
    }

    /// The answer of [`PYTHON`] for each CSV; `None` where there is no Python.
    fn answers(inputs: &[String]) -> Option<Vec<String>> {
        let mut child = python()?
            .args(["-c", PYTHON])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines: Vec<String> = inputs.iter().map(|input| hexadecimal(input)).collect();
        child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
    }

    fn hexadecimal(text: &str) -> String {
        text.bytes()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    /// Text in which every second character means something.
    fn csv_like() -> impl Strategy<Value = String> {
        let pieces =
            ["\"", "\"", "\"\"", ",", ",", "\n", "\r\n", "\r", "1", "é", " ", "\",\"", "\"\n"];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..16)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// What is read here, Python reads alike; what it refuses is refused here. It takes more:
        /// quotes inside unquoted cells, lone carriage returns.
        #[test]
        fn cells_are_those_of_python(inputs in prop::collection::vec(csv_like(), 512)) {
            let Some(answers) = answers(&inputs) else { return Ok(()) };
            prop_assert_eq!(answers.len(), inputs.len());
            let mut n_read = 0;
            for (input, answer) in inputs.iter().zip(answers) {
                let Ok(rows) = read(input.as_bytes(), 64) else { continue };
                let cells = |row: Vec<String>| row.iter().map(|cell| hexadecimal(cell)).collect::<Vec<_>>().join(",");
                let rows: Vec<_> = rows.into_iter().map(cells).collect();
                prop_assert_eq!(rows.join(";"), answer, "{:?}", input);
                n_read += 1;
            }
            prop_assert!(n_read > 100, "too few of the inputs are valid to prove anything: {}", n_read);
        }
    }

    proptest! {
        #[test]
        fn the_size_of_the_window_does_not_show(
            pieces in prop::collection::vec(csv_like(), 0..8),
            hostile in prop::collection::vec(any::<u8>(), 0..4),
            n_bytes in 1usize..40,
        ) {
            let input = [pieces.concat().as_bytes(), &hostile].concat();
            let (small, large) = (read(&input, n_bytes), read(&input, BLOCK_BYTES));
            prop_assert_eq!(format!("{small:?}"), format!("{large:?}"));
        }

        /// Every place is counted again from the beginning of the input.
        #[test]
        fn places_are_those_of_the_cells(
            pieces in prop::collection::vec(csv_like(), 0..8),
            n_bytes in 1usize..40,
        ) {
            let input = pieces.concat();
            let window = Window::new(input.as_bytes(), n_bytes, RECORD_BYTES_MAX + 1);
            let mut records = Records::through(window, b',').unwrap();
            while let Ok(Some(record)) = records.read() {
                prop_assert_eq!(record.place(), record.cell_place(0));
                for (index, cell) in record.cells().enumerate() {
                    let place = record.cell_place(index);
                    let (before, behind) = input.split_at(place.offset as usize);
                    let lines: Vec<_> = before.split('\n').collect();
                    prop_assert_eq!(place.line, lines.len() as u64);
                    prop_assert_eq!(place.column, lines[lines.len() - 1].len() as u64 + 1);
                    let written = behind.strip_prefix('"').unwrap_or(behind);
                    prop_assert!(written.starts_with(cell.raw), "{:?} at {}", cell.raw, place);
                }
            }
        }
    }
}
