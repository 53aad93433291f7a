//! A file that is read again now and then, and what was last made of it.
//!
//! Who is told of what is new is in [`keeper`](super::keeper).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a file is looked at.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// How much is read.
const BYTES_MAX: u64 = 1 << 20;

/// What is made of bytes, or what is wrong with them.
type Parse<T> = Box<dyn Fn(&[u8]) -> Result<T, String> + Send>;

/// Bytes that are read when it is time to.
pub(super) struct Source<T> {
    path: PathBuf,
    parse: Parse<T>,
    /// What was read last, so that only what is new is parsed.
    bytes: Option<Vec<u8>>,
    /// What was wrong last, so that it is told once.
    trouble: Option<String>,
    next: Instant,
}

impl<T> Source<T> {
    /// Something that will be read.
    pub(super) fn new(
        path: PathBuf,
        parse: impl Fn(&[u8]) -> Result<T, String> + Send + 'static,
    ) -> Self {
        Self { path, parse: Box::new(parse), bytes: None, trouble: None, next: Instant::now() }
    }

    /// Something that is to be told of it, with where it is.
    pub(super) fn told(&self, what: &str) -> String {
        format!("{}: {what}", self.path.display())
    }

    /// When to look next.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// What is new, if it is time to look and there is something; what is wrong, once.
    pub(super) fn look(&mut self) -> Result<Option<T>, String> {
        if Instant::now() < self.next {
            return Ok(None);
        }
        let found = self.read();
        self.next = Instant::now() + LOOK_PAUSE;
        let trouble = found.as_ref().err().cloned();
        let is_known = trouble.is_some() && trouble == self.trouble;
        self.trouble = trouble;
        if is_known { Ok(None) } else { found }
    }

    fn read(&mut self) -> Result<Option<T>, String> {
        let bytes = read(&self.path).map_err(|error| format!("it cannot be read: {error}"))?;
        if self.bytes.as_ref() == Some(&bytes) {
            return Ok(None);
        }
        let parsed = (self.parse)(&bytes)?;
        self.bytes = Some(bytes);
        Ok(Some(parsed))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() as u64 <= BYTES_MAX;
    if is_whole { Ok(bytes) } else { Err(io::Error::other("it is larger than 1 MiB")) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_once_and_what_is_right_again_is_not_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        let parse = |bytes: &[u8]| match str::from_utf8(bytes).unwrap().parse::<u32>() {
            Ok(number) => Ok(number),
            Err(error) => Err(error.to_string()),
        };
        let mut source = Source::new(path.clone(), parse);
        let mut look = |text: Option<&str>| {
            match text {
                Some(text) => fs::write(&path, text).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            source.next = Instant::now();
            source.look()
        };
        assert_eq!(look(Some("1")), Ok(Some(1)));
        assert_eq!(look(Some("1")), Ok(None));
        assert_eq!(look(Some("x")), Err("invalid digit found in string".to_owned()));
        assert_eq!(look(Some("y")), Ok(None));
        assert_eq!(look(Some("")), Err("cannot parse integer from empty string".to_owned()));
        assert_eq!(look(Some("1")), Ok(None));
        assert_eq!(look(Some("x")), Err("invalid digit found in string".to_owned()));
        assert!(look(None).unwrap_err().starts_with("it cannot be read"));
        assert_eq!(look(Some("2")), Ok(Some(2)));
        assert_eq!(source.look(), Ok(None), "it is not time yet");
    }
}
