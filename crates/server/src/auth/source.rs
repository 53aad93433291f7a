//! A file or a URL that is read again now and then, and what was last made of it.
//!
//! Who is told of what is new is in [`keeper`](super::keeper).

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::config::without_query;
use crate::small_file;

/// How often a file is looked at.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// How often a URL is fetched while that works, so that a key which was withdrawn is forgotten.
const REFRESH_PAUSE: Duration = Duration::from_mins(15);

/// How long a fetch may take.
pub(super) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where bytes come from.
pub(super) enum Place {
    File(PathBuf),
    Url {
        url: String,
        agent: Agent,
        /// How soon after a fetch the next one may be.
        pause: Duration,
    },
}

impl Place {
    /// A URL, from which nobody is led elsewhere.
    pub(super) fn url(url: &str, pause: Duration) -> Self {
        let builder = Agent::config_builder();
        #[cfg(feature = "tls")]
        let builder = builder.tls_config(crate::tls::outgoing());
        let config = builder
            .timeout_global(Some(FETCH_TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(true)
            .proxy(None)
            .user_agent(concat!("exacta/", env!("CARGO_PKG_VERSION")))
            .build();
        Self::Url { url: url.to_owned(), agent: config.into(), pause }
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::File(path) => {
                small_file::read(path)?.ok_or_else(|| io::Error::other("it is larger than 1 MiB"))
            }
            Self::Url { url, agent, .. } => fetch(url, agent),
        }
    }

    /// How soon after a look the next one may be, and when it is time for one.
    fn pauses(&self, is_ok: bool) -> (Duration, Duration) {
        match self {
            Self::File(_) => (LOOK_PAUSE, LOOK_PAUSE),
            Self::Url { pause, .. } if is_ok => (*pause, REFRESH_PAUSE.max(*pause)),
            Self::Url { pause, .. } => (*pause, *pause),
        }
    }
}

fn fetch(url: &str, agent: &Agent) -> io::Result<Vec<u8>> {
    let mut answer = agent.get(url).call().map_err(io::Error::other)?;
    if answer.status().is_redirection() {
        let what = format!("it leads elsewhere ({}); name where", answer.status().as_u16());
        return Err(io::Error::other(what));
    }
    let body = answer.body_mut().with_config().limit(small_file::BYTES_MAX);
    body.read_to_vec().map_err(io::Error::other)
}

/// What is made of bytes, or what is wrong with them.
type Parse<T> = Box<dyn Fn(&[u8]) -> Result<T, String> + Send>;

/// Bytes that are read when it is time to.
pub(super) struct Source<T> {
    place: Place,
    parse: Parse<T>,
    /// What was read last, so that only what is new is parsed.
    bytes: Option<Vec<u8>>,
    /// What was wrong last, so that it is told once.
    trouble: Option<String>,
    /// Before then it is not read, even if somebody asks.
    soonest: Instant,
    /// From then on it is read without being asked for.
    next: Instant,
}

impl<T> Source<T> {
    /// Something that will be read.
    pub(super) fn new(
        place: Place,
        parse: impl Fn(&[u8]) -> Result<T, String> + Send + 'static,
    ) -> Self {
        let (now, parse) = (Instant::now(), Box::new(parse));
        Self { place, parse, bytes: None, trouble: None, soonest: now, next: now }
    }

    /// Whether it can be read before anything else is done.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.place, Place::File(_))
    }

    /// Something that is to be told of it, with where it is.
    pub(super) fn told(&self, what: &str) -> String {
        match &self.place {
            Place::File(path) => format!("{}: {what}", path.display()),
            Place::Url { url, .. } => format!("{}: {what}", without_query(url)),
        }
    }

    /// Whether the last look found something wrong.
    pub(super) fn has_failed(&self) -> bool {
        self.trouble.is_some()
    }

    /// When to look next.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// What is new, if it is time to look and there is something; what is wrong, once.
    pub(super) fn look(&mut self, is_asked: bool) -> Result<Option<T>, String> {
        let time = if is_asked { self.soonest } else { self.next };
        if Instant::now() < time {
            return Ok(None);
        }
        let found = self.read();
        let (pause_min, pause) = self.place.pauses(found.is_ok());
        (self.soonest, self.next) = (Instant::now() + pause_min, Instant::now() + pause);
        let trouble = found.as_ref().err().cloned();
        let is_known = trouble.is_some() && trouble == self.trouble;
        self.trouble = trouble;
        if is_known { Ok(None) } else { found }
    }

    fn read(&mut self) -> Result<Option<T>, String> {
        let bytes = self.place.read().map_err(|error| format!("it cannot be read: {error}"))?;
        if self.bytes.as_ref() == Some(&bytes) {
            return Ok(None);
        }
        let parsed = (self.parse)(&bytes)?;
        self.bytes = Some(bytes);
        Ok(Some(parsed))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_wrong_is_told_once_and_what_is_right_again_is_not_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        let parse = |bytes: &[u8]| match str::from_utf8(bytes).unwrap().parse::<u32>() {
            Ok(number) => Ok(number),
            Err(error) => Err(error.to_string()),
        };
        let mut source = Source::new(Place::File(path.clone()), parse);
        let mut look = |text: Option<&str>| {
            match text {
                Some(text) => fs::write(&path, text).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            source.next = Instant::now();
            source.look(false)
        };
        assert_eq!(look(Some("1")), Ok(Some(1)));
        assert_eq!(look(Some("1")), Ok(None));
        assert_eq!(look(Some("x")), Err("invalid digit found in string".to_owned()));
        assert_eq!(look(Some("y")), Ok(None));
        assert_eq!(look(Some("")), Err("cannot parse integer from empty string".to_owned()));
        assert_eq!(look(Some("1")), Ok(None));
        assert_eq!(look(Some("x")), Err("invalid digit found in string".to_owned()));
        assert!(look(None).unwrap_err().starts_with("it cannot be read"));
        assert_eq!(look(Some("2")), Ok(Some(2)));
        assert_eq!(source.look(false), Ok(None), "it is not time yet");
    }
}
