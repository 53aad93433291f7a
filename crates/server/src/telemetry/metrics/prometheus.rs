//! Metrics as Prometheus reads them, written by its own library from what was gathered.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, MetricEncoder, NoLabelSet, prometheus_text, text as openmetrics_text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::{Definition, Distribution, Family, Kind, Point, Value};

/// The media type of the text format.
pub(crate) const TEXT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The media type of `OpenMetrics`.
pub(crate) const OPEN_METRICS_TYPE: &str =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything in the text format, version 0.0.4.
pub(crate) fn text(families: Vec<Family>) -> String {
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry(families)).expect("a string takes any text");
    text
}

/// Everything in the format of `OpenMetrics`.
pub(crate) fn open_metrics(families: Vec<Family>) -> String {
    let mut text = String::new();
    openmetrics_text::encode(&mut text, &registry(families)).expect("a string takes any text");
    text
}

fn registry(families: Vec<Family>) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families(families)));
    registry
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|family| encode(family, &mut encoder))
    }
}

/// A metric under its descriptor; one that says nothing has none.
fn encode(family: &Family, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let Family { definition, points } = family;
    if points.is_empty() {
        return Ok(());
    }
    let (name, metric_type) = name(definition);
    let mut encoder = encoder.encode_descriptor(name, definition.help, None, metric_type)?;
    for point in points {
        let labels = labels(definition, point);
        match definition.kind {
            Kind::Info => encoder.encode_info(&labels)?,
            kind => encode_value(kind, &point.value, encoder.encode_family(&labels)?)?,
        }
    }
    Ok(())
}

/// The name without what the library appends to it.
fn name(definition: &Definition) -> (&'static str, MetricType) {
    let name = definition.prometheus;
    match definition.kind {
        Kind::Counter => (name.trim_end_matches("_total"), MetricType::Counter),
        Kind::Info => (name.trim_end_matches("_info"), MetricType::Info),
        Kind::Level | Kind::Gauge => (name, MetricType::Gauge),
        Kind::Histogram => (name, MetricType::Histogram),
    }
}

fn labels(definition: &Definition, point: &Point) -> Vec<(String, Cow<'static, str>)> {
    let pairs = definition.labels.iter().zip(&point.labels);
    let present = pairs.filter(|(_, value)| !value.is_empty());
    present.map(|(name, value)| (name.replace('.', "_"), value.clone())).collect()
}

fn encode_value(kind: Kind, value: &Value, mut encoder: MetricEncoder<'_>) -> fmt::Result {
    match (kind, value) {
        (Kind::Counter, Value::Integer(value)) => {
            encoder.encode_counter::<NoLabelSet, _, u64>(value, None)
        }
        (Kind::Counter, Value::Float(value)) => {
            encoder.encode_counter::<NoLabelSet, _, u64>(value, None)
        }
        (_, Value::Integer(value)) => encoder.encode_gauge(value),
        (_, Value::Float(value)) => encoder.encode_gauge(value),
        (_, Value::Distribution(distribution)) => encode_histogram(distribution, encoder),
    }
}

fn encode_histogram(distribution: &Distribution, mut encoder: MetricEncoder<'_>) -> fmt::Result {
    let bounds = distribution.scale.bounds().chain([f64::INFINITY]);
    let buckets: Vec<_> = bounds.zip(distribution.counts.iter().copied()).collect();
    encoder.encode_histogram::<NoLabelSet>(distribution.sum, distribution.count(), &buckets, None)
}
