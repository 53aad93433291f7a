//! A server in a process of its own, for as long as it is needed.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::error::{Error, at};

/// How long a server that is idle computes nothing: several of the kernel's ticks.
const IDLE: Duration = Duration::from_millis(50);
/// How long is waited for it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that listens on a free port of the loopback address; dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Server {
    /// Starts a server that is told to listen on port 0, and reads from its first line on
    /// stderr which port it took.
    pub(crate) fn start(mut command: Command) -> Result<Self, Error> {
        let program = command.get_program().to_owned();
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().map_err(at(&program))?;
        let mut server = Self { child, address: String::new() };
        let stderr = server.child.stderr.take().expect("stderr is piped");
        let mut stderr = BufReader::new(stderr);
        let mut line = String::new();
        stderr.read_line(&mut line).map_err(at(&program))?;
        server.address = address(&line).ok_or_else(|| Error::Address {
            program: program.to_string_lossy().into_owned(),
            line: line.trim_end().to_owned(),
        })?;
        // A pipe that nobody reads would in the end hold the server up.
        thread::spawn(move || io::copy(&mut stderr, &mut io::sink()));
        Ok(server)
    }

    /// Waits until the process computes nothing: requests that nobody waits for any more
    /// would slow down whoever is measured next. Where the kernel does not tell, it is
    /// taken to be idle.
    pub(crate) fn wait_until_idle(&self) {
        let end = Instant::now() + IDLE_TIMEOUT;
        let mut before = self.cpu_time();
        while Instant::now() < end {
            thread::sleep(IDLE);
            let now = self.cpu_time();
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// Seconds of processor time that the process has used, to a hundredth.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        self.cpu_time().map(|[user, system]| (user + system) as f64 / 100.0)
    }

    /// How much memory the process has.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
        };
        Some(Memory { now: bytes("VmRSS:")?, peak: bytes("VmHWM:")? })
    }

    /// Makes the memory that the process has now the most that it has had. Where the kernel does not, it stays.
    pub(crate) fn forget_peak(&self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }

    /// User and system time of the process, in the kernel's ticks of 10 ms.
    fn cpu_time(&self) -> Option<[u64; 2]> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name of the program, in parentheses, may hold anything.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11).map(str::parse);
        Some([fields.next()?.ok()?, fields.next()?.ok()?])
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Memory of a process that is resident, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    /// The most that it has been.
    pub(crate) peak: u64,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which is no fault any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The host and port in a line of any form.
fn address(line: &str) -> Option<String> {
    const HOST: &str = "127.0.0.1:";
    let (_, rest) = line.split_once(HOST)?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty()).then(|| format!("{HOST}{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_words_and_in_json() {
        let expected = Some("127.0.0.1:4711".to_owned());
        assert_eq!(address("listening on http://127.0.0.1:4711\n"), expected);
        assert_eq!(address(r#"{"msg":"listening","address":"127.0.0.1:4711"}"#), expected);
        assert_eq!(address("server: address in use"), None);
        assert_eq!(address("on 127.0.0.1:"), None);
    }

    #[test]
    fn a_server_that_does_not_start_tells_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no leave to listen >&2"]);
        let error = Server::start(command).err().unwrap().to_string();
        assert_eq!(error, "sh does not say where it listens, but: no leave to listen");
    }
}
