//! Who is known, kept fresh by threads, so that no request waits for a disk or a network unless
//! the key of its own token is what is looked for, and no principal for an issuer that hangs.
//!
//! What is wrong leaves what was known before. How often is looked is in [`source`](super::source).

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;
use ureq::http::Uri;

use super::jwks::{KeySet, parser};
use super::principals::Principals;
use super::source::{FETCH_TIMEOUT, Place, Source};
use crate::config::{AuthConfig, Time, names_user, wrong};
use crate::error::Error;

/// How long to sleep where there is nothing to look at.
const IDLE: Duration = Duration::from_hours(1);

/// What is known at one time.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) principals: Arc<Principals>,
    pub(super) keys: Arc<KeySet>,
    /// Whether there may be others: the last look at the keys failed, or there was none yet.
    pub(super) are_keys_behind: bool,
}

/// What is known, and the way to ask for what is new.
pub(super) struct Keeper {
    known: watch::Receiver<Known>,
    /// Asks for a look at the keys at once. Without it their thread ends.
    ask: SyncSender<()>,
    /// Without it the thread of the principals ends.
    _principals: SyncSender<()>,
}

impl Keeper {
    /// Reads the files, to see that they are in order.
    pub(super) fn check(config: &AuthConfig) -> Result<(), Error> {
        Sources::new(config)?.read_files().map(drop)
    }

    /// Reads the files and begins to keep what is known fresh. Keys behind a URL are not waited
    /// for: other callers are known without them.
    pub(super) fn start(config: &AuthConfig) -> Result<Self, Error> {
        let mut sources = Sources::new(config)?;
        let (sender, known) = watch::channel(sources.read_files()?);
        let Sources { principals, keys } = sources;
        let principals = spawn("principals", {
            let put = |known: &mut Known, new: Option<_>, _| {
                new.into_iter().for_each(|new| known.principals = new);
            };
            let sender = sender.clone();
            move |asked| keep(principals, &asked, &sender, put)
        })?;
        let put = |known: &mut Known, new: Option<_>, has_failed| {
            new.into_iter().for_each(|new| known.keys = new);
            known.are_keys_behind = has_failed;
        };
        let ask = spawn("keys", move |asked| keep(keys, &asked, &sender, put))?;
        Ok(Self { known, ask, _principals: principals })
    }

    /// What is known, which nobody can change while it is looked at.
    pub(super) fn known(&self) -> watch::Ref<'_, Known> {
        self.known.borrow()
    }

    /// What is known after another look, if it is not too soon for one.
    pub(super) async fn fresh(&self) -> Known {
        let mut known = self.known.clone();
        known.mark_unchanged();
        // Where one is asked for already, that one will do.
        let _ = self.ask.try_send(());
        let _ = timeout(2 * FETCH_TIMEOUT, known.changed()).await;
        known.borrow().clone()
    }
}

/// Where it is known from.
struct Sources {
    principals: Option<Source<Principals>>,
    keys: Option<Source<KeySet>>,
}

impl Sources {
    fn new(config: &AuthConfig) -> Result<Self, Error> {
        let parse = |bytes: &[u8]| Principals::parse(bytes).map_err(|fault| fault.to_string());
        if config.jwks_pause == Time::ZERO {
            return Err(wrong(
                "auth.jwks_pause",
                "no issuer answers that often; allow some seconds",
            ));
        }
        let principals = config.principals.clone();
        let principals = principals.map(|path| Source::new(Place::File(path), parse));
        let keys = match (&config.jwks, &config.jwt_issuer, &config.jwt_audience) {
            (None, None, None) => None,
            (Some(place), Some(issuer), Some(audience)) => {
                let parse = parser(issuer, audience)?;
                Some(Source::new(key_place(place, config.jwks_pause.duration())?, parse))
            }
            (place, issuer, _) => {
                let given = if place.is_some() {
                    "auth.jwks"
                } else if issuer.is_some() {
                    "auth.jwt_issuer"
                } else {
                    "auth.jwt_audience"
                };
                let what = "a JWT is checked by all of jwks, jwt_issuer and jwt_audience; set the others too";
                return Err(wrong(given, what));
            }
        };
        Ok(Self { principals, keys })
    }

    /// What the files say, which must be there and in order when the service starts.
    fn read_files(&mut self) -> Result<Known, Error> {
        let principals = first("auth.principals", self.principals.as_mut())?;
        let are_keys_behind = self.keys.as_ref().is_some_and(|source| !source.is_file());
        let keys = first("auth.jwks", self.keys.as_mut().filter(|source| source.is_file()))?;
        Ok(Known { principals, keys, are_keys_behind })
    }
}

/// A thread that may be asked, which ends when nobody is left to ask it.
fn spawn(
    name: &str,
    keep: impl FnOnce(Receiver<()>) + Send + 'static,
) -> Result<SyncSender<()>, Error> {
    let (ask, asked) = sync_channel(1);
    let builder = thread::Builder::new().name(name.to_owned());
    builder.spawn(move || keep(asked)).map_err(Error::Start)?;
    Ok(ask)
}

/// Looks at a source, tells and sleeps until nobody is left to ask.
fn keep<T>(
    mut source: Option<Source<T>>,
    asked: &Receiver<()>,
    known: &watch::Sender<Known>,
    put: impl Fn(&mut Known, Option<Arc<T>>, bool),
) {
    let mut is_asked = false;
    loop {
        let new = news(&mut source, is_asked);
        let has_failed = source.as_ref().is_some_and(Source::has_failed);
        known.send_if_modified(|known| {
            let is_new = new.is_some();
            put(known, new, has_failed);
            // Who asks is told also that there is nothing new.
            is_new || is_asked
        });
        is_asked = match asked.recv_timeout(pause(source.as_ref())) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
    }
}

/// For how long there is nothing to do, unless somebody asks.
fn pause<T>(source: Option<&Source<T>>) -> Duration {
    let next = source.map(Source::next);
    next.map_or(IDLE, |next| next.saturating_duration_since(Instant::now()))
}

/// A file, or a URL whose answer nobody on the way can change.
fn key_place(place: &str, pause: Duration) -> Result<Place, Error> {
    if !place.contains("://") {
        return Ok(Place::File(place.into()));
    }
    let uri: Option<Uri> = place.parse().ok();
    let uri = uri.ok_or_else(|| wrong("auth.jwks", "it is neither a file nor a URL"))?;
    if names_user(&uri) {
        let what =
            "a URL is shown, so that no password may stand in it; name one without, or a file";
        return Err(wrong("auth.jwks", what));
    }
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https") if !cfg!(feature = "tls") => Err(Error::TlsAbsent),
        Some("https") => Ok(Place::url(place, pause)),
        Some("http") if is_loopback(host) => Ok(Place::url(place, pause)),
        _ => {
            let what =
                "whoever stands between could put keys of their own there; use https://, or a file";
            Err(wrong("auth.jwks", what))
        }
    }
}

/// Whether a host in a URL is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// What a file says at the start, if there is one.
fn first<T: Default>(setting: &str, source: Option<&mut Source<T>>) -> Result<Arc<T>, Error> {
    let Some(source) = source else { return Ok(Arc::default()) };
    let found = source.look(false).map_err(|what| wrong(setting, &source.told(&what)))?;
    Ok(found.map(Arc::new).unwrap_or_default())
}

/// What a source has that is new. What is wrong is told to whoever reads the log.
fn news<T>(source: &mut Option<Source<T>>, is_asked: bool) -> Option<Arc<T>> {
    let source = source.as_mut()?;
    match source.look(is_asked) {
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
