//! Rows on their way from a reader to a sink: a batch has a few thousand rows of the columns that were asked for,
//! column by column. Who wrote them and who takes them is not known here.

use exacta::{Column, Validity, Value};

use crate::{
    Place, ScanOptions,
    literals::Literals,
    number::{Reading, Written},
};

/// The cells of a batch, over all columns: enough to be worth a call, few enough for a cache.
const CELLS_MAX: usize = 1 << 16;

/// The rows of a batch: enough to be worth a call.
const ROWS_MAX: usize = 1 << 12;

/// How many rows a reader puts into a batch of so many columns.
pub(crate) fn rows_max(n_columns: usize) -> usize {
    (CELLS_MAX / n_columns.max(1)).clamp(1, ROWS_MAX)
}

/// Some rows, and the reader's word on where they came from.
pub(crate) struct Batch<'a> {
    pub(crate) n_rows: usize,
    /// The columns that were asked for, in the order of the [`Want`]s. One that is null in all rows may be left out, by
    /// [`Batch::lacks`], unless each row of it is wanted.
    pub(crate) columns: &'a [Cells],
    pub(crate) origin: &'a dyn Origin,
}

impl Batch<'_> {
    /// Whether nothing is told of a column: it is null in all rows.
    #[inline]
    pub(crate) fn lacks(&self, column: usize) -> bool {
        self.columns[column].len() == 0
    }
}

/// What a reader can tell of the cells of the batch it gives, when there is something to tell.
pub(crate) trait Origin {
    /// Where the cell begins; `column` counts the columns of the batch.
    fn place(&self, row: usize, column: usize) -> Place;

    /// What stands in the cell.
    fn text(&self, row: usize, column: usize) -> String;
}

/// What a reader is to give of one column.
#[allow(clippy::struct_excessive_bools, reason = "each says for itself what is wanted")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Want {
    /// The index of the column in the input.
    pub(crate) index: usize,
    /// Whether its numbers are wanted.
    pub(crate) numbers: bool,
    /// Whether its texts are wanted. Where they alone are, a reader leaves out all of [`Cells`] but the texts, and the
    /// rows whose text looks like a number and is none.
    pub(crate) texts: bool,
    /// Whether its numbers are wanted as they are written.
    pub(crate) literals: bool,
    /// Whether each row of it is wanted, also where it is null in all rows of a batch.
    pub(crate) dense: bool,
}

impl Want {
    /// What of a column that is to be summarized, whatever its index.
    pub(crate) fn whole(options: &ScanOptions) -> Self {
        let (texts, literals) = (options.top.is_some(), options.decimal);
        Self { index: 0, numbers: !literals, texts, literals, dense: false }
    }

    /// The numbers of a column.
    pub(crate) fn numbers(index: usize) -> Self {
        Self { index, numbers: true, texts: false, literals: false, dense: true }
    }

    /// The texts of a column.
    pub(crate) fn texts(index: usize) -> Self {
        Self { index, numbers: false, texts: true, literals: false, dense: true }
    }
}

/// The cells of one column of a batch. Each row has a number, or an integer beyond 2^53, or an invalid cell, or
/// it is null.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    /// A value for each row; what stands where a row has no number does not matter.
    pub(crate) numbers: Vec<f64>,
    /// Which rows have a number in `numbers`.
    pub(crate) present: Mask,
    /// The integers that a binary64 may not hold, and their rows in ascending order.
    pub(crate) wide: Vec<(u32, Value)>,
    /// The rows whose cell is no number, ascending.
    pub(crate) invalid: Vec<u32>,
    /// The texts, if they were wanted.
    pub(crate) texts: Texts,
    /// What the cells are as they are written, if that was wanted: apart from all the others.
    pub(crate) literals: Literals,
}

