//! `[serve.telemetry]`: what a server tells of itself, and to whom.
//!
//! What the conventions of `OpenTelemetry` have variables for is not here, but for the address of the collector.

use hyper::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;

use super::{names_user, wrong};
use crate::error::Error;

/// What is told, and to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Form of the log on stderr: lines for people, or JSON objects, one a line.
    #[schemars(title = "FORMAT")]
    pub log_format: LogFormat,
    /// Least that is worth a line of the log; from info on each request has one.
    #[schemars(title = "LEVEL")]
    pub log_level: LogLevel,
    /// Collector that takes traces, logs and metrics by OTLP over HTTP, such as `http://127.0.0.1:4318`; without it the
    /// variables `OTEL_EXPORTER_OTLP_ENDPOINT` and its like say where, and without those nothing is sent.
    #[schemars(title = "URL")]
    pub otlp_endpoint: Option<String>,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people, with colours on a terminal.
    #[default]
    Pretty,
    /// JSON objects, one a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// Failures of the server.
    Error,
    /// What an operator should know of.
    Warn,
    /// A line for each request, and for what happens to the server.
    #[default]
    Info,
    /// Connections, too.
    Debug,
    /// Everything.
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

impl Telemetry {
    pub(super) fn check(&self) -> Result<(), Error> {
        let name = "telemetry.otlp_endpoint";
        let Some(endpoint) = &self.otlp_endpoint else { return Ok(()) };
        if !cfg!(feature = "otlp") {
            return Err(wrong(name, "this build sends nothing; build with the feature `otlp`"));
        }
        check_collector(endpoint).map_err(|what| wrong(name, what))
    }
}

/// Whether something can be sent to this address, and if not, what is wrong with it.
pub(crate) fn check_collector(url: &str) -> Result<(), &'static str> {
    let example = "name a URL, such as http://127.0.0.1:4318";
    let uri: Uri = url.parse().map_err(|_| example)?;
    if names_user(&uri) {
        return Err(
            "a URL is shown, so that no password may stand in it; send one by OTEL_EXPORTER_OTLP_HEADERS",
        );
    }
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) if !cfg!(feature = "tls") => {
            Err("this build has no TLS; build it with the feature `tls`, or name an http:// URL")
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => Err(example),
    }
}
