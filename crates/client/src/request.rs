//! One request from its parts to its answer. Which operations there are is in the
//! generated part.

use std::fmt::{self, Display};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::config::Config;
use ureq::http::{Response, request};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::{Agent, SendBody};

use crate::body::{Body, Outgoing};
use crate::connection::{Cut, Secure, connector};
use crate::error::Error;
#[cfg(feature = "tls")]
use crate::tls;
use crate::token::Token;
use crate::trace::Trace;
use crate::{json, url};

/// From how many bytes on a body waits for the service's `100 Continue`, and travels
/// on a connection of its own.
const LARGE_BODY_BYTES: u64 = 1 << 20;

/// What a body of bytes is called.
const OCTETS: &str = "application/octet-stream";

/// What answers may be.
const ACCEPTED: &str =
    "application/json, application/octet-stream, text/plain, application/problem+json";

/// How much of an unexpected answer is shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// What a client may be told besides the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long opening a connection may take, all addresses of a name together.
    pub connect_timeout: Duration,
    /// How long the service may neither take nor give a byte. There is no limit on a
    /// whole request, since uploads of any length are meant to work.
    pub idle_timeout: Duration,
    /// How many bytes of an answer are taken.
    pub response_bytes_max: u64,
    /// The `User-Agent` of each request.
    pub user_agent: String,
    /// Whom to trust, and as whom to come, where the address begins with `https://`.
    pub tls: Tls,
    /// What the service knows the caller by.
    pub token: Option<Token>,
    /// Whether the token may travel without TLS to another machine, where everybody on the way can read it.
    pub token_in_clear: bool,
}

/// Whom a client trusts, and as whom it comes. All files are in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// The authorities that are trusted, instead of those of the system.
    pub cacert: Option<PathBuf>,
    /// The certificate of this client, followed by those between it and its authority.
    pub cert: Option<PathBuf>,
    /// Its private key, where it is not in the same file.
    pub key: Option<PathBuf>,
}

impl Default for Options {
    /// 10 s to connect, 120 s without a byte, 64 MiB of answer, `exacta-client/VERSION`.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(2),
            response_bytes_max: 64 << 20,
            user_agent: concat!("exacta-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            tls: Tls::default(),
            token: None,
            token_in_clear: false,
        }
    }
}

/// A client of one service. It keeps connections open and may be shared by threads.
///
/// Redirects are not followed, and proxies from the environment are not used.
#[derive(Clone)]
pub struct Client {
    base: String,
    config: Config,
    secure: Secure,
    agent: Agent,
    token: Option<Token>,
    response_bytes_max: u64,
    /// The trace of all requests; without it each begins one of its own.
    trace: Option<Trace>,
}

impl Client {
    /// A client of the service at this address, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// For an address that is not `http://` or `https://`, a host, and maybe a port and a path.
    pub fn new(base_url: &str) -> Result<Self, Error> {
        Self::with_options(base_url, Options::default())
    }

