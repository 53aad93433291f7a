//! A service with its jobs, from opening them to the last of their threads.
//!
//! Connections are served in [`listener`](crate::listener).

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;

use exacta_jobs::Pool;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::build;
use crate::config::Config;
use crate::error::Error;
use crate::jobs::Jobs;
use crate::listener::{self, Frames};
use crate::needs_tls;
use crate::telemetry::Source;
use crate::telemetry::metrics::Metrics;
use crate::tls::Tls;

pub(crate) struct Service {
    app: Arc<App>,
    pool: Option<Pool>,
    tls: Option<Arc<Tls>>,
}

impl Service {
    /// Opens the jobs, if there are to be any, and begins to run them. It waits for the disk:
    /// nothing is served yet that could wait behind it.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        config.check()?;
        let tls = Tls::open(&config.tls)?;
        let jobs = config.data.as_deref().map(Jobs::open).transpose()?;
        let metrics = Arc::<Metrics>::default();
        let start = |jobs: &Jobs| jobs.start(config, Arc::clone(&metrics));
        let pool = jobs.as_ref().map(start).transpose()?;
        Ok(Self { app: App::new(config, jobs, metrics)?, pool, tls })
    }

    /// What handshakes are made with, if there are any.
    pub(crate) fn tls(&self) -> Option<Arc<Tls>> {
        self.tls.clone()
    }

    /// What reads the metrics of this service.
    pub(crate) fn metrics(&self) -> Source {
        let app = Arc::clone(&self.app);
        Box::new(move || app.read_metrics())
    }

    /// Serves until told to stop: requests end first, then the threads of the jobs.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let Self { app, pool, tls } = self;
        let (service, _) = build(Arc::clone(&app));
        let frames = Frames { service, needs_tls: needs_tls(&app) };
        let served = tokio::select! {
            served = listener::serve(listener, frames, tls.clone(), app, shutdown) => served,
            never = keep_fresh(tls.as_ref()) => match never {},
        };
        let stop = move || pool.map(Pool::shutdown);
        spawn_blocking(stop).await.expect("stopping a pool does not panic");
        served
    }
}

async fn keep_fresh(tls: Option<&Arc<Tls>>) -> Infallible {
    match tls {
        Some(tls) => tls.keep_fresh().await,
        None => pending().await,
    }
}
