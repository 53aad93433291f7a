//! From the bytes of a block to records of text: UTF-8 is checked here, and what is wrong gets its place. What a cell
//! means is not known here.

use std::borrow::Cow;

use super::{
    RECORD_BYTES_MAX,
    grammar::{Fault, FaultKind, Grammar, Span},
};
use crate::{Error, Place, arch::count, blocks::Block};

/// The records of a block, one after the other.
pub(crate) struct Records<'a> {
    block: &'a Block,
    grammar: &'a Grammar,
    cells: &'a mut Vec<Span>,
    /// Where the next record begins, and its line.
    next: usize,
    line: u64,
}

impl<'a> Records<'a> {
    /// The records of `block` from the byte at `start`; the places of cells go to `cells`.
    pub(crate) fn new(
        block: &'a Block,
        start: usize,
        grammar: &'a Grammar,
        cells: &'a mut Vec<Span>,
    ) -> Self {
        let line = block.line + count(&block.bytes[..start], b'\n');
        Self { block, grammar, cells, next: start, line }
    }

    /// Where in the block the next record begins.
    pub(crate) fn next_start(&self) -> usize {
        self.next
    }

    /// The next record, comments left out; `None` at the end of the block.
    pub(crate) fn read(&mut self) -> Result<Option<Record<'_>>, Error> {
        self.skip_comments()?;
        let start = self.next;
        let rest = &self.block.bytes[start..];
        if rest.is_empty() {
            return Ok(None);
        }
        // One byte more than a record may have tells a record that ends there from one that goes on.
        let bytes = &rest[..rest.len().min(RECORD_BYTES_MAX + 1)];
        let ended = self.block.whole && rest.len() <= RECORD_BYTES_MAX;
        let found = self.grammar.record(bytes, ended, self.cells);
        let shape = found.map_err(|fault| self.fault(fault))?;
        let shape = shape.filter(|shape| shape.next <= RECORD_BYTES_MAX);
        let shape = shape.ok_or_else(|| self.too_long())?;
        let text = std::str::from_utf8(&bytes[..shape.n_bytes]).map_err(|error| Error::Utf8 {
            place: self.block.place(start + error.valid_up_to()),
        })?;
        let (line, offset) = (self.line, self.block.offset + start as u64);
        self.next += shape.next;
        self.line += u64::from(shape.n_line_feeds) + u64::from(shape.next > shape.n_bytes);
        Ok(Some(Record { text, cells: self.cells, n_cells: shape.n_cells, line, offset }))
    }

    fn skip_comments(&mut self) -> Result<(), Error> {
        while let Some(n_bytes) = self.grammar.comment(&self.block.bytes[self.next..]) {
            if n_bytes > RECORD_BYTES_MAX {
                return Err(self.too_long());
            }
            self.line += u64::from(self.block.bytes[self.next + n_bytes - 1] == b'\n');
            self.next += n_bytes;
        }
        Ok(())
    }

    fn too_long(&self) -> Error {
        Error::RecordTooLong { bytes_max: RECORD_BYTES_MAX, place: self.block.place(self.next) }
    }

    fn fault(&self, fault: Fault) -> Error {
        let place = self.block.place(self.next + fault.at);
        match fault.kind {
            FaultKind::QuoteInside => Error::QuoteInside { place },
            FaultKind::QuoteTrailed => Error::QuoteTrailed { place },
            FaultKind::QuoteUnclosed => Error::QuoteUnclosed { place },
            FaultKind::CarriageReturn => Error::CarriageReturn { place },
            FaultKind::Nul => Error::Nul { place },
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

    /// The cell at `index`, or an empty one if there are fewer.
    #[inline]
    pub(crate) fn cell_or_empty(&self, index: usize) -> Cell<'a> {
        if index < self.cells.len() { self.cell(index) } else { Cell::new("") }
    }

    /// All its cells, which are [`COLUMNS_MAX`] at most.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Cell<'a>> {
        (0..self.cells.len()).map(|index| self.cell(index))
    }

    /// Where it begins.
    pub(crate) fn place(&self) -> Place {
        Place::Text { line: self.line, column: 1, offset: self.offset }
    }

    /// Where the cell at `index` begins; at its quote, if it has one.
    pub(crate) fn cell_place(&self, index: usize) -> Place {
        let Span { start, quoted, line, .. } = self.cells[index];
        let start = u64::from(start) - u64::from(quoted);
        Place::Text {
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
    /// The cell that is written like this, which is known to be right.
    pub(crate) fn new(written: &'a str) -> Self {
        let inner = written.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
        let raw = inner.unwrap_or(written);
        Self { raw, quoted: inner.is_some(), doubled: raw.contains('"') }
    }

    /// Its text. Allocates for a cell with doubled quotes only.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        if self.doubled {
            Cow::Owned(self.raw.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Whether there are blanks around its text that belong to it, since they stand in quotes.
    #[inline]
    pub(crate) fn is_padded(&self) -> bool {
        self.quoted && self.raw.trim_matches([' ', '\t']).len() < self.raw.len()
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
    use crate::{
        COLUMNS_MAX,
        blocks::{BLOCK_BYTES, Blocks},
        oracle::python,
        parallel::Units,
    };

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

    /// The records of a CSV, in blocks of `n_bytes` or what a record takes.
    fn for_each_record(
        input: &[u8],
        n_bytes: usize,
        take: &mut dyn FnMut(Record<'_>),
    ) -> Result<(), Error> {
        let mut blocks = Blocks::new(input, true, n_bytes, RECORD_BYTES_MAX)?;
        let (grammar, mut cells) = (Grammar::new(b',', COLUMNS_MAX), Vec::new());
        while let Some(block) = blocks.next_unit()? {
            let mut records = Records::new(&block, 0, &grammar, &mut cells);
            while let Some(record) = records.read()? {
                take(record);
            }
        }
        Ok(())
    }

    /// All cells of a CSV, or the error.
    fn read(input: &[u8], n_bytes: usize) -> Result<Vec<Vec<String>>, Error> {
        let mut rows = Vec::new();
        for_each_record(input, n_bytes, &mut |record| {
            assert_eq!(record.n_cells(), record.cells().count());
            rows.push(record.cells().map(|cell| cell.text().into_owned()).collect());
        })?;
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
            let _ = for_each_record(input.as_bytes(), n_bytes, &mut |record| {
                assert_eq!(record.place(), record.cell_place(0));
                for (index, cell) in record.cells().enumerate() {
                    let Place::Text { line, column, offset } = record.cell_place(index) else {
                        panic!("a text has lines");
                    };
                    let (before, behind) = input.split_at(offset as usize);
                    let lines: Vec<_> = before.split('\n').collect();
                    assert_eq!(line, lines.len() as u64);
                    assert_eq!(column, lines[lines.len() - 1].len() as u64 + 1);
                    let written = behind.strip_prefix('"').unwrap_or(behind);
                    assert!(written.starts_with(cell.raw), "{:?} at {offset}", cell.raw);
                }
            });
        }
    }
}
