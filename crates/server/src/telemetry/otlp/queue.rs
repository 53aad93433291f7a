//! A bound on what waits for the collector. The processors of the SDK drop what finds their queues full without
//! saying how much; here it is counted before it gets there, and so is what the collector did not take.

use std::env;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter, LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};

use crate::telemetry::dropped::{DROPPED, Loss};

/// How many items wait or are being sent at one time, unless a variable of the SDK says otherwise: its own default.
const ITEMS_MAX: usize = 2_048;

/// What waits for the collector, of one kind. Both ends of its way have a clone.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    n_items: Arc<AtomicUsize>,
    items_max: usize,
    full: Loss,
    failed: Loss,
}

impl Queue {
    /// A queue as long as the SDK's, which takes its length from this variable.
    pub(super) fn new(variable: &str, full: Loss, failed: Loss) -> Self {
        let given = env::var(variable).ok().and_then(|text| text.parse().ok());
        Self { n_items: Arc::default(), items_max: given.unwrap_or(ITEMS_MAX), full, failed }
    }

    /// Whether there is room for an item, which it then has.
    fn admit(&self) -> bool {
        let is_admitted = self.n_items.fetch_add(1, Ordering::Relaxed) < self.items_max;
        if !is_admitted {
            self.n_items.fetch_sub(1, Ordering::Relaxed);
            DROPPED.add(self.full, 1);
        }
        is_admitted
    }

    /// Items have left, to the collector or to nowhere.
    fn leave(&self, n_items: usize, result: &OTelSdkResult) {
        self.n_items.fetch_sub(n_items, Ordering::Relaxed);
        if result.is_err() {
            DROPPED.add(self.failed, n_items as u64);
        }
    }
}

/// What an export comes to. One that panics has failed: its thread goes on, and sends what comes next.
pub(super) async fn survive(export: impl Future<Output = OTelSdkResult>) -> OTelSdkResult {
    let mut export = pin!(export);
    poll_fn(|context| {
        let panicked = |_| Poll::Ready(Err(OTelSdkError::InternalFailure("it panicked".into())));
        catch_unwind(AssertUnwindSafe(|| export.as_mut().poll(context))).unwrap_or_else(panicked)
    })
    .await
}

/// Something of the SDK at one end of the queue: a processor before it, or an exporter behind it.
#[derive(Debug)]
pub(super) struct Counted<T> {
    pub(super) inner: T,
    pub(super) queue: Queue,
}

impl<P: SpanProcessor> SpanProcessor for Counted<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.queue.admit() {
            self.inner.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E: SpanExporter> SpanExporter for Counted<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let n_items = batch.len();
        let result = survive(self.inner.export(batch)).await;
        self.queue.leave(n_items, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<P: LogProcessor> LogProcessor for Counted<P> {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        if self.queue.admit() {
            self.inner.emit(record, scope);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Counted<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let n_items = batch.iter().count();
        let result = survive(self.inner.export(batch)).await;
        self.queue.leave(n_items, &result);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::{Span as _, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};

    /// An exporter with a defect.
    #[derive(Debug)]
    struct Broken;

    impl SpanExporter for Broken {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            panic!("on purpose")
        }
    }

    #[test]
    fn what_an_exporter_loses_in_a_panic_is_counted_and_it_goes_on() {
        let lost = || DROPPED.read().map(|(.., n_items)| n_items).sum::<u64>();
        let before = lost();
        let queue = Queue::new("OTEL_BSP_MAX_QUEUE_SIZE", Loss::SpanFull, Loss::SpanFailed);
        let exporter = Counted { inner: Broken, queue: queue.clone() };
        let inner = BatchSpanProcessor::builder(exporter).build();
        let processor = Counted { inner, queue: queue.clone() };
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = provider.tracer("test");
        for n_lost in 1..=3 {
            tracer.start("a span").end();
            assert!(provider.force_flush().is_err());
            assert_eq!(lost() - before, n_lost);
        }
        assert_eq!(queue.n_items.load(Ordering::Relaxed), 0);
    }
}
