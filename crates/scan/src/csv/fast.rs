//! From a block of records to batches, the fast way: first where all cells end, then one column after the other. A
//! block in which anything is unusual is left to the plain way: here no error is ever found, only the need to look.

use std::{mem::take, ops::Range};

use super::Cell;
use crate::{
    Error, Place, ScanOptions,
    arch::{ColumnOfCells, InstructionSet, Outline, count, floats, literals, outline},
    batch::{Batch, Cells, Origin, Want, rows_max},
    blocks::{BLOCK_BYTES, Block},
    cell::{is_null, read_cell, read_written_cell},
    number::{Decimal, Reading, Written, read, read_written},
    parallel::Take,
};

/// Longer blocks have records so long that haste is of no use, and would take memory.
const BYTES_MAX: usize = 4 * BLOCK_BYTES;

/// Rows of a column that are read at a time: what stands between two loops stays in the nearest cache.
const TILE_ROWS: usize = 512;

/// Some cells of a column: what they are if they are common numbers, and which are not.
#[derive(Default)]
struct Tile {
    floats: Vec<f64>,
    others: Vec<u32>,
}

impl Tile {
    /// So many cells, and room for as many that are no common numbers.
    fn parts(&mut self, n_rows: usize) -> (&mut [f64], &mut [u32]) {
        self.floats.resize(TILE_ROWS, 0.0);
        self.others.resize(TILE_ROWS, 0);
        (&mut self.floats[..n_rows], &mut self.others[..n_rows])
    }
}

/// Makes batches of blocks.
pub(super) struct Fast<'a> {
    instruction_set: InstructionSet,
    delimiter: u8,
    comment: Option<u8>,
    n_columns: usize,
    wants: &'a [Want],
    null: &'a [String],
    /// Whether a null may look like a number, so that every cell must be compared with it.
    compares: bool,
    /// Where the cells of the block end, that which ends before the first one too.
    ends: Vec<u32>,
    /// Whether lines may end in a carriage return.
    returns: bool,
    tile: Tile,
    columns: Vec<Cells>,
}

impl<'a> Fast<'a> {
    pub(super) fn new(
        instruction_set: InstructionSet,
        n_columns: usize,
        wants: &'a [Want],
        options: &'a ScanOptions,
    ) -> Self {
        let is_number = |null: &String| Decimal::parse(null.as_bytes()).is_some();
        Self {
            instruction_set,
            delimiter: options.delimiter,
            comment: options.comment,
            n_columns,
            wants,
            null: &options.null,
            compares: options.null.iter().any(is_number),
            ends: Vec::new(),
            returns: false,
            tile: Tile::default(),
            columns: vec![Cells::default(); wants.len()],
        }
    }

    /// Finds where the cells of a block end, and how many rows it has; `None` if it is for the plain way.
    pub(super) fn look(&mut self, block: &Block) -> Option<usize> {
        let bytes = &block.bytes[..];
        if !block.whole || bytes.len() > BYTES_MAX || self.may_comment(bytes) {
            return None;
        }
        let Outline { mut n_ends, mut n_lines, faulty, ascii, carriage_returns } =
            outline(self.instruction_set, bytes, self.delimiter, &mut self.ends);
        if bytes.last().is_some_and(|byte| *byte != b'\n') {
            n_ends += 1;
            n_lines += 1;
            self.ends[n_ends] = bytes.len() as u32;
        }
        self.returns = carriage_returns;
        let whole = !faulty && n_ends == n_lines * self.n_columns && self.are_rows(bytes, n_lines);
        (whole && (ascii || std::str::from_utf8(bytes).is_ok())).then_some(n_lines)
    }

    /// Whether a line begins with the byte of comments; in quotes it may.
    fn may_comment(&self, bytes: &[u8]) -> bool {
        let Some(comment) = self.comment.filter(|comment| count(bytes, *comment) > 0) else {
            return false;
        };
        bytes.starts_with(&[comment]) || bytes.windows(2).any(|pair| pair == [b'\n', comment])
    }

    /// Whether every so many ends there is one of a line. There are as many lines as that, so no other one is.
    fn are_rows(&self, bytes: &[u8], n_lines: usize) -> bool {
        let is_line_end = |end: u32| bytes.get(end as usize).is_none_or(|byte| *byte == b'\n');
        self.n_columns == 1 || (1..=n_lines).all(|row| is_line_end(self.ends[row * self.n_columns]))
    }

    /// Gives the rows of the block that was looked at.
    pub(super) fn decode(
        &mut self,
        block: &Block,
        n_rows: usize,
        give: &mut Take<'_>,
    ) -> Result<(), Error> {
        let rows_max = rows_max(self.wants.len());
        let (mut columns, mut tile) = (take(&mut self.columns), take(&mut self.tile));
        let mut starts = (0..n_rows).step_by(rows_max);
        let outcome = starts.try_for_each(|first| {
            let rows = first..n_rows.min(first + rows_max);
            for (want, cells) in self.wants.iter().zip(&mut columns) {
                self.fill(*want, cells, &mut tile, block, rows.clone());
            }
            let (n_rows, origin) = (rows.len(), Rows { first, block, decoder: self });
            give(&Batch { n_rows, columns: &columns, origin: &origin })
        });
        (self.columns, self.tile) = (columns, tile);
        outcome
    }

