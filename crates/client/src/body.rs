//! Request bodies from any reader, of known length or not. How they reach the
//! service is in `connection`.

use std::fmt;
use std::io::{self, Read};

/// The bytes of a request, read while they are sent.
///
/// A length that is known lets the service refuse a body that is too large before
/// the first byte of it is sent.
///
/// ```
/// use exacta_client::Body;
///
/// let from_bytes = Body::from(b"x\n1\n2\n".as_slice());
/// let from_reader = Body::new(std::io::stdin());
/// let of_known_length = Body::with_length(std::io::repeat(b'\n'), 1 << 20);
/// ```
pub struct Body<'a> {
    source: Box<dyn Read + 'a>,
    length: Option<u64>,
    encoding: Option<Encoding>,
}

/// How bytes are compressed that are sent as they are, for the service to undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl<'a> Body<'a> {
    /// A body that ends where the reader ends.
    pub fn new(source: impl Read + 'a) -> Self {
        Self { source: Box::new(source), length: None, encoding: None }
    }

    /// A body of exactly `length` bytes: what the reader has beyond them is not
    /// read, and a reader that ends before them is an error.
    pub fn with_length(source: impl Read + 'a, length: u64) -> Self {
        Self { source: Box::new(source), length: Some(length), encoding: None }
    }

    /// The same body, whose bytes are compressed like this. Files are taken so, and JSON is not.
    ///
    /// ```
    /// use exacta_client::{Body, Encoding};
    ///
    /// let body = Body::from(b"\x1f\x8b".as_slice()).encoded(Encoding::Gzip);
    /// assert_eq!(body.encoding(), Some(Encoding::Gzip));
    /// ```
    #[must_use]
    pub fn encoded(self, encoding: Encoding) -> Self {
        Self { encoding: Some(encoding), ..self }
    }

    /// How its bytes are compressed, if they are.
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// How many bytes there are, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::with_length(bytes, bytes.len() as u64)
    }
}

impl From<Vec<u8>> for Body<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self::with_length(io::Cursor::new(bytes), length)
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("length", &self.length).finish_non_exhaustive()
    }
}

/// A body on its way: what it gives, and why it stopped giving.
pub(crate) struct Outgoing<'a, F> {
    body: Body<'a>,
    /// Says that the rest will not be sent, so that it need not be read.
    is_moot: F,
    /// What the source failed with.
    pub(crate) failure: Option<io::Error>,
    /// Whether the source has given all that it was to give.
    pub(crate) is_whole: bool,
}

impl<'a, F: Fn() -> bool> Outgoing<'a, F> {
    pub(crate) fn new(body: Body<'a>, is_moot: F) -> Self {
        Self { is_whole: body.length == Some(0), body, is_moot, failure: None }
    }

    /// Reads from the source, no further than the stated length.
    fn read_source(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.body.length.unwrap_or(u64::MAX);
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let n_bytes = self.body.source.read(&mut buffer[..room])?;
        if n_bytes == 0 && room > 0 && self.body.length.is_some() {
            let message = format!("the body ended {left} bytes before its stated length");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        self.is_whole = n_bytes == 0 || left == n_bytes as u64;
        self.body.length = self.body.length.map(|left| left - n_bytes as u64);
        Ok(n_bytes)
    }

    /// Stands in for the source when its bytes would go nowhere: those of a stated
    /// length must still be counted for the message to end.
    fn skip(&mut self, buffer: &[u8]) -> usize {
        let left = self.body.length.unwrap_or(0);
        let n_bytes = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.body.length = Some(left - n_bytes as u64);
        n_bytes
    }
}

impl<F: Fn() -> bool> Read for Outgoing<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.is_moot)() {
            return Ok(self.skip(buffer));
        }
        self.read_source(buffer).map_err(|failure| {
            let kind = failure.kind();
            self.failure = Some(failure);
            kind.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a body gives to its end; one that is moot is not whole.
    fn read_all(body: Body, is_moot: bool) -> Result<Vec<u8>, String> {
        let mut outgoing = Outgoing::new(body, || is_moot);
        let mut bytes = Vec::new();
        match outgoing.read_to_end(&mut bytes) {
            Ok(_) => {
                assert_eq!(outgoing.is_whole, !is_moot);
                Ok(bytes)
            }
            Err(_) => Err(outgoing.failure.unwrap().to_string()),
        }
    }

    #[test]
    fn the_stated_length_is_kept() {
        assert_eq!(read_all(Body::with_length(io::repeat(7), 3), false), Ok(vec![7; 3]));
        assert_eq!(read_all(Body::new(&b"abc"[..]), false), Ok(b"abc".to_vec()));
        assert_eq!(read_all(Body::new(io::empty()), false), Ok(Vec::new()));
        assert_eq!(read_all(Body::from(Vec::new()), false), Ok(Vec::new()));
        let short = read_all(Body::with_length(&b"abc"[..], 5), false);
        assert_eq!(short, Err("the body ended 2 bytes before its stated length".to_owned()));
    }

    #[test]
    fn a_moot_body_ends_without_its_source() {
        assert_eq!(read_all(Body::new(io::repeat(7)), true), Ok(Vec::new()));
        let counted = read_all(Body::with_length(&b""[..], 100), true);
        assert_eq!(counted.map(|bytes| bytes.len()), Ok(100));
    }
}
