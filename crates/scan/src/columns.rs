//! From rows to accumulators: the cells of a chunk of rows are put into one buffer a column, and the buffers
//! are accumulated in parallel. A column that turns out to be text is counted from then on, and keeps no
//! value. Nothing here knows how cells are written in a file.

use exacta::{Accumulator, Counts, Nonfinite, NonfiniteKind, Partial, Plan, Value};
use rayon::prelude::*;

use crate::{
    Column, CsvOptions, Error, Invalid, Kind, Place, Table, Warning,
    cell::{Reading, read_cell},
    csv::Record,
    error::EXCERPT_CHARS_MAX,
};

/// The cells of a chunk, over all columns: enough to share between threads, few enough for a cache.
const CHUNK_CELLS: usize = 1 << 17;

/// What is the same for all cells.
struct Rules<'a> {
    options: &'a CsvOptions,
    /// Whether NaN and the infinities are errors.
    reject: bool,
}

/// The columns of a table that still takes rows.
pub(crate) struct Columns<'a> {
    open: Vec<OpenColumn>,
    rules: Rules<'a>,
    n_rows: u64,
    /// Rows in the buffers, and how many may be there.
    chunk_rows: usize,
    chunk_rows_max: usize,
}

impl<'a> Columns<'a> {
    /// No rows yet of these columns, each given by its index in a record and its name.
    pub(crate) fn new(
        selected: Vec<(usize, String)>,
        options: &'a CsvOptions,
        plan: &Plan,
    ) -> Self {
        // What is to be rejected is rejected here, where its place is known.
        let states = plan.clone().with_nonfinite(Nonfinite::Propagate);
        let chunk_rows_max = CHUNK_CELLS.div_ceil(selected.len());
        let open = selected
            .into_iter()
            .map(|(index, name)| OpenColumn {
                index,
                name,
                first_invalid: None,
                state: State::Number(Box::new(Numbers::new(&states))),
            })
            .collect();
        let rules = Rules { options, reject: plan.nonfinite() == Nonfinite::Reject };
        Self { open, rules, n_rows: 0, chunk_rows: 0, chunk_rows_max }
    }

    /// Takes rows without a value in any column.
    pub(crate) fn push_null_rows(&mut self, n_rows: u64) {
        for column in &mut self.open {
            (0..n_rows).for_each(|_| column.push_null());
        }
        self.n_rows += n_rows;
    }

    /// Takes a row.
    pub(crate) fn push_row(&mut self, row: &Record<'_>) -> Result<(), Error> {
        for column in &mut self.open {
            column.push(row, &self.rules)?;
        }
        self.n_rows += 1;
        self.chunk_rows += 1;
        if self.chunk_rows == self.chunk_rows_max { self.accumulate() } else { Ok(()) }
    }

    /// Accumulates what the buffers hold, on rayon's current pool.
    fn accumulate(&mut self) -> Result<(), Error> {
        self.chunk_rows = 0;
        self.open.par_iter_mut().try_for_each(OpenColumn::accumulate)
    }

    /// The table of all rows taken.
    pub(crate) fn close(mut self, header: Option<Warning>) -> Result<Table, Error> {
        self.accumulate()?;
        let columns =
            self.open.into_iter().map(OpenColumn::close).collect::<Result<Vec<_>, _>>()?;
        let text = columns.iter().filter_map(Column::warning);
        let warnings = header.into_iter().chain(text).collect();
        Ok(Table { columns, rows: self.n_rows, warnings })
    }
}

/// A column that still takes cells.
struct OpenColumn {
    index: usize,
    name: String,
    first_invalid: Option<Place>,
    state: State,
}

/// What a column is known as so far.
enum State {
    Number(Box<Numbers>),
    Text(Counts),
}

/// The values of a column: those accumulated, and those of this chunk.
struct Numbers {
    accumulator: Accumulator,
    floats: Vec<f64>,
    /// Integers that a binary64 may not hold.
    wide: Vec<Value>,
}

