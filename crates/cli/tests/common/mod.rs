//! The real binary, run and served, for the tests that drive it. What is expected of it is in the tests.
#![allow(dead_code)] // Each test takes what it needs.

#[path = "../../../scan/src/oracle.rs"]
pub mod oracle;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

pub const EXACTA: &str = env!("CARGO_BIN_EXE_exacta");

/// The main job's real input.
pub const WEATHER: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/seattle-weather.csv");

/// Longer than anything here takes, shorter than a person's patience.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the binary heeds, beside all that begins with `EXACTA_` or `OTEL_`.
const ENVIRONMENT: [&str; 7] =
    ["COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "RAYON_NUM_THREADS", "TRACEPARENT"];

/// The binary with arguments, and with nothing of this process's environment that it heeds.
pub fn exacta(arguments: &[&str]) -> Command {
    let mut command = Command::new(EXACTA);
    command.args(arguments);
    let own = std::env::vars_os().map(|(name, _)| name);
    let own = own.filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with("EXACTA_") || name.starts_with("OTEL_")
    });
    for name in own.chain(ENVIRONMENT.map(Into::into)) {
        command.env_remove(name);
    }
    command.env("XDG_CONFIG_HOME", "/where/no/configuration/is");
    command
}

/// How a run of the binary ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs the binary on these bytes.
pub fn run(arguments: &[&str], stdin: &[u8]) -> Run {
    feed(&mut exacta(arguments), stdin)
}

/// Runs a command on these bytes, which it need not read to their end.
pub fn feed(command: &mut Command, stdin: &[u8]) -> Run {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(stdin));
        child.wait_with_output().unwrap().into()
    })
}

/// `exacta serve` on a free port.
pub struct Server {
    /// Taken once its end is waited for.
    child: Option<Child>,
    stderr: BufReader<ChildStderr>,
    pub address: String,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(arguments: &[&str]) -> Self {
        let mut command = exacta(&["serve", "--listen", "127.0.0.1:0", "--log-level", "error"]);
        let mut child = command.args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child: Some(child), stderr, address }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends one request on its own connection.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A request that is refused early need not be read to its end.
        let _ = stream.write_all(body);
        read_answer(stream)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", b"")
    }

    pub fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send("POST", path, "", body.as_ref())
    }

    /// The most that it has had in memory at once.
    #[cfg(target_os = "linux")]
    pub fn peak_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.as_ref().unwrap().id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        1024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits for its end, which a signal has asked for.
    pub fn wait(mut self) -> ExitStatus {
        let (ended, end) = mpsc::channel();
        let mut child = self.child.take().unwrap();
        std::thread::spawn(move || ended.send(child.wait().unwrap()));
        let status = end.recv_timeout(PATIENCE).expect("the server ends");
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "the server complained");
        status
    }

    /// Kills it without warning, and waits until it is no more.
    pub fn kill(self) {
        drop(self);
    }

    /// Stops it as an init system does; it must end well.
    pub fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.wait().code(), Some(0));
    }
}

impl Drop for Server {
    /// A test that fails leaves no server behind.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Reads an answer to the end of its connection.
pub fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that is reset after the answer has still answered.
    let _ = stream.read_to_end(&mut bytes);
    let _ = stream.shutdown(Shutdown::Both);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
