//! The metrics of a server: what is counted while it serves, and what is asked for when somebody looks.
//!
//! How they are written for those who collect them is in `prometheus` and in `telemetry::otlp`.

mod definition;
mod histogram;
mod process;
mod prometheus;
mod requests;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use exacta_jobs::{Claim, Outcome, State};

use super::dropped::DROPPED;
pub(crate) use definition::{Definition, Kind};
pub(crate) use histogram::Distribution;
pub(crate) use prometheus::{OPEN_METRICS_TYPE, TEXT_TYPE, open_metrics, text};
pub(crate) use requests::{MethodLabel, Observation, Requests};

use definition as metric;
use process::Process;

/// What a server counts.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) requests: Requests,
    pub(crate) connections: Connections,
    jobs_finished: [AtomicU64; FINAL.len()],
}

/// The states in which a job that was run ends.
const FINAL: [State; 2] = [State::Succeeded, State::Failed];

/// The connections of a server.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) accepted: AtomicU64,
    pub(crate) closed: AtomicU64,
    refused: [AtomicU64; Refused::ALL.len()],
}

/// Why a connection was not served, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The system could not accept it.
    Accept,
    /// Its address has as many as it may have.
    AddressFull,
    /// Its handshake failed.
    Handshake,
    /// It did not do in time what was waited for.
    Late,
}

impl Refused {
    const ALL: [Self; 4] = [Self::Accept, Self::AddressFull, Self::Handshake, Self::Late];

    fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept_failed",
            Self::AddressFull => "address_full",
            Self::Handshake => "handshake_failed",
            Self::Late => "late",
        }
    }
}

impl Connections {
    pub(crate) fn refuse(&self, why: Refused) {
        tracing::debug!(target: "exacta_server::listener", why = why.name(), "a connection is refused");
        self.refused[why as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// A metric with what it says now.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) definition: &'static Definition,
    pub(crate) points: Vec<Point>,
}

/// What a metric says under one set of labels.
#[derive(Debug)]
pub(crate) struct Point {
    /// One value for each label of the definition; one that is empty is not there.
    pub(crate) labels: Vec<Cow<'static, str>>,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    Integer(u64),
    Float(f64),
    Distribution(Distribution),
}

/// What the server knows that is not counted here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside {
    pub(crate) scheme: &'static str,
    pub(crate) memory_held: u64,
    pub(crate) memory_limit: u64,
    /// Jobs that wait and jobs that run, where there are any to be.
    pub(crate) jobs_pending: Option<[u64; 2]>,
}

impl Metrics {
    /// A job was run to its end, unless it was told to stop before.
    pub(crate) fn finish_job(&self, claim: &Claim, outcome: &Outcome, duration: Duration) {
        if claim.cancellation.is_cancelled() {
            return;
        }
        let index = usize::from(outcome.is_err());
        self.jobs_finished[index].fetch_add(1, Ordering::Relaxed);
        tracing::info!(
            target: "exacta_server::jobs",
            job = %claim.id,
            state = FINAL[index].name(),
            duration_seconds = duration.as_secs_f64(),
            "a job has ended"
        );
    }

    /// Every metric as it stands.
    pub(crate) fn read(&self, outside: &Outside) -> Vec<Family> {
        let mut families = self.of_requests(outside.scheme);
        families.extend(self.of_connections());
        families.push(single(&metric::MEMORY_HELD, Value::Integer(outside.memory_held)));
        families.push(single(&metric::MEMORY_LIMIT, Value::Integer(outside.memory_limit)));
        if let Some(pending) = outside.jobs_pending {
            families.extend(self.of_jobs(pending));
        }
        families.push(dropped());
        families.push(Family {
            definition: &metric::BUILD,
            points: vec![Point {
                labels: vec![env!("CARGO_PKG_VERSION").into()],
                value: Value::Integer(1),
            }],
        });
        families.extend(of_process(&Process::look()));
        families
    }

