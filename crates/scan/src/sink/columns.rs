//! Columns of numbers, each into an accumulator of its own. A column that turns out to be text is counted from
//! then on, and keeps no value.

use exacta::{
    Accumulator, Column as Values, Counts, Nonfinite, NonfiniteKind, Partial, Plan, Validity,
};

use crate::{
    Batch, Column, Error, Invalid, Kind, Place, ScanOptions,
    batch::Cells,
    error::{EXCERPT_CHARS_MAX, first},
};

/// What is the same for all cells.
#[derive(Clone, Copy, Debug)]
struct Rules {
    invalid: Invalid,
    /// Whether NaN and the infinities are errors.
    reject: bool,
    /// Whether a column was asked for by name, and so must not be text.
    named: bool,
}

/// The columns of a table that still takes rows.
pub(crate) struct Columns {
    open: Vec<OpenColumn>,
    rules: Rules,
    /// Numbers without the gaps between them.
    dense: Vec<f64>,
}

impl Columns {
    /// No rows yet of these columns, each given by its index in a batch and its name.
    pub(crate) fn new(selected: &[(usize, String)], options: &ScanOptions, plan: &Plan) -> Self {
        // What is to be rejected is rejected here, where its place is known.
        let states = plan.clone().with_nonfinite(Nonfinite::Propagate);
        let open = |(index, name): &(usize, String)| OpenColumn {
            index: *index,
            name: name.clone(),
            first_invalid: None,
            rejected: None,
            state: State::Number(Box::new(Accumulator::new(&states))),
        };
        let rules = Rules {
            invalid: options.invalid,
            reject: plan.nonfinite() == Nonfinite::Reject,
            named: !options.columns.is_empty(),
        };
        Self { open: selected.iter().map(open).collect(), rules, dense: Vec::new() }
    }

    /// Takes the rows of a batch. Of several errors the first in the input is the one told.
    pub(crate) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let rules = self.rules;
        let taken = self.open.iter_mut().map(|column| column.take(batch, rules, &mut self.dense));
        first(taken.filter_map(Result::err)).map_or(Ok(()), Err)
    }

    /// Takes what another has taken of the same columns.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.open.iter_mut().zip(other.open).try_for_each(|(column, other)| column.merge(other))
    }

    /// The columns of all rows taken. What is to be rejected after all, in columns that turned out to be no text, is
    /// an error: the first in the input.
    pub(crate) fn close(mut self) -> Result<Vec<Column>, Error> {
        let rejected = self.open.iter_mut().filter_map(|column| match column.state {
            State::Number(_) => column.rejected.take(),
            State::Text(_) => None,
        });
        match first(rejected) {
            Some(rejected) => Err(rejected),
            None => self.open.into_iter().map(OpenColumn::close).collect(),
        }
    }
}

/// A column that still takes cells.
struct OpenColumn {
    index: usize,
    name: String,
    first_invalid: Option<Place>,
    /// What is wrong with the first value that is to be rejected, unless the column turns out to be text.
    rejected: Option<Error>,
    state: State,
}

/// What a column is known as so far.
enum State {
    Number(Box<Accumulator>),
    Text(Counts),
}

impl OpenColumn {
    fn take(&mut self, batch: &Batch<'_>, rules: Rules, dense: &mut Vec<f64>) -> Result<(), Error> {
        let cells = &batch.columns[self.index];
        if rules.reject && self.rejected.is_none() {
            self.rejected = self.find_rejected(cells, batch);
        }
        if let Some(row) = cells.invalid.first() {
            self.take_invalid(*row as usize, batch, rules)?;
        }
        // Where a cell to come may still make the column text, it is too early to reject.
        if (rules.named || rules.invalid == Invalid::Count)
            && let Some(rejected) = self.rejected.take()
        {
            return Err(rejected);
        }
        match &mut self.state {
            State::Number(accumulator) => accumulate(accumulator, cells, dense),
            State::Text(counts) => {
                count(counts, cells);
                Ok(())
            }
        }
    }

    /// Takes notice of the first invalid cell of a batch.
    #[cold]
    fn take_invalid(&mut self, row: usize, batch: &Batch<'_>, rules: Rules) -> Result<(), Error> {
        let place = batch.origin.place(row, self.index);
        if rules.invalid == Invalid::Text && rules.named {
            let invalid = Some(self.no_number(row, place, batch));
            return Err(
                first(invalid.into_iter().chain(self.rejected.take())).expect("there is one")
            );
        }
        self.first_invalid.get_or_insert(place);
        if let (Invalid::Text, State::Number(accumulator)) = (rules.invalid, &self.state) {
            self.state = State::Text(*accumulator.counts());
        }
        Ok(())
    }

