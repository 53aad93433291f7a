//! The accept loop: connections under their limits, and an orderly end.
//!
//! What is answered on a connection is not here.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;

use crate::app::App;
use crate::config::Limits;
use crate::deadline::{Deadline, Need};
use crate::error::Error;

/// How long to wait for resources when a connection cannot be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many requests of one HTTP/2 connection are under way at one time.
const STREAMS_MAX: u32 = 100;

/// How large the headers of a request may be together, in bytes.
const HEADER_BYTES_MAX: u32 = 64 << 10;

/// How much of a body an HTTP/2 client may send before it is asked to go on, in bytes.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;

/// The same for all bodies of one connection.
const CONNECTION_WINDOW_BYTES: u32 = 4 << 20;

/// How often an HTTP/2 peer is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long it may take to say so.
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves connections until told to stop, then ends what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    app: Arc<App>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(router, &app.config.limits);
    let stop = async {
        shutdown.await;
        app.start_draining();
        sleep(app.config.limits.drain_delay.duration()).await;
    };
    tokio::select! {
        () = stop => {}
        never = connections.accept_all(&listener, &graceful) => match never {},
    }
    drop(listener);
    connections.is_closing.store(true, Ordering::Relaxed);
    drain(graceful, app.config.limits.drain_timeout.duration()).await
}

/// Waits for the requests that are under way.
async fn drain(graceful: GracefulShutdown, drain_timeout: Duration) -> Result<(), Error> {
    let mut watcher = pin!(graceful.shutdown());
    timeout(drain_timeout, &mut watcher).await.map_err(|_| Error::Cut)
}

/// What every connection is served with.
struct Connections {
    router: Router,
    builder: Builder<TokioExecutor>,
    free: Arc<Semaphore>,
    header_timeout: Duration,
    stall_timeout: Duration,
    /// Whether requests that are not read yet come too late.
    is_closing: Arc<AtomicBool>,
}

impl Connections {
    fn new(router: Router, limits: &Limits) -> Self {
        Self {
            router,
            builder: builder(limits),
            free: Arc::new(Semaphore::new(limits.connections_max.get() as usize)),
            header_timeout: limits.header_timeout.duration(),
            stall_timeout: limits.stall_timeout.duration(),
            is_closing: Arc::default(),
        }
    }

    /// Takes connections for ever. One that fails on the way is forgotten; when
    /// the system is out of descriptors or memory, others may free some.
    async fn accept_all(&self, listener: &TcpListener, graceful: &GracefulShutdown) -> Infallible {
        loop {
            let free = Arc::clone(&self.free)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            match listener.accept().await {
                Ok((stream, _)) => {
                    let connection = self.connection(stream, graceful);
                    tokio::spawn(async move {
                        connection.await;
                        drop(free);
                    });
                }
                Err(error) if is_of_connection(&error) => {}
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    /// One connection, from its first byte to its last.
    fn connection(
        &self,
        stream: TcpStream,
        graceful: &GracefulShutdown,
    ) -> impl Future<Output = ()> + use<> {
        // Answers are small and whole: holding them back to fill packets only delays them.
        let _ = stream.set_nodelay(true);
        let need = Need::new(Arc::clone(&self.is_closing));
        let stream = Deadline::new(stream, self.header_timeout, self.stall_timeout, need.clone());
        let io = TokioIo::new(stream);
        let router = self.router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            need.clone().during(router.clone().oneshot(request.map(axum::body::Body::new)))
        });
        let connection = self.builder.serve_connection(io, service).into_owned();
        let watched = graceful.watch(connection);
        async move {
            // A connection that fails is the client's to notice: there is nobody else to tell.
            let _ = watched.await;
        }
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.header_timeout.duration());
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_BYTES_MAX)
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
