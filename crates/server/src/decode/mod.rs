//! What is wrong with a JSON body, and the exact place; and small values that serde reads.
//!
//! Long arrays are read by the scan's reader, for which `members` is strict; what they mean is not here. How strict the
//! types of the small ones are is their own affair, in [`exacta_api`].

mod members;

use std::fmt::{self, Display, Write};

use exacta_scan::{JsonFault, JsonKind};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::problem::Refusal;
pub(crate) use members::Members;

/// How much of a parser's message is shown, in characters: it may quote the body.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why bytes are not the JSON that is wanted.
#[derive(Debug, thiserror::Error)]
pub(crate) struct JsonError {
    fault: Fault,
    message: String,
    pointer: Option<String>,
    offset: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Syntax,
    Shape,
    OutOfRange,
}

impl Display for JsonError {
    /// The message, after the member that it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_deref() {
            None | Some("") => f.write_str(&self.message),
            Some(pointer) => write!(f, "{pointer}: {}", self.message),
        }
    }
}

impl JsonError {
    pub(crate) fn code(&self) -> &'static str {
        match self.fault {
            Fault::Syntax => "json.syntax",
            Fault::Shape => "json.shape",
            Fault::OutOfRange => "number.out_of_range",
        }
    }

    /// Whether it is a number that no binary64 is near to.
    pub(crate) fn is_out_of_range(&self) -> bool {
        self.fault == Fault::OutOfRange
    }

    /// The member that is at fault, where the bytes are JSON so far.
    pub(crate) fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }

    /// How far the bytes were read.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The same error, its pointer seen from further out.
    pub(crate) fn within(mut self, segment: impl Display) -> Self {
        if let Some(pointer) = &mut self.pointer {
            pointer.insert_str(0, &format!("/{}", escaped(&segment.to_string())));
        }
        self
    }

    /// JSON that is not of the shape that is wanted.
    fn shape(message: String, offset: u64) -> Self {
        Self { fault: Fault::Shape, message, pointer: Some(String::new()), offset }
    }

    fn syntax(fault: JsonFault, offset: u64) -> Self {
        let message = match fault {
            JsonFault::Truncated => "the body ends within a value: send all of it".to_owned(),
            JsonFault::Trailed => {
                "something follows the JSON value: send one value and nothing after it".to_owned()
            }
            fault => fault.to_string(),
        };
        Self { fault: Fault::Syntax, message, pointer: None, offset }
    }

    fn kind(found: JsonKind, expected: JsonKind, offset: u64) -> Self {
        let expected = match expected {
            JsonKind::Object => "a JSON object".to_owned(),
            kind => kind.to_string(),
        };
        Self::shape(format!("invalid type: {found}, expected {expected}"), offset)
    }

    fn out_of_range(offset: u64) -> Self {
        let error = Self::shape("number beyond the range of binary64".to_owned(), offset);
        Self { fault: Fault::OutOfRange, ..error }
    }

    fn of_serde(body: &[u8], path: Option<&Path>, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let fault = match error.classify() {
            Category::Data => Fault::Shape,
            _ if text.starts_with("number out of range") => Fault::OutOfRange,
            _ => Fault::Syntax,
        };
        let pointer = path.filter(|_| fault != Fault::Syntax).map(pointer);
        Self { fault, message: message(&text), pointer, offset: offset(body, error) }
    }
}

impl From<exacta_scan::JsonError> for Refusal {
    fn from(error: exacta_scan::JsonError) -> Self {
        use exacta_scan::JsonError as E;
        let (error, element) = match error {
            E::Fault { fault, offset } => (JsonError::syntax(fault, offset), None),
            E::Kind { found, expected, offset, element } => {
                (JsonError::kind(found, expected, offset), element)
            }
            E::OutOfRange { offset, element } => (JsonError::out_of_range(offset), Some(element)),
            // Why the body does not come, they know who read it.
            _ => return Self::BodyBroken,
        };
        Self::Json(match element {
            Some(element) => error.within(element),
            None => error,
        })
    }
}

impl Refusal {
    /// The same refusal, the pointer of what is wrong with the JSON seen from further out.
    pub(crate) fn within(self, segment: impl Display) -> Self {
        match self {
            Self::Json(error) => Self::Json(error.within(segment)),
            other => other,
        }
    }
}

/// Reads one JSON value and nothing after it.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| JsonError::of_serde(body, Some(error.path()), error.inner()))?;
    deserializer.end().map_err(|error| JsonError::of_serde(body, None, &error))?;
    Ok(value)
}

/// Reads a value that is a part of a body, as it is written there from `offset` on.
pub(crate) fn part<T: DeserializeOwned>(text: &str, offset: u64) -> Result<T, JsonError> {
    json(text.as_bytes()).map_err(|error| JsonError { offset: offset + error.offset, ..error })
}

/// What the parser says in Rust's words, and what is said for it.
const WORDS: [(&str, &str); 6] = [
    ("f64", "a number"),
    ("a sequence", "an array"),
    ("invalid type: sequence", "invalid type: array"),
    ("invalid type: map", "invalid type: object"),
    ("number out of range", "number beyond the range of binary64"),
    (
        "trailing characters",
        "something follows the JSON value: send one value and nothing after it",
    ),
];

/// The parser's text in JSON's words and cut to length, without its own account of the place.
fn message(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(message, _)| message);
    let mut text = match text.rsplit_once(", expected ") {
        Some((found, expected)) => format!("{}, expected {}", reword(found), reword(expected)),
        None => reword(text),
    };
    if text.chars().count() > MESSAGE_CHARS_MAX {
        text = text.chars().take(MESSAGE_CHARS_MAX).chain(['…']).collect();
    }
    text
}

/// Whole phrases only: the rest may be text of the body.
fn reword(text: &str) -> String {
    if let Some(place) = text.strip_prefix("EOF while parsing") {
        return format!("the body ends within{place}: send all of it");
    }
    let word = WORDS.iter().find(|(from, _)| *from == text);
    word.map_or(text, |(_, to)| to).to_owned()
}

/// A path as an RFC 6901 pointer.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => write!(pointer, "/{index}").expect("a string takes all"),
            // A member this long is none of ours: its parent is what is wrong.
            Segment::Map { key } if key.len() > MESSAGE_CHARS_MAX => break,
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&escaped(key));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// A member's name as a part of a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The parser's line and column as an offset in bytes.
fn offset(body: &[u8], error: &serde_json::Error) -> u64 {
    let starts_before = error.line().saturating_sub(1);
    let line_len = |line: &[u8]| line.len() + 1;
    let start: usize = body.split(|byte| *byte == b'\n').take(starts_before).map(line_len).sum();
    (start + error.column().saturating_sub(1)).min(body.len()) as u64
}
