//! The accept loop: connections under their limits, and an orderly end.
//!
//! What is answered on a connection is not here.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Request, Response, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use crate::activity::{Activity, Verdict};
use crate::addresses::{Addresses, network};
use crate::app::App;
use crate::config::Limits;
use crate::error::Error;
use crate::frame::Frame;
use crate::peer::PeerIdentities;
use crate::stream::Observed;
use crate::telemetry::metrics::{Metrics, Refused};
use crate::tls::{Accepted, Secured, Tls};

/// How long to wait for resources when a connection cannot be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many headers hyper takes unless told otherwise, in which case they cost it an allocation.
const HEADERS_MAX: u32 = 100;

/// How much of a body an HTTP/2 client may send before it is asked to go on, in bytes.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;

/// The same for all bodies of one connection.
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;

/// How often an HTTP/2 peer is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long it may take to say so.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server as a whole is doing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// It takes requests, and tells those who send them to go elsewhere.
    Draining,
    /// It answers the requests that it has.
    Closing,
    /// What it still has is cut.
    Over,
}

/// Serves connections until told to stop, then ends what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    frames: Frames,
    tls: Option<Arc<Tls>>,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let limits = app.config.limits;
    let phase = watch::Sender::new(Phase::Serving);
    let connections = Connections::new(frames, tls, &app, &phase);
    let stop = async {
        shutdown.await;
        app.start_draining();
        phase.send_replace(Phase::Draining);
        sleep(limits.drain_delay.duration()).await;
    };
    tokio::select! {
        () = stop => {}
        never = connections.accept_all(&listener) => match never {},
    }
    drop(listener);
    phase.send_replace(Phase::Closing);
    // It is closed once no connection looks at it any more.
    if timeout(limits.drain_timeout.duration(), phase.closed()).await.is_err() {
        phase.send_replace(Phase::Over);
        phase.closed().await;
    }
    if connections.is_work_lost.load(Ordering::Relaxed) { Err(Error::Cut) } else { Ok(()) }
}

/// What answers.
pub(crate) struct Frames {
    pub(crate) service: Arc<Frame>,
    /// For those who speak HTTP where TLS is spoken.
    pub(crate) needs_tls: Arc<Frame>,
}

/// What every connection is served with.
struct Connections<'a> {
    frames: Frames,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    builder: Builder<TokioExecutor>,
    free: Arc<Semaphore>,
    addresses: Arc<Addresses>,
    metrics: Arc<Metrics>,
    phase: &'a watch::Sender<Phase>,
    /// Whether a connection was cut that had something under way.
    is_work_lost: Arc<AtomicBool>,
}

impl<'a> Connections<'a> {
    fn new(
        frames: Frames,
        tls: Option<Arc<Tls>>,
        app: &App,
        phase: &'a watch::Sender<Phase>,
    ) -> Self {
        let limits = app.config.limits;
        Self {
            frames,
            tls,
            limits,
            metrics: Arc::clone(&app.metrics),
            builder: builder(&limits),
            free: Arc::new(Semaphore::new(limits.connections_max.get() as usize)),
            addresses: Addresses::new(limits.connections_per_address_max),
            phase,
            is_work_lost: Arc::default(),
        }
    }

