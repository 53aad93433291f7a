//! Which columns there are: what the first record says of them, and those that were asked for.

use std::collections::BTreeMap;

use super::{COLUMNS_MAX, CsvOptions, Record};
use crate::{
    Error, Place, Warning,
    cell::{Reading, read_cell},
};

/// Longer names are not compared when one is looked for that may be meant.
const NEAREST_CHARS_MAX: usize = 64;

/// What the first record says of the columns.
pub(super) struct Header {
    names: Vec<String>,
    /// Whether the first record holds the names; else it is a row, and the names are numbers.
    has_names: bool,
    /// Whether it holds names, but ones that look like data.
    numeric: bool,
    place: Place,
}

impl Header {
    /// What `first`, the first record, says of the columns.
    pub(super) fn new(first: &Record<'_>, options: &CsvOptions) -> Result<Self, Error> {
        let (n_columns, place) = (first.n_cells(), first.place());
        check_number(n_columns, COLUMNS_MAX, place)?;
        let numeric = is_numeric(first, &options.null);
        let has_names = options.headers && !(numeric && n_columns == 1);
        let names = if has_names {
            names(first)?
        } else {
            (1..=n_columns).map(|number| number.to_string()).collect()
        };
        // Who asks for columns by name knows them for names.
        let numeric = numeric && has_names && options.columns.is_empty();
        Ok(Self { names, has_names, numeric, place })
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
        self.numeric.then_some(Warning::NumericHeader { place: self.place })
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

    /// The columns that were asked for, in that order, each with its index; all, if none was.
    pub(super) fn select(&self, options: &CsvOptions) -> Result<Vec<(usize, String)>, Error> {
        let asked = &options.columns;
        let n_selected = if asked.is_empty() { self.n_columns() } else { asked.len() };
        check_number(n_selected, options.columns_max, self.place)?;
        if asked.is_empty() {
            return Ok(self.names.iter().cloned().enumerate().collect());
        }
        let mut index_of: BTreeMap<&str, Option<usize>> = self
            .names
            .iter()
            .enumerate()
            .map(|(index, name)| (name.as_str(), Some(index)))
            .collect();
        asked
            .iter()
            .map(|name| match index_of.get_mut(name.as_str()).map(Option::take) {
                Some(Some(index)) => Ok((index, name.clone())),
                Some(None) => Err(Error::ColumnRepeated { name: name.clone() }),
                None => Err(self.unknown(name)),
            })
            .collect()
    }

    fn unknown(&self, name: &str) -> Error {
        Error::ColumnUnknown {
            name: name.to_owned(),
            nearest: nearest(name, &self.names).cloned(),
            names: self.names.clone(),
        }
    }
}

fn check_number(n_columns: usize, columns_max: usize, place: Place) -> Result<(), Error> {
    if n_columns > columns_max {
        return Err(Error::ColumnsTooMany { n_columns, columns_max, place });
    }
    Ok(())
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

/// The name that is most like `name`, if one is so like it that it may be meant: an edit in three letters.
fn nearest<'a>(name: &str, names: &'a [String]) -> Option<&'a String> {
    let asked: Vec<char> = letters(name)?;
    let distance_max = asked.len().div_ceil(3);
    let rated =
        names.iter().filter_map(|known| Some((edit_distance(&asked, &letters(known)?), known)));
    rated
        .filter(|(distance, _)| *distance <= distance_max)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The letters that count when names are compared, unless there are too many: no case, no blanks.
fn letters(name: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = name
        .chars()
        .take(NEAREST_CHARS_MAX + 1)
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    (letters.len() <= NEAREST_CHARS_MAX).then_some(letters)
}

/// How many letters must be put in, taken out or replaced to make one name of the other (Levenshtein).
fn edit_distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.iter().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (index, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[index + 1];
            row[index + 1] = replaced.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let cases = [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("wind", "wind", 0),
            ("kitten", "sitting", 3),
            ("saturday", "sunday", 3),
            ("flaw", "lawn", 2),
        ];
        for (left, right, expected) in cases {
            let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
            assert_eq!(edit_distance(&left, &right), expected, "{left:?} {right:?}");
            assert_eq!(edit_distance(&right, &left), expected, "{right:?} {left:?}");
        }
    }

    #[test]
    fn the_nearest_name_is_one_that_may_be_meant() {
        let names = ["date", "temp_max", "temp_min", " wind "].map(str::to_owned);
        let cases = [
            ("Date", Some("date")),
            ("temp_mx", Some("temp_max")),
            ("temp min", Some("temp_min")),
            ("wind", Some(" wind ")),
            ("pressure", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, &names).map(String::as_str), expected, "{name}");
        }
        assert_eq!(nearest("date", &["date".repeat(1000)]), None, "a long one is not compared");
    }
}
