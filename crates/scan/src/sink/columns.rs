//! Columns of numbers, each into an accumulator of its own. A column that turns out to be text is counted from
//! then on, and keeps no value. Where the values take more memory than they may, those of the largest columns go to a
//! file.

use exacta::{Accumulator, Counts, Nonfinite, Partial, Plan};

use super::{
    guard::{Guard, Rules},
    spelling::Spelling,
    states::count_number,
};
use crate::{
    Batch, Column, Error, Kind, ScanOptions,
    batch::Cells,
    error::first,
    memory::{PutAway, Share},
    spill::Spill,
};

/// The columns of a table that still takes rows.
pub(crate) struct Columns {
    open: Vec<OpenColumn>,
    rules: Rules,
    /// What the accumulators are made for.
    states: Plan,
    /// Numbers without the gaps between them.
    dense: Vec<f64>,
    share: Share,
    /// How much memory a value takes in the end, for each byte that it takes now.
    growth: u64,
    spill: Spill,
}

impl Columns {
    /// No rows yet of these columns, each given by its index in a batch and its name.
    pub(crate) fn new(selected: &[(usize, String)], options: &ScanOptions, plan: &Plan) -> Self {
        // What is to be rejected is rejected here, where its place is known.
        let states = plan.clone().with_nonfinite(Nonfinite::Propagate);
        let open = selected.iter().map(|column| OpenColumn::new(column, &states)).collect();
        Self {
            open,
            rules: Rules::new(options, plan),
            states,
            dense: Vec::new(),
            share: Share::new(&options.memory),
            growth: plan.value_bytes() / size_of::<f64>() as u64,
            spill: Spill::default(),
        }
    }

    /// Has columns added that are null in the rows taken so far.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)]) {
        self.open.extend(columns.iter().map(|column| OpenColumn::new(column, &self.states)));
    }

    /// Brings the columns into ascending order of their ranks.
    pub(crate) fn sort(&mut self, rank: impl Fn(&str) -> usize) {
        self.open.sort_by_key(|column| rank(&column.guard.name));
    }

    /// Takes the rows of a batch. Of several errors the first in the input is the one told.
    pub(crate) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let rules = self.rules;
        let taken = self.open.iter_mut().map(|column| column.take(batch, rules, &mut self.dense));
        first(taken.filter_map(Result::err)).map_or(Ok(()), Err)?;
        self.keep_within_memory()
    }

    /// Puts the values of the largest columns into a file while there are too many.
    fn keep_within_memory(&mut self) -> Result<(), Error> {
        if self.growth == 0 {
            return Ok(());
        }
        self.share.make_room(&mut self.open, self.growth, &mut self.spill)
    }

    /// Takes what another has taken of the same columns.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.share.merge(&other.share);
        self.open.iter_mut().zip(other.open).try_for_each(|(column, other)| column.merge(other))
    }

    /// The columns of all `n_rows` taken. What is to be rejected after all, in columns that turned out to be no text, is
    /// an error: the first in the input.
    pub(crate) fn close(mut self, n_rows: u64) -> Result<Vec<Column>, Error> {
        let rejected = self.open.iter_mut().filter_map(|column| match column.state {
            State::Number(_) => column.guard.take_rejected(),
            State::Text(_) => None,
        });
        match first(rejected) {
            Some(rejected) => Err(rejected),
            None => {
                self.put_rest_away()?;
                self.open.into_iter().map(|column| column.close(n_rows)).collect()
            }
        }
    }

    /// Puts away the rest of columns of which something was put away, so that they take no memory; and where this
    /// input and those before it keep too much, of all.
    fn put_rest_away(&mut self) -> Result<(), Error> {
        self.keep_within_memory()?;
        let spilled = self.open.iter_mut().filter(|column| column.spilled);
        spilled
            .filter(|column| column.bytes_kept() > 0)
            .try_for_each(|column| column.put_away(&mut self.spill))
    }
}

/// A column that still takes cells.
struct OpenColumn {
    guard: Guard,
    state: State,
    /// Whether some of its values are in a file.
    spilled: bool,
    spelling: Spelling,
    /// How many rows it was told of; it is null in all others.
    n_rows: u64,
}

/// What a column is known as so far.
enum State {
    Number(Box<Accumulator>),
    Text(Counts),
}

impl OpenColumn {
    fn new(column: &(usize, String), states: &Plan) -> Self {
        Self {
            guard: Guard::new(column),
            state: State::Number(Box::new(Accumulator::new(states))),
            spilled: false,
            spelling: Spelling::default(),
            n_rows: 0,
        }
    }

    fn take(&mut self, batch: &Batch<'_>, rules: Rules, dense: &mut Vec<f64>) -> Result<(), Error> {
        if batch.lacks(self.guard.index) {
            return Ok(());
        }
        self.n_rows += batch.n_rows as u64;
        let is_text = self.guard.check(batch, rules)?;
        if is_text {
            self.spelling.look(batch, self.guard.index);
        }
        if let (true, State::Number(accumulator)) = (is_text, &self.state) {
            self.state = State::Text(*accumulator.counts());
        }
        let cells = &batch.columns[self.guard.index];
        match &mut self.state {
            State::Number(accumulator) => accumulate(accumulator, cells, dense),
            State::Text(counts) => {
                count(counts, cells);
                Ok(())
            }
        }
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.spilled |= other.spilled;
        self.n_rows += other.n_rows;
        self.guard.merge(other.guard);
        self.spelling.merge(other.spelling);
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

    fn close(self, n_rows: u64) -> Result<Column, Error> {
        let (kind, mut partial) = match self.state {
            State::Number(accumulator) => (Kind::Number, accumulator.into_partial()),
            State::Text(counts) => (Kind::Text, Partial::from_counts(counts)?),
        };
        partial.push_nulls(n_rows - self.n_rows)?;
        let Guard { name, first_invalid, .. } = self.guard;
        let invalid_text = self.spelling.into_one();
        Ok(Column { name, kind, partial, first_invalid, invalid_text })
    }
}

impl PutAway for OpenColumn {
    fn bytes_kept(&self) -> u64 {
        match &self.state {
            State::Number(accumulator) => accumulator.bytes_kept(),
            State::Text(_) => 0,
        }
    }

    fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        if let State::Number(accumulator) = &mut self.state {
            spill.put_away(accumulator)?;
            self.spilled = true;
        }
        Ok(())
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
pub(super) fn counts_of(left: Counts, right: Counts) -> Result<Counts, Error> {
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
    if let Some(numbers) = cells.plain() {
        return Ok(accumulator.update(numbers)?);
    }
    dense.clear();
    let present = |(row, _): &(usize, &f64)| cells.present.get(*row);
    dense.extend(cells.numbers.iter().enumerate().filter(present).map(|(_, value)| value));
    accumulator.update(dense.as_slice())?;
    let wide: Vec<_> = cells.wide.iter().map(|(_, value)| *value).collect();
    accumulator.update(&wide)?;
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
            count_number(counts, *value);
        }
    }
}