    /// Takes connections for ever. One that fails on the way is forgotten; when
    /// the system is out of descriptors or memory, others may free some.
    async fn accept_all(&self, listener: &TcpListener) -> Infallible {
        loop {
            let free = Arc::clone(&self.free)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let Some(place) = self.addresses.enter(peer.ip()) else {
                        self.metrics.connections.refuse(Refused::AddressFull);
                        continue;
                    };
                    let connection = self.connection(stream, network(peer.ip()));
                    let open = Open::new(Arc::clone(&self.metrics));
                    tokio::spawn(async move {
                        connection.await;
                        drop((open, place, free));
                    });
                }
                Err(error) => {
                    self.metrics.connections.refuse(Refused::Accept);
                    if !is_of_connection(&error) {
                        warn!(%error, "connections cannot be accepted for now");
                        sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// One connection, from its first byte to its last.
    fn connection(&self, stream: TcpStream, network: IpAddr) -> impl Future<Output = ()> + use<> {
        // Answers are small and whole: holding them back to fill packets only delays them.
        let _ = stream.set_nodelay(true);
        let (frame, builder) = (Arc::clone(&self.frames.service), self.builder.clone());
        let (metrics, is_work_lost) = (Arc::clone(&self.metrics), Arc::clone(&self.is_work_lost));
        let limits = self.limits;
        let door = Door { frame, builder, limits, metrics, is_work_lost, network, peer: None };
        let tls = self.tls.clone().map(|tls| (tls, Arc::clone(&self.frames.needs_tls)));
        let mut phase = self.phase.subscribe();
        // It has yet to hear what the others were told.
        phase.mark_changed();
        async move {
            match tls {
                None => door.serve(stream, phase).await,
                // In a box, so that connections without TLS do not take the room that it needs.
                Some((tls, needs_tls)) => {
                    Box::pin(door.secure(stream, tls, needs_tls, phase)).await;
                }
            }
        }
    }
}

/// What a connection leads to.
struct Door {
    frame: Arc<Frame>,
    builder: Builder<TokioExecutor>,
    limits: Limits,
    metrics: Arc<Metrics>,
    is_work_lost: Arc<AtomicBool>,
    network: IpAddr,
    /// Who is there, if that was proved.
    peer: Option<PeerIdentities>,
}

impl Door {
    /// Has a connection secured before it is served.
    async fn secure(
        self,
        stream: TcpStream,
        tls: Arc<Tls>,
        needs_tls: Arc<Frame>,
        phase: watch::Receiver<Phase>,
    ) {
        let mut closing = phase.clone();
        let accepted = tokio::select! {
            accepted = tls.accept(stream) => accepted,
            // Who is shaking hands has no request yet that would be waited for.
            _ = closing.wait_for(|phase| matches!(phase, Phase::Closing | Phase::Over)) => return,
        };
        match accepted {
            Ok(Accepted::Secure(secured)) => {
                let Secured { stream, is_http2, peer } = *secured;
                tracing::debug!(is_http2, names = ?peer.names(), "TLS: hands are shaken");
                let builder = self.builder;
                let builder = if is_http2 { builder.http2_only() } else { builder.http1_only() };
                Self { builder, peer: Some(peer), ..self }.serve(stream, phase).await;
            }
            Ok(Accepted::Plain(stream)) => {
                Self { frame: needs_tls, ..self }.serve(stream, phase).await;
            }
            Err(error) => {
                self.metrics.connections.refuse(Refused::Handshake);
                debug!(%error, "TLS: a handshake failed");
            }
        }
    }

    async fn serve<S>(self, stream: S, phase: watch::Receiver<Phase>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let activity = Activity::new(self.limits, self.network);
        let io = TokioIo::new(Observed::new(stream, Arc::clone(&activity)));
        let service = service_fn({
            let (frame, peer, activity) = (self.frame, self.peer, Arc::clone(&activity));
            move |request| answer(Arc::clone(&frame), peer.clone(), &activity, request)
        });
        let connection = self.builder.serve_connection(io, service).into_owned();
        drive(connection, activity, self.metrics, self.is_work_lost, phase).await;
    }
}

/// Answers one request, which is under way from now on.
fn answer(
    frame: Arc<Frame>,
    peer: Option<PeerIdentities>,
    activity: &Arc<Activity>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<Body>, Infallible>> + use<> {
    let under_way = activity.begin();
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Arc::clone(activity));
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    // In a box, so that connections that wait do not take the room that a request needs.
    Box::pin(async move {
        let response = frame.respond(request).await;
        drop(under_way);
        Ok(response)
    })
}

/// Serves a connection to its end, and tells its peer when that has come near.
async fn drive<C: GracefulConnection>(
    connection: C,
    activity: Arc<Activity>,
    metrics: Arc<Metrics>,
    is_work_lost: Arc<AtomicBool>,
    mut phase: watch::Receiver<Phase>,
) {
    let (mut connection, mut timer) = (pin!(connection), pin!(sleep(Duration::ZERO)));
    let (mut now, mut is_told) = (Phase::Serving, false);
    loop {
        let leaves = tokio::select! {
            biased;
            // A connection that fails is the client's to notice: there is nobody else to tell.
            _ = connection.as_mut() => return,
            () = activity.rest(), if now == Phase::Closing => return,
            // Answers tell it to peers of HTTP/1.1.
            () = activity.speaks_http2(), if now == Phase::Draining && !is_told => true,
            verdict = activity.expire(timer.as_mut()) => match verdict {
                Verdict::Leave => true,
                Verdict::End => return,
                Verdict::Cut => return metrics.connections.refuse(Refused::Late),
            },
            Ok(()) = phase.changed() => {
                now = *phase.borrow_and_update();
                match now {
                    Phase::Serving | Phase::Draining => false,
                    Phase::Closing => {
                        activity.close();
                        true
                    }
                    Phase::Over => {
                        // Before `phase` is dropped, for which whoever asks waits.
                        is_work_lost.fetch_or(activity.is_busy(), Ordering::Relaxed);
                        return;
                    }
                }
            }
        };
        if leaves {
            connection.as_mut().graceful_shutdown();
            is_told = true;
        }
    }
}

/// A connection that is counted for as long as it lives.
struct Open(Arc<Metrics>);

impl Open {
    fn new(metrics: Arc<Metrics>) -> Self {
        metrics.connections.accepted.fetch_add(1, Ordering::Relaxed);
        debug!("a connection is open");
        Self(metrics)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.closed.fetch_add(1, Ordering::Relaxed);
        debug!("a connection is closed");
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    let (head_bytes_max, resets_max) = (limits.head_max.bytes() as u32, limits.resets_max as usize);
    builder
        .http1()
        .timer(TokioTimer::new())
        // The deadlines are those of `activity`.
        .header_read_timeout(None)
        // A head must fit into the buffer. So must what is read of a body at one time.
        .max_buf_size(head_bytes_max as usize);
    // What hyper refuses has no body. A little more than is allowed gets a problem.
    let headers_max = limits.headers_max.get() + limits.headers_max.get() / 4;
    if headers_max > HEADERS_MAX {
        builder.http1().max_headers(headers_max as usize);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams_max.get())
        .max_pending_accept_reset_streams(resets_max)
        .max_local_error_reset_streams(resets_max)
        .max_header_list_size(head_bytes_max)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}

/// Whether an error of `accept` is about one connection that is gone already.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
