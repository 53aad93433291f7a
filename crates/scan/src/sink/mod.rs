//! What takes the rows of a table: the sinks. Each takes batches, is merged with that of another thread, and ends as
//! a part of the table.

mod columns;
mod decimals;
mod groups;
mod guard;
mod keys;
mod pairs;
mod put_away;
mod selection;
mod spelling;
mod states;
mod tops;

use exacta::Plan;

pub use self::tops::Tops;
use self::{
    columns::Columns,
    decimals::Decimals,
    groups::GroupSink,
    pairs::{OpenPair, OpenWeights},
    selection::Selection,
};
pub(crate) use self::{groups::Shared, guard::Guard, put_away::AllGroups};
use crate::{
    Batch, Error, Grouped, Lacked, Memory, Progress, ScanOptions, Table, Warning, Watch,
    absent::Completion,
    error::first,
    layout::Layout,
    parallel::{Decoder, Units, run},
};

/// All that is made of the rows.
pub(crate) struct Sink {
    completion: Completion,
    selection: Selection,
    parts: Parts,
    memory: Memory,
    watch: Option<Watch>,
}

/// How many threads may have accumulators of so many columns. Groups have limits of their own, and decimals are small.
pub(crate) fn n_threads(
    layout: &Layout,
    n_columns: usize,
    options: &ScanOptions,
    plan: &Plan,
) -> Result<usize, Error> {
    let is_apart = options.decimal || !layout.keys.is_empty();
    options.memory.n_threads(if is_apart { 0 } else { n_columns }, states::accumulator_bytes(plan))
}

/// What is made of the rows that are asked for.
struct Parts {
    n_rows: u64,
    columns: Columns,
    /// The columns instead, where numbers are taken as they are written.
    decimals: Option<Decimals>,
    groups: Option<GroupSink>,
    /// The names of the columns that make groups.
    by: Vec<String>,
    pairs: Vec<OpenPair>,
    weights: Option<OpenWeights>,
    tops: Option<Tops>,
    lacked: Vec<Lacked>,
}

impl Sink {
    /// No rows yet.
    pub(crate) fn new(layout: &Layout, options: &ScanOptions, plan: &Plan) -> Self {
        let Layout { columns, keys, groups, pairs, .. } = layout;
        let weights = |it| OpenWeights::new(it, columns, options, plan);
        let is_grouped = !keys.is_empty();
        let whole = if is_grouped || options.decimal { &[] } else { columns.as_slice() };
        let parts = Parts {
            n_rows: 0,
            columns: Columns::new(whole, options, plan),
            decimals: options.decimal.then(|| Decimals::new(columns, options, plan)),
            groups: is_grouped.then(|| GroupSink::new(keys, columns, groups, options, plan)),
            by: options.by.clone(),
            pairs: pairs.iter().map(|pair| OpenPair::new(pair, options, plan)).collect(),
            weights: layout.weights.as_ref().map(weights),
            tops: Tops::new(columns, options),
            lacked: layout.lacked.clone(),
        };
        Self {
            completion: Completion::new(&layout.absent),
            selection: Selection::new(&layout.filters),
            parts,
            memory: options.memory.clone(),
            watch: options.watch.clone(),
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
        options.tell(Progress::Columns(layout.columns.len()))?;
        let n_threads = n_threads(layout, layout.columns.len(), options, plan)?;
        let sink = || Self::new(layout, options, plan);
        Self::merged(run(units, n_threads, decoder, sink, Self::take)?)
    }

    /// The sinks of all threads as one.
    pub(crate) fn merged(sinks: impl IntoIterator<Item = Self>) -> Result<Self, Error> {
        let mut sinks = sinks.into_iter();
        let mut whole = sinks.next().expect("at least one thread has been through the input");
        sinks.try_for_each(|sink| whole.merge(sink))?;
        Ok(whole)
    }

    /// Takes the rows of a batch that are asked for.
    pub(crate) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let Self { completion, selection, parts, memory, watch } = self;
        completion.apply(batch, |batch| selection.apply(batch, |batch| parts.take(batch)))?;
        let progress = Progress::Rows(memory.bytes_kept());
        Ok(watch.as_ref().map_or(Ok(()), |watch| watch.tell(progress))?)
    }

    /// Takes what another has taken of the same table.
    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.parts.merge(other.parts)
    }

    /// Has columns added that are null in the rows taken so far.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)]) {
        let Parts { n_rows, columns: whole, decimals, groups, .. } = &mut self.parts;
        match (groups, decimals) {
            (Some(groups), _) => groups.widen(columns),
            (None, Some(decimals)) => decimals.widen(columns, *n_rows),
            (None, None) => whole.widen(columns),
        }
        if let Some(weights) = &mut self.parts.weights {
            weights.widen(columns);
        }
        if let Some(tops) = &mut self.parts.tops {
            tops.widen(columns);
        }
    }

    /// Brings the columns into ascending order of their ranks.
    pub(crate) fn sort_columns(&mut self, rank: impl Fn(&str) -> usize) -> Result<(), Error> {
        let Parts { columns, decimals, groups, .. } = &mut self.parts;
        match (groups, decimals) {
            (Some(groups), _) => groups.sort(rank)?,
            (None, Some(decimals)) => decimals.sort(rank),
            (None, None) => columns.sort(rank),
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
        let decimals = self.decimals.as_mut().and_then(|decimals| decimals.take(batch).err());
        let groups = self.groups.as_mut().and_then(|groups| groups.take(batch).err());
        let pairs = self.pairs.iter_mut().filter_map(|pair| pair.take(batch).err());
        let weights = self.weights.as_mut().and_then(|weights| weights.take(batch).err());
        let tops = self.tops.as_mut().and_then(|tops| tops.take(batch).err());
        let errors = [columns, decimals, groups, weights, tops].into_iter().flatten().chain(pairs);
        first(errors).map_or(Ok(()), Err)
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.n_rows += other.n_rows;
        self.columns.merge(other.columns)?;
        self.pairs.iter_mut().zip(other.pairs).for_each(|(pair, other)| pair.merge(other));
        if let (Some(weights), Some(others)) = (&mut self.weights, other.weights) {
            weights.merge(others);
        }
        if let (Some(decimals), Some(others)) = (&mut self.decimals, other.decimals) {
            decimals.merge(others)?;
        }
        if let (Some(tops), Some(others)) = (&mut self.tops, other.tops) {
            tops.merge(others)?;
        }
        // The groups of all threads meet in one place.
        other.groups.map_or(Ok(()), |mut groups| groups.bring())
    }

    fn close(self, header: Option<Warning>) -> Result<Table, Error> {
        let columns = match self.decimals {
            Some(decimals) => decimals.close()?,
            None => self.columns.close(self.n_rows)?,
        };
        let by = self.by;
        let groups = self.groups.map(GroupSink::close).transpose()?;
        let groups = groups.map(|all| Grouped { by, all });
        let pairs = self.pairs.into_iter().map(OpenPair::close).collect::<Result<_, _>>()?;
        let weighted = self.weights.map(|weights| weights.close(self.n_rows)).transpose()?;
        let weighted = weighted.unwrap_or_default();
        let (tops, rows, warnings) = (self.tops, self.n_rows, Vec::new());
        let lacked = self.lacked;
        let mut table = Table { columns, groups, pairs, weighted, tops, lacked, rows, warnings };
        table.warnings = header.into_iter().chain(table.text_columns()).collect();
        Ok(table)
    }
}
