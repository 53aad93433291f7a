//! What a server tells of itself: an access line and a span for each request, metrics, and the ways by which they
//! leave. None of it holds anybody up, and none of it says what was in a request.

mod access;
mod dropped;
mod json;
mod lines;
mod log;
pub(crate) mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod panics;
mod span;
mod trace;

use std::io;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use crate::config::{LogFormat, Telemetry as Config};
use crate::error::Error;
use metrics::Family;

pub(crate) use access::{Cause, Code, Notes, Watch};

/// Reads all metrics of a server.
pub(crate) type Source = Box<dyn Fn() -> Vec<Family> + Send + Sync>;

/// The logs and traces of this process, from the start of its server to the end.
pub(crate) struct Telemetry {
    #[cfg(feature = "otlp")]
    exports: Option<otlp::Exports>,
    _writer: lines::Writer,
}

/// Sees that what is told can be sent, also where only variables say to whom.
#[cfg_attr(not(feature = "otlp"), expect(clippy::unnecessary_wraps))]
pub(crate) fn check(config: &Config) -> Result<(), Error> {
    #[cfg(feature = "otlp")]
    otlp::Exports::check(config)?;
    #[cfg(not(feature = "otlp"))]
    let _ = config;
    Ok(())
}

impl Telemetry {
    /// Sends what is said in this process to stderr, and to a collector where there is one. In a process that has a
    /// place for that already, it goes there.
    pub(crate) fn start(config: &Config) -> Result<Self, Error> {
        let writer = lines::Writer::start(io::stderr()).map_err(Error::Start)?;
        let layers = vec![log::layer(config, writer.lines())];
        #[cfg(feature = "otlp")]
        let exports = otlp::Exports::start(config)?;
        #[cfg(feature = "otlp")]
        let layers: Vec<_> = layers.into_iter().chain(exports.begin(config)).collect();
        let _ = tracing::subscriber::set_global_default(registry().with(layers));
        if config.log_format == LogFormat::Json {
            panics::tell();
        }
        Ok(Self {
            #[cfg(feature = "otlp")]
            exports: Some(exports),
            _writer: writer,
        })
    }

    /// Says whose metrics a collector is to get.
    #[cfg_attr(not(feature = "otlp"), expect(clippy::unused_self))]
    pub(crate) fn watch(&self, source: Source) {
        #[cfg(feature = "otlp")]
        if let Some(exports) = &self.exports {
            exports.watch(source);
        }
        #[cfg(not(feature = "otlp"))]
        drop(source);
    }
}

#[cfg(feature = "otlp")]
impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(exports) = self.exports.take() {
            exports.shutdown();
        }
    }
}
