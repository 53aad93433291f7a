//! What a scan of a body holds and may hold: memory and disk drawn on accounts as they are needed, limits, turns at
//! a core, and why the scan was refused to go on.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use exacta_scan::{Progress, Watch};

use crate::app::App;
use crate::compute::Turns;
use crate::memory::{Account, Client};
use crate::problem::Refusal;

/// What the frames take that are ahead of a scan, and the one that it reads.
const FRAMES_BYTES: u64 = 1 << 20;

/// What a scan takes to read a body: two blocks, and the cells of one. Most bodies give rows before more is read.
const BLOCK_BYTES: u64 = 1 << 20;

/// What is shared by a request, the readers of its body and the watch on its scan.
pub(crate) struct Session {
    state: Mutex<State>,
    /// Whether nobody waits for the answer any more.
    is_over: AtomicBool,
}

struct State {
    memory: Account,
    /// What is known to be held.
    held: Held,
    disk: Account,
    limits: Limits,
    turns: Option<Turns>,
    /// Why the scan was ended.
    refusal: Option<Refusal>,
    n_decoded: u64,
}

/// Bytes in memory, by what holds them.
#[derive(Default)]
struct Held {
    /// Frames, blocks, and what a decoder looks back at.
    stream: u64,
    accumulators: u64,
    values: u64,
    /// Read since rows were last taken, the most that there were: a long record, a batch.
    untaken_max: u64,
    untaken: u64,
    answer: u64,
}

struct Limits {
    column_bytes: u64,
    /// None where the body is not encoded: what is sent has its own limit.
    decoded_bytes_max: Option<u64>,
    memory_bytes_max: u64,
    spool_bytes_max: u64,
}

impl Limits {
    fn check_memory(&self, len: u64) -> Result<(), Refusal> {
        let bytes_max = self.memory_bytes_max;
        if len > bytes_max { Err(Refusal::PlanNeedsMemory { bytes_max }) } else { Ok(()) }
    }
}

impl Session {
    pub(super) fn new(
        app: &App,
        client: Option<Client>,
        column_bytes: u64,
        is_encoded: bool,
    ) -> Self {
        let config = &app.config.limits;
        let limits = Limits {
            column_bytes,
            decoded_bytes_max: is_encoded.then_some(config.decoded_max.bytes()),
            memory_bytes_max: config.memory_max.bytes(),
            spool_bytes_max: config.spool_max.bytes(),
        };
        let state = State {
            memory: app.open_account(client.clone()),
            held: Held::default(),
            disk: app.open_disk_account(client),
            limits,
            turns: None,
            refusal: None,
            n_decoded: 0,
        };
        Self { state: Mutex::new(state), is_over: AtomicBool::new(false) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics in between")
    }

    /// Makes room for the first bytes of the body.
    pub(super) fn charge_start(&self, len: u64) -> Result<(), Refusal> {
        let mut state = self.state();
        state.held.stream = len;
        state.charge()
    }

    /// Makes room for frames that are ahead of the scan, and for a decoder that looks so far back.
    pub(super) fn charge_stream(&self, window_bytes: u64) -> Result<(), Refusal> {
        let mut state = self.state();
        state.held.stream = FRAMES_BYTES + window_bytes;
        state.charge()
    }

    /// From now on the scan takes its turns at a core.
    pub(super) fn take_turns(&self, turns: Turns) {
        self.state().turns = Some(turns);
    }

    /// The scan begins, on its thread.
    pub(super) fn begin(&self) -> Result<(), Refusal> {
        let mut state = self.state();
        state.held.stream += BLOCK_BYTES;
        state.charge()?;
        state.turns.iter_mut().for_each(Turns::take);
        Ok(())
    }

    /// Waits for something, and lets others compute meanwhile.
    pub(super) fn without_turn<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.state().turns.iter_mut().for_each(Turns::give);
        let result = wait();
        self.state().turns.iter_mut().for_each(Turns::take);
        result
    }

    /// Ends the scan by an error that its readers pass on.
    pub(super) fn refuse(&self, refusal: Refusal) -> io::Error {
        self.state().refuse(refusal)
    }

