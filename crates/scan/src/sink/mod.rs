//! What takes the rows of a table: the sinks. Each takes batches, is merged with that of another thread, and ends as
//! a part of the table.

mod columns;
mod groups;
mod guard;
mod keys;
mod selection;
mod spelling;
mod states;

use exacta::Plan;

use self::{columns::Columns, groups::GroupSink, selection::Selection};
pub(crate) use self::{
    groups::{OpenGroups, Shared},
    guard::Guard,
};
use crate::{
    Batch, Error, Grouped, ScanOptions, Table, Warning,
    error::first,
    layout::Layout,
    parallel::{Decoder, Units, run},
};

/// All that is made of the rows.
pub(crate) struct Sink {
    selection: Selection,
    parts: Parts,
}

/// What is made of the rows that are asked for.
struct Parts {
    n_rows: u64,
    columns: Columns,
    groups: Option<GroupSink>,
    /// The names of the columns that make groups.
    by: Vec<String>,
}

impl Sink {
    /// No rows yet.
    pub(crate) fn new(layout: &Layout, options: &ScanOptions, plan: &Plan) -> Self {
        let Layout { columns, keys, groups, .. } = layout;
        let is_grouped = !keys.is_empty();
        let whole = if is_grouped { &[] } else { columns.as_slice() };
        let parts = Parts {
            n_rows: 0,
            columns: Columns::new(whole, options, plan),
            groups: is_grouped.then(|| GroupSink::new(keys, columns, groups, options, plan)),
            by: options.by.clone(),
        };
        Self { selection: Selection::new(&layout.filters), parts }
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
        let Self { selection, parts } = self;
        selection.apply(batch, |batch| parts.take(batch))
    }

    /// Takes what another has taken of the same table.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.parts.merge(other.parts)
    }

    /// Has columns added that are null in the rows taken so far.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)]) {
        match &mut self.parts.groups {
            Some(groups) => groups.widen(columns),
            None => self.parts.columns.widen(columns, self.parts.n_rows),
        }
    }

    /// Brings the columns into ascending order of their ranks.
    pub(crate) fn sort_columns(&mut self, rank: impl Fn(&str) -> usize) -> Result<(), Error> {
        match &mut self.parts.groups {
            Some(groups) => groups.sort(rank)?,
            None => self.parts.columns.sort(rank),
        }
        Ok(())
    }

    /// The table of all rows taken.
    pub(crate) fn close(self, header: Option<Warning>) -> Result<Table, Error> {
        self.parts.close(header)
    }
}

impl Parts {
    fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        self.n_rows += batch.n_rows as u64;
        let columns = self.columns.take(batch).err();
        let groups = self.groups.as_mut().and_then(|groups| groups.take(batch).err());
        first([columns, groups].into_iter().flatten()).map_or(Ok(()), Err)
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.n_rows += other.n_rows;
        self.columns.merge(other.columns)?;
        // The groups of all threads meet in one place.
        other.groups.map_or(Ok(()), |mut groups| groups.bring())
    }

    fn close(self, header: Option<Warning>) -> Result<Table, Error> {
        let columns = self.columns.close()?;
        let by = self.by;
        let groups = self.groups.map(GroupSink::close).transpose()?;
        let groups = groups.map(|open| Grouped { by, open });
        let mut table = Table { columns, groups, rows: self.n_rows, warnings: Vec::new() };
        table.warnings = header.into_iter().chain(table.text_columns()).collect();
        Ok(table)
    }
}
