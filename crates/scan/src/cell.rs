//! What the text of one cell means: a number, nothing, or no number. The same text means the same
//! whatever else its column holds. How cells are found in the bytes is in `csv`, what a number is in `number`.

use crate::{
    csv::Cell,
    number::{Reading, Written, read, read_written},
};

/// Reads a cell: null, if its text or its literal is one of `nulls`; else what its literal means.
#[inline]
pub(crate) fn read_cell(cell: &Cell<'_>, nulls: &[String]) -> Reading {
    if is_null(cell, nulls) { Reading::Null } else { read(cell.literal()) }
}

/// Reads a cell as it is written: null as elsewhere; else what its literal is.
#[inline]
pub(crate) fn read_written_cell(cell: &Cell<'_>, nulls: &[String]) -> Written {
    if is_null(cell, nulls) { Written::Null } else { read_written(cell.literal()) }
}

/// Whether a cell has no value: it is empty, or its text or its literal is one of `nulls`.
#[inline]
pub(crate) fn is_null(cell: &Cell<'_>, nulls: &[String]) -> bool {
    let literal = cell.literal();
    literal.is_empty() || nulls.iter().any(|null| *null == literal || *null == cell.text())
}

/// Whether a text is a number beyond the range of binary64, rather than no number at all.
pub(crate) fn is_overflow(text: &str) -> bool {
    read(text.trim_matches([' ', '\t'])) == Reading::Overflow
}
