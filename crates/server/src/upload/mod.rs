//! Bodies that are scanned while they arrive, within the limits on what is sent, on what that decodes to, and on what
//! the scan keeps of it.
//!
//! The body is read here, and waits once it is a few frames ahead of the scan; the scan runs on a thread that computes,
//! and gives its turn to others while it waits for the body. What is scanned, and into what, is for the caller.

mod frames;
mod session;

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use exacta_scan::{Compression, Input, JsonReader, Watch};
use hyper::body::Body as _;
use tokio::sync::mpsc::{Sender, channel};

use crate::app::App;
use crate::body::{check_len, next_data};
use crate::columns::Hold;
use crate::compute::SMALL_BYTES_MAX;
use crate::problem::Refusal;

use frames::{Frames, Piece};
use session::{End, Session, Watched};

/// How many frames may be ahead of the scan. One has some hundred kilobytes at the most.
const FRAMES_AHEAD: usize = 2;

/// How far a decoder looks back, as RFC 9659 says for zstd. gzip looks back 32 KiB.
const WINDOW_BYTES_MAX: u64 = 8 << 20;

/// A body that is yet to be read.
pub(crate) struct Upload {
    pub(crate) body: Body,
    pub(crate) encoding: Option<Compression>,
    /// Whether few bytes of it may be much to compute: it is compressed in itself.
    pub(crate) is_dense: bool,
}

/// What a scan reads, and whom it tells how it goes.
pub(crate) struct Scan {
    pub(crate) input: Input<'static>,
    pub(crate) watch: Watch,
}

/// What is computed from an upload on a thread, how it begins, and how it ends.
struct Job<F> {
    frames: Frames,
    encoding: Option<Compression>,
    session: Arc<Session>,
    compute: F,
}

/// An upload of which the first frames are here.
struct Begun {
    body: Body,
    encoding: Option<Compression>,
    is_dense: bool,
    start: Start,
    session: Arc<Session>,
    _end: End,
}

impl Upload {
    /// Scans the body while it arrives. An accumulator takes `column_bytes`.
    ///
    /// Its announced length is looked at first, as that of a body that is read whole.
    pub(crate) async fn scan<T: Send + 'static>(
        self,
        app: &App,
        column_bytes: u64,
        scan: impl FnOnce(Scan) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let job = |reader, session: Arc<Session>| {
            scan(Scan { input: Input::stream(reader), watch: session.watch() })
        };
        self.begin(app, column_bytes).await?.run(app, job).await
    }

    /// Reads the body as JSON while it arrives, and asks whether to go on now and then. One that is announced with at
    /// most `in_place_bytes` is read at once, by the thread that serves the connection: it must be soon done.
    pub(crate) async fn read_json<T: Send + 'static>(
        mut self,
        app: &App,
        in_place_bytes: u64,
        read: impl FnOnce(JsonReader<'_>, &mut Hold<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let announced = self.body.size_hint().upper();
        if self.encoding.is_none() && announced.is_some_and(|len| len <= in_place_bytes) {
            let bytes = Start::read(app, &mut self.body).await?.join();
            return read(JsonReader::from_bytes(&bytes), &mut |_| Ok(()));
        }
        let job = |reader, session: Arc<Session>| {
            read(JsonReader::from_input(reader), &mut |bytes_kept| session.hold(bytes_kept))
        };
        self.begin(app, 0).await?.run(app, job).await
    }

    /// Reads the first frames.
    async fn begin(self, app: &App, column_bytes: u64) -> Result<Begun, Refusal> {
        let Self { mut body, encoding, is_dense } = self;
        let (bytes_max, announced) = (app.config.limits.body_max.bytes(), body.size_hint());
        check_len(announced.lower(), bytes_max)?;
        let is_dense = is_dense || encoding.is_some();
        let session = Arc::new(Session::new(app, column_bytes, encoding.is_some()));
        let end = session.end_when_dropped();
        session.charge_start(announced.upper().unwrap_or(bytes_max).min(SMALL_BYTES_MAX))?;
        let start = Start::read(app, &mut body).await?;
        Ok(Begun { body, encoding, is_dense, start, session, _end: end })
    }
}

