//! Parquet: the groups of rows of a file, each decoded by a thread of its own, but for those in which no row is asked for.
//! What the arrays that come of it are is in `arrow`.

mod footer;
mod pages;
mod thrift;

use std::sync::Arc;

use exacta::{Plan, environment};
use parquet::{
    arrow::{
        FieldLevels, ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ParquetRecordBatchReader, statistics::StatisticsConverter,
        },
        parquet_to_arrow_field_levels,
    },
    errors::Result as ParquetResult,
};

use crate::{
    Error, Format, ScanOptions, Table,
    arrow::{RecordDecoder, TableShape, caught, damaged, number},
    input::Positions,
    parallel::{Decoder, Take, Units},
    sink::Sink,
};
use footer::read_footer;
use pages::{Guard, Pages};

/// Summarizes the columns of a Parquet file.
pub(crate) fn scan_parquet(
    file: &Positions,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<Table, Error> {
    options.check_unnamed(Format::Parquet)?;
    let metadata = read_footer(file, options)?;
    let shape = TableShape::new(Format::Parquet, metadata.schema(), options)?;
    let needed = caught(Format::Parquet, || needed(&metadata, &shape))?;
    let groups = Groups { metadata: &metadata, needed, index: 0, n_rows: 0 };
    let mask = ProjectionMask::roots(metadata.parquet_schema(), shape.roots.iter().copied());
    let levels = caught(Format::Parquet, || {
        let hint = Some(metadata.schema().fields());
        parquet_to_arrow_field_levels(metadata.parquet_schema(), mask, hint)
    })?;
    let decoder = || GroupDecoder {
        file,
        metadata: &metadata,
        levels: &levels,
        options,
        records: RecordDecoder::new(&shape, &options.null),
    };
    Sink::fill(&shape.layout, options, plan, groups, decoder)?.close(None)
}

/// Which groups of rows may have one for which all conditions hold, as far as the least and greatest numbers tell that the
/// file notes of each. Nothing is known of columns within others, of texts, and by writers whose order is not known.
fn needed(metadata: &ArrowReaderMetadata, shape: &TableShape) -> ParquetResult<Vec<bool>> {
    let groups = metadata.metadata().row_groups();
    let mut needed = vec![true; groups.len()];
    for (want, filter) in &shape.layout.filters {
        let path = shape.layout.absent.given(*want).map(|want| &shape.paths[want][..]);
        let Some([root]) = path.map(<[usize; 1]>::try_from).and_then(Result::ok) else { continue };
        let (fields, columns) = (metadata.schema(), metadata.parquet_schema());
        let noted = StatisticsConverter::try_new(fields.field(root).name(), fields, columns)?;
        let Some(index) = noted.parquet_column_index() else { continue };
        let (least, greatest) = (noted.row_group_mins(groups)?, noted.row_group_maxes(groups)?);
        for (row, group) in groups.iter().enumerate() {
            let statistics = group.column(index).statistics();
            let is_known = statistics.is_some_and(|noted| !noted.is_min_max_deprecated());
            if let (true, Some(least), Some(greatest)) =
                (is_known, number(&least, row), number(&greatest, row))
            {
                needed[row] &= filter.may_hold(least, greatest);
            }
        }
    }
    Ok(needed)
}

/// A group of rows.
struct Group {
    index: usize,
    /// How many rows stand before it, and how many it has.
    first: u64,
    n_rows: u64,
}

/// The groups of rows of a file.
struct Groups<'a> {
    metadata: &'a ArrowReaderMetadata,
    /// Which may have rows that are asked for.
    needed: Vec<bool>,
    /// The next group, and how many rows stand before it.
    index: usize,
    n_rows: u64,
}

impl Units for Groups<'_> {
    type Unit = Group;

    fn next_unit(&mut self) -> Result<Option<Group>, Error> {
        while let Some(group) = self.metadata.metadata().row_groups().get(self.index) {
            let (index, first) = (self.index, self.n_rows);
            let n_rows = u64::try_from(group.num_rows());
            let n_rows = n_rows.map_err(|error| damaged(Format::Parquet, &error))?;
            self.index += 1;
            self.n_rows = first.saturating_add(n_rows);
            if self.needed[index] {
                return Ok(Some(Group { index, first, n_rows }));
            }
        }
        Ok(None)
    }
}

/// Makes batches of groups of rows.
struct GroupDecoder<'a> {
    file: &'a Positions,
    metadata: &'a ArrowReaderMetadata,
    /// The columns that are wanted.
    levels: &'a FieldLevels,
    options: &'a ScanOptions,
    records: RecordDecoder<'a>,
}

impl Decoder<Group> for GroupDecoder<'_> {
    fn decode(&mut self, group: Group, take: &mut Take<'_>) -> Result<(), Error> {
        let rows_max = self.records.rows_max();
        let guard = Guard::new(self.options, group.first, rows_max);
        let pages = Pages {
            file: self.file,
            metadata: self.metadata.metadata(),
            group: group.index,
            guard: Arc::clone(&guard),
        };
        let batches = caught(Format::Parquet, || {
            ParquetRecordBatchReader::try_new_with_row_groups(self.levels, &pages, rows_max, None)
        });
        let mut batches = batches.map_err(|error| guard.reason(error))?;
        // Widening a subnormal is arithmetic of floats.
        environment::with_default(|| {
            let mut n_rows = 0;
            while let Some(batch) = caught(Format::Parquet, || batches.next().transpose())
                .map_err(|error| guard.reason(error))?
            {
                self.records.give(&batch, group.first + n_rows, take)?;
                n_rows += batch.num_rows() as u64;
            }
            if n_rows != group.n_rows {
                let cause =
                    format!("a group has {n_rows} rows, where {} are promised", group.n_rows);
                return Err(damaged(Format::Parquet, &cause));
            }
            Ok(())
        })
    }
}
