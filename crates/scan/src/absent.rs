//! Columns that are asked for and that an input does not have, where that is allowed: what is told of them, and the
//! nulls that stand for them in the batches of a reader that knows nothing of them.

use crate::{
    Batch, Error, Place,
    batch::{Cells, Origin, Want},
    nearest::nearest,
};

/// What becomes of a column that is asked for by name and is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lacking {
    /// It is an error.
    #[default]
    Refused,
    /// It is null in all rows, and [`Table::lacked`](crate::Table::lacked) tells of it.
    Null,
}

/// A column that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacked {
    /// Its name.
    pub name: String,
    /// The name of a column that is there and may be meant.
    pub nearest: Option<String>,
    /// The names of all columns that are there.
    pub names: Vec<String>,
}

impl Lacked {
    /// It among the names that are there.
    pub(crate) fn new(name: &str, names: &[String]) -> Self {
        let nearest = nearest(name, names).cloned();
        Self { name: name.to_owned(), nearest, names: names.to_vec() }
    }
}

impl From<Lacked> for Error {
    /// What it is where no column may be lacking.
    fn from(Lacked { name, nearest, names }: Lacked) -> Self {
        Self::ColumnUnknown { name, nearest, names }
    }
}

/// Which columns of a batch no reader gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Absent {
    /// Their indices in a batch, ascending, and what is wanted of them.
    wants: Vec<(usize, Want)>,
}

impl Absent {
    pub(crate) fn new(wants: Vec<(usize, Want)>) -> Self {
        Self { wants }
    }

    /// The index among the columns that the reader gives of one in a batch, if it is one of those.
    pub(crate) fn given(&self, index: usize) -> Option<usize> {
        let before = self.wants.partition_point(|(absent, _)| *absent < index);
        let is_absent = self.wants.get(before).is_some_and(|(absent, _)| *absent == index);
        (!is_absent).then(|| index - before)
    }
}

/// Puts the columns that are not there into batches, null in all rows. The batches that it makes are made in the same
/// memory.
pub(crate) struct Completion {
    absent: Absent,
    columns: Vec<Cells>,
}

impl Completion {
    pub(crate) fn new(absent: &Absent) -> Self {
        Self { absent: absent.clone(), columns: Vec::new() }
    }

    /// Gives the rows with all their columns to `take`.
    pub(crate) fn apply<T>(&mut self, batch: &Batch<'_>, take: impl FnOnce(&Batch<'_>) -> T) -> T {
        let Self { absent, columns } = self;
        if absent.wants.is_empty() {
            return take(batch);
        }
        columns.resize_with(batch.columns.len() + absent.wants.len(), Cells::default);
        for (index, cells) in columns.iter_mut().enumerate() {
            if let Some(given) = absent.given(index) {
                cells.clone_from(&batch.columns[given]);
            }
        }
        for (index, want) in &absent.wants {
            columns[*index].clear();
            columns[*index].pad(batch.n_rows, *want);
        }
        let origin = Completed { absent, origin: batch.origin };
        take(&Batch { n_rows: batch.n_rows, columns, origin: &origin })
    }
}

/// Where the cells that are there came from.
struct Completed<'a> {
    absent: &'a Absent,
    origin: &'a dyn Origin,
}

impl Origin for Completed<'_> {
    fn place(&self, row: usize, column: usize) -> Place {
        // Nothing is told of nulls; the row is right all the same.
        self.origin.place(row, self.absent.given(column).unwrap_or(0))
    }

    fn text(&self, row: usize, column: usize) -> String {
        self.absent.given(column).map_or_else(String::new, |column| self.origin.text(row, column))
    }
}