    fn of_requests(&self, scheme: &'static str) -> Vec<Family> {
        let mut points: [Vec<Point>; 3] = Default::default();
        for (key, series) in self.requests.series() {
            let status = key.status.map_or_else(String::new, |status| status.to_string());
            let labels: Vec<Cow<'static, str>> =
                vec![key.method.into(), key.route, status.into(), key.error.into(), scheme.into()];
            let histograms = [series.duration, series.request_size, series.response_size];
            for (points, histogram) in points.iter_mut().zip(histograms) {
                let value = Value::Distribution(histogram.read());
                points.push(Point { labels: labels.clone(), value });
            }
        }
        let [duration, request_size, response_size] = points;
        let active = self.requests.active().filter(|(_, count)| *count > 0);
        let active = active.map(|(method, count)| Point {
            labels: vec![method.into(), scheme.into()],
            value: Value::Integer(count as u64),
        });
        vec![
            Family { definition: &metric::DURATION, points: duration },
            Family { definition: &metric::ACTIVE_REQUESTS, points: active.collect() },
            Family { definition: &metric::REQUEST_SIZE, points: request_size },
            Family { definition: &metric::RESPONSE_SIZE, points: response_size },
        ]
    }

    fn of_connections(&self) -> [Family; 3] {
        let Connections { accepted, closed, refused } = &self.connections;
        // In this order, so that there are never more closed than accepted.
        let closed = closed.load(Ordering::Relaxed);
        let accepted = accepted.load(Ordering::Relaxed);
        let refused = Refused::ALL.map(|why| Point {
            labels: vec![why.name().into()],
            value: Value::Integer(refused[why as usize].load(Ordering::Relaxed)),
        });
        [
            single(&metric::CONNECTIONS_OPEN, Value::Integer(accepted.saturating_sub(closed))),
            single(&metric::CONNECTIONS_ACCEPTED, Value::Integer(accepted)),
            Family { definition: &metric::CONNECTIONS_REFUSED, points: refused.into() },
        ]
    }

    fn of_jobs(&self, pending: [u64; 2]) -> [Family; 2] {
        let finished = self.jobs_finished.each_ref().map(|count| count.load(Ordering::Relaxed));
        [
            by_state(&metric::JOBS_PENDING, [State::Queued, State::Running], pending),
            by_state(&metric::JOBS_FINISHED, FINAL, finished),
        ]
    }
}

fn single(definition: &'static Definition, value: Value) -> Family {
    Family { definition, points: vec![Point { labels: Vec::new(), value }] }
}

fn by_state<const N: usize>(
    definition: &'static Definition,
    states: [State; N],
    counts: [u64; N],
) -> Family {
    let point = |(state, count): (State, u64)| Point {
        labels: vec![state.name().into()],
        value: Value::Integer(count),
    };
    Family { definition, points: states.into_iter().zip(counts).map(point).collect() }
}

fn dropped() -> Family {
    let points = DROPPED.read().map(|(signal, error, count)| Point {
        labels: vec![signal.into(), error.into()],
        value: Value::Integer(count),
    });
    Family { definition: &metric::TELEMETRY_DROPPED, points: points.collect() }
}

/// Those figures of the process that there are.
fn of_process(process: &Process) -> impl Iterator<Item = Family> {
    let figures = [
        (&metric::CPU_TIME, process.cpu_seconds.map(Value::Float)),
        (&metric::RESIDENT_MEMORY, process.resident_bytes.map(Value::Integer)),
        (&metric::VIRTUAL_MEMORY, process.virtual_bytes.map(Value::Integer)),
        (&metric::OPEN_FDS, process.open_fds.map(Value::Integer)),
        (&metric::MAX_FDS, process.fds_max.map(Value::Integer)),
        (&metric::START_TIME, process.start_seconds.map(Value::Float)),
    ];
    figures.into_iter().filter_map(|(definition, value)| Some(single(definition, value?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_cannot_be_had_takes_no_other_with_it() {
        let process = Process { open_fds: Some(7), start_seconds: Some(1.5), ..Process::default() };
        let names: Vec<_> =
            of_process(&process).map(|family| family.definition.prometheus).collect();
        assert_eq!(names, ["process_open_fds", "process_start_time_seconds"]);
        assert_eq!(of_process(&Process::default()).count(), 0);
    }
}
