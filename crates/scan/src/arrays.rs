//! Arrays side by side: each is a stream of its own and gives some of the columns of the same rows, of a fixed width. Where
//! the streams come from is in the modules of the formats; the rows of one stream are in `rows`.

use std::io::Read;

use exacta::{Plan, environment};

use crate::{
    Batch, Error, Format, Place, ScanOptions, Table,
    batch::{Cells, Origin, Want, rows_max},
    blocks::BLOCK_BYTES,
    element::Fields,
    layout::Layout,
    parallel::{Decoder, Take, Units},
    rows::RowShape,
    sink::Sink,
};

/// So many rows are read of each array at a time, however wide they are together: a read is worth some of them.
const ROWS_MIN: usize = 64;

/// Some columns of a table.
pub(crate) struct Array<'a> {
    pub(crate) input: Box<dyn Read + Send + 'a>,
    pub(crate) shape: RowShape,
    pub(crate) names: Vec<String>,
}

/// Summarizes the columns of arrays that have `n_rows` each.
pub(crate) fn scan_arrays(
    arrays: Vec<Array<'_>>,
    n_rows: u64,
    format: Format,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let shapes: Vec<_> = arrays.iter().map(|array| array.shape.clone()).collect();
    let fields = |(array, shape): (usize, &RowShape)| {
        (0..shape.fields.len()).map(move |field| (array, field)).collect::<Vec<_>>()
    };
    let places: Vec<_> = shapes.iter().enumerate().flat_map(fields).collect();
    let names: Vec<_> = arrays.iter().flat_map(|array| array.names.iter().cloned()).collect();
    let layout = Layout::new(&names, Place::Row(1), options)?;
    let wants = layout.wants.as_slice();
    let width = shapes.iter().map(|shape| shape.width).sum::<usize>();
    let n_rows_chunk = (BLOCK_BYTES / width.max(1)).max(ROWS_MIN) as u64;
    let chunks = Chunks { arrays, format, n_rows, n_read: 0, n_rows_chunk };
    let decoder = || ArrayDecoder {
        shapes: &shapes,
        places: &places,
        wants,
        columns: vec![Cells::default(); wants.len()],
    };
    Sink::fill(&layout, options, plan, chunks, decoder)?.close(None)
}

/// The same rows of all arrays.
struct Chunk {
    bytes: Vec<Vec<u8>>,
    /// How many rows stand before them.
    first: u64,
    n_rows: usize,
}

struct Chunks<'a> {
    arrays: Vec<Array<'a>>,
    format: Format,
    n_rows: u64,
    n_read: u64,
    n_rows_chunk: u64,
}

impl Units for Chunks<'_> {
    type Unit = Chunk;

    fn next_unit(&mut self) -> Result<Option<Chunk>, Error> {
        let (first, format) = (self.n_read, self.format);
        let n_rows = (self.n_rows - first).min(self.n_rows_chunk);
        let read = |array: &mut Array<'_>| array.read(n_rows, first, format);
        if n_rows == 0 {
            self.arrays.iter_mut().try_for_each(|array| array.check_end(format))?;
            return Ok(None);
        }
        let bytes = self.arrays.iter_mut().map(read).collect::<Result<_, _>>()?;
        self.n_read += n_rows;
        Ok(Some(Chunk { bytes, first, n_rows: n_rows as usize }))
    }
}

impl Array<'_> {
    /// Its next rows.
    fn read(&mut self, n_rows: u64, first: u64, format: Format) -> Result<Vec<u8>, Error> {
        let n_bytes = n_rows * self.shape.width as u64;
        let mut bytes = Vec::new();
        self.input.by_ref().take(n_bytes).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < n_bytes {
            let row = first + (bytes.len() / self.shape.width) as u64 + 1;
            let cause = format!("column {:?} ends in row {row}", self.names[0]);
            return Err(Error::Damaged { format, cause });
        }
        Ok(bytes)
    }

    /// Checks that nothing follows. What was compressed is checked against its checksum by that.
    fn check_end(&mut self, format: Format) -> Result<(), Error> {
        if self.input.read(&mut [0])? == 0 {
            return Ok(());
        }
        let cause = format!("column {:?} goes on behind its last row", self.names[0]);
        Err(Error::Damaged { format, cause })
    }
}

/// Makes batches of chunks.
struct ArrayDecoder<'a> {
    shapes: &'a [RowShape],
    /// The array of each column, and its field there.
    places: &'a [(usize, usize)],
    wants: &'a [Want],
    columns: Vec<Cells>,
}

impl Decoder<Chunk> for ArrayDecoder<'_> {
    fn decode(&mut self, chunk: Chunk, take: &mut Take<'_>) -> Result<(), Error> {
        let n_rows_max = rows_max(self.wants.len());
        // Widening a subnormal is arithmetic of floats.
        environment::with_default(|| {
            (0..chunk.n_rows).step_by(n_rows_max).try_for_each(|start| {
                let rows = start..chunk.n_rows.min(start + n_rows_max);
                let mut columns = std::mem::take(&mut self.columns);
                let origin = Rows { decoder: self, chunk: &chunk, start };
                for ((column, want), cells) in self.wants.iter().enumerate().zip(&mut columns) {
                    cells.clear();
                    let Fields { bytes, stride, field } = origin.fields(column);
                    let bytes = &bytes[..rows.len() * stride];
                    Fields { bytes, stride, field }.push_to(cells, want.texts);
                }
                let taken = take(&Batch { n_rows: rows.len(), columns: &columns, origin: &origin });
                self.columns = columns;
                taken
            })
        })
    }
}

/// The rows of a batch, to be looked at again.
struct Rows<'a> {
    decoder: &'a ArrayDecoder<'a>,
    chunk: &'a Chunk,
    /// The first of them in the chunk.
    start: usize,
}

impl Rows<'_> {
    /// The fields of a column of the batch, from its first row to the last of the chunk.
    fn fields(&self, column: usize) -> Fields<'_> {
        let (array, field) = self.decoder.places[self.decoder.wants[column].index];
        let RowShape { width, fields } = &self.decoder.shapes[array];
        let bytes = &self.chunk.bytes[array][self.start * width..];
        Fields { bytes, stride: *width, field: fields[field] }
    }
}

impl Origin for Rows<'_> {
    fn place(&self, row: usize, _: usize) -> Place {
        Place::Row(self.chunk.first + (self.start + row) as u64 + 1)
    }

    fn text(&self, row: usize, column: usize) -> String {
        self.fields(column).text(row)
    }
}
