//! Where in an input something stands. Only the words for it: who counts the lines is the reader.

use std::fmt;

/// The place of a cell or a byte in an input, as an editor and a program would look for it.
///
/// Its `Display` is `line 3, column 7`, or `row 3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In text.
    Text {
        /// 1-based: one more than the line feeds before it, those in quoted cells too.
        line: u64,
        /// 1-based position in bytes within the line. A byte order mark is no part of the line.
        column: u64,
        /// 0-based position in bytes within the stream, a byte order mark counted.
        offset: u64,
    },
    /// In a format that is no text: the row, from 1.
    Row(u64),
}

impl Place {
    /// Where a text begins.
    pub(crate) const START: Self = Self::Text { line: 1, column: 1, offset: 0 };
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column, .. } => write!(f, "line {line}, column {column}"),
            Self::Row(row) => write!(f, "row {row}"),
        }
    }
}
