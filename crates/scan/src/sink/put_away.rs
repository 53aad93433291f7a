//! The groups of all threads and inputs, as many of them in memory as there may be. Where they take more, groups that keep
//! many values put these into a file and stay; all others go there themselves, as partials in the order of their keys.
//! In the end all that is known under a key is merged, one key at a time.

use exacta::{Accumulator, Partial};

use super::{
    columns::counts_of,
    groups::{OpenColumn, OpenGroups},
    keys::{KeyRank, cells, rank},
};
use crate::{
    Column, Error, Group, Kind,
    memory::Share,
    spill::{Merged, Record, RecordRun, Sequence, Spill},
};

/// Groups in memory, and those that had to make room.
#[derive(Debug)]
pub(crate) struct AllGroups {
    pub(crate) open: OpenGroups,
    runs: Vec<GroupRun>,
    spill: Spill,
    share: Share,
}

/// Groups in a file.
#[derive(Clone, Debug)]
struct GroupRun {
    records: RecordRun,
    /// The names of their columns.
    columns: Vec<String>,
}

/// What is known of a group in one place.
struct Part {
    key: Vec<u8>,
    rows: u64,
    /// A partial of each column, unless the group is from before the column came.
    columns: Vec<Option<Partial>>,
}

impl AllGroups {
    /// The groups of a thread, within the memory of which it has a share.
    pub(super) fn new(open: OpenGroups, share: &Share) -> Result<Self, Error> {
        let (runs, spill) = (Vec::new(), Spill::default());
        let mut all = Self { open, runs, spill, share: share.to_empty() };
        all.keep_within_memory()?;
        Ok(all)
    }

    /// Whether there is no group.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.keys.len() == 0 && self.runs.is_empty()
    }

    /// Takes in groups of other rows, whose columns stand in the same order; the last of them may be missing here or there.
    pub(super) fn take(&mut self, open: OpenGroups) -> Result<(), Error> {
        self.open.merge(open)?;
        self.keep_within_memory()
    }

    /// Takes in all groups of another input.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.runs.extend(other.runs);
        self.share.merge(&other.share);
        self.take(other.open)
    }

    /// Makes room where it has to: first the values of groups that keep many go, then all groups of which none did.
    fn keep_within_memory(&mut self) -> Result<(), Error> {
        if !self.is_exceeded() {
            return Ok(());
        }
        let Self { open, spill, .. } = self;
        open.columns.iter_mut().try_for_each(|column| column.put_away(spill))?;
        if self.is_exceeded() { self.put_groups_away() } else { Ok(()) }
    }

    /// Whether there is more in memory than may be.
    fn is_exceeded(&mut self) -> bool {
        self.share.set(self.open.bytes_kept());
        self.share.is_exceeded()
    }

    /// Puts all groups away of which no values are in a file.
    fn put_groups_away(&mut self) -> Result<(), Error> {
        let Self { open, share, .. } = self;
        let is_apart = |id: &u32| open.columns.iter().any(|column| column.is_apart(*id));
        let (stay, go): (Vec<_>, Vec<_>) = open.keys.sorted().into_iter().partition(is_apart);
        if go.is_empty() {
            return Ok(());
        }
        let records = go.into_iter().map(|id| Part::take(open, id)?.into_record());
        let records = self.spill.write_records(records)?;
        let columns = open.columns.iter().map(|column| column.guard.name.clone()).collect();
        self.runs.push(GroupRun { records, columns });
        open.keep(&stay);
        share.set(open.bytes_kept());
        Ok(())
    }

    /// All groups in order.
    pub(crate) fn into_groups(self) -> Box<dyn Iterator<Item = Result<Group, Error>>> {
        let Self { mut open, runs, .. } = self;
        if runs.is_empty() {
            let sorted = open.keys.sorted().into_iter();
            return Box::new(sorted.map(move |id| take_group(&mut open, id)));
        }
        let frame = Frame::new(&open);
        let sequences = runs.into_iter().map(|run| run.into_parts(&frame)).chain([parts(open)]);
        let mut merged = match Merged::new(sequences.collect()) {
            Ok(merged) => merged,
            Err(error) => return Box::new([Err(error)].into_iter()),
        };
        Box::new(std::iter::from_fn(move || {
            let next = merged.next().transpose()?;
            Some(next.and_then(|(_, parts)| frame.group(parts)))
        }))
    }
}

