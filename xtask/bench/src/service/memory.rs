//! How much memory the service takes: idle, for one request of a gigabyte, with many connections, and for many large
//! bodies at one time. It is what the kernel says of the process; where it does not, there is nothing to say.

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::thread;

use super::wire::{Answer, Body};
use crate::error::{Error, at};
use crate::server::{Memory, Server};

const SUMMARIZE: &str = "/v1/summarize";

/// Bytes of memory; what is added is beyond that of the idle server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footprint {
    pub(super) idle: u64,
    /// The most that one large request adds.
    pub(super) large: Option<u64>,
    /// What connections add that have had one answer and wait.
    pub(super) connections: Option<u64>,
    /// The most that many large requests add at one time.
    pub(super) bodies: Option<u64>,
}

/// How much of it there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) large_bytes: u64,
    pub(super) n_connections: usize,
    pub(super) n_bodies: usize,
    /// Of each of the many.
    pub(super) body_bytes: u64,
}

/// Measures on a fresh server each, which is started by `start`.
pub(super) fn measure(
    start: impl Fn() -> Result<Server, Error>,
    amount: Amount,
) -> Result<Option<Footprint>, Error> {
    let server = warm(&start)?;
    let Some(Memory { now: idle, .. }) = server.memory() else { return Ok(None) };
    let large =
        added(&server, || Body::json(amount.large_bytes).post(&server, SUMMARIZE).map(drop))?;
    let server = warm(&start)?;
    let connections = added(&server, || connect(&server, amount.n_connections).map(drop))?;
    let server = warm(&start)?;
    let bodies = added(&server, || send(&server, amount))?;
    Ok(Some(Footprint { idle, large, connections, bodies }))
}

/// A server that has had a request: the first of all makes what stays.
fn warm(start: impl Fn() -> Result<Server, Error>) -> Result<Server, Error> {
    let server = start()?;
    Body::json(1 << 20).post(&server, SUMMARIZE)?;
    server.wait_until_idle();
    Ok(server)
}

/// The most memory during the work beyond what there was before; nothing where the service refuses it.
fn added(server: &Server, work: impl FnOnce() -> Result<(), Error>) -> Result<Option<u64>, Error> {
    server.forget_peak();
    let before = server.memory().map(|memory| memory.now);
    match work() {
        Err(Error::Refused { .. }) => return Ok(None),
        outcome => outcome?,
    }
    let peak = server.memory().map(|memory| memory.peak);
    Ok(before.zip(peak).map(|(before, peak)| peak.saturating_sub(before)))
}

/// Connections that have had an answer, and stay.
fn connect(server: &Server, n_connections: usize) -> Result<Vec<TcpStream>, Error> {
    let connection = |_| {
        let mut stream = TcpStream::connect(&server.address)?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address)?;
        Answer::read(&mut BufReader::new(&mut stream))?;
        Ok(stream)
    };
    (0..n_connections).map(connection).collect::<Result<_, _>>().map_err(at(&server.address))
}

/// Many bodies at one time: each is half sent before any of them ends.
fn send(server: &Server, amount: Amount) -> Result<(), Error> {
    let body = Body::json(amount.body_bytes);
    let half = body.n_pieces / 2;
    let url = server.url(SUMMARIZE);
    thread::scope(|scope| {
        let begun: Vec<_> = (0..amount.n_bodies)
            .map(|_| scope.spawn(|| body.begin(server, SUMMARIZE, half)))
            .collect();
        let begun: Vec<_> =
            begun.into_iter().map(|thread| thread.join().expect("it ends")).collect();
        let ended: Vec<_> = begun
            .into_iter()
            .map(|stream| scope.spawn(|| body.end(stream?, body.n_pieces - half)))
            .collect();
        for thread in ended {
            let answer = thread.join().expect("it ends").map_err(at(&url))?;
            answer.checked(url.clone())?;
        }
        Ok(())
    })
}
