//! Requests written by hand, for bodies that are too large to be held, and for connections that are only kept. What wrk
//! and the client can send is sent by them.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::error::{Error, at};
use crate::kernel::numbers::Kind;
use crate::server::Server;

/// What is sent: a text that is made of a beginning, one piece many times over, and an end.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) media_type: &'static str,
    pub(super) head: Vec<u8>,
    pub(super) piece: Vec<u8>,
    pub(super) n_pieces: u64,
    pub(super) tail: Vec<u8>,
}

impl Body {
    /// Of numbers of a column in the JSON of `/v1/summarize`, of at least so many bytes; the plan comes first.
    pub(super) fn json(bytes: u64) -> Self {
        let numbers = Kind::Uniform.numbers(1 << 12);
        let piece: String =
            numbers.iter().flat_map(|number| [number.to_string(), ",".to_owned()]).collect();
        Self {
            media_type: "application/json",
            head: br#"{"plan":{"statistics":["sum"]},"columns":[{"name":"x","values":["#.to_vec(),
            n_pieces: bytes.div_ceil(piece.len() as u64),
            piece: piece.into_bytes(),
            // Each piece ends with a comma.
            tail: b"0]}]}".to_vec(),
        }
    }

    /// Of raw numbers.
    pub(super) fn raw(bytes: u64) -> Self {
        let piece: Vec<_> =
            Kind::Uniform.numbers(1 << 13).iter().flat_map(|number| number.to_le_bytes()).collect();
        Self {
            media_type: "application/octet-stream",
            head: Vec::new(),
            n_pieces: bytes.div_ceil(piece.len() as u64),
            piece,
            tail: Vec::new(),
        }
    }

    pub(super) fn length(&self) -> u64 {
        let ends = self.head.len() + self.tail.len();
        ends as u64 + self.n_pieces * self.piece.len() as u64
    }

    /// Sends the head of a request, and of the body as many pieces as are asked for.
    pub(super) fn begin(
        &self,
        server: &Server,
        path: &str,
        n_pieces: u64,
    ) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&server.address)?;
        let (address, media_type, length) = (&server.address, self.media_type, self.length());
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )?;
        stream.write_all(&self.head)?;
        (0..n_pieces).try_for_each(|_| stream.write_all(&self.piece))?;
        Ok(stream)
    }

    /// Sends the pieces that are left and the end, and gives the answer. A server may refuse the body before its end
    /// and close: what it said is then all that is to be had.
    pub(super) fn end(&self, mut stream: TcpStream, n_pieces: u64) -> io::Result<Answer> {
        let sent = (0..n_pieces)
            .try_for_each(|_| stream.write_all(&self.piece))
            .and_then(|()| stream.write_all(&self.tail));
        Answer::read(&mut BufReader::new(stream)).map_err(|error| sent.err().unwrap_or(error))
    }

    /// Sends it all; any answer but 200 is an error.
    pub(super) fn post(&self, server: &Server, path: &str) -> Result<Answer, Error> {
        let url = server.url(path);
        let answer = self.begin(server, path, self.n_pieces);
        let answer = answer.and_then(|stream| self.end(stream, 0)).map_err(at(&url))?;
        answer.checked(url)
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Reads one answer and nothing behind it.
    pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Self> {
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let status =
            line.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(broken)?;
        let mut length = 0;
        while line.trim_end() != "" {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line
                .split_once(':')
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            if let Some((_, value)) = header {
                length = value.trim().parse().map_err(|_| broken())?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        Ok(Self { status, body })
    }

    /// It, unless it is a refusal.
    pub(super) fn checked(self, url: String) -> Result<Self, Error> {
        if self.status == 200 {
            return Ok(self);
        }
        let answer = format!("{} {}", self.status, String::from_utf8_lossy(&self.body));
        Err(Error::Refused { url, answer })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_as_long_as_it_says_and_is_json() {
        let body = Body::json(100_000);
        let mut text = body.head.clone();
        (0..body.n_pieces).for_each(|_| text.extend(&body.piece));
        text.extend(&body.tail);
        assert_eq!(text.len() as u64, body.length());
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert!(value["columns"][0]["values"].as_array().unwrap().len() > 4_000);
        assert_eq!(Body::raw(1 << 20).length(), 1 << 20);
    }

    #[test]
    fn an_answer_ends_where_it_says() {
        let mut text = &b"HTTP/1.1 200 OK\r\nContent-length: 2\r\n\r\nokHTTP/1.1 404 x\r\n\r\n"[..];
        let answer = Answer::read(&mut text).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"ok"[..]));
        assert_eq!(Answer::read(&mut text).unwrap().status, 404);
        assert!(Answer::read(&mut text).is_err());
    }
}
