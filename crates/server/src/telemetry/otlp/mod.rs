//! Traces, logs and metrics for a collector, by the protocol of `OpenTelemetry` (OTLP over HTTP).
//!
//! Nothing here is waited for by those who serve: each signal has a thread of its own that sends, and a queue that
//! drops what it has no room for.

mod metrics;
mod queue;
mod transport;

use std::env;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use tracing_subscriber::Layer;

use super::dropped::Loss;
use super::log::{self, BoxedLayer};
use super::span;
use crate::config::{Telemetry, check_collector};
use crate::error::Error;
pub(super) use metrics::Source;
use metrics::{Metrics, Pusher};
use queue::{Counted, Queue};
use transport::Transport;

/// How long the collector may take for what is left when the server stops, for all signals together.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// A kind of telemetry, and what the conventions call what is set of it.
struct Signal {
    path: &'static str,
    endpoint: &'static str,
    exporter: &'static str,
}

const TRACES: Signal = Signal {
    path: "v1/traces",
    endpoint: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    exporter: "OTEL_TRACES_EXPORTER",
};

const LOGS: Signal = Signal {
    path: "v1/logs",
    endpoint: "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    exporter: "OTEL_LOGS_EXPORTER",
};

const METRICS: Signal = Signal {
    path: "v1/metrics",
    endpoint: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    exporter: "OTEL_METRICS_EXPORTER",
};

impl Signal {
    /// Whether it is to be sent: only where somebody says to whom, and where it can be sent there.
    fn is_on(&self, config: &Telemetry) -> Result<bool, Error> {
        let is = |name, value: &str| env::var(name).is_ok_and(|given| given == value);
        let Some((name, endpoint)) = self.endpoint(config) else { return Ok(false) };
        if is("OTEL_SDK_DISABLED", "true") || is(self.exporter, "none") {
            return Ok(false);
        }
        let wrong = |what| Error::Telemetry { reason: format!("{name}: {what}") };
        check_collector(&endpoint).map(|()| true).map_err(wrong)
    }

    /// To whom it is sent, with who says so.
    fn endpoint(&self, config: &Telemetry) -> Option<(&'static str, String)> {
        let given = |name| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?));
        let setting = config.otlp_endpoint.clone().map(|url| ("otlp_endpoint", url));
        setting.or_else(|| given(self.endpoint)).or_else(|| given("OTEL_EXPORTER_OTLP_ENDPOINT"))
    }

    /// Sets the way of an exporter. What the configuration does not say, the exporter takes from the environment.
    fn exporter<B: WithExportConfig + WithHttpConfig>(
        &self,
        builder: B,
        config: &Telemetry,
        client: impl opentelemetry_http::HttpClient + 'static,
    ) -> B {
        let builder = builder.with_http_client(client);
        match &config.otlp_endpoint {
            Some(base) => {
                builder.with_endpoint(format!("{}/{}", base.trim_end_matches('/'), self.path))
            }
            None => builder,
        }
    }
}

/// What is sent to a collector, as far as there is one.
pub(super) struct Exports {
    tracer: Option<SdkTracerProvider>,
    logger: Option<SdkLoggerProvider>,
    pusher: Option<Pusher>,
    source: Arc<OnceLock<Source>>,
}

impl Exports {
    /// Makes what would send, without a thread that does, to see that it can be made.
    pub(super) fn check(config: &Telemetry) -> Result<(), Error> {
        let transport = Transport::default();
        spans(config, &transport)?;
        records(config, &transport)?;
        points(config, transport)?;
        Ok(())
    }

    /// Starts what is to be sent.
    pub(super) fn start(config: &Telemetry) -> Result<Self, Error> {
        let (transport, resource) = (Transport::default(), resource());
        let source = Arc::<OnceLock<Source>>::default();
        let tracer = spans(config, &transport)?.map(|exporter| tracer(exporter, &resource));
        let logger = records(config, &transport)?.map(|exporter| logger(exporter, &resource));
        let metrics = Metrics {
            transport: transport.clone(),
            resource: metrics::resource(&resource),
            start: SystemTime::now(),
            source: Arc::clone(&source),
        };
        let pusher = points(config, metrics)?.map(Pusher::start).transpose();
        Ok(Self { tracer, logger, pusher: pusher.map_err(Error::Start)?, source })
    }

