//! Pairs of columns, row by row, and columns with a column of weights. What comes of a column alone is in `columns`.

use exacta::{
    Nonfinite, PairAccumulator, PairPartial, Plan, Value, WeightedAccumulator, WeightedPartial,
};

use super::{
    guard::{Guard, Rules},
    states::{Cell, for_each_cell},
};
use crate::{
    Batch, Error, Pair, ScanOptions, Weighted,
    batch::Cells,
    error::{excerpt, first},
};

/// A column of a batch, by its index, and its name.
type Named = (usize, String);

/// Two columns that still take rows.
pub(crate) struct OpenPair {
    guards: [Guard; 2],
    rules: Rules,
    accumulator: PairAccumulator,
    /// What other threads have taken.
    others: Vec<PairPartial>,
}

impl OpenPair {
    pub(super) fn new([x, y]: &[Named; 2], options: &ScanOptions, plan: &Plan) -> Self {
        Self {
            guards: [Guard::new(x), Guard::new(y)],
            rules: Rules::new(options, plan).named(),
            // What is to be rejected is rejected by the guards, which know its place.
            accumulator: PairAccumulator::new(Nonfinite::Propagate),
            others: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        for guard in &mut self.guards {
            guard.check(batch, self.rules)?;
        }
        let [x, y] = [0, 1].map(|index| &batch.columns[self.guards[index].index]);
        if let (Some(x), Some(y)) = (x.plain(), y.plain()) {
            return Ok(self.accumulator.update(x, y)?);
        }
        for row in values(x)?.into_iter().zip(values(y)?) {
            match row {
                (Some(x), Some(y)) => self.accumulator.push(x, y)?,
                _ => self.accumulator.push_null(),
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.others.extend(other.others);
        self.others.push(other.accumulator.into_partial());
    }

    pub(super) fn close(self) -> Result<Pair, Error> {
        let [x, y] = self.guards.map(|guard| guard.name);
        let mut partial = self.accumulator.into_partial();
        self.others.into_iter().try_for_each(|other| partial.merge(other))?;
        Ok(Pair { x, y, partial })
    }
}

/// Columns with weights that still take rows.
pub(crate) struct OpenWeights {
    weights: Guard,
    rules: Rules,
    columns: Vec<OpenWeighted>,
}

/// One of these columns.
struct OpenWeighted {
    index: usize,
    name: String,
    accumulator: WeightedAccumulator,
    others: Vec<WeightedPartial>,
    /// How many rows it was told of; it is null in all others.
    n_rows: u64,
}

impl OpenWeights {
    pub(super) fn new(
        weights: &Named,
        columns: &[Named],
        options: &ScanOptions,
        plan: &Plan,
    ) -> Self {
        let columns = columns.iter().map(OpenWeighted::new).collect();
        let rules = Rules::new(options, plan).named().lenient();
        Self { weights: Guard::new(weights), rules, columns }
    }

    /// Has columns added that are null in the rows taken so far.
    pub(super) fn widen(&mut self, columns: &[Named]) {
        self.columns.extend(columns.iter().map(OpenWeighted::new));
    }

    pub(super) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let weights = values(&batch.columns[self.weights.index])?;
        let is_wrong = |weight: &Value| !weight.is_finite() || weight.to_f64() < 0.0;
        let wrong = weights.iter().position(|weight| weight.as_ref().is_some_and(is_wrong));
        let wrong = wrong.map(|row| Error::WeightInvalid {
            name: self.weights.name.clone(),
            cell: excerpt(&batch.origin.text(row, self.weights.index)),
            place: batch.origin.place(row, self.weights.index),
        });
        let text = self.weights.check(batch, self.rules).err();
        first(wrong.into_iter().chain(text)).map_or(Ok(()), Err)?;
        for column in self.columns.iter_mut().filter(|column| !batch.lacks(column.index)) {
            column.n_rows += batch.n_rows as u64;
            for row in values(&batch.columns[column.index])?.into_iter().zip(&weights) {
                match row {
                    (Some(value), Some(weight)) => column.accumulator.push(value, *weight)?,
                    _ => column.accumulator.push_null(),
                }
            }
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (column, other) in self.columns.iter_mut().zip(other.columns) {
            column.n_rows += other.n_rows;
            column.others.extend(other.others);
            column.others.push(other.accumulator.into_partial());
        }
    }

    /// The columns of all `n_rows` taken.
    pub(super) fn close(self, n_rows: u64) -> Result<Vec<Weighted>, Error> {
        let close = |mut column: OpenWeighted| {
            (column.n_rows..n_rows).for_each(|_| column.accumulator.push_null());
            let mut partial = column.accumulator.into_partial();
            column.others.into_iter().try_for_each(|other| partial.merge(other))?;
            Ok(Weighted { name: column.name, partial })
        };
        self.columns.into_iter().map(close).collect()
    }
}

impl OpenWeighted {
    fn new((index, name): &Named) -> Self {
        // What is to be rejected is rejected with the columns, where its place is known.
        let accumulator = WeightedAccumulator::new(Nonfinite::Propagate);
        Self { index: *index, name: name.clone(), accumulator, others: Vec::new(), n_rows: 0 }
    }
}

/// The number of each cell; one that is none counts as missing.
fn values(cells: &Cells) -> Result<Vec<Option<Value>>, Error> {
    let ids: Vec<_> = (0..cells.numbers.len() as u32).collect();
    let mut values = Vec::with_capacity(ids.len());
    for_each_cell(&ids, cells, |_, cell| {
        values.push(match cell {
            Cell::Number(value) => Some(value.into()),
            Cell::Wide(value) => Some(value),
            Cell::Invalid | Cell::Null => None,
        });
        Ok(())
    })?;
    Ok(values)
}
