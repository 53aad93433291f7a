//! Metrics for a collector: what `/metrics` shows, with the same exact sums, pushed now and then.
//!
//! The SDK sends only what it has summed itself, in floats and in the order in which it came. So the message is made
//! here, of the types of the protocol. The exporter of the SDK still sends it: that knows the address, the headers and
//! when to try again. What it would send is empty, and on the way the message is put in its place.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, io};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::MetricExporter;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource as ResourceMessage;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics as Empty;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use prost::Message;
use tokio::runtime;

use super::queue::survive;
use super::transport::Transport;
use crate::telemetry::dropped::{DROPPED, Loss};
use crate::telemetry::metrics::{Distribution, Family, Kind, Point, Value};

/// How often they are pushed, in milliseconds, by a variable of the conventions and without it.
const INTERVAL: (&str, u64) = ("OTEL_METRIC_EXPORT_INTERVAL", 60_000);

/// Reads all metrics.
pub(crate) type Source = Box<dyn Fn() -> Vec<Family> + Send + Sync>;

/// Pushes metrics for as long as it lives, and once more at its end.
pub(super) struct Pusher {
    stop: Sender<()>,
    is_over: Receiver<()>,
}

impl Pusher {
    /// Starts the thread that pushes.
    pub(super) fn start(exporter: MetricExporter) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        let ((stop, stopped), (over, is_over)) = (mpsc::channel(), mpsc::channel());
        let push = move || {
            if runtime.block_on(survive(exporter.export(&Empty::default()))).is_err() {
                DROPPED.add(Loss::MetricsFailed, 1);
            }
        };
        let interval = interval();
        let work = move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
                push();
            }
            push();
            drop(over);
        };
        thread::Builder::new().name("metrics".to_owned()).spawn(work)?;
        Ok(Self { stop, is_over })
    }

    /// Pushes a last time, for no longer than this.
    pub(super) fn shutdown(self, timeout: Duration) {
        drop(self.stop);
        // Either the thread has ended, or it is not waited for any more.
        let _ = self.is_over.recv_timeout(timeout);
    }
}

fn interval() -> Duration {
    let (variable, default) = INTERVAL;
    let given = env::var(variable).ok().and_then(|text| text.parse().ok());
    Duration::from_millis(given.unwrap_or(default))
}

/// What is put in the place of an empty message.
#[derive(Clone)]
pub(super) struct Metrics {
    pub(super) transport: Transport,
    pub(super) resource: ResourceMessage,
    pub(super) start: SystemTime,
    /// Once there is a server whose metrics they are.
    pub(super) source: Arc<OnceLock<Source>>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Metrics {
    async fn send_bytes(&self, empty: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, _) = empty.into_parts();
        let message = self.message().encode_to_vec();
        self.transport.send_bytes(Request::from_parts(head, message.into())).await
    }
}

impl Metrics {
    fn message(&self) -> ExportMetricsServiceRequest {
        let times = [self.start, SystemTime::now()].map(nanos);
        let families = self.source.get().map(|read| read()).unwrap_or_default();
        let families = families.into_iter().filter(|family| !family.points.is_empty());
        let scope = InstrumentationScope {
            name: "exacta".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Default::default()
        };
        let of_scope = ScopeMetrics {
            scope: Some(scope),
            metrics: families.map(|family| metric(family, times)).collect(),
            ..Default::default()
        };
        let of_resource = ResourceMetrics {
            resource: Some(self.resource.clone()),
            scope_metrics: vec![of_scope],
            ..Default::default()
        };
        ExportMetricsServiceRequest { resource_metrics: vec![of_resource] }
    }
}

/// The resource of the SDK as a message.
pub(super) fn resource(resource: &Resource) -> ResourceMessage {
    let ResourceAttributesWithSchema { attributes, .. } = resource.into();
    ResourceMessage { attributes: attributes.0, ..Default::default() }
}

fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// A metric in the types of the protocol. `times` are the start of counting, and now.
fn metric(family: Family, times: [u64; 2]) -> Metric {
    let Family { definition, points } = family;
    let aggregation_temporality = AggregationTemporality::Cumulative.into();
    let numbers = |points: &[Point]| {
        points.iter().map(|point| number(definition.labels, point, times)).collect()
    };
    let data = match definition.kind {
        Kind::Counter | Kind::Level => Data::Sum(Sum {
            data_points: numbers(&points),
            aggregation_temporality,
            is_monotonic: definition.kind == Kind::Counter,
        }),
        Kind::Gauge | Kind::Info => Data::Gauge(Gauge { data_points: numbers(&points) }),
        Kind::Histogram => {
            let points = points.into_iter();
            let data_points = points.filter_map(|point| histogram(definition.labels, point, times));
            Data::Histogram(Histogram {
                data_points: data_points.collect(),
                aggregation_temporality,
            })
        }
    };
    Metric {
        name: definition.name.to_owned(),
        description: definition.help.to_owned(),
        unit: definition.unit.to_owned(),
        data: Some(data),
        ..Default::default()
    }
}

fn number(names: &[&str], point: &Point, [start, now]: [u64; 2]) -> NumberDataPoint {
    let value = match &point.value {
        Value::Integer(value) => number_data_point::Value::AsInt(*value as i64),
        Value::Float(value) => number_data_point::Value::AsDouble(*value),
        Value::Distribution(values) => number_data_point::Value::AsDouble(values.sum),
    };
    NumberDataPoint {
        attributes: attributes(names, point),
        start_time_unix_nano: start,
        time_unix_nano: now,
        value: Some(value),
        ..Default::default()
    }
}

fn histogram(names: &[&str], point: Point, [start, now]: [u64; 2]) -> Option<HistogramDataPoint> {
    let attributes = attributes(names, &point);
    let Value::Distribution(Distribution { scale, counts, sum }) = point.value else { return None };
    Some(HistogramDataPoint {
        attributes,
        start_time_unix_nano: start,
        time_unix_nano: now,
        count: counts.iter().sum(),
        sum: Some(sum),
        bucket_counts: counts.into(),
        explicit_bounds: scale.bounds().collect(),
        ..Default::default()
    })
}

/// The labels that are there. A status is a number in the conventions.
fn attributes(names: &[&str], point: &Point) -> Vec<KeyValue> {
    let pairs = names.iter().zip(&point.labels).filter(|(_, value)| !value.is_empty());
    let attribute = |(name, value): (&&str, &std::borrow::Cow<'static, str>)| {
        let status = value.parse().ok().filter(|_| *name == "http.response.status_code");
        let text = || any_value::Value::StringValue(value.to_string());
        let value = status.map_or_else(text, any_value::Value::IntValue);
        let value = Some(AnyValue { value: Some(value) });
        KeyValue { key: (*name).to_owned(), value, ..Default::default() }
    };
    pairs.map(attribute).collect()
}
