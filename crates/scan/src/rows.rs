//! Rows of a fixed width, one after the other in a stream: raw numbers, and arrays whose rows lie together. What says
//! how wide they are is in the modules of the formats.

use std::io::Read;

use exacta::{Plan, environment};

use crate::{
    Batch, Error, Format, Place, ScanOptions, Table,
    batch::{Cells, Origin, Want, rows_max},
    blocks::BLOCK_BYTES,
    element::{Field, Fields},
    layout::Layout,
    parallel::{Decoder, Take, Units},
    sink::Sink,
};

/// What a row is.
#[derive(Clone, Debug)]
pub(crate) struct RowShape {
    /// How many bytes it has: more than none.
    pub(crate) width: usize,
    pub(crate) fields: Vec<Field>,
}

impl RowShape {
    /// So many fields of one type side by side.
    pub(crate) fn uniform(n_columns: usize, field: Field) -> Self {
        let n_bytes = field.kind.n_bytes();
        let field = |index| Field { offset: index * n_bytes, ..field };
        Self { width: n_columns * n_bytes, fields: (0..n_columns).map(field).collect() }
    }
}

/// Summarizes rows whose columns have these names.
pub(crate) fn scan_rows(
    rows: RowStream<impl Read + Send>,
    shape: &RowShape,
    names: &[String],
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let layout = Layout::new(names, Place::Row(1), options)?;
    let columns = || vec![Cells::default(); layout.wants.len()];
    let decoder = || RowDecoder { shape, wants: &layout.wants, columns: columns() };
    Sink::fill(&layout, options, plan, rows, decoder)?.close(None)
}

/// Some whole rows.
pub(crate) struct Rows {
    bytes: Vec<u8>,
    /// How many rows stand before them.
    first: u64,
}

/// The rows of a stream.
pub(crate) struct RowStream<R> {
    input: R,
    format: Format,
    width: usize,
    /// How many rows were read.
    n_rows: u64,
    /// How many rows there are to be, where that is known.
    n_rows_known: Option<u64>,
    /// How many bytes of a row that is not whole have been read.
    n_bytes_over: usize,
}

impl<R: Read> RowStream<R> {
    /// The rows of `input`, which are `width` bytes each: `n_rows` and no more, or else as many as there are.
    pub(crate) fn new(input: R, format: Format, width: usize, n_rows: Option<u64>) -> Self {
        Self { input, format, width, n_rows: 0, n_rows_known: n_rows, n_bytes_over: 0 }
    }

    /// What is wrong with the end of the stream.
    fn check_end(&mut self) -> Result<(), Error> {
        let (row, over) = (self.n_rows + 1, self.n_bytes_over);
        let is_short = over > 0 || self.n_rows_known.is_some_and(|n_rows| n_rows > self.n_rows);
        if is_short {
            let cause =
                format!("it ends in row {row}, of which {over} of {} bytes are there", self.width);
            return Err(Error::Damaged { format: self.format, cause });
        }
        if self.n_rows_known.is_some() && self.input.read(&mut [0])? > 0 {
            let cause = format!("it goes on behind its last row, {}", self.n_rows);
            return Err(Error::Damaged { format: self.format, cause });
        }
        Ok(())
    }
}

impl<R: Read + Send> Units for RowStream<R> {
    type Unit = Rows;

    fn next_unit(&mut self) -> Result<Option<Rows>, Error> {
        let n_left = self.n_rows_known.map_or(u64::MAX, |n_rows| n_rows - self.n_rows);
        let n_wanted = n_left.min((BLOCK_BYTES / self.width).max(1) as u64);
        let mut bytes = Vec::new();
        if self.n_bytes_over == 0 {
            let n_bytes = n_wanted.saturating_mul(self.width as u64);
            self.input.by_ref().take(n_bytes).read_to_end(&mut bytes)?;
            self.n_bytes_over = bytes.len() % self.width;
            bytes.truncate(bytes.len() - self.n_bytes_over);
        }
        if bytes.is_empty() {
            return self.check_end().map(|()| None);
        }
        let first = self.n_rows;
        self.n_rows += (bytes.len() / self.width) as u64;
        Ok(Some(Rows { bytes, first }))
    }
}

/// Makes batches of rows.
struct RowDecoder<'a> {
    shape: &'a RowShape,
    wants: &'a [Want],
    columns: Vec<Cells>,
}

impl Decoder<Rows> for RowDecoder<'_> {
    fn decode(&mut self, rows: Rows, take: &mut Take<'_>) -> Result<(), Error> {
        // Widening a subnormal is arithmetic of floats.
        environment::with_default(|| {
            let n_rows_max = rows_max(self.wants.len());
            let mut first = rows.first;
            for bytes in rows.bytes.chunks(n_rows_max * self.shape.width) {
                for (want, cells) in self.wants.iter().zip(&mut self.columns) {
                    cells.clear();
                    let field = self.shape.fields[want.index];
                    let fields = Fields { bytes, stride: self.shape.width, field };
                    fields.push_to(cells, want.texts);
                }
                let n_rows = bytes.len() / self.shape.width;
                let origin = BatchOfRows { bytes, first, decoder: self };
                take(&Batch { n_rows, columns: &self.columns, origin: &origin })?;
                first += n_rows as u64;
            }
            Ok(())
        })
    }
}

/// The rows of a batch, to be looked at again.
struct BatchOfRows<'a> {
    bytes: &'a [u8],
    first: u64,
    decoder: &'a RowDecoder<'a>,
}

impl Origin for BatchOfRows<'_> {
    fn place(&self, row: usize, _: usize) -> Place {
        Place::Row(self.first + row as u64 + 1)
    }

    fn text(&self, row: usize, column: usize) -> String {
        let RowDecoder { shape, wants, .. } = self.decoder;
        let field = shape.fields[wants[column].index];
        Fields { bytes: self.bytes, stride: shape.width, field }.text(row)
    }
}