impl Cells {
    /// Forgets all rows, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.present.clear();
        self.wide.clear();
        self.invalid.clear();
        self.texts.clear();
        self.literals.clear();
    }

    /// Adds a row with what its cell was read as.
    #[inline]
    pub(crate) fn push(&mut self, reading: Reading) {
        let row = self.numbers.len() as u32;
        let number = match reading {
            Reading::Float(value) => Some(value),
            Reading::Null => None,
            Reading::Wide(value) => {
                self.wide.push((row, value));
                None
            }
            Reading::Overflow | Reading::Text => {
                self.invalid.push(row);
                None
            }
        };
        self.numbers.push(number.unwrap_or(0.0));
        self.present.push(number.is_some());
    }

    /// Adds a row with a number that a binary64 holds.
    #[inline]
    pub(crate) fn push_float(&mut self, value: f64) {
        self.numbers.push(value);
        self.present.push(true);
    }

    /// Adds a row with what its cell was read as, and its text.
    #[inline]
    pub(crate) fn push_text(&mut self, reading: Reading, text: &[u8]) {
        self.push(reading);
        match reading {
            Reading::Null => self.texts.push_missing(),
            _ => self.texts.push_present(text),
        }
    }

    /// Adds a row with its text alone. One with blanks around it that belong to it, since they stand in quotes, is no
    /// number.
    #[inline]
    pub(crate) fn push_text_alone(&mut self, text: &[u8], is_padded: bool) {
        if is_padded {
            self.invalid.push(self.len() as u32);
        }
        self.texts.push(text);
    }

    /// Adds some rows of other cells, given in ascending order.
    pub(crate) fn extend_rows(&mut self, cells: &Self, rows: &[u32]) {
        self.extend_invalid(cells, rows);
        if !cells.numbers.is_empty() {
            self.extend_numbers(cells, rows);
        }
        if !cells.texts.is_empty() {
            rows.iter().for_each(|row| self.texts.push(cells.texts.get(*row as usize)));
        }
        self.literals.extend_rows(&cells.literals, rows);
    }

    /// Adds which of the rows are no numbers.
    fn extend_invalid(&mut self, cells: &Self, rows: &[u32]) {
        let mut invalid = cells.invalid.iter().peekable();
        for (row, new) in rows.iter().zip(self.len() as u32..) {
            while let Some(found) = invalid.next_if(|found| *found <= row) {
                self.invalid.extend((found == row).then_some(new));
            }
        }
    }

    /// Adds the numbers of the rows.
    fn extend_numbers(&mut self, cells: &Self, rows: &[u32]) {
        let mut wide = cells.wide.iter().peekable();
        for row in rows {
            let new = self.numbers.len() as u32;
            while let Some((found, value)) = wide.next_if(|(found, _)| found <= row) {
                self.wide.extend((found == row).then_some((new, *value)));
            }
            self.numbers.push(cells.numbers[*row as usize]);
            self.present.push(cells.present.get(*row as usize));
        }
    }

    /// How many rows there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.numbers.len().max(self.texts.ends.len()).max(self.literals.len())
    }

    /// Adds rows that are null until there are so many.
    pub(crate) fn pad(&mut self, n_rows: usize, want: Want) {
        for _ in self.len()..n_rows {
            if want.numbers {
                self.push(Reading::Null);
            }
            if want.texts {
                self.texts.push_missing();
            }
            if want.literals {
                self.literals.push(Written::Null);
            }
        }
    }

    /// Takes the rows away behind the first so many.
    pub(crate) fn truncate(&mut self, n_rows: usize) {
        let is_kept = |row: u32| (row as usize) < n_rows;
        self.numbers.truncate(n_rows);
        self.present.truncate(n_rows);
        self.wide.truncate(self.wide.partition_point(|(row, _)| is_kept(*row)));
        self.invalid.truncate(self.invalid.partition_point(|row| is_kept(*row)));
        self.texts.truncate(n_rows);
        self.literals.truncate(n_rows);
    }

    /// Adds a row for each of some numbers.
    #[inline]
    pub(crate) fn extend(&mut self, numbers: impl Iterator<Item = f64>) {
        let n_rows = self.numbers.len();
        self.numbers.extend(numbers);
        self.present.extend_set(self.numbers.len() - n_rows);
    }

    /// The numbers as they lie, if the cells that are none are all null.
    pub(crate) fn plain(&self) -> Option<Column<'_, f64>> {
        let numbers = Column::new(&self.numbers);
        let Some(mask) = self.present.bytes() else { return Some(numbers) };
        let is_plain = self.wide.is_empty() && self.invalid.is_empty();
        is_plain.then(|| {
            let validity = Validity::new(mask, 0, numbers.len()).expect("a bit for each row");
            numbers.with_validity(validity).expect("it is as long")
        })
    }

    /// How many rows are null.
    pub(crate) fn n_null(&self) -> usize {
        let n_numbers = self.present.n_set(self.numbers.len());
        self.numbers.len() - n_numbers - self.wide.len() - self.invalid.len()
    }
}

