//! What is wrong with bytes that should be JSON: one closed list, each with a code and a line for a person. Where it
//! happened is told by who found it.

use crate::{Error, Place};

use super::DEPTH_MAX;

/// Why an input is not read as JSON. The codes of [`JsonFault::code`] never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// Something else stands where the grammar wants what is named here.
    #[error("this is no JSON: {0} must stand here; mend it, or write the file with a JSON library")]
    Syntax(&'static str),
    /// A comma that nothing follows.
    #[error("a comma stands before it and nothing between; remove the comma")]
    TrailingComma,
    /// The input or the line ends inside a string.
    #[error("this string is never closed; close it, or escape the quotes and line ends in it")]
    StringUnclosed,
    /// A control character inside a string.
    #[error(
        "a control character inside a string; write it as an escape, or close the string before it"
    )]
    ControlCharacter,
    /// A backslash that begins no escape of JSON.
    #[error(
        "JSON has no such escape; double the backslash, or write one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
    )]
    Escape,
    /// An escape for half a character.
    #[error(
        "half of a surrogate pair, which is no character; write both halves, or the character itself"
    )]
    Surrogate,
    /// Something like a number that JSON writes in another way.
    #[error(
        "not a number as JSON writes them; give digits, without plus or leading zeros, on both sides of a point"
    )]
    Number,
    /// NaN or an infinity.
    #[error("JSON has no NaN and no infinity; write null")]
    Nonfinite,
    /// A NUL byte: binary data, or text in UTF-16.
    #[error("a NUL byte; the input must be text in UTF-8")]
    Nul,
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8; convert the input to UTF-8")]
    Utf8,
    /// Objects or arrays in one another, too many of them.
    #[error("nested deeper than {DEPTH_MAX}; flatten the record")]
    Depth,
    /// Two members of a record that are one column.
    #[error("this member stands twice in its record; rename or remove one")]
    Duplicate,
    /// The input ends inside a record or before the end of the array.
    #[error("the input ends in the middle of the JSON; it was cut short: get the rest of it")]
    Truncated,
    /// A line ends inside a record.
    #[error(
        "the line ends inside a record; write each record in one line, or all of them as one array"
    )]
    LineEnd,
    /// A record that is not of the kind of the first one.
    #[error(
        "this record is not what the first one is, an object, an array or a bare value; give records of one kind"
    )]
    Kind,
    /// The top of the input is no array.
    #[error("the input is no array of records; give an array, or records one a line as NDJSON")]
    Top,
    /// More behind the end of the array.
    #[error(
        "the array has ended, and something follows; remove it, or read the input as NDJSON if each line is a record"
    )]
    Trailed,
    /// An array of another length than the first.
    #[error(
        "this array is not as long as the first one, of {n_columns}; add or remove values, or write null"
    )]
    Ragged {
        /// The length of the first array.
        n_columns: usize,
    },
    /// A record is longer than this reader takes.
    #[error(
        "this record is longer than {bytes_max} bytes; is there a quote or a bracket that never closes?"
    )]
    RecordTooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// The names of all members are longer than this reader keeps.
    #[error(
        "the names of the columns are longer than {bytes_max} bytes together; shorten them, or flatten the records"
    )]
    NamesTooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// There are more columns than this reader takes. It is told as [`Error::ColumnsTooMany`].
    #[error("more than {columns_max} columns; ask for fewer by name")]
    ColumnsTooMany {
        /// The limit.
        columns_max: usize,
    },
}

impl JsonFault {
    /// The stable dotted code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Syntax(_) => "json.syntax",
            Self::TrailingComma => "json.trailing_comma",
            Self::StringUnclosed => "json.string_unclosed",
            Self::ControlCharacter => "json.control_character",
            Self::Escape => "json.escape",
            Self::Surrogate => "json.surrogate",
            Self::Number => "json.number",
            Self::Nonfinite => "json.nonfinite",
            Self::Nul => "json.nul",
            Self::Utf8 => "json.utf8",
            Self::Depth => "json.depth",
            Self::Duplicate => "json.duplicate",
            Self::Truncated => "json.truncated",
            Self::LineEnd => "json.line_end",
            Self::Trailed => "json.trailed",
            Self::Kind | Self::Top => "json.shape",
            Self::Ragged { .. } => "json.ragged",
            Self::RecordTooLong { .. } => "json.record_too_long",
            Self::NamesTooLong { .. } => "column.names_too_long",
            Self::ColumnsTooMany { .. } => "column.too_many",
        }
    }

    /// Whether it is about the whole input.
    fn is_of_all(self) -> bool {
        matches!(self, Self::NamesTooLong { .. } | Self::ColumnsTooMany { .. })
    }

    /// It at a byte.
    pub(super) fn at(self, at: usize) -> Fault {
        Fault { at, kind: self }
    }

    /// It at a place.
    pub(super) fn error(self, place: Place) -> Error {
        // Where a limit of all names is met first depends on threads.
        let place = (!self.is_of_all()).then_some(place);
        match self {
            Self::ColumnsTooMany { columns_max } => {
                Error::ColumnsTooMany { n_columns: columns_max + 1, columns_max, place }
            }
            fault => Error::Json { fault, place },
        }
    }
}

/// What is wrong, and the byte of a block that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) kind: JsonFault,
}
