//! Apache Arrow's IPC, as a stream and as a file, and what a record batch is to the rest of the crate, which Parquet
//! shares. `stream` and `file` find the `messages`, `cells` reads arrays, `outside` is careful with
//! libraries; a column that is a struct is one for each of its fields,
//! with a dot between the names. Lists and other nested types are columns of text without a text.

mod cells;
mod file;
mod messages;
mod outside;
mod stream;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields, Schema};
use exacta::{Plan, environment};

#[cfg(feature = "parquet")]
pub(crate) use self::cells::number;
pub(crate) use self::outside::{caught, damaged};
use self::{
    file::{Batches, SIGNATURE},
    messages::Share,
    stream::Stream,
};
use crate::{
    Batch, COLUMNS_MAX, Error, Format, Place, ScanOptions, Table,
    batch::{Cells, Origin, Want, rows_max},
    input::Source,
    layout::Layout,
    parallel::{Decoder, Take, Units},
    sink::Sink,
};

/// Summarizes the columns of an Arrow stream, or of a file: that is read at positions.
pub(crate) fn scan_arrow(
    source: Source<'_>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_unnamed(Format::Arrow)?;
    let (start, source) = source.start()?;
    if start.starts_with(SIGNATURE) {
        let batches = Batches::new(source.into_file(options)?, options)?;
        summarize(&batches.schema(), batches, options, plan)
    } else {
        let stream = Stream::new(source.into_reader(), options.batch_bytes_max)?;
        summarize(&stream.schema(), stream, options, plan)
    }
}

fn summarize(
    schema: &Schema,
    shares: impl Units<Unit = Share>,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    let shape = TableShape::new(Format::Arrow, schema, options)?;
    let decoder = || ArrowDecoder(RecordDecoder::new(&shape, &options.null));
    Sink::fill(&shape.layout, options, plan, shares, decoder)?.close(None)
}

/// What is read of a table of arrays.
pub(crate) struct TableShape {
    pub(crate) layout: Layout,
    /// Where each of the wants is found.
    pub(crate) paths: Vec<Vec<usize>>,
    /// The columns of the table that are read, in their order there.
    pub(crate) roots: Vec<usize>,
    /// Whether nothing is read but nulls that need not be told row by row.
    is_void: bool,
}

impl TableShape {
    pub(crate) fn new(
        format: Format,
        schema: &Schema,
        options: &ScanOptions,
    ) -> Result<Self, Error> {
        let mut leaves = Vec::new();
        collect_leaves(schema.fields(), None, &mut leaves);
        Error::check_columns(leaves.len(), COLUMNS_MAX, Place::Row(1))?;
        let names: Vec<String> = leaves.iter().map(|leaf| leaf.name.clone()).collect();
        check_names(format, &names)?;
        let layout = Layout::new(&names, Place::Row(1), options)?;
        check_types(&layout, &leaves, options)?;
        let is_void = |want: &Want| !want.dense && leaves[want.index].data_type == DataType::Null;
        let is_void = layout.wants.iter().all(is_void);
        let paths: Vec<_> =
            layout.wants.iter().map(|want| leaves[want.index].path.clone()).collect();
        let mut roots: Vec<_> = paths.iter().map(|path| path[0]).collect();
        roots.sort_unstable();
        roots.dedup();
        Ok(Self { layout, paths, roots, is_void })
    }

    /// The arrays of a batch of the roots that are wanted, each with the gaps of the structs around it.
    fn columns(&self, batch: &RecordBatch) -> Vec<(ArrayRef, Option<NullBuffer>)> {
        let column = |path: &Vec<usize>| {
            let root = self.roots.binary_search(&path[0]).expect("each path begins at a root");
            let mut array = Arc::clone(batch.column(root));
            let mut nulls = gaps(&array);
            for index in &path[1..] {
                array = Arc::clone(array.as_struct().column(*index));
                nulls = NullBuffer::union(nulls.as_ref(), gaps(&array).as_ref());
            }
            (array, nulls)
        };
        self.paths.iter().map(column).collect()
    }
}

/// Which rows of an array are null, where it has others.
fn gaps(array: &ArrayRef) -> Option<NullBuffer> {
    if array.data_type().is_null() { None } else { array.logical_nulls() }
}

/// A column that is no struct.
#[derive(Clone)]
struct Leaf {
    name: String,
    /// The indices of the fields on the way to it.
    path: Vec<usize>,
    data_type: DataType,
}