    /// The same, with other options.
    ///
    /// # Errors
    /// As for [`Client::new`], for files of [`Tls`] that are of no use, and for a token that would
    /// travel in clear.
    pub fn with_options(base_url: &str, options: Options) -> Result<Self, Error> {
        let base = url::base(base_url)?;
        if options.token.is_some() && !options.token_in_clear && !url::is_private(&base) {
            return Err(Error::TokenInClear { url: base });
        }
        let builder = Agent::config_builder();
        #[cfg(feature = "tls")]
        let builder = builder.tls_config(tls::config(&options.tls)?);
        let config = builder
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(options.connect_timeout))
            .timeout_per_read(Some(options.idle_timeout))
            .timeout_per_write(Some(options.idle_timeout))
            .user_agent(options.user_agent)
            .build();
        let secure = Secure::default();
        let agent = agent(&config, Cut::default(), &secure);
        let Options { token, response_bytes_max, .. } = options;
        Ok(Self { base, config, secure, agent, token, response_bytes_max, trace: None })
    }

    /// The same client, whose requests belong to this trace; without one, each begins a trace of its own.
    #[must_use]
    pub fn with_trace(mut self, trace: Option<Trace>) -> Self {
        self.trace = trace;
        self
    }

    /// Starts a request.
    pub(crate) fn request(&self, method: &'static str) -> Request<'_> {
        Request { client: self, method, url: self.base.clone(), separator: '?', failure: None }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

fn agent(config: &Config, cut: Cut, secure: &Secure) -> Agent {
    Agent::with_parts(config.clone(), connector(cut, secure), DefaultResolver::default())
}

/// A request whose address is being written.
pub(crate) struct Request<'c> {
    client: &'c Client,
    method: &'static str,
    url: String,
    separator: char,
    /// What kept the address from being written.
    failure: Option<Error>,
}

impl Request<'_> {
    /// Appends a part of the path as it stands in the document.
    pub(crate) fn path(mut self, text: &str) -> Self {
        self.url.push_str(text);
        self
    }

    /// Appends the value of a path parameter.
    pub(crate) fn segment(mut self, value: &(impl Display + ?Sized)) -> Self {
        url::push_segment(&mut self.url, &value.to_string());
        self
    }

    /// Appends a query parameter, where it is given.
    pub(crate) fn query(mut self, name: &'static str, value: Option<&impl Display>) -> Self {
        if let Some(value) = value {
            self.push_name(name);
            url::push_encoded(&mut self.url, &value.to_string());
        }
        self
    }

    /// Appends a query parameter that is a list, its items separated by commas.
    pub(crate) fn list(mut self, name: &'static str, items: Option<&[impl Display]>) -> Self {
        let Some(items) = items else { return self };
        self.push_name(name);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.url.push(',');
            }
            let item = item.to_string();
            url::push_encoded(&mut self.url, &item);
            if item.contains(',') {
                self.failure.get_or_insert(Error::ListItem { name, item });
            }
        }
        self
    }

    fn push_name(&mut self, name: &str) {
        self.url.push(self.separator);
        self.separator = '&';
        self.url.push_str(name);
        self.url.push('=');
    }

    /// Sends it without a body.
    pub(crate) fn send<T: DeserializeOwned>(mut self, status: u16) -> Result<T, Error> {
        let request = self.head()?.body(()).map_err(|e| self.failed(e))?;
        let answer = self.client.agent.run(request).map_err(|e| self.failed(e))?;
        self.decode(answer, status)
    }

    /// Sends it without a body, for an answer of text.
    pub(crate) fn send_for_text(mut self, status: u16) -> Result<String, Error> {
        let request = self.head()?.body(()).map_err(|e| self.failed(e))?;
        let answer = self.client.agent.run(request).map_err(|e| self.failed(e))?;
        let bytes = self.receive(answer, status)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Sends it with a JSON body.
    pub(crate) fn send_json<T: DeserializeOwned>(
        self,
        body: &impl Serialize,
        status: u16,
    ) -> Result<T, Error> {
        let bytes = json::encode(body).map_err(Error::Encode)?;
        self.send_body(Body::from(bytes), "application/json", status)
    }

    /// Sends it with a body of bytes.
    pub(crate) fn send_bytes<T: DeserializeOwned>(
        self,
        body: Body,
        status: u16,
    ) -> Result<T, Error> {
        self.send_body(body, OCTETS, status)
    }

    /// Sends it with a body of bytes, for an answer of bytes.
    pub(crate) fn send_for_bytes(mut self, body: Body, status: u16) -> Result<Vec<u8>, Error> {
        let answer = self.exchange(body, OCTETS)?;
        self.receive(answer, status)
    }

    fn send_body<T: DeserializeOwned>(
        mut self,
        body: Body,
        media_type: &str,
        status: u16,
    ) -> Result<T, Error> {
        let answer = self.exchange(body, media_type)?;
        self.decode(answer, status)
    }

    /// Sends it with a body, and gives the answer to the whole of it.
    fn exchange(&mut self, body: Body, media_type: &str) -> Result<Response<ureq::Body>, Error> {
        let mut head = self.head()?.header("Content-Type", media_type);
        if let Some(length) = body.length() {
            head = head.header("Content-Length", length);
        }
        if let Some(encoding) = body.encoding() {
            head = head.header("Content-Encoding", encoding.name());
        }
        let is_large = body.length().is_none_or(|length| length > LARGE_BODY_BYTES);
        let cut = Cut::default();
        let own_agent =
            is_large.then(|| agent(&self.client.config, cut.clone(), &self.client.secure));
        if is_large {
            head = head.header("Expect", "100-continue");
        }
        let mut outgoing = Outgoing::new(body, || cut.is_cut());
        let request = head.body(SendBody::from_reader(&mut outgoing));
        let request = request.map_err(|e| self.failed(e))?;
        let answer = own_agent.as_ref().unwrap_or(&self.client.agent).run(request);
        match (answer, outgoing.failure) {
            (Ok(answer), _) if answer.status().is_success() && !outgoing.is_whole => {
                Err(Error::Early { url: self.place() })
            }
            (Ok(answer), _) => Ok(answer),
            (Err(_), Some(failure)) => Err(Error::Body(failure)),
            (Err(error), None) => Err(self.failed(error)),
        }
    }

    fn head(&mut self) -> Result<request::Builder, Error> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let trace = self.client.trace.clone().unwrap_or_else(Trace::new);
        let mut head = request::Builder::new().method(self.method).uri(&self.url);
        head = head.header("Traceparent", trace.to_string());
        if let Some(token) = &self.client.token {
            head = head.header("Authorization", token.header()?);
        }
        Ok(head.header("Accept", ACCEPTED))
    }

    /// The answer as the document types it: a success, or an error.
    fn decode<T: DeserializeOwned>(
        &self,
        answer: Response<ureq::Body>,
        status: u16,
    ) -> Result<T, Error> {
        let bytes = self.receive(answer, status)?;
        serde_json::from_slice(&bytes).map_err(|source| Error::Decode { url: self.place(), source })
    }

    /// The bytes of a success, or an error.
    fn receive(&self, mut answer: Response<ureq::Body>, status: u16) -> Result<Vec<u8>, Error> {
        let bytes_max = self.client.response_bytes_max;
        let bytes = answer.body_mut().with_config().limit(bytes_max).read_to_vec();
        let bytes = bytes.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => {
                Error::ResponseTooLarge { url: self.place(), bytes_max }
            }
            error => self.failed(error),
        })?;
        if answer.status().as_u16() != status {
            return Err(self.refusal(answer.status().as_u16(), answer.body().mime_type(), &bytes));
        }
        Ok(bytes)
    }

    /// The error that an answer other than the success means.
    fn refusal(&self, status: u16, media_type: Option<&str>, bytes: &[u8]) -> Error {
        let typed = match media_type {
            Some("application/problem+json") => {
                serde_json::from_slice(bytes).map(Box::new).map(Error::Problem).ok()
            }
            Some("application/json") => {
                serde_json::from_slice(bytes).map(|error| Error::Predict { status, error }).ok()
            }
            _ => None,
        };
        typed.unwrap_or_else(|| Error::Unexpected {
            url: self.place(),
            status,
            excerpt: String::from_utf8_lossy(bytes).chars().take(EXCERPT_CHARS_MAX).collect(),
        })
    }

    fn failed(&self, error: impl Into<ureq::Error>) -> Error {
        let url = self.place();
        let error = error.into();
        #[cfg(feature = "tls")]
        if let Some(reason) = tls::reason(&error) {
            return Error::Tls { url, reason };
        }
        match error {
            ureq::Error::Protocol(_) => Error::NotHttp { url },
            ureq::Error::Io(source) => Error::Transport { url, source: source.into() },
            source => Error::Transport { url, source: source.into() },
        }
    }

    /// The address as errors name it: the query can be long.
    fn place(&self) -> String {
        self.url.split('?').next().unwrap_or_default().to_owned()
    }
}