/// A group of those in memory.
fn take_group(open: &mut OpenGroups, id: u32) -> Result<Group, Error> {
    let columns = (0..open.columns.len()).map(|column| {
        let partial = open.take_partial(column, id)?;
        Ok(open.columns[column].named(partial))
    });
    let columns = columns.collect::<Result<_, Error>>()?;
    Ok(Group { by: open.keys.cells(id).collect(), rows: open.sizes[id as usize], columns })
}

/// All groups in memory, in order, as parts.
fn parts(mut open: OpenGroups) -> Sequence<'static, KeyRank, Part> {
    let n_cells = open.keys.n_cells();
    Box::new(open.keys.sorted().into_iter().map(move |id| {
        let part = Part::take(&mut open, id)?;
        Ok((rank(&part.key, n_cells), part))
    }))
}

impl Part {
    /// What is known of a group in memory.
    fn take(open: &mut OpenGroups, id: u32) -> Result<Self, Error> {
        let columns = 0..open.columns.len();
        let columns = columns.map(|column| open.take_partial(column, id).map(Some));
        let columns = columns.collect::<Result<_, Error>>()?;
        Ok(Self { key: open.keys.written(id).to_vec(), rows: open.sizes[id as usize], columns })
    }

    /// It as it is written.
    fn into_record(self) -> Result<Record, Error> {
        let mut value = self.rows.to_le_bytes().to_vec();
        for partial in self.columns.into_iter().flatten() {
            value.extend(partial.to_bytes_within(u64::MAX)?);
        }
        Ok(Record { key: self.key, value })
    }
}

impl GroupRun {
    /// Its groups in order, with columns as they stand in the frame.
    fn into_parts(self, frame: &Frame) -> Sequence<'static, KeyRank, Part> {
        let place = |name: &String| frame.columns.iter().position(|column| column.name == *name);
        let places: Vec<_> = self.columns.iter().map(place).collect();
        let (n_cells, n_columns) = (frame.n_cells, frame.columns.len());
        Box::new(self.records.into_records().map(move |record| {
            let Record { key, value } = record?;
            let (rows, mut rest) = value.split_first_chunk().expect("a size was written");
            let mut columns = vec![None; n_columns];
            for place in &places {
                let (partial, behind) = Partial::from_prefix(rest)?;
                rest = behind;
                columns[place.expect("no column has gone")] = Some(partial);
            }
            let rows = u64::from_le_bytes(*rows);
            Ok((rank(&key, n_cells), Part { key, rows, columns }))
        }))
    }
}

/// What is known of all groups alike.
struct Frame {
    n_cells: usize,
    /// The columns, without rows.
    columns: Vec<Column>,
}

impl Frame {
    fn new(open: &OpenGroups) -> Self {
        let column = |column: &OpenColumn| {
            column.named(match column.kind() {
                Kind::Number => Accumulator::new(&open.plan).into_partial(),
                Kind::Text => Partial::default(),
            })
        };
        Self { n_cells: open.keys.n_cells(), columns: open.columns.iter().map(column).collect() }
    }

    /// A group of all that is known of it.
    fn group(&self, parts: Vec<Part>) -> Result<Group, Error> {
        let by =
            parts.first().map_or_else(Vec::new, |part| cells(&part.key, self.n_cells).collect());
        let mut columns = self.columns.clone();
        let mut rows = 0;
        for part in parts {
            rows += part.rows;
            for (column, partial) in columns.iter_mut().zip(part.columns) {
                merge(column, partial, part.rows)?;
            }
        }
        Ok(Group { by, rows, columns })
    }
}

/// Takes the rows of a part into a column; all of them are null where it has none.
fn merge(column: &mut Column, partial: Option<Partial>, n_rows: u64) -> Result<(), Error> {
    let Some(partial) = partial else { return Ok(column.partial.push_nulls(n_rows)?) };
    if column.kind == Kind::Number {
        return Ok(column.partial.merge(partial)?);
    }
    let counts = counts_of(*column.partial.counts(), *partial.counts())?;
    column.partial = Partial::from_counts(counts)?;
    Ok(())
}
