//! Rows in groups: each thread groups what it takes under numbers of its own, and brings it to one place when there is
//! enough of it, and in the end. What a group keeps is in `states`, what makes a group in `keys`, and what becomes of
//! groups for which there is no memory in `put_away`.

use std::sync::{Arc, Mutex};

use exacta::{Counts, Nonfinite, Partial, Plan};

use super::{
    guard::{Guard, Rules},
    keys::Keys,
    put_away::AllGroups,
    states::{States, count_cell, for_each_cell},
};
use crate::{
    Batch, Column, Error, Kind, ScanOptions, batch::Cells, error::first, memory::Share,
    spill::Spill,
};

/// So many groups or spellings of keys a thread keeps to itself: enough that few groups are brought once, few enough
/// that many groups are in memory once, however many threads there are.
const APART_MAX: usize = 1 << 16;

/// The groups of one thread, and the way to those of all.
pub(crate) struct GroupSink {
    own: OpenGroups,
    /// The indices of the key's columns in a batch.
    key_columns: Vec<usize>,
    rules: Rules,
    /// The group of each row of a batch.
    ids: Vec<u32>,
    all: Shared,
    share: Share,
}

/// The groups of all threads, once one has brought some.
pub(crate) type Shared = Arc<Mutex<Option<AllGroups>>>;

impl GroupSink {
    /// No rows yet. The columns of the key and those to summarize are given by their index in a batch and their name.
    pub(super) fn new(
        keys: &[(usize, String)],
        selected: &[(usize, String)],
        all: &Shared,
        options: &ScanOptions,
        plan: &Plan,
    ) -> Self {
        let key_columns = keys.iter().map(|(index, _)| *index).collect();
        let rules = Rules::new(options, plan);
        // What is to be rejected is rejected here, where its place is known.
        let plan = &plan.clone().with_nonfinite(Nonfinite::Propagate);
        let columns = selected.iter().map(|column| OpenColumn::new(column, plan)).collect();
        let (keys, sizes) = (Keys::new(keys.len()), Vec::new());
        let own = OpenGroups { keys, sizes, columns, plan: plan.clone() };
        let (all, share) = (Arc::clone(all), Share::new(&options.memory));
        Self { own, key_columns, rules, ids: Vec::new(), all, share }
    }

    /// Takes the rows of a batch. Of several errors the first in the input is the one told.
    pub(super) fn take(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let Self { own, rules, ids, .. } = self;
        let columns: Vec<_> = self.key_columns.iter().map(|index| &batch.columns[*index]).collect();
        own.keys.take(&columns, batch.n_rows, ids);
        let n_groups = own.keys.len();
        own.sizes.resize(n_groups, 0);
        ids.iter().for_each(|id| own.sizes[*id as usize] += 1);
        let taken = own.columns.iter_mut().map(|column| column.take(batch, ids, n_groups, *rules));
        first(taken.filter_map(Result::err)).map_or(Ok(()), Err)?;
        self.share.set(own.bytes_kept());
        let is_much = own.keys.n_spellings() > APART_MAX || self.share.is_exceeded();
        if is_much { self.bring() } else { Ok(()) }
    }

    /// Has columns added that are null in the rows taken so far.
    pub(super) fn widen(&mut self, columns: &[(usize, String)]) {
        self.own.widen(columns);
    }

    /// Brings the columns into ascending order of their ranks, after all rows of all threads.
    pub(super) fn sort(&mut self, rank: impl Fn(&str) -> usize) -> Result<(), Error> {
        self.bring()?;
        let mut all = self.all.lock().expect("merging does not panic");
        let all = all.iter_mut().map(|all| &mut all.open);
        for groups in all.chain([&mut self.own]) {
            groups.columns.sort_by_key(|column| rank(&column.guard.name));
        }
        Ok(())
    }

    /// Brings its groups to those of all threads.
    pub(super) fn bring(&mut self) -> Result<(), Error> {
        let mut all = self.all.lock().expect("merging does not panic");
        let empty = self.own.to_empty();
        self.own.grow();
        let own = std::mem::replace(&mut self.own, empty);
        self.share.set(0);
        let all = match &mut *all {
            Some(all) => {
                all.take(own)?;
                all
            }
            None => all.insert(AllGroups::new(own, &self.share)?),
        };
        // A column that others know for text needs no states here.
        for (column, other) in self.own.columns.iter_mut().zip(&all.open.columns) {
            column.learn(other);
        }
        Ok(())
    }

