//! What a client shows for a service to know who calls. It is read when it is sent, so that the
//! file that it stands in may be renewed. What it means is the service's to know.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use ureq::http::HeaderValue;

use crate::Error;

/// How long a token may be.
const BYTES_MAX: u64 = 16 << 10;

/// A token, sent as `Authorization: Bearer` with each request.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Source);

#[derive(Clone, PartialEq, Eq)]
enum Source {
    Text(String),
    File(PathBuf),
}

impl Token {
    /// This token.
    pub fn new(text: &str) -> Self {
        Self(Source::Text(text.to_owned()))
    }

    /// The token that stands in a file, which is read for each request.
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// The value of the header.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let text = self.read().map_err(|error| self.refuse(&format!("cannot be read: {error}")))?;
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(self.refuse("is none: one line without blanks is taken"));
        }
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .expect("letters that can be seen may stand in a header");
        value.set_sensitive(true);
        Ok(value)
    }

    fn read(&self) -> io::Result<String> {
        let path = match &self.0 {
            Source::Text(text) => return Ok(text.clone()),
            Source::File(path) => path,
        };
        let mut text = String::new();
        File::open(path)?.take(BYTES_MAX + 1).read_to_string(&mut text)?;
        let is_whole = text.len() as u64 <= BYTES_MAX;
        is_whole.then_some(text).ok_or_else(|| io::Error::other("it is longer than 16 KiB"))
    }

    /// What is wrong with it, without what it is.
    fn refuse(&self, what: &str) -> Error {
        let what = match &self.0 {
            Source::Text(_) => format!("the token {what}"),
            Source::File(path) => format!("the token in {} {what}", path.display()),
        };
        Error::Token { what }
    }
}

/// Shows where it is, and never what it is.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Text(_) => f.write_str("Token(…)"),
            Source::File(path) => f.debug_tuple("Token").field(path).finish(),
        }
    }
}