    /// Fills a column with some rows of a block.
    fn fill(
        &self,
        want: Want,
        cells: &mut Cells,
        tile: &mut Tile,
        block: &Block,
        rows: Range<usize>,
    ) {
        cells.clear();
        for first in rows.clone().step_by(TILE_ROWS) {
            let rows = first..rows.end.min(first + TILE_ROWS);
            if want.numbers {
                self.fill_numbers(want.index, cells, tile, block, rows.clone());
            }
            if want.literals {
                self.fill_literals(want.index, cells, tile, block, rows);
            }
        }
        if want.texts {
            rows.for_each(|row| self.push_text(want, cells, block, row));
        }
    }

    /// Adds the numbers of a tile.
    fn fill_numbers(
        &self,
        column: usize,
        cells: &mut Cells,
        tile: &mut Tile,
        block: &Block,
        rows: Range<usize>,
    ) {
        let (numbers, others) = tile.parts(rows.len());
        let n_others = if self.compares {
            all(others)
        } else {
            floats(self.instruction_set, self.column(column, block, rows.start), numbers, others)
        };
        let mut next = 0;
        for other in &others[..n_others] {
            let other = *other as usize;
            cells.extend(numbers[next..other].iter().copied());
            cells.push(self.read(block, rows.start + other, column));
            next = other + 1;
        }
        cells.extend(numbers[next..].iter().copied());
    }

    /// Adds the literals of a tile.
    fn fill_literals(
        &self,
        column: usize,
        cells: &mut Cells,
        tile: &mut Tile,
        block: &Block,
        rows: Range<usize>,
    ) {
        let (_, others) = tile.parts(rows.len());
        let of_column = self.column(column, block, rows.start);
        let read = |mantissas: &mut [i64], exponents: &mut [i16], others: &mut [u32]| {
            if self.compares {
                return all(others);
            }
            literals(self.instruction_set, of_column, (mantissas, exponents), others)
        };
        let other = |row| self.read_written(block, rows.start + row, column);
        cells.literals.extend(others, read, other);
    }

    /// The cells of a column from a row on.
    fn column<'b>(&'b self, column: usize, block: &'b Block, row: usize) -> ColumnOfCells<'b> {
        ColumnOfCells {
            bytes: &block.bytes,
            ends: &self.ends[row * self.n_columns + column..],
            stride: self.n_columns,
            trim: self.returns && column + 1 == self.n_columns,
        }
    }

    /// Adds the text of a cell.
    fn push_text(&self, want: Want, cells: &mut Cells, block: &Block, row: usize) {
        let cell = self.cell(block, row, want.index);
        if is_null(&cell, self.null) {
            cells.texts.push(b"");
        } else if want.numbers {
            cells.texts.push(cell.text().as_bytes());
        } else {
            cells.push_text_alone(cell.text().as_bytes(), cell.is_padded());
        }
    }

    /// Where a cell begins and ends.
    fn range(&self, block: &Block, row: usize, column: usize) -> Range<usize> {
        let index = row * self.n_columns + column;
        let start = self.ends[index].wrapping_add(1) as usize;
        let end = self.ends[index + 1] as usize;
        let is_return = self.returns
            && column + 1 == self.n_columns
            && block.bytes[start..end].ends_with(b"\r");
        start..end - usize::from(is_return)
    }

    /// Reads a cell of any kind.
    fn read(&self, block: &Block, row: usize, column: usize) -> Reading {
        if self.null.is_empty() {
            return read(self.literal(block, row, column));
        }
        read_cell(&self.cell(block, row, column), self.null)
    }

    /// Reads a cell of any kind as it is written.
    fn read_written(&self, block: &Block, row: usize, column: usize) -> Written {
        if self.null.is_empty() {
            return read_written(self.literal(block, row, column));
        }
        read_written_cell(&self.cell(block, row, column), self.null)
    }

    /// What a cell has without the quotes, or the blanks, around it.
    fn literal<'b>(&self, block: &'b Block, row: usize, column: usize) -> &'b [u8] {
        match &block.bytes[self.range(block, row, column)] {
            [b'"', quoted @ .., b'"'] => quoted,
            unquoted => without_blanks(unquoted),
        }
    }

    /// A cell in text.
    fn cell<'b>(&self, block: &'b Block, row: usize, column: usize) -> Cell<'b> {
        let text = &block.bytes[self.range(block, row, column)];
        Cell::new(std::str::from_utf8(text).expect("the block is text, and cells end at ASCII"))
    }
}

/// Numbers all cells, and tells how many they are.
fn all(cells: &mut [u32]) -> usize {
    cells.iter_mut().zip(0..).for_each(|(cell, number)| *cell = number);
    cells.len()
}

/// A text without the blanks around it.
fn without_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The rows of a batch, to be looked at again.
struct Rows<'a> {
    first: usize,
    block: &'a Block,
    decoder: &'a Fast<'a>,
}

impl Rows<'_> {
    /// The cell of a row and column of the batch: its row in the block, and its column in the input.
    fn index(&self, row: usize, column: usize) -> (usize, usize) {
        (self.first + row, self.decoder.wants[column].index)
    }
}

impl Origin for Rows<'_> {
    fn place(&self, row: usize, column: usize) -> Place {
        let (row, column) = self.index(row, column);
        self.block.place(self.decoder.range(self.block, row, column).start)
    }

    fn text(&self, row: usize, column: usize) -> String {
        let (row, column) = self.index(row, column);
        self.decoder.cell(self.block, row, column).text().into_owned()
    }
}
