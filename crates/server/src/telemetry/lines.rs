//! Log lines on their way to stderr: requests leave them in memory, and a thread writes what has come together. A
//! reader that is slow or gone holds nobody up: lines for which there is no room are dropped and counted.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

use super::dropped::{DROPPED, Loss};

/// How many bytes may wait, beside as many that are being written.
const BYTES_MAX: usize = 1 << 20;

/// From how many bytes on they are written at once.
const BYTES_ENOUGH: usize = 64 << 10;

/// For how long lines are brought together before they are written.
const PAUSE: Duration = Duration::from_millis(20);

/// How long the last lines may take.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Where lines are left.
#[derive(Clone)]
pub(crate) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    is_over: bool,
}

/// Writes lines for as long as it lives, and those that are left when it is dropped.
pub(crate) struct Writer {
    lines: Lines,
    is_over: Receiver<()>,
}

impl Writer {
    /// Starts the thread that writes to `output`.
    pub(crate) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let lines = Lines(Arc::default());
        let shared = Arc::clone(&lines.0);
        let (over, is_over) = mpsc::channel();
        let work = move || {
            shared.write_all(output);
            drop(over);
        };
        thread::Builder::new().name("log".to_owned()).spawn(work)?;
        Ok(Self { lines, is_over })
    }

    pub(crate) fn lines(&self) -> Lines {
        self.lines.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines.0.lock().is_over = true;
        self.lines.0.changed.notify_one();
        // Either the thread has ended, or whoever reads does not take the last lines.
        let _ = self.is_over.recv_timeout(SHUTDOWN_TIMEOUT);
    }
}

impl Lines {
    /// Leaves a line, or none of it.
    pub(super) fn push(&self, line: &[u8]) {
        self.0.push(line);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        let len = waiting.bytes.len();
        if len + line.len() > BYTES_MAX {
            drop(waiting);
            return DROPPED.add(Loss::LineFull, 1);
        }
        waiting.bytes.extend_from_slice(line);
        let is_first = len == 0;
        let is_enough = len < BYTES_ENOUGH && waiting.bytes.len() >= BYTES_ENOUGH;
        drop(waiting);
        if is_first || is_enough {
            self.changed.notify_one();
        }
    }

    fn write_all(&self, mut output: impl Write) {
        let mut taken = Vec::new();
        while self.take(&mut taken) {
            // There is nobody to tell that nobody can be told.
            let _ = output.write_all(&taken).and_then(|()| output.flush());
            taken.clear();
        }
    }

    /// Waits for lines, and takes them; there are none only at the end.
    fn take(&self, taken: &mut Vec<u8>) -> bool {
        let is_idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.is_over;
        let is_few = |waiting: &mut Waiting| waiting.bytes.len() < BYTES_ENOUGH && !waiting.is_over;
        let waiting = self.changed.wait_while(self.lock(), is_idle);
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let gathered = self.changed.wait_timeout_while(waiting, PAUSE, is_few);
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.bytes, taken);
        !taken.is_empty()
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, SyncSender};

    /// An output that hands on what is written, and is stuck while nobody takes it.
    struct Stuck(SyncSender<Vec<u8>>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output that hands on what is written.
    pub(in crate::telemetry) struct Kept(pub(in crate::telemetry) Sender<Vec<u8>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_are_written_in_order_and_the_last_ones_at_the_end() {
        let (sender, written) = mpsc::channel();
        let writer = Writer::start(Kept(sender)).unwrap();
        let lines: Vec<String> = (0..1000).map(|number| format!("line {number}\n")).collect();
        for line in &lines {
            writer.lines().write_all(line.as_bytes()).unwrap();
        }
        drop(writer);
        let written: Vec<Vec<u8>> = written.iter().collect();
        assert_eq!(String::from_utf8(written.concat()).unwrap(), lines.concat());
        assert!(written.len() < lines.len(), "several lines are written at once");
    }

    #[test]
    fn an_output_that_is_stuck_holds_nobody_up() {
        let (sender, written) = mpsc::sync_channel(0);
        let writer = Writer::start(Stuck(sender)).unwrap();
        let line = [b'x'; 1024];
        let n_lines = 4 * BYTES_MAX / line.len();
        for _ in 0..n_lines {
            writer.lines().write_all(&line).unwrap();
        }
        // Those that wait, and those that are on their way: no more are kept.
        let n_bytes = thread::spawn(move || written.iter().map(|bytes| bytes.len()).sum::<usize>());
        drop(writer);
        let n_bytes = n_bytes.join().unwrap();
        assert!((BYTES_MAX..=2 * BYTES_MAX).contains(&n_bytes), "{n_bytes}");
        assert_eq!(n_bytes % line.len(), 0, "no line is cut");
    }
}