impl OpenColumn {
    /// Takes the cell of a row.
    #[inline]
    fn push(&mut self, row: &Record<'_>, rules: &Rules<'_>) -> Result<(), Error> {
        let reading = read_cell(&row.cell(self.index), &rules.options.null);
        let numbers = match &mut self.state {
            State::Number(numbers) => numbers,
            State::Text(counts) => {
                count(counts, reading);
                return Ok(());
            }
        };
        match reading {
            Reading::Null => numbers.accumulator.push_null(),
            Reading::Float(value) if rules.reject && !value.is_finite() => {
                return Err(self.rejected(value, row));
            }
            Reading::Float(value) => numbers.floats.push(value),
            Reading::Wide(value) => numbers.wide.push(value),
            Reading::Overflow | Reading::Text => {
                match rules.options.invalid {
                    Invalid::Count => numbers.accumulator.push_invalid(),
                    Invalid::Text if rules.options.columns.is_empty() => {
                        self.state = State::Text(numbers.counts_with(reading)?);
                    }
                    Invalid::Text => return Err(self.no_number(reading, row)),
                }
                self.first_invalid.get_or_insert_with(|| row.cell_place(self.index));
            }
        }
        Ok(())
    }

    fn push_null(&mut self) {
        match &mut self.state {
            State::Number(numbers) => numbers.accumulator.push_null(),
            State::Text(counts) => counts.null += 1,
        }
    }

    #[cold]
    fn no_number(&self, reading: Reading, row: &Record<'_>) -> Error {
        let cell = row.cell(self.index).text();
        Error::ColumnText {
            name: self.name.clone(),
            cell: cell.chars().take(EXCERPT_CHARS_MAX + 1).collect(),
            overflow: reading == Reading::Overflow,
            place: row.cell_place(self.index),
        }
    }

    #[cold]
    fn rejected(&self, value: f64, row: &Record<'_>) -> Error {
        let kind = match value {
            f64::INFINITY => NonfiniteKind::PosInf,
            f64::NEG_INFINITY => NonfiniteKind::NegInf,
            _ => NonfiniteKind::Nan,
        };
        Error::NonfiniteRejected {
            kind,
            name: self.name.clone(),
            place: row.cell_place(self.index),
        }
    }

    fn accumulate(&mut self) -> Result<(), Error> {
        match &mut self.state {
            State::Number(numbers) => numbers.accumulate(),
            State::Text(_) => Ok(()),
        }
    }

    fn close(self) -> Result<Column, Error> {
        let (kind, partial) = match self.state {
            State::Number(numbers) => (Kind::Number, numbers.accumulator.into_partial()),
            State::Text(counts) => (Kind::Text, Partial::from_counts(counts)?),
        };
        Ok(Column { name: self.name, kind, partial, first_invalid: self.first_invalid })
    }
}

impl Numbers {
    fn new(plan: &Plan) -> Self {
        Self { accumulator: Accumulator::new(plan), floats: Vec::new(), wide: Vec::new() }
    }

    /// What has been taken, counted, and one cell more.
    fn counts_with(&mut self, reading: Reading) -> Result<Counts, Error> {
        self.accumulate()?;
        let mut counts = *self.accumulator.counts();
        count(&mut counts, reading);
        Ok(counts)
    }

    /// Moves the values of the chunk into the accumulator.
    fn accumulate(&mut self) -> Result<(), Error> {
        self.accumulator.update_parallel(&self.floats)?;
        self.accumulator.update_parallel(&self.wide)?;
        self.floats.clear();
        self.wide.clear();
        Ok(())
    }
}

/// Counts a cell for what it is.
fn count(counts: &mut Counts, reading: Reading) {
    let counter = match reading {
        Reading::Null => &mut counts.null,
        Reading::Float(f64::INFINITY) => &mut counts.pos_inf,
        Reading::Float(f64::NEG_INFINITY) => &mut counts.neg_inf,
        Reading::Float(value) if value.is_nan() => &mut counts.nan,
        Reading::Float(_) | Reading::Wide(_) => &mut counts.count,
        Reading::Overflow | Reading::Text => &mut counts.invalid,
    };
    *counter += 1;
}
