//! The rows of a batch for which all conditions hold, as a batch of their own. What a condition means is in `filter`.

use crate::{
    Batch, Filter, Place,
    batch::{Cells, Origin},
};

/// Leaves out rows. The batches that it makes are made in the same memory.
pub(super) struct Selection {
    /// Each with the index of its column in a batch.
    filters: Vec<(usize, Filter)>,
    rows: Vec<u32>,
    columns: Vec<Cells>,
}

impl Selection {
    pub(super) fn new(filters: &[(usize, Filter)]) -> Self {
        Self { filters: filters.to_vec(), rows: Vec::new(), columns: Vec::new() }
    }

    /// Gives the rows for which all conditions hold to `take`.
    pub(super) fn apply<T>(&mut self, batch: &Batch<'_>, take: impl FnOnce(&Batch<'_>) -> T) -> T {
        let Some(((index, filter), others)) = self.filters.split_first() else {
            return take(batch);
        };
        self.rows = filter.rows(&batch.columns[*index], batch.n_rows);
        for (index, filter) in others {
            let rows = filter.rows(&batch.columns[*index], batch.n_rows);
            self.rows.retain(|row| rows.binary_search(row).is_ok());
        }
        if self.rows.len() == batch.n_rows {
            return take(batch);
        }
        self.columns.resize_with(batch.columns.len(), Cells::default);
        for (selected, cells) in self.columns.iter_mut().zip(batch.columns) {
            selected.clear();
            selected.extend_rows(cells, &self.rows);
        }
        let origin = Selected { rows: &self.rows, origin: batch.origin };
        take(&Batch { n_rows: self.rows.len(), columns: &self.columns, origin: &origin })
    }
}

/// Where the rows that are left came from.
struct Selected<'a> {
    rows: &'a [u32],
    origin: &'a dyn Origin,
}

impl Origin for Selected<'_> {
    fn place(&self, row: usize, column: usize) -> Place {
        self.origin.place(self.rows[row] as usize, column)
    }

    fn text(&self, row: usize, column: usize) -> String {
        self.origin.text(self.rows[row] as usize, column)
    }
}
