//! A server for a test, and a plain HTTP/1.1 peer that sends exactly what it is told to.
#![allow(dead_code)] // each test file uses its part

pub(crate) mod frames;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use exacta_server::{Config, Error, Limits, serve};
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// How long a peer waits for bytes before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// What tests call the server.
const HOSTS: [&str; 3] = ["a", "test", "x"];

/// A server on a free port, stopped when it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    /// Dropped to end a server that is not to be waited for.
    kill: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), Error>>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: impl Into<Config>) -> Self {
        let mut config = config.into();
        config.hosts.extend(HOSTS.map(str::to_owned));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (kill, killed) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let run = async move {
            let listener = TcpListener::from_std(listener).unwrap();
            tokio::select! {
                result = serve(&config, listener, shutdown) => result,
                _ = killed => Ok(()),
            }
        };
        let thread = std::thread::spawn(|| Runtime::new().unwrap().block_on(run));
        Self { address, stop: Some(stop), kill: Some(kill), thread: Some(thread) }
    }

    /// Tells the server to stop, without waiting for it.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the server has stopped.
    pub(crate) fn join(mut self) -> Result<(), Error> {
        self.stop();
        self.thread.take().unwrap().join().unwrap()
    }

    pub(crate) fn connect(&self) -> Peer {
        Peer::new(TcpStream::connect(self.address).unwrap())
    }

    /// A connection of another client: this machine has more than one address.
    pub(crate) fn connect_from(&self, ip: &str) -> Peer {
        let connect = async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(SocketAddr::new(ip.parse().unwrap(), 0)).unwrap();
            socket.connect(self.address).await.unwrap().into_std().unwrap()
        };
        let stream = Runtime::new().unwrap().block_on(connect);
        stream.set_nonblocking(false).unwrap();
        Peer::new(stream)
    }

    /// One request on a connection of its own.
    pub(crate) fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut peer = self.connect();
        peer.send_request(head, body);
        peer.answer()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\n"), b"")
    }

    pub(crate) fn post(&self, path: &str, media_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let head = format!("POST {path} HTTP/1.1\r\ncontent-type: {media_type}\r\n");
        self.send(&head, body.as_ref())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.kill.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A server with jobs in a directory that goes with it.
pub(crate) struct JobServer {
    pub(crate) server: Server,
    dir: TempDir,
}

impl JobServer {
    pub(crate) fn start() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// One worker, so that a test knows which job runs.
    fn within(dir: TempDir) -> Self {
        let data = Some(dir.path().join("data"));
        let limits = Limits { job_threads: Some(NonZeroU16::MIN), ..Limits::default() };
        let config = Config { data, limits, ..Config::default() };
        let server = Server::with(config);
        assert_eq!(server.get("/readyz").status, 200, "the store is open");
        Self { server, dir }
    }

    /// Stops the server in an orderly way and starts another one on the same directory.
    pub(crate) fn restart(self) -> Self {
        self.server.join().unwrap();
        Self::within(self.dir)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn submit_csv(&self, query: &str, file: &str) -> String {
        id(&self.server.post(&format!("/v1/jobs/csv{query}"), "text/csv", file))
    }

    pub(crate) fn job(&self, id: &str) -> Value {
        let answer = self.server.get(&format!("/v1/jobs/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    pub(crate) fn result(&self, id: &str) -> Answer {
        self.server.get(&format!("/v1/jobs/{id}/result"))
    }

    pub(crate) fn cancel(&self, id: &str) -> Answer {
        self.server.send(&format!("POST /v1/jobs/{id}/cancel HTTP/1.1\r\n"), b"")
    }

    /// Asks after a job until it is in one of these states.
    pub(crate) fn wait(&self, id: &str, states: &[&str]) -> Value {
        let start = Instant::now();
        loop {
            let job = self.job(id);
            if states.iter().any(|state| job["state"] == *state) {
                return job;
            }
            assert!(start.elapsed() < PATIENCE, "it stays {job}");
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }

    pub(crate) fn wait_for_end(&self, id: &str) -> Value {
        self.wait(id, &["succeeded", "failed", "cancelled"])
    }

    /// From now on no outcome gets onto the disk, so that the worker keeps the job that it has.
    pub(crate) fn hold(&self) -> Hold {
        let file = Connection::open(self.data().join("jobs.sqlite")).unwrap();
        file.execute_batch(HOLD).unwrap();
        Hold(file)
    }
}

const HOLD: &str = "
    CREATE TRIGGER hold BEFORE UPDATE OF state ON job WHEN new.state IN ('succeeded', 'failed')
    BEGIN SELECT RAISE(ABORT, 'held by a test'); END";

/// While it lives, a job that runs neither succeeds nor fails.
pub(crate) struct Hold(Connection);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.execute_batch("DROP TRIGGER hold").unwrap();
    }
}

/// Looks again and again until something is so.
pub(crate) fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it does not come about");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// The name of a job that was accepted.
pub(crate) fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// Waits until something has come true.
pub(crate) fn wait_for(mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < PATIENCE, "it does not come true");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// One end of a connection.
pub(crate) struct Peer {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Peer {
    fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream, received: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as many spaces as the server takes, up to `len`, and tells whether it took all.
    pub(crate) fn flood(&mut self, len: usize) -> bool {
        let piece = vec![b' '; 64 << 10];
        self.repeat(&piece, len.div_ceil(piece.len()))
    }

    /// Sends a piece so many times, unless the server closes before, and tells whether it took all.
    pub(crate) fn repeat(&mut self, piece: &[u8], n_times: usize) -> bool {
        (0..n_times).all(|_| match self.stream.write_all(piece) {
            Ok(()) => true,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("the server neither reads nor closes")
            }
            Err(_) => false,
        })
    }

    pub(crate) fn send_request(&mut self, head: &str, body: &[u8]) {
        self.send(format!("{head}host: test\r\ncontent-length: {}\r\n\r\n", body.len()));
        self.send(body);
    }

    pub(crate) fn end(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Everything until the server closes the connection, in order or not.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        loop {
            match self.receive() {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!("the server did not close the connection: {error}"),
            }
        }
        std::mem::take(&mut self.received)
    }

    /// Whether something has come back that is not read yet.
    pub(crate) fn has_answer(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let is_there = matches!(self.stream.peek(&mut [0]), Ok(1));
        self.stream.set_nonblocking(false).unwrap();
        is_there
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// The next answer, to a request of this method: the one to HEAD ends with its header.
    pub(crate) fn answer_to(&mut self, method: &str) -> Answer {
        let head_len = loop {
            if let Some(at) = self.received.windows(4).position(|end| end == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(
                self.receive().unwrap() > 0,
                "closed: {:?}",
                String::from_utf8_lossy(&self.received)
            );
        };
        let head = String::from_utf8(self.received.drain(..head_len).collect()).unwrap();
        let mut answer = Answer::new(&head);
        let len: usize = answer.header("content-length").map_or(0, |len| len.parse().unwrap());
        let has_body = method != "HEAD" && answer.has_body();
        while self.received.len() < len && has_body {
            assert!(self.receive().unwrap() > 0, "closed within a body");
        }
        let len = len.min(self.received.len());
        answer.body = self.received.drain(..len).collect();
        answer
    }

    fn receive(&mut self) -> std::io::Result<usize> {
        let mut piece = [0; 16 << 10];
        let len = self.stream.read(&mut piece)?;
        self.received.extend_from_slice(&piece[..len]);
        Ok(len)
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn new(head: &str) -> Self {
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: Vec::new() }
    }

    fn has_body(&self) -> bool {
        self.status >= 200 && self.status != 304
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names of all headers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The code of a problem, after checking what holds for every problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["detail"].as_str().unwrap().lines().count(), 1);
        problem
    }
}
