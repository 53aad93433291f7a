//! CSV: how it is read, and the way through it. `grammar` finds the cells of a record in a block, `records` makes them
//! text with a place, `header` says which columns there are, `decoder` makes batches, the `plain` way or the `fast` one.
//! What a cell means is in `cell`.

mod decoder;
mod fast;
mod grammar;
mod header;
mod plain;
mod records;

use std::io::Read;

use exacta::Plan;

pub(crate) use self::records::{Cell, Record};
use self::{decoder::CsvDecoder, grammar::Grammar, header::Header, records::Records};
use crate::{
    Error, Format, Place, ScanOptions, Table,
    batch::{Batch, Cells, Origin, Want, rows_max},
    blocks::{BLOCK_BYTES, Blocks},
    layout::Layout,
    number::Reading,
    parallel::Units,
    sink::Sink,
};

/// The longest record that is read, its line end included. A longer one is an error, so that a quote that
/// never closes or a number without end takes no more memory than this.
pub const RECORD_BYTES_MAX: usize = 16 << 20;

/// The most columns that are read.
pub const COLUMNS_MAX: usize = 1 << 16;

/// Summarizes the columns of a CSV.
///
/// The input is read once, a block at a time: memory does not grow with the rows, except for what the plan
/// itself keeps (an order statistic keeps the values, up to [`ScanOptions::memory`]). The values are accumulated on
/// rayon's current pool.
/// The result depends on the bytes of the input alone, not on threads or on how the reader cuts them.
///
/// # Errors
///
/// For input that is not what [`ScanOptions`] says: ragged rows, quotes out of place, bytes that are no text,
/// columns that are not there, each with its place. The first in the order of the input is the one told, but for
/// values that the policy `reject` rejects in columns which may still be text: those are told at the end.
///
/// ```
/// use exacta::{Plan, Statistic};
/// use exacta_scan::{ScanOptions, scan_csv};
///
/// let plan = Plan::new([Statistic::Sum]);
/// let table = scan_csv("x,y\n1e16,a\n1,b\n-1e16,c\n".as_bytes(), &ScanOptions::default(), &plan)?;
/// let sum = table.columns[0].partial.finalize(&plan)?.get(Statistic::Sum);
/// assert_eq!(sum.unwrap().finite(), Some(1.0));
/// assert_eq!(table.warnings[0].to_string(),
///     "line 2, column 6: column `y` is text, no statistics; use invalid=count to summarize its numbers");
/// # Ok::<(), exacta_scan::Error>(())
/// ```
pub fn scan_csv(
    input: impl Read + Send,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    // Reading a decimal rounds in floating point; accumulating sees to itself.
    exacta::environment::with_default(|| scan(input, options, plan))
}

fn scan(input: impl Read + Send, options: &ScanOptions, plan: &Plan) -> Result<Table, Error> {
    options.check()?;
    options.check_decimal(Format::Csv, plan)?;
    let blocks = Blocks::new(input, true, BLOCK_BYTES, RECORD_BYTES_MAX)?;
    let mut blocks = blocks.with_comment(options.comment);
    let grammar = Grammar::new(options.delimiter, COLUMNS_MAX).with_comment(options.comment);
    let (header, n_blank) = read_header(&mut blocks, &grammar, options)?;
    let layout = Layout::new(header.names(), header.place(), options)?;
    let decoder = || CsvDecoder::new(&header, &grammar, &layout.wants, options);
    let mut whole = Sink::fill(&layout, options, plan, blocks, decoder)?;
    if !header.has_names() && header.n_columns() == 1 {
        take_null_rows(n_blank, &layout.wants, &mut whole)?;
    }
    whole.close(header.warning())
}

/// Reads the first record and takes it away, if it names the columns; and tells how many empty lines stand before it.
fn read_header(
    blocks: &mut Blocks<impl Read + Send>,
    grammar: &Grammar,
    options: &ScanOptions,
) -> Result<(Header, u64), Error> {
    let mut cells = Vec::new();
    let mut n_blank = 0;
    loop {
        let block = blocks.next_unit()?.ok_or(Error::Empty)?;
        let mut records = Records::new(&block, 0, grammar, &mut cells);
        let mut start = 0;
        while let Some(record) = records.read()? {
            if !record.is_blank() {
                let header = Header::new(&record, options)?;
                let start = if header.has_names() { records.next_start() } else { start };
                blocks.put_back(block.from(start));
                return Ok((header, n_blank));
            }
            n_blank += 1;
            start = records.next_start();
        }
    }
}

/// Gives a sink rows without a value.
fn take_null_rows(n_rows: u64, wants: &[Want], sink: &mut Sink) -> Result<(), Error> {
    let mut columns = vec![Cells::default(); wants.len()];
    let mut n_left = n_rows;
    while n_left > 0 {
        let n_rows = n_left.min(rows_max(wants.len()) as u64) as usize;
        for cells in &mut columns {
            cells.clear();
            (0..n_rows).for_each(|_| cells.push_text(Reading::Null, b""));
        }
        sink.take(&Batch { n_rows, columns: &columns, origin: &Nowhere })?;
        n_left -= n_rows as u64;
    }
    Ok(())
}

/// Where the missing cells of empty lines stand. Nobody asks, for there is nothing to say of them.
struct Nowhere;

impl Origin for Nowhere {
    fn place(&self, row: usize, _: usize) -> Place {
        Place::Row(row as u64 + 1)
    }

    fn text(&self, _: usize, _: usize) -> String {
        String::new()
    }
}