fn collect_leaves(fields: &Fields, parent: Option<&Leaf>, leaves: &mut Vec<Leaf>) {
    let prefix = parent.map_or_else(String::new, |parent| format!("{}.", parent.name));
    let above = parent.map_or(&[][..], |parent| &parent.path);
    for (index, field) in fields.iter().enumerate() {
        let name = format!("{prefix}{}", field.name());
        let path = [above, &[index]].concat();
        let leaf = Leaf { name, path, data_type: field.data_type().clone() };
        match field.data_type() {
            DataType::Struct(fields) => collect_leaves(fields, Some(&leaf), leaves),
            _ => leaves.push(leaf),
        }
    }
}

fn check_names(format: Format, names: &[String]) -> Result<(), Error> {
    if names.is_empty() {
        return Err(Error::Empty);
    }
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(name) => Err(damaged(format, &format!("it has two columns of the name {name:?}"))),
        None => Ok(()),
    }
}

/// Checks that columns can have what is asked of them: texts to compare, or numbers in one that is asked for by name.
fn check_types(layout: &Layout, leaves: &[Leaf], options: &ScanOptions) -> Result<(), Error> {
    let texts = layout.wants.iter().filter(|want| want.texts).map(|want| (want, "text"));
    let given = layout.named(options).filter_map(|place| layout.absent.given(place));
    let numbers = given.map(|index| (&layout.wants[index], "numbers"));
    let mut asked = texts.chain(numbers).map(|(want, what)| (&leaves[want.index], what));
    match asked.find(|(leaf, _)| !cells::has_text(&leaf.data_type)) {
        Some((leaf, what)) => {
            let (name, data_type) = (leaf.name.clone(), leaf.data_type.to_string());
            Err(Error::ColumnType { name, data_type, what })
        }
        None => Ok(()),
    }
}

/// Makes batches of record batches.
pub(crate) struct RecordDecoder<'a> {
    shape: &'a TableShape,
    null: &'a [String],
    cells: Vec<Cells>,
}

impl<'a> RecordDecoder<'a> {
    pub(crate) fn new(shape: &'a TableShape, null: &'a [String]) -> Self {
        Self { shape, null, cells: vec![Cells::default(); shape.layout.wants.len()] }
    }

    /// How many rows a batch has at most.
    pub(crate) fn rows_max(&self) -> usize {
        rows_max(self.cells.len())
    }

    /// Gives the rows of a batch with the roots that are wanted, which stand behind `first` others.
    pub(crate) fn give(
        &mut self,
        batch: &RecordBatch,
        first: u64,
        take: &mut Take<'_>,
    ) -> Result<(), Error> {
        let columns = self.shape.columns(batch);
        for ((array, nulls), (cells, want)) in
            columns.iter().zip(self.cells.iter_mut().zip(&self.shape.layout.wants))
        {
            cells.clear();
            cells::push(array, nulls.as_ref(), *want, self.null, cells);
        }
        let origin = Records { columns: &columns, first };
        take(&Batch { n_rows: batch.num_rows(), columns: &self.cells, origin: &origin })
    }
}

/// The rows of a batch, to be looked at again.
struct Records<'a> {
    columns: &'a [(ArrayRef, Option<NullBuffer>)],
    first: u64,
}

impl Origin for Records<'_> {
    fn place(&self, row: usize, _: usize) -> Place {
        Place::Row(self.first + row as u64 + 1)
    }

    fn text(&self, row: usize, column: usize) -> String {
        cells::text(&self.columns[column].0, row)
    }
}

/// Makes batches of the shares of a stream.
struct ArrowDecoder<'a>(RecordDecoder<'a>);

impl Decoder<Share> for ArrowDecoder<'_> {
    fn decode(&mut self, share: Share, take: &mut Take<'_>) -> Result<(), Error> {
        let Self(decoder) = self;
        // Widening a subnormal is arithmetic of floats.
        environment::with_default(|| {
            let batch = share.decode(&decoder.shape.roots)?;
            let n_rows_max = if decoder.shape.is_void { usize::MAX } else { decoder.rows_max() };
            for start in (0..batch.num_rows()).step_by(n_rows_max) {
                let part = batch.slice(start, n_rows_max.min(batch.num_rows() - start));
                decoder.give(&part, share.first + start as u64, take)?;
            }
            Ok(())
        })
    }
}
