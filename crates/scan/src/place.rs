//! Where in a stream something stands. Only the words for it: the line counting is in `csv::records`.

use std::fmt;

/// The place of a byte in a text stream, as an editor and a program would look for it.
///
/// Its `Display` is `line 3, column 7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// 1-based: one more than the line feeds before it, those in quoted cells too.
    pub line: u64,
    /// 1-based position in bytes within the line. A byte order mark is no part of the line.
    pub column: u64,
    /// 0-based position in bytes within the stream, a byte order mark counted.
    pub offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