    /// Why the scan was ended, if it was.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.state().refusal.take()
    }

    /// Ends the scan when the request is dropped.
    pub(super) fn end_when_dropped(self: &Arc<Self>) -> End {
        End(Arc::clone(self))
    }

    /// The watch on the scan.
    pub(super) fn watch(self: &Arc<Self>) -> Watch {
        let session = Arc::clone(self);
        Watch::new(move |progress| session.note(progress))
    }

    /// Takes notice of how it goes, and tells whether to go on.
    pub(crate) fn note(&self, progress: Progress) -> io::Result<()> {
        let mut state = self.state();
        if self.is_over.load(Ordering::Relaxed) {
            return Err(state.refuse(Refusal::Interrupted));
        }
        let noted = match progress {
            Progress::Columns(n_columns) => state.note_columns(n_columns as u64),
            Progress::Rows(bytes_kept) => state.note_rows(bytes_kept),
            Progress::Spooled(n_bytes) => state.note_spooled(n_bytes),
            Progress::Batch(n_bytes) => state.note_untaken(n_bytes),
            _ => Ok(()),
        };
        state.turns.iter_mut().for_each(Turns::pass);
        noted.map_err(|refusal| state.refuse(refusal))
    }

    /// Makes room for values that are kept, and tells whether to go on.
    pub(super) fn hold(&self, bytes_kept: u64) -> Result<(), Refusal> {
        self.note(Progress::Rows(bytes_kept)).map_err(|_| Refusal::Interrupted)
    }

    /// Makes room for an answer of so many bytes that is about to be written.
    pub(crate) fn charge_answer(&self, len: u64) -> Result<(), Refusal> {
        let mut state = self.state();
        state.limits.check_memory(len)?;
        // A buffer that grows is there twice for a while.
        state.held.answer = 2 * len;
        state.charge()
    }

    fn note_read(&self, len: u64) -> io::Result<()> {
        let mut state = self.state();
        state.note_read(len).map_err(|refusal| state.refuse(refusal))
    }
}

impl State {
    fn refuse(&mut self, refusal: Refusal) -> io::Error {
        self.refusal.get_or_insert(refusal);
        io::Error::other("the request is refused")
    }

    fn charge(&mut self) -> Result<(), Refusal> {
        self.memory.grow_to(self.held.total())
    }

    fn note_columns(&mut self, n_columns: u64) -> Result<(), Refusal> {
        self.held.accumulators = n_columns * self.limits.column_bytes;
        self.charge()
    }

    fn note_rows(&mut self, bytes_kept: u64) -> Result<(), Refusal> {
        self.limits.check_memory(bytes_kept)?;
        (self.held.values, self.held.untaken) = (bytes_kept, 0);
        self.charge()
    }

    fn note_spooled(&mut self, n_bytes: u64) -> Result<(), Refusal> {
        let bytes_max = self.limits.spool_bytes_max;
        if n_bytes > bytes_max {
            return Err(Refusal::SpoolTooLarge { bytes_max });
        }
        self.held.untaken = 0;
        self.disk.grow_to(n_bytes)
    }

    fn note_read(&mut self, len: u64) -> Result<(), Refusal> {
        self.n_decoded += len;
        if let Some(bytes_max) = self.limits.decoded_bytes_max.filter(|it| self.n_decoded > *it) {
            return Err(Refusal::DecodedTooLarge { bytes_max });
        }
        self.note_untaken(len)
    }

    /// Makes room for bytes that are held until rows come of them.
    fn note_untaken(&mut self, len: u64) -> Result<(), Refusal> {
        self.held.untaken += len;
        if self.held.untaken > self.held.untaken_max {
            self.held.untaken_max = self.held.untaken;
            self.charge()?;
        }
        Ok(())
    }
}

impl Held {
    fn total(&self) -> u64 {
        // A buffer that grows is there twice for a while, and a batch beside what is decoded of it.
        let untaken = 2 * self.untaken_max.saturating_sub(BLOCK_BYTES);
        self.stream + self.accumulators + self.values + self.answer + untaken
    }
}

/// Ends a scan when it is dropped.
pub(super) struct End(Arc<Session>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

/// A reader whose bytes are counted.
pub(super) struct Watched {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) session: Arc<Session>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buffer)?;
        self.session.note_read(len as u64)?;
        Ok(len)
    }
}
