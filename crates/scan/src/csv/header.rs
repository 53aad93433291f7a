//! Which columns there are: what the first record says of them.

use super::{COLUMNS_MAX, Record};
use crate::{Error, Place, ScanOptions, Warning, cell::read_cell, number::Reading};

/// What the first record says of the columns.
pub(super) struct Header {
    names: Vec<String>,
    /// Whether the first record holds the names; else it is a row, and the names are numbers.
    has_names: bool,
    /// Whether it holds names, but ones that look like data.
    numeric: bool,
    /// What may be the delimiter, if the one that holds separates nothing.
    other_delimiter: Option<char>,
    place: Place,
}

/// What separates cells where a comma does not.
const OTHER_DELIMITERS: [char; 3] = [';', '\t', '|'];

impl Header {
    /// What `first`, the first record, says of the columns.
    pub(super) fn new(first: &Record<'_>, options: &ScanOptions) -> Result<Self, Error> {
        let (n_columns, place) = (first.n_cells(), first.place());
        Error::check_columns(n_columns, COLUMNS_MAX, place)?;
        let numeric = is_numeric(first, &options.null);
        let has_names = options.headers && options.names.is_empty() && !(numeric && n_columns == 1);
        let names = if has_names { names(first)? } else { options.names_of(n_columns)? };
        // Who asks for columns by name knows them for names.
        let numeric = numeric && has_names && options.columns.is_empty();
        let other_delimiter = match &names[..] {
            [name] if has_names => name.chars().find(|it| OTHER_DELIMITERS.contains(it)),
            _ => None,
        };
        Ok(Self { names, has_names, numeric, other_delimiter, place })
    }

    /// Whether the first record holds names, and is no row.
    pub(super) fn has_names(&self) -> bool {
        self.has_names
    }

    /// How many columns there are.
    pub(super) fn n_columns(&self) -> usize {
        self.names.len()
    }

    /// What a person should know of the header.
    pub(super) fn warning(&self) -> Option<Warning> {
        let place = self.place;
        let other =
            self.other_delimiter.map(|delimiter| Warning::OtherDelimiter { delimiter, place });
        other.or(self.numeric.then_some(Warning::NumericHeader { place }))
    }

    /// Checks that a row has a cell for each column.
    #[inline]
    pub(super) fn check(&self, row: &Record<'_>) -> Result<(), Error> {
        let (n_cells, n_columns) = (row.n_cells(), self.n_columns());
        if n_cells == n_columns {
            return Ok(());
        }
        Err(Error::Ragged { n_cells, n_columns, headers: self.has_names, place: row.place() })
    }

    /// Where it begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Their names.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

/// Whether a record is made of numbers alone, which names seldom are: no cell with another text, and not
/// only missing ones, unless it is a single cell.
fn is_numeric(record: &Record<'_>, nulls: &[String]) -> bool {
    let mut n_numbers = 0;
    for cell in record.cells() {
        match read_cell(&cell, nulls) {
            Reading::Null => {}
            Reading::Float(_) | Reading::Wide(_) | Reading::Overflow => n_numbers += 1,
            Reading::Text => return false,
        }
    }
    n_numbers > 0 || record.n_cells() == 1
}

/// The names in a header, which must differ.
fn names(header: &Record<'_>) -> Result<Vec<String>, Error> {
    let names: Vec<String> = header.cells().map(|cell| cell.text().into_owned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    match names.iter().position(|name| !seen.insert(name)) {
        Some(index) => Err(Error::ColumnDuplicate {
            name: names[index].clone(),
            place: header.cell_place(index),
        }),
        None => Ok(names),
    }
}
