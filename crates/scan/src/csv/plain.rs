//! From a block of records to batches, field by field: the plain way, which finds what is wrong and where, and which the
//! fast one must equal.

use super::{
    grammar::{Grammar, Span},
    header::Header,
    records::{Record, Records},
};
use crate::{
    Error, Place, ScanOptions,
    batch::{Batch, Cells, Origin, Want, rows_max},
    blocks::Block,
    cell::{is_null, read_cell, read_written_cell},
    parallel::Take,
};

/// Makes batches of blocks.
pub(super) struct Plain<'a> {
    header: &'a Header,
    grammar: &'a Grammar,
    wants: &'a [Want],
    null: &'a [String],
    /// Whether rows may be ragged.
    flexible: bool,
    spans: Vec<Span>,
    columns: Vec<Cells>,
    /// Where the records of a batch begin in the block.
    starts: Vec<u32>,
}

impl<'a> Plain<'a> {
    pub(super) fn new(
        header: &'a Header,
        grammar: &'a Grammar,
        wants: &'a [Want],
        options: &'a ScanOptions,
    ) -> Self {
        Self {
            header,
            grammar,
            wants,
            null: &options.null,
            flexible: options.flexible,
            spans: Vec::new(),
            columns: vec![Cells::default(); wants.len()],
            starts: Vec::new(),
        }
    }

    /// Gives the rows of a block to `take`, and then what is wrong with the next one.
    pub(super) fn decode(&mut self, block: &Block, take: &mut Take<'_>) -> Result<(), Error> {
        let mut next = 0;
        while next < block.bytes.len() {
            let (behind, outcome) = self.fill(block, next);
            let origin = Rows { block, decoder: self };
            let n_rows = self.starts.len();
            take(&Batch { n_rows, columns: &self.columns, origin: &origin })?;
            outcome?;
            next = behind;
        }
        Ok(())
    }

    /// Fills the columns with the records from the byte at `start` until they are full. Gives the place behind, and
    /// what is wrong with the record there.
    fn fill(&mut self, block: &Block, start: usize) -> (usize, Result<(), Error>) {
        self.columns.iter_mut().for_each(Cells::clear);
        self.starts.clear();
        let rows_max = rows_max(self.wants.len());
        let mut records = Records::new(block, start, self.grammar, &mut self.spans);
        while self.starts.len() < rows_max {
            let start = records.next_start();
            let record = match records.read() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(error) => return (start, Err(error)),
            };
            if record.is_blank() && self.header.n_columns() > 1 {
                continue;
            }
            if let (false, Err(error)) = (self.flexible, self.header.check(&record)) {
                return (start, Err(error));
            }
            push_row(&record, self.wants, self.null, &mut self.columns);
            self.starts.push(start as u32);
        }
        (records.next_start(), Ok(()))
    }
}

/// Adds the cells of a record that are wanted.
fn push_row(record: &Record<'_>, wants: &[Want], null: &[String], columns: &mut [Cells]) {
    for (want, cells) in wants.iter().zip(columns) {
        let cell = record.cell_or_empty(want.index);
        if want.literals {
            cells.literals.push(read_written_cell(&cell, null));
        }
        match (want.numbers, want.texts) {
            (false, false) => {}
            (true, false) => cells.push(read_cell(&cell, null)),
            (true, true) => cells.push_text(read_cell(&cell, null), cell.text().as_bytes()),
            (false, _) if is_null(&cell, null) => cells.texts.push(b""),
            (false, _) => cells.push_text_alone(cell.text().as_bytes(), cell.is_padded()),
        }
    }
}

/// The rows of a batch, to be looked at again.
struct Rows<'a> {
    block: &'a Block,
    decoder: &'a Plain<'a>,
}

impl Rows<'_> {
    /// The records from a row of the batch on, to be read once more.
    fn records<'b>(&'b self, row: usize, spans: &'b mut Vec<Span>) -> Records<'b> {
        let Plain { starts, grammar, .. } = self.decoder;
        Records::new(self.block, starts[row] as usize, grammar, spans)
    }

    fn index(&self, column: usize) -> usize {
        self.decoder.wants[column].index
    }
}

impl Origin for Rows<'_> {
    fn place(&self, row: usize, column: usize) -> Place {
        let mut spans = Vec::new();
        let mut records = self.records(row, &mut spans);
        let record = records.read().ok().flatten().expect("it has been read before");
        // A cell that a row lacks stands where the row ends, as far as anybody would look.
        record.cell_place(self.index(column).min(record.n_cells() - 1))
    }

    fn text(&self, row: usize, column: usize) -> String {
        let mut spans = Vec::new();
        let mut records = self.records(row, &mut spans);
        let record = records.read().ok().flatten().expect("it has been read before");
        record.cell_or_empty(self.index(column)).text().into_owned()
    }
}
