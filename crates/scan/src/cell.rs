//! What the text of one cell means: a number, nothing, or no number. The same text means the same
//! whatever else its column holds. How cells are found in the bytes is in `csv`, what a number is in `number`.

use crate::{
    csv::Cell,
    number::{Reading, read},
};

/// Reads a cell: null, if its text or its literal is one of `nulls`; else what its literal means.
#[inline]
pub(crate) fn read_cell(cell: &Cell<'_>, nulls: &[String]) -> Reading {
    let literal = cell.literal();
    let is_null = |null: &String| *null == literal || *null == cell.text();
    if nulls.iter().any(is_null) { Reading::Null } else { read(literal) }
}

/// Whether a text is a number beyond the range of binary64, rather than no number at all.
pub(crate) fn is_overflow(text: &str) -> bool {
    read(text.trim_matches([' ', '\t'])) == Reading::Overflow
}
