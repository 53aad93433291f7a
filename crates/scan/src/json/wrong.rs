//! Why a JSON text is not what is asked of it: it is no JSON, or JSON of another shape. What is asked, and in which words
//! it is told where, is the affair of who asks.

use std::{fmt, io};

use super::JsonFault;

/// Why a JSON text is not read on.
///
/// Offsets are in bytes from the beginning of the text: of the byte that the grammar does not allow, or of the last one
/// of a value that is not wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// It is no JSON.
    #[error("at byte {offset}: {fault}")]
    Fault {
        /// What is wrong.
        fault: JsonFault,
        /// Where.
        offset: u64,
    },
    /// A value is not of the kind that is asked for.
    #[error("at byte {offset}: {found}, expected {expected}")]
    Kind {
        /// What it is.
        found: JsonKind,
        /// What is asked for.
        expected: JsonKind,
        /// Where it ends, or where its bracket is.
        offset: u64,
        /// Which number of an array it is, counted from 0.
        element: Option<u64>,
    },
    /// A number is beyond the range of binary64.
    #[error("at byte {offset}: number beyond the range of binary64")]
    OutOfRange {
        /// Where it ends.
        offset: u64,
        /// Which number of an array it is, counted from 0.
        element: u64,
    },
    /// The text cannot be read.
    #[error(transparent)]
    Input(#[from] io::Error),
}

/// What a value of JSON can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonKind {
    /// The word `null`.
    Null,
    /// The words `true` and `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}
