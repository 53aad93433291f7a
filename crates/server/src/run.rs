//! A whole server in one blocking call, with its runtime and its signals.
//!
//! Serving itself is in [`listener`](crate::listener).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::Config;
use crate::error::Error;
use crate::service::Service;

/// How long computing threads may go on once everything is answered or cut.
const THREADS_TIMEOUT: Duration = Duration::from_millis(100);

/// Serves until SIGINT or SIGTERM, then answers what is under way. A second
/// signal cuts that short; a job that runs is still waited for until it sees
/// the sign to stop. `on_bound` is told the address once it is listened on.
///
/// # Errors
/// When the jobs cannot be opened, when the address cannot be listened on, when there is no runtime or signal
/// handler to be had, and when requests outlast the drain timeout.
pub fn run(config: &Config, on_bound: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
    let result = runtime.block_on(run_on(config, on_bound));
    runtime.shutdown_timeout(THREADS_TIMEOUT);
    result
}

async fn run_on(config: &Config, on_bound: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let mut stop = Signals::new()?;
    let mut kill = Signals::new()?;
    let bind_error = |source| Error::Bind { listen: config.listen.clone(), source };
    let service = Service::open(config)?;
    let listener = TcpListener::bind(&config.listen).await.map_err(bind_error)?;
    on_bound(listener.local_addr().map_err(bind_error)?);
    let second = async {
        kill.next().await;
        kill.next().await;
    };
    tokio::select! {
        result = service.serve(listener, async { stop.next().await }) => result,
        () = second => Err(Error::Cut),
    }
}

/// The signals that ask a server to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(Error::Start)?,
            terminate: signal(SignalKind::terminate()).map_err(Error::Start)?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
