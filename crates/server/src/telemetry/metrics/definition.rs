//! The metrics by name: what each measures, in which unit, with which labels. Everything that writes them, and the
//! table in docs/OPERATIONS.md, has its names from here.

/// A metric.
#[derive(Debug)]
// The names and units of OpenTelemetry are of use to who exports, and to the tests of the table.
#[cfg_attr(not(any(feature = "otlp", test)), expect(dead_code))]
pub(crate) struct Definition {
    /// Its name in the semantic conventions of OpenTelemetry, or one made in their way.
    pub(crate) name: &'static str,
    /// Its name for Prometheus.
    pub(crate) prometheus: &'static str,
    /// Its unit, in the code of the conventions (UCUM).
    pub(crate) unit: &'static str,
    pub(crate) kind: Kind,
    /// The names of its labels. Each has values from a closed list.
    pub(crate) labels: &'static [&'static str],
    /// What it measures, in one sentence without its full stop.
    pub(crate) help: &'static str,
}

/// How its values are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows.
    Counter,
    /// It comes and goes, and adds up over processes.
    Level,
    /// It is what it is.
    Gauge,
    Histogram,
    /// It is 1; its labels are what it says.
    Info,
}

const OF_REQUESTS: &[&str] =
    &["http.request.method", "http.route", "http.response.status_code", "error.type", "url.scheme"];

/// Every metric, in the order in which they are written.
#[cfg(test)]
pub(super) const ALL: &[&Definition] = &[
    &DURATION,
    &ACTIVE_REQUESTS,
    &REQUEST_SIZE,
    &RESPONSE_SIZE,
    &CONNECTIONS_OPEN,
    &CONNECTIONS_ACCEPTED,
    &CONNECTIONS_REFUSED,
    &MEMORY_HELD,
    &MEMORY_LIMIT,
    &JOBS_PENDING,
    &JOBS_FINISHED,
    &TELEMETRY_DROPPED,
    &BUILD,
    &CPU_TIME,
    &RESIDENT_MEMORY,
    &VIRTUAL_MEMORY,
    &OPEN_FDS,
    &MAX_FDS,
    &START_TIME,
];

pub(crate) const DURATION: Definition = Definition {
    name: "http.server.request.duration",
    prometheus: "http_server_request_duration_seconds",
    unit: "s",
    kind: Kind::Histogram,
    labels: OF_REQUESTS,
    help: "Time from the header of a request to its answer",
};

pub(crate) const ACTIVE_REQUESTS: Definition = Definition {
    name: "http.server.active_requests",
    prometheus: "http_server_active_requests",
    unit: "{request}",
    kind: Kind::Level,
    labels: &["http.request.method", "url.scheme"],
    help: "Requests that are under way",
};

pub(crate) const REQUEST_SIZE: Definition = Definition {
    name: "http.server.request.body.size",
    prometheus: "http_server_request_body_size_bytes",
    unit: "By",
    kind: Kind::Histogram,
    labels: OF_REQUESTS,
    help: "Bytes of the body of a request that were read, as they were sent",
};

pub(crate) const RESPONSE_SIZE: Definition = Definition {
    name: "http.server.response.body.size",
    prometheus: "http_server_response_body_size_bytes",
    unit: "By",
    kind: Kind::Histogram,
    labels: OF_REQUESTS,
    help: "Bytes of the body of an answer",
};

pub(crate) const CONNECTIONS_OPEN: Definition = Definition {
    name: "exacta.connections.open",
    prometheus: "exacta_connections_open",
    unit: "{connection}",
    kind: Kind::Level,
    labels: &[],
    help: "Connections that are open",
};

pub(crate) const CONNECTIONS_ACCEPTED: Definition = Definition {
    name: "exacta.connections.accepted",
    prometheus: "exacta_connections_accepted_total",
    unit: "{connection}",
    kind: Kind::Counter,
    labels: &[],
    help: "Connections that were accepted",
};

pub(crate) const CONNECTIONS_REFUSED: Definition = Definition {
    name: "exacta.connections.refused",
    prometheus: "exacta_connections_refused_total",
    unit: "{connection}",
    kind: Kind::Counter,
    labels: &["error.type"],
    help: "Connections that were refused or cut because of a limit or a fault",
};

pub(crate) const MEMORY_HELD: Definition = Definition {
    name: "exacta.memory.held",
    prometheus: "exacta_memory_held_bytes",
    unit: "By",
    kind: Kind::Level,
    labels: &[],
    help: "Memory that requests hold for bodies and for what is computed from them",
};

pub(crate) const MEMORY_LIMIT: Definition = Definition {
    name: "exacta.memory.limit",
    prometheus: "exacta_memory_limit_bytes",
    unit: "By",
    kind: Kind::Level,
    labels: &[],
    help: "The most that all requests together may hold",
};

