//! The names of all members of all records, as the threads find them: which of them are columns, and which came first.

use std::{collections::BTreeMap, ops::Range, sync::Mutex};

use super::fault::JsonFault;
use crate::{COLUMNS_MAX, Lacked, RECORD_BYTES_MAX, ScanOptions, layout::Layout};

/// The names that the threads share. A name is the path of a member: `a.b` is member `b` of the object `a`.
pub(super) struct Names {
    found: Mutex<Found>,
    /// Whether a name that nobody asked for is a column too.
    open: bool,
    columns_max: usize,
}

#[derive(Default)]
struct Found {
    members: Vec<Member>,
    index_of: BTreeMap<String, usize>,
    /// The columns, each by its index among the members: those asked for, and others as they are found.
    columns: Vec<usize>,
    n_asked: usize,
    /// The length of all names.
    n_bytes: usize,
}

struct Member {
    name: String,
    /// The index of its column, if it is one.
    column: Option<usize>,
    /// The position in the stream of its first cell.
    first: Option<u64>,
}

impl Names {
    /// The names that a layout was made of, none of them found yet.
    pub(super) fn new(asked: &[String], layout: &Layout, options: &ScanOptions) -> Self {
        let mut found = Found { n_asked: layout.wants.len(), ..Found::default() };
        asked.iter().for_each(|name| found.add(name));
        for (column, want) in layout.wants.iter().enumerate() {
            found.members[want.index].column = Some(column);
            found.columns.push(want.index);
        }
        let columns_max = options.columns_max.min(COLUMNS_MAX);
        Self { found: Mutex::new(found), open: options.columns.is_empty(), columns_max }
    }

    /// Takes notice of a member, and gives its index.
    pub(super) fn member(&self, name: &str) -> Result<usize, JsonFault> {
        let mut found = self.found.lock().expect("nothing panics here");
        if let Some(index) = found.index_of.get(name) {
            return Ok(*index);
        }
        if found.members.len() == COLUMNS_MAX {
            return Err(JsonFault::ColumnsTooMany { columns_max: COLUMNS_MAX });
        }
        if found.n_bytes + name.len() > RECORD_BYTES_MAX {
            return Err(JsonFault::NamesTooLong { bytes_max: RECORD_BYTES_MAX });
        }
        found.add(name);
        Ok(found.members.len() - 1)
    }

    /// Takes notice of a cell at this position of the stream, and gives the index of its column, if it is one.
    pub(super) fn cell(&self, index: usize, offset: u64) -> Result<Option<usize>, JsonFault> {
        let mut found = self.found.lock().expect("nothing panics here");
        let n_columns = found.columns.len();
        let member = &mut found.members[index];
        member.first = Some(member.first.map_or(offset, |first| first.min(offset)));
        if member.column.is_some() || !self.open {
            return Ok(member.column);
        }
        if n_columns == self.columns_max {
            return Err(JsonFault::ColumnsTooMany { columns_max: self.columns_max });
        }
        member.column = Some(n_columns);
        found.columns.push(index);
        Ok(Some(n_columns))
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> String {
        let found = self.found.lock().expect("nothing panics here");
        found.members[found.columns[column]].name.clone()
    }

    /// The columns from one index to another: their index and name.
    pub(super) fn columns(&self, range: Range<usize>) -> Vec<(usize, String)> {
        let found = self.found.lock().expect("nothing panics here");
        let name = |column: usize| found.members[found.columns[column]].name.clone();
        range.map(|column| (column, name(column))).collect()
    }

    /// After the whole input: its names in the order of their first cells, and those that were asked for and not found.
    pub(super) fn close(self) -> (Order, Vec<Lacked>) {
        let found = self.found.into_inner().expect("nothing panics here");
        let asked = found.columns[..found.n_asked].iter().map(|index| &found.members[*index]);
        let lacked: Vec<_> =
            asked.filter(|it| it.first.is_none()).map(|it| it.name.clone()).collect();
        let mut members: Vec<_> = found
            .members
            .into_iter()
            .filter_map(|member| Some((member.first?, member.name)))
            .collect();
        members.sort_unstable();
        let names: Vec<_> = members.into_iter().map(|(_, name)| name).collect();
        let lacked = lacked.iter().map(|name| Lacked::new(name, &names)).collect();
        (Order(names.into_iter().zip(0..).collect()), lacked)
    }

    /// How many columns there are.
    pub(super) fn n_columns(&self) -> usize {
        self.found.lock().expect("nothing panics here").columns.len()
    }
}

impl Found {
    fn add(&mut self, name: &str) {
        self.n_bytes += name.len();
        self.index_of.insert(name.to_owned(), self.members.len());
        self.members.push(Member { name: name.to_owned(), column: None, first: None });
    }
}

/// The names in the order of the input.
pub(super) struct Order(BTreeMap<String, usize>);

impl Order {
    /// Where a name comes; one that was not found comes behind all others.
    pub(super) fn rank(&self, name: &str) -> usize {
        self.0.get(name).copied().unwrap_or(usize::MAX)
    }
}
