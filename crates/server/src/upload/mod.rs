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
use exacta_scan::{Compression, Input, Watch};
use hyper::body::Body as _;
use tokio::sync::mpsc::{Sender, channel};

use crate::app::App;
use crate::body::{check_len, next_data};
use crate::compute::SMALL_BYTES_MAX;
use crate::problem::Refusal;

use frames::{Frames, Piece};
use session::{Session, Watched};

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

/// How the scan of an upload begins, and how it ends.
struct Job<F> {
    frames: Frames,
    encoding: Option<Compression>,
    session: Arc<Session>,
    scan: F,
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
        let Self { mut body, encoding, is_dense } = self;
        let (bytes_max, announced) = (app.config.limits.body_max.bytes(), body.size_hint());
        check_len(announced.lower(), bytes_max)?;
        let is_dense = is_dense || encoding.is_some();
        let session = Arc::new(Session::new(app, column_bytes, encoding.is_some()));
        let _end = session.end_when_dropped();
        session.charge_start(announced.upper().unwrap_or(bytes_max).min(SMALL_BYTES_MAX))?;
        let start = Start::read(app, &mut body).await?;
        if start.is_whole && !is_dense {
            let frames = Frames::whole(start.frames);
            let job = Job { frames, encoding, session: Arc::clone(&session), scan };
            return app.computing.small(move || job.run()).await;
        }
        session.take_turns(app.computing.turns());
        session.charge_stream(if encoding.is_some() { WINDOW_BYTES_MAX } else { 0 })?;
        let (sender, receiver) = channel(FRAMES_AHEAD);
        let frames = Frames::arriving(start.frames, receiver, Arc::clone(&session));
        let job = Job { frames, encoding, session: Arc::clone(&session), scan };
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
        F: FnOnce(Scan) -> Result<T, Refusal>,
    {
        let Self { frames, encoding, session, scan } = self;
        let begun = session.begin().and_then(|()| decoded(frames, encoding));
        let result = begun.and_then(|reader| {
            let input = Input::stream(Watched { reader, session: Arc::clone(&session) });
            scan(Scan { input, watch: session.watch() })
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
