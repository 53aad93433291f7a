//! Bodies that are scanned while they arrive, within the limits on what is sent, on what that decodes to, and on what
//! the scan keeps of it.
//!
//! The body is read here, and waits once it is a few frames ahead of the scan; the scan runs on a thread that computes,
//! and gives its turn to others while it waits for the body. What is scanned, and into what, is for the caller.

mod arriving;
mod frames;
mod session;

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use exacta_scan::{Compression, Input, JsonReader, Watch};
use hyper::body::Body as _;
use tokio::sync::mpsc::{Sender, channel};

use crate::app::App;
use crate::body::{check_len, client};
use crate::columns::Hold;
use crate::compute::SMALL_BYTES_MAX;
use crate::memory::Client;
use crate::problem::Refusal;

use arriving::{Arriving, Joined};
use frames::{Frames, Piece};
pub(crate) use session::Session;
use session::{End, Watched};

/// How many frames may be ahead of the scan. One has some hundred kilobytes at the most.
const FRAMES_AHEAD: usize = 2;

/// How far a decoder of zstd looks back, as RFC 9659 says.
const ZSTD_WINDOW_BYTES_MAX: u64 = 8 << 20;

/// What one of gzip takes, which looks back 32 KiB.
const GZIP_BYTES: u64 = 64 << 10;

/// A body that is yet to be read.
pub(crate) struct Upload {
    body: Body,
    /// Who sends it.
    client: Option<Client>,
    encoding: Option<Compression>,
    /// Whether few bytes of it may be much to compute: it is compressed in itself.
    is_dense: bool,
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
    rest: Arriving,
    encoding: Option<Compression>,
    is_dense: bool,
    start: Start,
    session: Arc<Session>,
    _end: End,
}

impl Upload {
    pub(crate) fn new(request: Request, encoding: Option<Compression>, is_dense: bool) -> Self {
        let client = client(&request);
        Self { body: request.into_body(), client, encoding, is_dense }
    }

    /// Scans the body while it arrives. An accumulator takes `column_bytes`.
    ///
    /// Its announced length is looked at first, as that of a body that is read whole.
    pub(crate) async fn scan<T: Send + 'static>(
        self,
        app: &App,
        column_bytes: u64,
        scan: impl FnOnce(Scan, &Session) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let job = |reader, session: Arc<Session>| {
            scan(Scan { input: Input::stream(reader), watch: session.watch() }, &session)
        };
        self.begin(app, column_bytes).await?.run(app, job).await
    }

    /// Reads the body as JSON while it arrives, and asks whether to go on now and then. One that is announced with at
    /// most `in_place_bytes` is read at once, by the thread that serves the connection: it must be soon done.
    pub(crate) async fn read_json<T: Send + 'static>(
        self,
        app: &App,
        in_place_bytes: u64,
        read: impl FnOnce(JsonReader<'_>, &mut Hold<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let announced = self.body.size_hint().upper();
        if self.encoding.is_none() && announced.is_some_and(|len| len <= in_place_bytes) {
            let mut arriving = Arriving::new(self.body, &app.config.limits);
            let bytes = Start::read(&mut arriving).await?.bytes;
            return read(JsonReader::from_bytes(&bytes), &mut |_| Ok(()));
        }
        let job = |reader, session: Arc<Session>| {
            read(JsonReader::from_input(reader), &mut |bytes_kept| session.hold(bytes_kept))
        };
        self.begin(app, 0).await?.run(app, job).await
    }

    /// Reads the body to its end, and computes from all of it.
    pub(crate) async fn read_whole<T: Send + 'static>(
        self,
        app: &App,
        compute: impl FnOnce(&[u8], &Session) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let job = |mut reader: Box<dyn Read + Send>, session: Arc<Session>| {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map_err(|_| Refusal::Interrupted)?;
            compute(&bytes, &session)
        };
        self.begin(app, 0).await?.run(app, job).await
    }

    /// Reads the first frames.
    async fn begin(self, app: &App, column_bytes: u64) -> Result<Begun, Refusal> {
        let Self { body, client, encoding, is_dense } = self;
        let (bytes_max, announced) = (app.config.limits.body_max.bytes(), body.size_hint());
        check_len(announced.lower(), bytes_max)?;
        let is_dense = is_dense || encoding.is_some();
        let session = Arc::new(Session::new(app, client, column_bytes, encoding.is_some()));
        let end = session.end_when_dropped();
        session.charge_start(announced.upper().unwrap_or(bytes_max).min(SMALL_BYTES_MAX))?;
        let mut rest = Arriving::new(body, &app.config.limits);
        let start = Start::read(&mut rest).await?;
        Ok(Begun { rest, encoding, is_dense, start, session, _end: end })
    }
}

impl Begun {
    /// Computes from the body, on a thread and in turns if it is not small.
    async fn run<T: Send + 'static>(
        self,
        app: &App,
        compute: impl FnOnce(Box<dyn Read + Send>, Arc<Session>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Self { rest, encoding, is_dense, start, session, _end } = self;
        let job = |frames| Job { frames, encoding, session: Arc::clone(&session), compute };
        if start.is_whole && !is_dense {
            let job = job(Frames::whole(start.bytes));
            return app.computing.small(move || job.run()).await;
        }
        session.take_turns(app.computing.turns());
        session.charge_stream(encoding.map_or(0, decoder_bytes))?;
        let (sender, receiver) = channel(FRAMES_AHEAD);
        let job = job(Frames::arriving(start.bytes, receiver, Arc::clone(&session)));
        let answer = app.computing.run(move || job.run())?;
        pump(rest, &sender).await;
        drop(sender);
        answer.await.unwrap_or(Err(Refusal::Internal))
    }
}

/// The beginning of a body: all of a small one.
struct Start {
    bytes: Bytes,
    is_whole: bool,
}

impl Start {
    async fn read(arriving: &mut Arriving) -> Result<Self, Refusal> {
        let mut joined = Joined::default();
        while joined.len() <= SMALL_BYTES_MAX as usize {
            let Some(data) = arriving.next().await? else {
                return Ok(Self { bytes: joined.into_bytes(), is_whole: true });
            };
            joined.push(data);
        }
        Ok(Self { bytes: joined.into_bytes(), is_whole: false })
    }
}

/// Gives the frames of a body to a scan until either ends.
async fn pump(mut arriving: Arriving, scan: &Sender<Piece>) {
    loop {
        let next = tokio::select! {
            next = arriving.gather() => next,
            () = scan.closed() => return,
        };
        let piece = match next {
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

/// What a decoder takes. A window of zstd is as large as the body says, and no larger than allowed.
fn decoder_bytes(encoding: Compression) -> u64 {
    match encoding {
        Compression::Gzip => GZIP_BYTES,
        _ => ZSTD_WINDOW_BYTES_MAX,
    }
}

fn decoded(frames: Frames, encoding: Option<Compression>) -> Result<Box<dyn Read + Send>, Refusal> {
    match encoding {
        Some(encoding) => Ok(encoding.undo(frames, ZSTD_WINDOW_BYTES_MAX)?),
        None => Ok(Box::new(frames)),
    }
}