pub(crate) const JOBS_PENDING: Definition = Definition {
    name: "exacta.jobs.pending",
    prometheus: "exacta_jobs_pending",
    unit: "{job}",
    kind: Kind::Level,
    labels: &["state"],
    help: "Jobs that wait or run",
};

pub(crate) const JOBS_FINISHED: Definition = Definition {
    name: "exacta.jobs.finished",
    prometheus: "exacta_jobs_finished_total",
    unit: "{job}",
    kind: Kind::Counter,
    labels: &["state"],
    help: "Jobs that this process ran to their end",
};

pub(crate) const TELEMETRY_DROPPED: Definition = Definition {
    name: "exacta.telemetry.dropped",
    prometheus: "exacta_telemetry_dropped_total",
    unit: "{item}",
    kind: Kind::Counter,
    labels: &["signal", "error.type"],
    help: "Log lines, spans and log records that were dropped rather than waited for",
};

pub(crate) const BUILD: Definition = Definition {
    name: "exacta.build",
    prometheus: "exacta_build_info",
    unit: "1",
    kind: Kind::Info,
    labels: &["version"],
    help: "The version that runs",
};

pub(crate) const CPU_TIME: Definition = Definition {
    name: "process.cpu.time",
    prometheus: "process_cpu_seconds_total",
    unit: "s",
    kind: Kind::Counter,
    labels: &[],
    help: "Processor time of the process, of user and system together",
};

pub(crate) const RESIDENT_MEMORY: Definition = Definition {
    name: "process.memory.usage",
    prometheus: "process_resident_memory_bytes",
    unit: "By",
    kind: Kind::Level,
    labels: &[],
    help: "Memory of the process that is resident",
};

pub(crate) const VIRTUAL_MEMORY: Definition = Definition {
    name: "process.memory.virtual",
    prometheus: "process_virtual_memory_bytes",
    unit: "By",
    kind: Kind::Level,
    labels: &[],
    help: "Memory of the process that is mapped",
};

pub(crate) const OPEN_FDS: Definition = Definition {
    name: "process.unix.file_descriptor.count",
    prometheus: "process_open_fds",
    unit: "{file_descriptor}",
    kind: Kind::Level,
    labels: &[],
    help: "File descriptors that are open",
};

pub(crate) const MAX_FDS: Definition = Definition {
    name: "process.unix.file_descriptor.limit",
    prometheus: "process_max_fds",
    unit: "{file_descriptor}",
    kind: Kind::Gauge,
    labels: &[],
    help: "The most file descriptors that may be open",
};

pub(crate) const START_TIME: Definition = Definition {
    name: "process.start_time",
    prometheus: "process_start_time_seconds",
    unit: "s",
    kind: Kind::Gauge,
    labels: &[],
    help: "When the process started, in seconds since 1970",
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::{env, fs};

    fn row(definition: &Definition) -> String {
        let Definition { name, prometheus, unit, kind, labels, help } = definition;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Level | Kind::Gauge | Kind::Info => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<_> =
            labels.iter().map(|label| format!("`{}`", label.replace('.', "_"))).collect();
        let labels = labels.join(", ");
        format!("| `{prometheus}` | `{name}` | {kind} | {unit} | {labels} | {help} |\n")
    }

    #[test]
    fn the_documentation_has_every_metric() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/OPERATIONS.md");
        let page = fs::read_to_string(&path).unwrap();
        let (head, rest) = page.split_once("\n<!-- metrics: ").unwrap();
        let (mark, rest) = rest.split_once("-->\n").unwrap();
        let (_, tail) = rest.split_once("<!-- end of metrics -->").unwrap();
        let rows: String = ALL.iter().map(|definition| row(definition)).collect();
        let expected = format!(
            "{head}\n<!-- metrics: {mark}-->\n\n| for Prometheus | by OTLP | | unit | labels | |\n\
             | --- | --- | --- | --- | --- | --- |\n{rows}\n<!-- end of metrics -->{tail}"
        );
        if env::var_os("EXACTA_WRITE_DOCS").is_some() {
            fs::write(path, expected).unwrap();
        } else {
            assert!(
                page == expected,
                "docs/OPERATIONS.md is stale; run this test once with EXACTA_WRITE_DOCS=1"
            );
        }
    }

    #[test]
    fn all_metrics_that_are_written_are_defined() {
        let outside = super::super::Outside {
            scheme: "http",
            memory_held: 0,
            memory_limit: 0,
            jobs_pending: Some([0; 2]),
        };
        let families = super::super::Metrics::default().read(&outside);
        let written: Vec<_> = families.iter().map(|family| family.definition.name).collect();
        let defined: Vec<_> = ALL.iter().map(|definition| definition.name).collect();
        // The last ones are what Linux tells.
        assert_eq!(written, defined[..written.len()]);
        for family in families {
            let n_labels = family.definition.labels.len();
            assert!(family.points.iter().all(|point| point.labels.len() == n_labels));
        }
    }
}
