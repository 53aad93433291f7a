//! What a person sees while something takes its time: a line on stderr, where that is a terminal, which is gone before
//! anything else is said. `indicatif` draws it; how a job stands and how far a file is read is told to it.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use exacta_client::JobState;
use indicatif::{BinaryBytes, HumanDuration, ProgressBar, ProgressStyle};

use crate::color::is_dumb;
use crate::ending;
use crate::text::one_line;

/// How long a person waits without being told that there is something to wait for.
const QUIET: Duration = Duration::from_secs(1);

/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

/// How long no byte comes before that is said.
const STALL: Duration = Duration::from_secs(2);

const WAITING: &str = "{spinner} {msg} ({elapsed})";

/// For inputs whose length is known, and for others. With all that is said it fits in 80 columns.
const READING: [&str; 2] = ["{bar:16} {percent:>3} %  {wide_msg}", "{spinner} {wide_msg}"];

/// The line that is there now.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> Option<ProgressBar> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn set_shown(bar: Option<ProgressBar>) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Writes something else on the terminal, with no line in the way.
pub(crate) fn aside(write: impl FnOnce()) {
    match shown() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Takes away the line, if there is one.
pub(crate) fn clear() {
    if let Some(bar) = shown() {
        bar.finish_and_clear();
    }
}

/// A line on the terminal until it is dropped.
struct Line {
    bar: ProgressBar,
}

impl Line {
    fn new(bar: ProgressBar, template: &str, elapsed: Duration) -> Self {
        let style = ProgressStyle::with_template(template).expect("it is a template");
        let bar = bar.with_style(style.progress_chars("█▉▊▋▌▍▎▏ ")).with_elapsed(elapsed);
        set_shown(Some(bar.clone()));
        Self { bar }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        set_shown(None);
        self.bar.finish_and_clear();
    }
}

/// The line that moves while a job is waited for: on a terminal, and once there has been time to wonder.
pub(crate) struct Waiting {
    since: Instant,
    line: Option<Line>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), line: None }
    }

    pub(crate) fn show(&mut self, id: &str, state: &JobState) {
        let elapsed = self.since.elapsed();
        if elapsed < QUIET {
            return;
        }
        let line = self.line.get_or_insert_with(|| {
            let line = Line::new(ProgressBar::new_spinner(), WAITING, elapsed);
            line.bar.enable_steady_tick(TICK);
            line
        });
        line.bar.set_message(one_line(&format!("job {id} is {state}; Ctrl-C stops the waiting")));
    }
}

/// How far inputs are read, for a person at a terminal, until it is dropped.
pub(crate) struct Reading {
    n_read: Arc<AtomicU64>,
    /// Ends the watching, and the thread that watches.
    watch: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Reading {
    /// Nothing is read yet of this many bytes, if that is known.
    pub(crate) fn new(n_bytes: Option<u64>) -> Self {
        let n_read = Arc::<AtomicU64>::default();
        let watch = (io::stderr().is_terminal() && !is_dumb()).then(|| {
            let (end, ended) = mpsc::channel();
            let gauge = Gauge { n_read: Arc::clone(&n_read), n_bytes, since: Instant::now() };
            (end, thread::spawn(move || gauge.watch(&ended)))
        });
        Self { n_read, watch }
    }

    /// Where those who read tell how many bytes they have read.
    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.n_read)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if let Some((end, watch)) = self.watch.take() {
            drop(end);
            // What is said next finds the line gone.
            let _ = watch.join();
        }
    }
}

/// Shows how far it is.
struct Gauge {
    n_read: Arc<AtomicU64>,
    n_bytes: Option<u64>,
    since: Instant,
}

impl Gauge {
    /// Shows it until told to end, once there has been time to wonder.
    fn watch(&self, ended: &Receiver<()>) {
        if !has_passed(QUIET, ended) {
            return;
        }
        ending::tidy();
        let bar = self.n_bytes.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let template = READING[usize::from(self.n_bytes.is_none())];
        let line = Line::new(bar, template, self.since.elapsed());
        let mut last = (0, Instant::now());
        loop {
            let n_read = self.n_read.load(Ordering::Relaxed);
            if n_read != last.0 {
                last = (n_read, Instant::now());
            }
            line.bar.set_position(n_read);
            line.bar.set_message(self.message(n_read, last.1.elapsed()));
            line.bar.tick();
            if !has_passed(TICK, ended) {
                return;
            }
        }
    }

    /// How much is read, how fast, and what there is to wait for.
    fn message(&self, n_read: u64, still: Duration) -> String {
        let elapsed = self.since.elapsed();
        let rate = n_read as f64 / elapsed.as_secs_f64();
        let until = match self.n_bytes {
            Some(n_bytes) if n_read >= n_bytes => "computing".to_owned(),
            _ if still >= STALL => "waiting for input".to_owned(),
            Some(n_bytes) => left((n_bytes - n_read) as f64 / rate),
            None => String::new(),
        };
        let whole = self.n_bytes.map(|n_bytes| format!(" of {}", BinaryBytes(n_bytes)));
        let (read, rate) = (BinaryBytes(n_read), BinaryBytes(rate as u64));
        format!("{read}{}  {rate}/s  {until}", whole.unwrap_or_default())
    }
}

/// The seconds that are left, if they can be told.
fn left(seconds: f64) -> String {
    let time = Duration::try_from_secs_f64(seconds.ceil());
    time.map_or_else(|_| String::new(), |time| format!("{:#} left", HumanDuration(time)))
}

/// Whether this time passes before the end comes.
fn has_passed(time: Duration, ended: &Receiver<()>) -> bool {
    ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}
