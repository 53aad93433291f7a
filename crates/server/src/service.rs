//! A service with its jobs, from opening them to the last of their threads.
//!
//! Connections are served in [`listener`](crate::listener).

use std::future::Future;
use std::sync::Arc;

use exacta_jobs::Pool;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

use crate::app::App;
use crate::build;
use crate::config::Config;
use crate::error::Error;
use crate::jobs::Jobs;
use crate::listener;

pub(crate) struct Service {
    app: Arc<App>,
    pool: Option<Pool>,
}

impl Service {
    /// Opens the jobs, if there are to be any, and begins to run them. It waits for the disk:
    /// nothing is served yet that could wait behind it.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        config.check()?;
        let jobs = config.data.as_deref().map(Jobs::open).transpose()?;
        let pool = jobs.as_ref().map(|jobs| jobs.start(config)).transpose()?;
        Ok(Self { app: App::new(config, jobs)?, pool })
    }

    /// Serves until told to stop: requests end first, then the threads of the jobs.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let Self { app, pool } = self;
        let (router, _) = build(Arc::clone(&app));
        let served = listener::serve(listener, router, app, shutdown).await;
        let stop = move || pool.map(Pool::shutdown);
        spawn_blocking(stop).await.expect("stopping a pool does not panic");
        served
    }
}