impl Begun {
    /// Computes from the body, on a thread and in turns if it is not small.
    async fn run<T: Send + 'static>(
        self,
        app: &App,
        compute: impl FnOnce(Box<dyn Read + Send>, Arc<Session>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Self { body, encoding, is_dense, start, session, _end } = self;
        let job = |frames| Job { frames, encoding, session: Arc::clone(&session), compute };
        if start.is_whole && !is_dense {
            let job = job(Frames::whole(start.frames));
            return app.computing.small(move || job.run()).await;
        }
        session.take_turns(app.computing.turns());
        session.charge_stream(if encoding.is_some() { WINDOW_BYTES_MAX } else { 0 })?;
        let (sender, receiver) = channel(FRAMES_AHEAD);
        let job = job(Frames::arriving(start.frames, receiver, Arc::clone(&session)));
        let answer = app.computing.run(move || job.run())?;
        pump(app, body, start.len, &sender).await;
        drop(sender);
        answer.await.unwrap_or(Err(Refusal::Internal))
    }
}

/// The first frames of a body: all of a small one.
struct Start {
    frames: VecDeque<Bytes>,
    len: u64,
    is_whole: bool,
}

impl Start {
    async fn read(app: &App, body: &mut Body) -> Result<Self, Refusal> {
        let mut start = Self { frames: VecDeque::new(), len: 0, is_whole: false };
        while start.len <= SMALL_BYTES_MAX {
            let Some(data) = next_data(body).await? else {
                start.is_whole = true;
                break;
            };
            start.len += data.len() as u64;
            check_len(start.len, app.config.limits.body_max.bytes())?;
            start.frames.push_back(data);
        }
        Ok(start)
    }
}

impl Start {
    /// The bytes one after another.
    fn join(mut self) -> Bytes {
        match self.frames.pop_front() {
            Some(only) if self.frames.is_empty() => only,
            first => first.iter().chain(&self.frames).flatten().copied().collect(),
        }
    }
}

/// Gives the frames of a body, of which `len` bytes were read before, to a scan until either ends.
async fn pump(app: &App, mut body: Body, mut len: u64, scan: &Sender<Piece>) {
    loop {
        let next = tokio::select! {
            next = next_data(&mut body) => next,
            () = scan.closed() => return,
        };
        len += next.as_ref().map_or(0, |data| data.as_ref().map_or(0, Bytes::len)) as u64;
        let piece = match check_len(len, app.config.limits.body_max.bytes()).and(next) {
            Ok(Some(data)) => Piece::Data(data),
            Ok(None) => Piece::End,
            Err(refusal) => Piece::Refused(refusal),
        };
        let is_last = !matches!(piece, Piece::Data(_));
        if scan.send(piece).await.is_err() || is_last {
            return;
        }
    }
}

impl<F> Job<F> {
    fn run<T>(self) -> Result<T, Refusal>
    where
        F: FnOnce(Box<dyn Read + Send>, Arc<Session>) -> Result<T, Refusal>,
    {
        let Self { frames, encoding, session, compute } = self;
        let begun = session.begin().and_then(|()| decoded(frames, encoding));
        let result = begun.and_then(|reader| {
            let watched = Watched { reader, session: Arc::clone(&session) };
            compute(Box::new(watched), Arc::clone(&session))
        });
        // What the readers refuse comes back in the words of whoever has read from them.
        result.map_err(|error| session.refusal().unwrap_or(error))
    }
}

fn decoded(frames: Frames, encoding: Option<Compression>) -> Result<Box<dyn Read + Send>, Refusal> {
    match encoding {
        Some(encoding) => Ok(encoding.undo(frames, WINDOW_BYTES_MAX)?),
        None => Ok(Box::new(frames)),
    }
}
