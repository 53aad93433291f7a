//! A whole server in one blocking call, with its runtime, its address and its signals.
//!
//! Serving itself is in [`listener`](crate::listener).

use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, lookup_host};
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use crate::config::Config;
use crate::error::Error;
use crate::exposure::{self, Guards};
use crate::service::Service;
use crate::telemetry::{self, Telemetry};
use crate::tls::Tls;

/// How long computing threads may go on once everything is answered or cut.
const THREADS_TIMEOUT: Duration = Duration::from_millis(100);

/// Checks all that [`run()`] will need to be in order, the variables of `OpenTelemetry` too, without opening a socket or
/// the jobs.
///
/// # Errors
/// With the first setting or variable that cannot stand as it is.
pub fn check(config: &Config) -> Result<(), Error> {
    config.check()?;
    telemetry::check(&config.telemetry)
}

/// Serves until SIGINT or SIGTERM, then answers what is under way. A second
/// signal cuts that short; a job that runs is still waited for until it sees
/// the sign to stop. `on_bound` is told the address once it is listened on.
///
/// # Errors
/// When the jobs cannot be opened, when the address cannot be listened on or must not, when there is no runtime or
/// signal handler to be had, and when requests outlast the drain timeout.
pub fn run(config: &Config, on_bound: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Error::Start)?;
    let telemetry = Telemetry::start(&config.telemetry)?;
    let result = runtime.block_on(run_on(config, &telemetry, on_bound));
    runtime.shutdown_timeout(THREADS_TIMEOUT);
    result
}

async fn run_on(
    config: &Config,
    telemetry: &Telemetry,
    on_bound: impl FnOnce(SocketAddr),
) -> Result<(), Error> {
    let mut stop = Signals::new()?;
    let mut kill = Signals::new()?;
    let bind_error = |source| Error::Bind { listen: config.listen.clone(), source };
    // What is checked is what is bound: a name may lead elsewhere when it is asked again.
    let addresses: Vec<_> = lookup_host(&config.listen).await.map_err(bind_error)?.collect();
    addresses.iter().try_for_each(|address| exposure::check(*address, Guards::of(config)))?;
    let service = Service::open(config)?;
    let reloads = service.tls().map(Reloads::new).transpose()?;
    let reloads = async {
        match reloads {
            Some(reloads) => reloads.run().await,
            None => pending().await,
        }
    };
    telemetry.watch(service.metrics());
    let listener = TcpListener::bind(&addresses[..]).await.map_err(bind_error)?;
    let address = listener.local_addr().map_err(bind_error)?;
    on_bound(address);
    let (tls, auth) = (config.tls.is_on(), config.asks_who_calls());
    info!(%address, version = env!("CARGO_PKG_VERSION"), tls, auth, "listening");
    if let Some(missing) = exposure::missing(address, Guards::of(config)) {
        warn!("other machines can reach the service, and it is {missing}, as it was told to be");
    }
    let second = async {
        kill.next().await;
        kill.next().await;
    };
    tokio::select! {
        result = service.serve(listener, async { stop.next().await }) => result,
        () = second => Err(Error::Cut),
        never = reloads => match never {},
    }
}

/// What SIGHUP does: the files of TLS are looked at. Without TLS there is no such thing, and the
/// signal ends the process as it does any.
struct Reloads {
    hangup: Signal,
    tls: Arc<Tls>,
}

impl Reloads {
    fn new(tls: Arc<Tls>) -> Result<Self, Error> {
        Ok(Self { hangup: signal(SignalKind::hangup()).map_err(Error::Start)?, tls })
    }

    async fn run(mut self) -> Infallible {
        while self.hangup.recv().await.is_some() {
            self.tls.reload();
        }
        pending().await
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