    /// The groups of all rows taken. What is to be rejected after all, in columns that turned out to be no text, is
    /// an error: the first in the input.
    pub(super) fn close(mut self) -> Result<AllGroups, Error> {
        self.bring()?;
        let mut all = self.all.lock().expect("merging does not panic").take().expect("some came");
        let rejected = all.open.columns.iter_mut().filter_map(|column| match column.state {
            State::Number(_) => column.guard.take_rejected(),
            State::Text(_) => None,
        });
        first(rejected).map_or(Ok(()), Err)?;
        Ok(all)
    }
}

/// Groups that still take rows.
#[derive(Debug)]
pub(crate) struct OpenGroups {
    pub(crate) keys: Keys,
    /// How many rows each group has.
    pub(crate) sizes: Vec<u64>,
    pub(crate) columns: Vec<OpenColumn>,
    pub(super) plan: Plan,
}

impl OpenGroups {
    /// About how many bytes they take.
    pub(super) fn bytes_kept(&self) -> u64 {
        self.keys.bytes_kept() + self.columns.iter().map(OpenColumn::bytes_kept).sum::<u64>()
    }

    /// Keeps these groups alone, under new numbers in this order: some of which values are in a file.
    pub(super) fn keep(&mut self, ids: &[u32]) {
        let mut keys = self.keys.to_empty();
        for id in ids {
            keys.key(self.keys.written(*id));
        }
        self.keys = keys;
        self.sizes = ids.iter().map(|id| self.sizes[*id as usize]).collect();
        self.columns.iter_mut().for_each(|column| column.keep(ids));
    }

    /// The same columns without a row.
    fn to_empty(&self) -> Self {
        let column = |column: &OpenColumn| OpenColumn {
            guard: column.guard.to_empty(),
            state: match column.state {
                State::Number(_) => State::new(&self.plan),
                State::Text(_) => State::Text(Vec::new()),
            },
        };
        let columns = self.columns.iter().map(column).collect();
        Self { keys: self.keys.to_empty(), sizes: Vec::new(), columns, plan: self.plan.clone() }
    }

    /// Adds columns that are null in all rows.
    pub(crate) fn widen(&mut self, columns: &[(usize, String)]) {
        self.columns.extend(columns.iter().map(|column| OpenColumn::new(column, &self.plan)));
    }

    /// Has all groups in each column, also those of which none of its batches told.
    pub(super) fn grow(&mut self) {
        let n_groups = self.keys.len();
        self.columns.iter_mut().for_each(|column| column.grow(n_groups));
    }

    /// Takes away what a column has of a group, which is null in the rows that nothing told of.
    pub(super) fn take_partial(&mut self, column: usize, id: u32) -> Result<Partial, Error> {
        let mut partial = self.columns[column].take_partial(id)?;
        partial.push_nulls(self.sizes[id as usize] - partial.counts().total())?;
        Ok(partial)
    }

    /// Adds the columns that others have beside those that both have.
    fn widen_like(&mut self, other: &Self) {
        let missing = other.columns.iter().skip(self.columns.len());
        let missing = missing.map(|column| (column.guard.index, column.guard.name.clone()));
        self.widen(&missing.collect::<Vec<_>>());
    }

    /// Takes in groups of other rows, whose columns stand in the same order; the last of them may be missing here or
    /// there, and are null in those rows.
    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        self.widen_like(&other);
        other.widen_like(self);
        let n_others = other.keys.len() as u32;
        let ids: Vec<_> = (0..n_others).map(|key| self.keys.key(other.keys.written(key))).collect();
        let n_groups = self.keys.len();
        self.sizes.resize(n_groups, 0);
        ids.iter().zip(&other.sizes).for_each(|(id, size)| self.sizes[*id as usize] += size);
        let mut columns = self.columns.iter_mut().zip(other.columns);
        columns.try_for_each(|(column, other)| column.merge(other, &ids, n_groups))
    }
}

/// A column that still takes cells.
#[derive(Debug)]
pub(crate) struct OpenColumn {
    pub(crate) guard: Guard,
    state: State,
}

/// What a column is known as so far. It is text in every group, or in none.
#[derive(Debug)]
enum State {
    Number(Box<States>),
    Text(Vec<Counts>),
}