    fn no_number(&self, row: usize, place: Place, batch: &Batch<'_>) -> Error {
        let cell = batch.origin.text(row, self.index);
        Error::ColumnText {
            name: self.name.clone(),
            overflow: crate::cell::is_overflow(&cell),
            cell: cell.chars().take(EXCERPT_CHARS_MAX + 1).collect(),
            place,
        }
    }

    /// The error of the first NaN or infinity of a batch.
    fn find_rejected(&self, cells: &Cells, batch: &Batch<'_>) -> Option<Error> {
        let mut rows = cells.numbers.iter().enumerate();
        let (row, value) =
            rows.find(|(row, value)| !value.is_finite() && cells.present.get(*row))?;
        let kind = match *value {
            f64::INFINITY => NonfiniteKind::PosInf,
            f64::NEG_INFINITY => NonfiniteKind::NegInf,
            _ => NonfiniteKind::Nan,
        };
        let place = batch.origin.place(row, self.index);
        Some(Error::NonfiniteRejected { kind, name: self.name.clone(), place })
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        let places = self.first_invalid.into_iter().chain(other.first_invalid);
        self.first_invalid = places.min();
        self.rejected = first(self.rejected.take().into_iter().chain(other.rejected));
        match (&mut self.state, other.state) {
            (State::Number(accumulator), State::Number(other)) => Ok(accumulator.merge(*other)?),
            (State::Text(counts), other) => {
                *counts = counts_of(*counts, other.counts())?;
                Ok(())
            }
            (State::Number(accumulator), other) => {
                self.state = State::Text(counts_of(*accumulator.counts(), other.counts())?);
                Ok(())
            }
        }
    }

    fn close(self) -> Result<Column, Error> {
        let (kind, partial) = match self.state {
            State::Number(accumulator) => (Kind::Number, accumulator.into_partial()),
            State::Text(counts) => (Kind::Text, Partial::from_counts(counts)?),
        };
        Ok(Column { name: self.name, kind, partial, first_invalid: self.first_invalid })
    }
}

impl State {
    fn counts(&self) -> Counts {
        match self {
            Self::Number(accumulator) => *accumulator.counts(),
            Self::Text(counts) => *counts,
        }
    }
}

/// The counts of two shares together.
fn counts_of(left: Counts, right: Counts) -> Result<Counts, Error> {
    let mut partial = Partial::from_counts(left)?;
    partial.merge(Partial::from_counts(right)?)?;
    Ok(*partial.counts())
}

/// Accumulates cells. Numbers with gaps that are nulls alone are taken where they lie.
fn accumulate(
    accumulator: &mut Accumulator,
    cells: &Cells,
    dense: &mut Vec<f64>,
) -> Result<(), Error> {
    let Some(mask) = cells.present.bytes() else { return Ok(accumulator.update(&cells.numbers)?) };
    if cells.wide.is_empty() && cells.invalid.is_empty() {
        let validity = Validity::new(mask, 0, cells.numbers.len()).expect("a bit for each row");
        return Ok(accumulator.update(Values::new(&cells.numbers).with_validity(validity)?)?);
    }
    dense.clear();
    let present = |(row, _): &(usize, &f64)| cells.present.get(*row);
    dense.extend(cells.numbers.iter().enumerate().filter(present).map(|(_, value)| value));
    accumulator.update(dense.as_slice())?;
    cells.wide.iter().try_for_each(|(_, value)| accumulator.push(*value))?;
    cells.invalid.iter().for_each(|_| accumulator.push_invalid());
    (0..cells.n_null()).for_each(|_| accumulator.push_null());
    Ok(())
}

/// Counts cells for what they are.
fn count(counts: &mut Counts, cells: &Cells) {
    counts.null += cells.n_null() as u64;
    counts.invalid += cells.invalid.len() as u64;
    counts.count += cells.wide.len() as u64;
    for (row, value) in cells.numbers.iter().enumerate() {
        if cells.present.get(row) {
            let counter = match *value {
                f64::INFINITY => &mut counts.pos_inf,
                f64::NEG_INFINITY => &mut counts.neg_inf,
                value if value.is_nan() => &mut counts.nan,
                _ => &mut counts.count,
            };
            *counter += 1;
        }
    }
}
