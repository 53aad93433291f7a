//! JSON bytes to a request, or the exact place where they are none.
//!
//! How strict the types are is their own affair, in [`exacta_api`].

use std::fmt::Write;

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

/// How much of a parser's message is shown, in characters: it may quote the body.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why bytes are not the JSON that is wanted.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
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

    fn new(body: &[u8], path: Option<&Path>, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let fault = match error.classify() {
            Category::Data => Fault::Shape,
            _ if text.starts_with("number out of range") => Fault::OutOfRange,
            _ => Fault::Syntax,
        };
        let pointer = path.filter(|_| fault != Fault::Syntax).map(pointer);
        let message = message(&text, pointer.as_deref());
        Self { fault, message, pointer, offset: offset(body, error) }
    }
}

/// Reads one JSON value and nothing after it.
pub(crate) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| JsonError::new(body, Some(error.path()), error.inner()))?;
    deserializer.end().map_err(|error| JsonError::new(body, None, &error))?;
    Ok(value)
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

/// The parser's text in JSON's words and cut to length, without its own account
/// of the place, after the member it is about.
fn message(text: &str, pointer: Option<&str>) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(message, _)| message);
    let mut text = match text.rsplit_once(", expected ") {
        Some((found, expected)) => format!("{}, expected {}", reword(found), reword(expected)),
        None => reword(text),
    };
    if text.chars().count() > MESSAGE_CHARS_MAX {
        text = text.chars().take(MESSAGE_CHARS_MAX).chain(['…']).collect();
    }
    match pointer {
        Some(pointer) if !pointer.is_empty() => format!("{pointer}: {text}"),
        _ => text,
    }
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
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

/// The parser's line and column as an offset in bytes.
fn offset(body: &[u8], error: &serde_json::Error) -> u64 {
    let starts_before = error.line().saturating_sub(1);
    let line_len = |line: &[u8]| line.len() + 1;
    let start: usize = body.split(|byte| *byte == b'\n').take(starts_before).map(line_len).sum();
    (start + error.column().saturating_sub(1)).min(body.len()) as u64
}
