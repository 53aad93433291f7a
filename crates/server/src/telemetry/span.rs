//! The span of a request, made with the SDK itself: of one that is not sampled nothing is put together, where a span of
//! `tracing` is built before anybody asks whether it is kept.
//!
//! Without the feature `otlp` there are no spans.

#[cfg(not(feature = "otlp"))]
pub(super) use self::none::RequestSpan;
#[cfg(feature = "otlp")]
pub(super) use self::sdk::{RequestSpan, send_with};

#[cfg(feature = "otlp")]
mod sdk {
    use std::borrow::Cow;
    use std::sync::OnceLock;

    use opentelemetry::trace::{
        SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
        TraceState, Tracer,
    };
    use opentelemetry::{Context, KeyValue};
    use opentelemetry_sdk::trace::SdkTracer;

    use crate::telemetry::metrics::Observation;
    use crate::telemetry::trace::{Parent, TraceContext, TraceId};

    /// What makes the spans of this process, once they go anywhere.
    static TRACER: OnceLock<SdkTracer> = OnceLock::new();

    /// Has spans made from now on. In a process where they are made already, they go where they went.
    pub(in crate::telemetry) fn send_with(tracer: SdkTracer) {
        let _ = TRACER.set(tracer);
    }

    /// A span, sampled or not, and where it stands in its trace.
    pub(in crate::telemetry) struct RequestSpan(Context);

    impl RequestSpan {
        /// Begins one under the span of the caller, or in a trace of its own; none where spans go nowhere.
        pub(in crate::telemetry) fn begin(
            context: TraceContext,
            method: &'static str,
        ) -> Option<Self> {
            let tracer = TRACER.get()?;
            let parent = context.parent.map(|parent| remote(context.trace_id, parent));
            let parent = parent.unwrap_or_default();
            let builder = SpanBuilder::from_name(method).with_kind(SpanKind::Server);
            Some(Self(parent.with_span(tracer.build_with_context(builder, &parent))))
        }

        pub(in crate::telemetry) fn trace_id(&self) -> TraceId {
            let id = self.0.span().span_context().trace_id();
            TraceId(u128::from_be_bytes(id.to_bytes()))
        }

        /// What is said meanwhile belongs to the span.
        pub(in crate::telemetry) fn in_scope(&self, say: impl FnOnce()) {
            let _scope = self.0.clone().attach();
            say();
        }

        /// Completes and ends the span of a request.
        pub(in crate::telemetry) fn end(
            &self,
            observation: &Observation<'_>,
            scheme: &'static str,
        ) {
            let span = self.0.span();
            if !span.is_recording() {
                return;
            }
            let Observation { method, route, status, error, .. } = *observation;
            if !route.is_empty() {
                span.update_name(format!("{} {route}", method.name()));
                span.set_attribute(KeyValue::new("http.route", route.to_owned()));
            }
            if let Some(status) = status {
                span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
            }
            if !error.is_empty() {
                span.set_attribute(KeyValue::new("error.type", error));
            }
            if status.is_none_or(|status| status >= 500) {
                span.set_status(Status::Error { description: Cow::Borrowed("") });
            }
            span.set_attributes([
                KeyValue::new("http.request.method", method.name()),
                KeyValue::new("url.scheme", scheme),
                KeyValue::new("http.request.body.size", observation.request_bytes as i64),
                KeyValue::new("http.response.body.size", observation.response_bytes as i64),
            ]);
            span.end();
        }
    }

    fn remote(trace_id: TraceId, parent: Parent) -> Context {
        let flags = if parent.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let trace_id = opentelemetry::TraceId::from_bytes(trace_id.0.to_be_bytes());
        let span_id = SpanId::from_bytes(parent.span_id.to_be_bytes());
        let context = SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE);
        Context::new().with_remote_span_context(context)
    }
}

#[cfg(not(feature = "otlp"))]
mod none {
    use crate::telemetry::metrics::Observation;
    use crate::telemetry::trace::{TraceContext, TraceId};

    /// There is none.
    pub(in crate::telemetry) enum RequestSpan {}

    impl RequestSpan {
        pub(in crate::telemetry) fn begin(_: TraceContext, _: &'static str) -> Option<Self> {
            None
        }

        pub(in crate::telemetry) fn trace_id(&self) -> TraceId {
            match *self {}
        }

        pub(in crate::telemetry) fn in_scope(&self, _: impl FnOnce()) {
            match *self {}
        }

        pub(in crate::telemetry) fn end(&self, _: &Observation<'_>, _: &'static str) {
            match *self {}
        }
    }
}
