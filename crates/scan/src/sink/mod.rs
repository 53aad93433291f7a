//! What takes the rows of a table: the sinks. Each takes batches, is merged with that of another thread, and ends as
//! a part of the table.

mod columns;
mod guard;
mod selection;

use exacta::Plan;

use self::{columns::Columns, selection::Selection};
use crate::{
    Batch, Error, ScanOptions, Table, Warning,
    layout::Layout,
    parallel::{Decoder, Units, run},
};

/// All that is made of the rows.
pub(crate) struct Sink {
    selection: Selection,
    n_rows: u64,
    columns: Columns,
}

impl Sink {
    /// No rows yet.
    pub(crate) fn new(layout: &Layout, options: &ScanOptions, plan: &Plan) -> Self {
        Self {
            selection: Selection::new(&layout.filters),
            n_rows: 0,
            columns: Columns::new(&layout.columns, options, plan),
        }
    }

    /// All rows of an input, read by the threads of rayon's current pool.
    pub(crate) fn fill<U: Units, D: Decoder<U::Unit>>(
        layout: &Layout,
        options: &ScanOptions,
        plan: &Plan,
        units: U,
        decoder: impl Fn() -> D + Sync,
    ) -> Result<Self, Error> {
        let sinks = run(units, decoder, || Self::new(layout, options, plan), Self::take)?;
        let mut sinks = sinks.into_iter();
        let mut whole = sinks.next().expect("at least one thread has been through the input");
        sinks.try_for_each(|sink| whole.merge(sink))?;
        Ok(whole)
    }

    /// Takes the rows of a batch that are asked for.
    pub(crate) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let Self { selection, n_rows, columns } = self;
        selection.apply(batch, |batch| {
            *n_rows += batch.n_rows as u64;
            columns.take(batch)
        })
    }

    /// Takes what another has taken of the same table.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.n_rows += other.n_rows;
        self.columns.merge(other.columns)
    }

    /// Has columns added that are null in the rows taken so far.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)]) {
        self.columns.widen(columns, self.n_rows);
    }

    /// Brings the columns into ascending order of their ranks.
    pub(crate) fn sort_columns(&mut self, rank: impl Fn(&str) -> usize) {
        self.columns.sort(rank);
    }

    /// The table of all rows taken.
    pub(crate) fn close(self, header: Option<Warning>) -> Result<Table, Error> {
        let columns = self.columns.close()?;
        let text = columns.iter().filter_map(crate::Column::warning);
        let warnings = header.into_iter().chain(text).collect();
        Ok(Table { columns, rows: self.n_rows, warnings })
    }
}