impl State {
    fn new(plan: &Plan) -> Self {
        Self::Number(Box::new(States::new(plan)))
    }
}

impl OpenColumn {
    fn new(column: &(usize, String), plan: &Plan) -> Self {
        Self { guard: Guard::new(column), state: State::new(plan) }
    }

    fn take(
        &mut self,
        batch: &Batch<'_>,
        ids: &[u32],
        n_groups: usize,
        rules: Rules,
    ) -> Result<(), Error> {
        if batch.lacks(self.guard.index) {
            return Ok(());
        }
        self.grow(n_groups);
        if self.guard.check(batch, rules)? {
            self.become_text(n_groups);
        }
        let cells = &batch.columns[self.guard.index];
        match &mut self.state {
            State::Number(states) => states.take(ids, cells),
            State::Text(counts) => count(counts, ids, cells),
        }
    }

    fn bytes_kept(&self) -> u64 {
        match &self.state {
            State::Number(states) => states.bytes_kept(),
            State::Text(counts) => size_of_val(counts.as_slice()) as u64,
        }
    }

    /// Puts the values of groups that keep many into a file.
    pub(super) fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        match &mut self.state {
            State::Number(states) => states.put_away(spill),
            State::Text(_) => Ok(()),
        }
    }

    /// Whether values of a group are in a file.
    pub(super) fn is_apart(&self, id: u32) -> bool {
        matches!(&self.state, State::Number(states) if states.is_apart(id))
    }

    fn keep(&mut self, ids: &[u32]) {
        match &mut self.state {
            State::Number(states) => states.keep(ids),
            State::Text(counts) => {
                *counts = ids.iter().map(|id| counts[*id as usize]).collect();
            }
        }
    }

    fn grow(&mut self, n_groups: usize) {
        match &mut self.state {
            State::Number(states) => states.grow(n_groups),
            State::Text(counts) => counts.resize(n_groups, Counts::default()),
        }
    }

    /// Keeps no more than counts.
    fn become_text(&mut self, n_groups: usize) {
        if let State::Number(states) = &self.state {
            self.state = State::Text((0..n_groups as u32).map(|id| states.counts(id)).collect());
        }
    }

    /// Becomes text where another is, before it has taken anything.
    fn learn(&mut self, other: &Self) {
        if matches!(other.state, State::Text(_)) {
            self.become_text(0);
        }
    }

    fn merge(&mut self, mut other: Self, ids: &[u32], n_groups: usize) -> Result<(), Error> {
        other.grow(ids.len());
        self.guard.merge(other.guard);
        self.grow(n_groups);
        if matches!(other.state, State::Text(_)) {
            self.become_text(n_groups);
        }
        match (&mut self.state, other.state) {
            (State::Number(states), State::Number(others)) => states.merge_at(ids, *others),
            (State::Text(counts), other) => {
                for (number, id) in ids.iter().enumerate() {
                    let other = match &other {
                        State::Number(states) => states.counts(number as u32),
                        State::Text(others) => others[number],
                    };
                    let counts = &mut counts[*id as usize];
                    *counts = super::columns::counts_of(*counts, other)?;
                }
                Ok(())
            }
            (State::Number(_), State::Text(_)) => unreachable!("it has become text"),
        }
    }

    /// It as a column with this partial: that of a group, whose first invalid cell is that of the whole table.
    pub(super) fn named(&self, partial: Partial) -> Column {
        Column {
            name: self.guard.name.clone(),
            kind: self.kind(),
            partial,
            first_invalid: self.guard.first_invalid,
            invalid_text: None,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.state {
            State::Number(_) => Kind::Number,
            State::Text(_) => Kind::Text,
        }
    }

    /// Takes away what a group has taken.
    fn take_partial(&mut self, id: u32) -> Result<Partial, Error> {
        match &mut self.state {
            State::Number(states) => states.take_partial(id),
            State::Text(counts) => Ok(Partial::from_counts(counts[id as usize])?),
        }
    }
}

/// Counts the cell of each row in its group.
fn count(counts: &mut [Counts], ids: &[u32], cells: &Cells) -> Result<(), Error> {
    for_each_cell(ids, cells, |id, cell| {
        count_cell(&mut counts[id as usize], cell);
        Ok(())
    })
}
