//! Who is known, kept fresh by a thread, so that no request waits for a disk.
//!
//! What is wrong leaves what was known before. How often is looked is in [`source`](super::source).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::principals::Principals;
use super::source::Source;
use crate::config::{AuthConfig, wrong};
use crate::error::Error;

/// How long to sleep where there is nothing to look at.
const IDLE: Duration = Duration::from_hours(1);

/// What is known at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) principals: Arc<Principals>,
}

/// What is known, and what keeps it fresh.
pub(super) struct Keeper {
    known: watch::Receiver<Known>,
    /// Without it the thread ends.
    _ask: SyncSender<()>,
}

impl Keeper {
    /// Reads what there is, to see that it is in order.
    pub(super) fn check(config: &AuthConfig) -> Result<(), Error> {
        Sources::new(config).first().map(drop)
    }

    /// Reads what there is and begins to keep it fresh.
    pub(super) fn start(config: &AuthConfig) -> Result<Self, Error> {
        let mut sources = Sources::new(config);
        let (sender, known) = watch::channel(sources.first()?);
        let (ask, asked) = sync_channel(1);
        thread::Builder::new()
            .name("auth".to_owned())
            .spawn(move || sources.keep(&sender, &asked))
            .map_err(Error::Start)?;
        Ok(Self { known, _ask: ask })
    }

    pub(super) fn known(&self) -> Known {
        self.known.borrow().clone()
    }
}

/// Where it is known from.
struct Sources {
    principals: Option<Source<Principals>>,
}

impl Sources {
    fn new(config: &AuthConfig) -> Self {
        let parse = |bytes: &[u8]| Principals::parse(bytes).map_err(|fault| fault.to_string());
        Self { principals: config.principals.clone().map(|path| Source::new(path, parse)) }
    }

    /// What the files say, which must be there and in order when the service starts.
    fn first(&mut self) -> Result<Known, Error> {
        let mut known = Known::default();
        if let Some(source) = &mut self.principals {
            let found =
                source.look().map_err(|what| wrong("auth.principals", &source.told(&what)))?;
            known.principals = found.map(Arc::new).unwrap_or_default();
        }
        Ok(known)
    }

    /// Looks, tells and sleeps until nobody is left to ask.
    fn keep(mut self, known: &watch::Sender<Known>, asked: &Receiver<()>) {
        while asked.recv_timeout(self.pause()) != Err(RecvTimeoutError::Disconnected) {
            if let Some(principals) = news(&mut self.principals) {
                known.send_modify(|known| known.principals = principals);
            }
        }
    }

    /// For how long there is nothing to do.
    fn pause(&self) -> Duration {
        let next = self.principals.as_ref().map(Source::next);
        next.map_or(IDLE, |next| next.saturating_duration_since(Instant::now()))
    }
}

/// What a source has that is new. What is wrong is told to whoever reads the log.
fn news<T>(source: &mut Option<Source<T>>) -> Option<Arc<T>> {
    let source = source.as_mut()?;
    match source.look() {
        Ok(Some(new)) => {
            tracing::info!("{}", source.told("what has changed holds from now on"));
            Some(Arc::new(new))
        }
        Ok(None) => None,
        Err(what) => {
            tracing::warn!("{}; what was known before still holds", source.told(&what));
            None
        }
    }
}
