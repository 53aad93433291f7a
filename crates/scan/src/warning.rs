//! What a person should know of a scan that succeeded. What makes it fail is in `error`.

use std::fmt;

use crate::{Excerpt, Place};

/// Something remarkable that is no error. Its `Display` is one line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A column holds a cell that is no number and has no statistics for that reason.
    TextColumn {
        /// The name of the column.
        name: String,
        /// Where its first such cell begins.
        place: Place,
    },
    /// There is one column, and in its name stands what elsewhere separates cells.
    OtherDelimiter {
        /// What may be the delimiter.
        delimiter: char,
        /// Where the header begins.
        place: Place,
    },
    /// A header of several columns is made of numbers alone: it may be a row of data.
    NumericHeader {
        /// Where the header begins.
        place: Place,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TextColumn { name, place } => write!(
                f,
                "{place}: column {} is text, no statistics; use invalid=count to summarize its numbers",
                Excerpt(name)
            ),
            Self::OtherDelimiter { delimiter, place } => {
                let delimiter = delimiter.to_string();
                write!(
                    f,
                    "{place}: the one column has {} in its name; use delimiter= if that separates cells",
                    Excerpt(&delimiter)
                )
            }
            Self::NumericHeader { place } => {
                write!(
                    f,
                    "{place}: the header is made of numbers; use no_headers=true if it is data"
                )
            }
        }
    }
}
