//! Columns of numbers as they are written, each into an accumulator of decimals. Whether a cell is a number is no other
//! question than elsewhere; how literals are taken apart is in `number`.

use exacta::{DecimalAccumulator, NonfiniteKind, Partial, Plan};

use super::guard::{Guard, Rules};
use crate::{
    Batch, Column, Error, Kind, ScanOptions,
    batch::Cells,
    error::{excerpt, first},
    number::{Decimal, Written},
};

/// The columns of a table that still takes rows.
pub(crate) struct Decimals {
    open: Vec<OpenColumn>,
    rules: Rules,
    /// What the cells of a batch were read as, for the guards: those that are no finite numbers.
    read: Vec<Cells>,
}

/// A column that still takes cells.
struct OpenColumn {
    guard: Guard,
    /// Of a column of text its counts alone matter.
    accumulator: DecimalAccumulator,
    is_text: bool,
    /// What is wrong with the first literal beyond the limits, unless the column turns out to be text.
    beyond: Option<Error>,
}

impl Decimals {
    /// No rows yet of these columns, each given by its index in a batch and its name.
    pub(crate) fn new(selected: &[(usize, String)], options: &ScanOptions, plan: &Plan) -> Self {
        let open = selected.iter().map(|column| OpenColumn::new(column, 0)).collect();
        Self { open, rules: Rules::new(options, plan), read: Vec::new() }
    }

    /// Has columns added that are null in the `n_rows` taken so far.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)], n_rows: u64) {
        self.open.extend(columns.iter().map(|column| OpenColumn::new(column, n_rows)));
    }

    /// Brings the columns into ascending order of their ranks.
    pub(crate) fn sort(&mut self, rank: impl Fn(&str) -> usize) {
        self.open.sort_by_key(|column| rank(&column.guard.name));
    }

    /// Takes the rows of a batch. Of several errors the first in the input is the one told.
    pub(crate) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        self.read.resize(batch.columns.len(), Cells::default());
        let Self { open, read, rules } = self;
        for column in open.iter_mut() {
            column.take(batch, &mut read[column.guard.index]);
        }
        let read = Batch { columns: read, ..*batch };
        let checked = open.iter_mut().map(|column| {
            column.is_text |= column.guard.check(&read, *rules)?;
            Ok(())
        });
        first(checked.filter_map(Result::err)).map_or(Ok(()), Err)
    }

    /// Takes what another has taken of the same columns.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.open.iter_mut().zip(other.open).try_for_each(|(column, other)| {
            column.guard.merge(other.guard);
            column.is_text |= other.is_text;
            column.beyond = first(column.beyond.take().into_iter().chain(other.beyond));
            Ok(column.accumulator.merge(&other.accumulator)?)
        })
    }

    /// The columns of all rows taken. What is to be rejected after all, or is beyond the limits, in columns that turned
    /// out to be no text, is an error: the first in the input.
    pub(crate) fn close(mut self) -> Result<Vec<Column>, Error> {
        let numbers = self.open.iter_mut().filter(|column| !column.is_text);
        let wrong = numbers.flat_map(|column| [column.guard.take_rejected(), column.beyond.take()]);
        first(wrong.flatten()).map_or(Ok(()), Err)?;
        self.open.into_iter().map(OpenColumn::close).collect()
    }
}

impl OpenColumn {
    /// A column of so many nulls.
    fn new(column: &(usize, String), n_rows: u64) -> Self {
        let mut accumulator = DecimalAccumulator::default();
        accumulator.push_nulls(n_rows);
        Self { guard: Guard::new(column), accumulator, is_text: false, beyond: None }
    }

    /// Takes the literals of a batch, and notes which cells are no finite numbers.
    fn take(&mut self, batch: &Batch<'_>, read: &mut Cells) {
        read.clear();
        if batch.lacks(self.guard.index) {
            return self.accumulator.push_nulls(batch.n_rows as u64);
        }
        let literals = &batch.columns[self.guard.index].literals;
        let (mantissas, exponents) = literals.common();
        self.accumulator.update(mantissas, exponents).expect("literals are within the limits");
        for (row, written) in literals.others() {
            self.take_other(*row, *written, batch, read);
        }
    }

    /// Takes a cell that is no common literal.
    fn take_other(&mut self, row: u32, written: Written, batch: &Batch<'_>, read: &mut Cells) {
        match written {
            Written::Null => self.accumulator.push_nulls(1),
            Written::Decimal(Decimal { mantissa, exponent, negative, .. }) => {
                let pushed = self.accumulator.push(negative, mantissa, exponent);
                pushed.expect("literals are within the limits");
            }
            Written::Nonfinite(value) => {
                let kind = NonfiniteKind::of(value).expect("it is not finite");
                self.accumulator.push_nonfinite(kind);
                read.numbers.resize(batch.n_rows, 0.0);
                read.numbers[row as usize] = value;
            }
            Written::Beyond => self.take_beyond(row as usize, batch),
            Written::Text => {
                self.accumulator.push_invalids(1);
                read.invalid.push(row);
            }
        }
    }

    /// Takes a literal beyond the limits. It counts as the number that it is, and is the error to be told if it is the
    /// first.
    #[cold]
    fn take_beyond(&mut self, row: usize, batch: &Batch<'_>) {
        self.accumulator.push(false, 0, 0).expect("zero is within the limits");
        if self.beyond.is_none() {
            let cell = batch.origin.text(row, self.guard.index);
            self.beyond = Some(Error::DecimalOutOfRange {
                cell: excerpt(&cell),
                name: self.guard.name.clone(),
                place: batch.origin.place(row, self.guard.index),
            });
        }
    }

    fn close(self) -> Result<Column, Error> {
        let (kind, partial) = if self.is_text {
            (Kind::Text, Partial::from_counts(*self.accumulator.counts())?)
        } else {
            (Kind::Number, self.accumulator.into_partial())
        };
        let Guard { name, first_invalid, .. } = self.guard;
        Ok(Column { name, kind, partial, first_invalid, invalid_text: None })
    }
}
