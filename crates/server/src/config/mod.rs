//! What can be set of a server, and what it is when nobody does: a file a section.
//!
//! **To add a setting**, write one member of its section: its name is the key in the file, its type has the unit
//! ([`Size`], [`Time`]), its default stands in `Default`, and its doc comment is the help. The flag of `exacta serve`,
//! the variable `EXACTA_SERVE_…`, the JSON Schema and `--print-config` come from there, by [`settings`]. The tables in
//! docs/OPERATIONS.md are written by the test that compares them, when it is run with `EXACTA_WRITE_DOCS=1`.
//! **To add a section**, write a file with a struct that derives what [`Limits`] derives, and name it in [`Config`].
//! What no type can say is refused by `check`.
//!
//! A setting is a text, a number, `true` or `false`, or a list of texts. What has more structure is a file of its own,
//! which a setting names, and so is every secret: no value here is one. A default that depends on the machine is
//! `None`, and the doc comment tells what that means. Limits that are part of the contract are not here but in
//! [`exacta_api::limit`].

mod auth;
mod limits;
mod settings;
mod telemetry;
mod tls;
mod units;

use std::borrow::Cow;
use std::net::ToSocketAddrs;
use std::path::PathBuf;

use hyper::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use auth::AuthConfig;
pub use limits::Limits;
pub use settings::{Setting, schema, settings};
pub use telemetry::{LogFormat, LogLevel, Telemetry};
pub use tls::{ClientAuth, Tls};
pub use units::{Size, Time};

#[cfg(feature = "otlp")]
pub(crate) use telemetry::check_collector;

use crate::error::Error;
use crate::exposure::{self, Guards};
use crate::hosts;

/// The default limit of a request body: 64 MiB. The document states it.
pub const BODY_BYTES_MAX: u64 = 64 << 20;

/// How a server listens, and where it draws its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address to listen on; port 0 takes a free one.
    #[schemars(title = "HOST:PORT")]
    pub listen: String,
    /// Directory to keep jobs in, made where it is missing; without it the service takes no jobs.
    #[schemars(title = "DIR")]
    pub data: Option<PathBuf>,
    /// Listen where other machines can reach the service, though it speaks without TLS or asks nobody who they are.
    pub insecure_bind_without_auth_and_tls: bool,
    /// Hosts that requests may name, and pages come from, beside those that mean this machine, where nobody is asked who
    /// they are: the public one of a proxy that passes it on. Ports count for nothing.
    #[schemars(title = "HOST")]
    pub hosts: Vec<String>,
    /// Who may call.
    pub auth: AuthConfig,
    /// How much is taken, and for how long it is waited for.
    pub limits: Limits,
    /// What a server tells of itself, and to whom.
    pub telemetry: Telemetry,
    /// How the service proves who it is, and whether clients must.
    pub tls: Tls,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data: None,
            insecure_bind_without_auth_and_tls: false,
            hosts: Vec::new(),
            auth: AuthConfig::default(),
            limits: Limits::default(),
            telemetry: Telemetry::default(),
            tls: Tls::default(),
        }
    }
}

impl From<Limits> for Config {
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

impl Config {
    /// Whether callers are asked who they are: by the settings, or by TLS.
    pub fn asks_who_calls(&self) -> bool {
        self.auth.is_on() || self.tls.needs_certificates()
    }

    /// Reads what the settings name and checks everything, without opening a socket or the jobs. What variables say of
    /// telemetry is not looked at: [`check`](crate::check()) does.
    ///
    /// # Errors
    /// With the first setting that cannot stand as it is.
    pub fn check(&self) -> Result<(), Error> {
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        let address = self.listen.rsplit_once(':');
        if !address.is_some_and(|(host, port)| !host.is_empty() && is_port(port)) {
            let what = format!("`{}` is no HOST:PORT, such as 127.0.0.1:8080", self.listen);
            return Err(wrong("listen", &what));
        }
        if self.data.as_ref().is_some_and(|data| data.is_file()) {
            return Err(wrong("data", "it is a file; name a directory"));
        }
        hosts::check(&self.hosts)?;
        self.telemetry.check()?;
        self.limits.check()?;
        crate::auth::check(&self.auth)?;
        self.tls.check()?;
        // A name that leads nowhere is found when it is listened on.
        let mut addresses = self.listen.to_socket_addrs().into_iter().flatten();
        addresses.try_for_each(|address| exposure::check(address, Guards::of(self)))
    }
}

/// Whether a URL has a user name, and with it perhaps a password: it would be shown with the settings, and is sent to nobody.
pub(crate) fn names_user(uri: &Uri) -> bool {
    uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
}

/// A URL as it may be shown: what its query says may be a secret.
pub(crate) fn without_query(url: &str) -> Cow<'_, str> {
    match url.split_once('?') {
        Some((start, _)) => format!("{start}?…").into(),
        None => url.into(),
    }
}

/// A setting that cannot stand as it is.
pub(crate) fn wrong(setting: &str, what: &str) -> Error {
    Error::Config { setting: setting.to_owned(), what: what.to_owned() }
}