/// A bit for each row, the first in the lowest bit of the first byte. None at all stands for all set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    bytes: Vec<u8>,
    /// How many rows were pushed.
    len: usize,
}

impl Mask {
    fn clear(&mut self) {
        self.bytes.clear();
        self.len = 0;
    }

    /// Adds a row.
    #[inline]
    pub(crate) fn push(&mut self, set: bool) {
        if !set && self.bytes.is_empty() {
            self.bytes.resize(self.len / 8 + 1, 0xff);
            self.bytes[self.len / 8] = (1 << (self.len % 8)) - 1;
        } else if !self.bytes.is_empty() {
            if self.len.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().expect("it is not empty") |= u8::from(set) << (self.len % 8);
        }
        self.len += 1;
    }

    fn truncate(&mut self, n_rows: usize) {
        self.len = self.len.min(n_rows);
        self.bytes.truncate(self.len.div_ceil(8));
        if let (Some(last), 1..) = (self.bytes.last_mut(), self.len % 8) {
            *last &= (1 << (self.len % 8)) - 1;
        }
    }

    /// Adds rows whose bits are set.
    pub(crate) fn extend_set(&mut self, n_rows: usize) {
        if self.bytes.is_empty() {
            self.len += n_rows;
        } else {
            (0..n_rows).for_each(|_| self.push(true));
        }
    }

    #[cfg(feature = "arrow")]
    /// Has the bits of these bytes, so many, and no others.
    pub(crate) fn set(&mut self, bytes: &[u8], n_rows: usize) {
        self.bytes.clear();
        self.bytes.extend_from_slice(&bytes[..n_rows.div_ceil(8)]);
        self.len = usize::MAX;
        self.truncate(n_rows);
    }

    /// The bits, unless all are set.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        (!self.bytes.is_empty()).then_some(&self.bytes)
    }

    /// Whether the bit of a row is set.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> bool {
        self.bytes.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 1)
    }

    /// How many of `n_rows` bits are set.
    pub(crate) fn n_set(&self, n_rows: usize) -> usize {
        match self.bytes() {
            None => n_rows,
            Some(bytes) => bytes.iter().map(|byte| byte.count_ones() as usize).sum(),
        }
    }
}

/// What stands for an empty text that is there: no text in UTF-8 has this byte. Nothing stands for a missing one.
pub(crate) const EMPTY: &[u8] = b"\xff";

/// A text for each row, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Texts {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds the text of a row that is not missing, though it may be empty.
    #[inline]
    pub(crate) fn push_present(&mut self, text: &[u8]) {
        self.push(if text.is_empty() { EMPTY } else { text });
    }

    /// Adds a row whose text is missing.
    pub(crate) fn push_missing(&mut self) {
        self.push(b"");
    }

    /// Adds the text of a row: that of the cell without the quotes around it. An empty one is missing.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
    }

    /// Whether there is none, perhaps because none was wanted.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn truncate(&mut self, n_rows: usize) {
        self.ends.truncate(n_rows);
        self.bytes.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    /// The text of a row: nothing where it is missing, and [`EMPTY`] where it is empty.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start as usize..self.ends[row] as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_mask_holds_its_bits(bits in prop::collection::vec(any::<bool>(), 0..40)) {
            let mut mask = Mask::default();
            bits.iter().for_each(|bit| mask.push(*bit));
            prop_assert!(bits.iter().enumerate().all(|(row, bit)| mask.get(row) == *bit));
            prop_assert_eq!(mask.n_set(bits.len()), bits.iter().filter(|bit| **bit).count());
            prop_assert_eq!(mask.bytes().is_none(), bits.iter().all(|bit| *bit));
        }
    }
}