    /// Has spans sent, and gives what takes log records from the server.
    pub(super) fn begin(&self, config: &Telemetry) -> Option<BoxedLayer> {
        if let Some(provider) = &self.tracer {
            span::send_with(provider.tracer("exacta"));
        }
        let bridge = OpenTelemetryTracingBridge::new(self.logger.as_ref()?);
        Some(bridge.with_filter(log::own(config.log_level.into())).boxed())
    }

    /// Says whose metrics are to be pushed.
    pub(super) fn watch(&self, source: Source) {
        // Of several servers in one process it is the first.
        let _ = self.source.set(source);
    }

    /// Sends what is left, as far as it is taken in time.
    pub(super) fn shutdown(self) {
        let end = Instant::now() + SHUTDOWN_TIMEOUT;
        let left = || end.saturating_duration_since(Instant::now());
        // What could not be sent has been counted, and there is nobody left to read it.
        if let Some(tracer) = self.tracer {
            let _ = tracer.shutdown_with_timeout(left());
        }
        if let Some(logger) = self.logger {
            let _ = logger.shutdown_with_timeout(left());
        }
        if let Some(pusher) = self.pusher {
            pusher.shutdown(left());
        }
    }
}

impl From<ExporterBuildError> for Error {
    fn from(error: ExporterBuildError) -> Self {
        Self::Telemetry { reason: error.to_string() }
    }
}

/// Who sends: the name can be set by `OTEL_SERVICE_NAME` and by `OTEL_RESOURCE_ATTRIBUTES`.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let instance = KeyValue::new("service.instance.id", format!("{:032x}", fastrand::u128(..)));
    let builder = || Resource::builder().with_attributes([version.clone(), instance.clone()]);
    let resource = builder().build();
    let name = resource.get_ref(&"service.name".into()).map(ToString::to_string);
    let is_named = name.is_some_and(|name| !name.starts_with("unknown_service"));
    if is_named { resource } else { builder().with_service_name("exacta").build() }
}

/// What sends spans, if they are to be sent.
fn spans(config: &Telemetry, transport: &Transport) -> Result<Option<SpanExporter>, Error> {
    let builder = || SpanExporter::builder().with_http();
    let build = || TRACES.exporter(builder(), config, transport.clone()).build();
    Ok(TRACES.is_on(config)?.then(build).transpose()?)
}

/// What sends log records, if they are to be sent.
fn records(config: &Telemetry, transport: &Transport) -> Result<Option<LogExporter>, Error> {
    let builder = || LogExporter::builder().with_http();
    let build = || LOGS.exporter(builder(), config, transport.clone()).build();
    Ok(LOGS.is_on(config)?.then(build).transpose()?)
}

/// What sends metrics, if they are to be sent.
fn points(
    config: &Telemetry,
    client: impl opentelemetry_http::HttpClient + 'static,
) -> Result<Option<MetricExporter>, Error> {
    let build = || METRICS.exporter(MetricExporter::builder().with_http(), config, client).build();
    Ok(METRICS.is_on(config)?.then(build).transpose()?)
}

fn tracer(exporter: SpanExporter, resource: &Resource) -> SdkTracerProvider {
    let queue = Queue::new("OTEL_BSP_MAX_QUEUE_SIZE", Loss::SpanFull, Loss::SpanFailed);
    let exporter = Counted { inner: exporter, queue: queue.clone() };
    let processor = Counted { inner: BatchSpanProcessor::builder(exporter).build(), queue };
    let builder = SdkTracerProvider::builder().with_resource(resource.clone());
    builder.with_span_processor(processor).build()
}

fn logger(exporter: LogExporter, resource: &Resource) -> SdkLoggerProvider {
    let queue = Queue::new("OTEL_BLRP_MAX_QUEUE_SIZE", Loss::RecordFull, Loss::RecordFailed);
    let exporter = Counted { inner: exporter, queue: queue.clone() };
    let processor = Counted { inner: BatchLogProcessor::builder(exporter).build(), queue };
    let builder = SdkLoggerProvider::builder().with_resource(resource.clone());
    builder.with_log_processor(processor).build()
}
