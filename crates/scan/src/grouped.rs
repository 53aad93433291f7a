//! The groups of a table, in their order. How rows come into groups is in `sink`.

use crate::{
    Column, Error, Kind, Place,
    sink::{AllGroups, Guard},
};

/// What is known of each group of rows: those with the same cells in the columns of a key.
///
/// Cells that are the same number are one key, and a missing cell is a key too. A column is text in every group or in
/// none.
///
/// Limits: memory is that of the groups, 96 bytes a group and column where the plan needs sums, squares and extremes, 2 KB
/// more where the numbers of a group are too far apart for that, and 8 a value where it keeps all. Those that take more than [`ScanOptions::memory`](crate::ScanOptions::memory) allows go
/// to a temporary file; one group at a time comes back.
#[derive(Debug)]
pub struct Grouped {
    pub(crate) by: Vec<String>,
    pub(crate) all: AllGroups,
}

/// What is known of one group.
#[derive(Clone, Debug)]
pub struct Group {
    /// The cells of its key: a number in its shortest form, a text as it is, none where they are missing.
    pub by: Vec<Option<String>>,
    /// How many rows it has.
    pub rows: u64,
    /// The columns. That of text holds counts alone, and the first invalid cell is that of the whole table.
    pub columns: Vec<Column>,
}

impl Grouped {
    /// The names of the columns that make the key.
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// Whether there is no group, as there was no row.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The names of the columns that each group has.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.all.open.columns.iter().map(|column| column.guard.name.as_str())
    }

    /// What each column is, with its name and the place of its first cell that is no number.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (Kind, &String, Option<Place>)> {
        self.all.open.columns.iter().map(|column| {
            let Guard { name, first_invalid, .. } = &column.guard;
            (column.kind(), name, *first_invalid)
        })
    }

    /// The groups in order: by the first cell of the key, then by those behind it; numbers by their value, then texts
    /// by their bytes, missing cells last.
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// use exacta_scan::{ScanOptions, scan_csv};
    ///
    /// let plan = Plan::new([Statistic::Mean]);
    /// let options = ScanOptions { by: vec!["k".into()], ..ScanOptions::default() };
    /// let table = scan_csv("k,x\nb,1\n10,2\n9.50,3\nb,5\n,7\n".as_bytes(), &options, &plan)?;
    /// let mut means = Vec::new();
    /// for group in table.groups.unwrap().into_groups() {
    ///     let group = group?;
    ///     let mean = group.columns[0].partial.finalize(&plan)?.get(Statistic::Mean).unwrap();
    ///     means.push((group.by[0].clone().unwrap_or_default(), mean.finite().unwrap()));
    /// }
    /// let expected = [("9.5", 3.0), ("10", 2.0), ("b", 3.0), ("", 7.0)];
    /// assert_eq!(means, expected.map(|(key, mean)| (key.to_owned(), mean)));
    /// # Ok::<(), exacta_scan::Error>(())
    /// ```
    pub fn into_groups(self) -> impl Iterator<Item = Result<Group, Error>> {
        self.all.into_groups()
    }

    /// Adds the columns that others have beside those of these groups, null in all rows.
    pub(crate) fn widen_like(&mut self, others: &Self) {
        let is_known = |name: &&str| self.columns().any(|known| known == *name);
        let missing = others.columns().filter(|name| !is_known(name));
        // Where they stand in a batch matters no more.
        let missing: Vec<_> = missing.map(|name| (0, name.to_owned())).collect();
        self.all.open.widen(&missing);
    }

    /// Takes in the groups of another input, whose columns may stand in any order.
    pub(crate) fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        let mut columns = Vec::with_capacity(self.all.open.columns.len());
        for name in self.columns() {
            let others = &mut other.all.open.columns;
            let index = others.iter().position(|column| column.guard.name == name);
            let index = index.ok_or_else(|| Error::ColumnMissing { name: name.to_owned() })?;
            columns.push(others.swap_remove(index));
        }
        if let Some(column) = other.all.open.columns.pop() {
            return Err(Error::ColumnMissing { name: column.guard.name });
        }
        other.all.open.columns = columns;
        self.all.merge(other.all)
    }
}
