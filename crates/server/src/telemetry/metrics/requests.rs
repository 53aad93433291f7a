//! Requests as they are counted: by threads that do not wait for each other, into series that are put together when
//! somebody looks.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::available_parallelism;

use hashbrown::{Equivalent, HashMap};
use hyper::Method;

use super::histogram::{BYTES, Histogram, SECONDS};

/// The methods that labels know. Any other is the last one.
const METHODS: [&str; 10] =
    ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "_OTHER"];

/// A method of a closed list, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MethodLabel(u8);

impl MethodLabel {
    pub(crate) fn name(self) -> &'static str {
        METHODS[usize::from(self.0)]
    }
}

impl From<&Method> for MethodLabel {
    fn from(method: &Method) -> Self {
        let place = METHODS.iter().position(|name| *name == method.as_str());
        Self(place.unwrap_or(METHODS.len() - 1) as u8)
    }
}

/// A request that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observation<'a> {
    pub(crate) method: MethodLabel,
    /// The template of its path; nothing for a path that there is not.
    pub(crate) route: &'a str,
    /// Nothing when the client went away before there was an answer.
    pub(crate) status: Option<u16>,
    /// The code of the refusal; nothing for an answer.
    pub(crate) error: &'static str,
    pub(crate) duration_nanos: u64,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
}

/// What tells series apart. None of it is from outside: each member has a closed list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key<R = Cow<'static, str>> {
    pub(crate) route: R,
    pub(crate) method: &'static str,
    pub(crate) status: Option<u16>,
    pub(crate) error: &'static str,
}

impl Equivalent<Key> for Key<&str> {
    fn equivalent(&self, key: &Key) -> bool {
        (self.route, self.method, self.status, self.error)
            == (&*key.route, key.method, key.status, key.error)
    }
}

/// What is known of the requests of one key.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) duration: Histogram,
    pub(crate) request_size: Histogram,
    pub(crate) response_size: Histogram,
}

impl Default for Series {
    fn default() -> Self {
        let [duration, request_size, response_size] =
            [&SECONDS, &BYTES, &BYTES].map(Histogram::new);
        Self { duration, request_size, response_size }
    }
}

impl Series {
    fn record(&mut self, observation: &Observation<'_>) {
        self.duration.record(observation.duration_nanos);
        self.request_size.record(observation.request_bytes);
        self.response_size.record(observation.response_bytes);
    }

    fn merge(&mut self, other: &Self) {
        self.duration.merge(&other.duration);
        self.request_size.merge(&other.request_size);
        self.response_size.merge(&other.response_size);
    }
}

/// The requests of a server.
#[derive(Debug)]
pub(crate) struct Requests {
    shards: Box<[Shard]>,
    active: [AtomicI64; METHODS.len()],
}

/// What some of the threads count into, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<HashMap<Key, Series>>);

impl Shard {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Series>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Requests {
    fn default() -> Self {
        let n_shards = available_parallelism().map_or(1, usize::from).next_power_of_two();
        let shards = (0..n_shards).map(|_| Shard::default()).collect();
        Self { shards, active: Default::default() }
    }
}

impl Requests {
    /// A request has begun.
    pub(crate) fn begin(&self, method: MethodLabel) {
        self.active[usize::from(method.0)].fetch_add(1, Ordering::Relaxed);
    }

    /// The request is over.
    pub(crate) fn end(&self, observation: &Observation<'_>) {
        let Observation { method, route, status, error, .. } = *observation;
        self.active[usize::from(method.0)].fetch_sub(1, Ordering::Relaxed);
        let key = Key { route, method: method.name(), status, error };
        let mut shard = self.shards[shard_index() & (self.shards.len() - 1)].lock();
        if let Some(series) = shard.get_mut(&key) {
            return series.record(observation);
        }
        let key = Key { route: route.to_owned().into(), method: key.method, status, error };
        shard.entry(key).or_default().record(observation);
    }

    /// How many requests are under way, for each method that there are any of.
    pub(crate) fn active(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let counts = self.active.iter().map(|count| count.load(Ordering::Relaxed));
        METHODS.into_iter().zip(counts)
    }

    /// All series, in order. Which thread has counted what does not show.
    pub(crate) fn series(&self) -> BTreeMap<Key, Series> {
        let mut all = BTreeMap::<Key, Series>::new();
        for shard in &self.shards {
            for (key, series) in &*shard.lock() {
                all.entry(key.clone()).or_default().merge(series);
            }
        }
        all
    }
}

/// The number of this thread.
fn shard_index() -> usize {
    static N_THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static INDEX: Cell<usize> = Cell::new(N_THREADS.fetch_add(1, Ordering::Relaxed));
    }
    INDEX.get()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::{slice, thread};

    /// Durations whose floats do not add up alike in any two orders.
    fn observations() -> Vec<Observation<'static>> {
        let nanos = (0..600u64).map(|index| index.pow(3) * 97 % 20_000_000_001 + index % 7);
        let method = MethodLabel::from(&Method::POST);
        let observation = |(index, duration_nanos): (usize, u64)| Observation {
            method,
            route: ["/predict", "/v1/summarize", ""][index % 3],
            status: [Some(200), None][index % 2],
            error: ["", "server.busy"][index % 5 / 4],
            duration_nanos,
            request_bytes: duration_nanos % 1_001,
            response_bytes: duration_nanos / 3,
        };
        nanos.enumerate().map(observation).collect()
    }

    /// What is exposed of observations that threads make, each of its share and all at once.
    fn exposed(shares: &[Vec<Observation<'static>>]) -> String {
        let metrics = super::super::Metrics::default();
        let barrier = Barrier::new(shares.len());
        thread::scope(|scope| {
            let (metrics, barrier) = (&metrics, &barrier);
            for share in shares {
                scope.spawn(move || {
                    barrier.wait();
                    for observation in share {
                        metrics.requests.begin(observation.method);
                        metrics.requests.end(observation);
                    }
                });
            }
        });
        super::super::text(metrics.of_requests("http"))
    }

    #[test]
    fn a_scrape_has_the_same_bits_however_requests_interleave() {
        let observations = observations();
        let alone = exposed(slice::from_ref(&observations));
        assert!(alone.contains("http_server_request_duration_seconds_sum{"));
        let backwards: Vec<_> = observations.iter().rev().copied().collect();
        assert_eq!(exposed(slice::from_ref(&backwards)), alone);
        for n_threads in 2..8 {
            let chunks = backwards.chunks(backwards.len().div_ceil(n_threads));
            assert_eq!(exposed(&chunks.map(<[_]>::to_vec).collect::<Vec<_>>()), alone);
        }
    }

    #[test]
    fn methods_from_outside_are_one() {
        for (method, name) in [("GET", "GET"), ("get", "_OTHER"), ("BREW", "_OTHER")] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(MethodLabel::from(&method).name(), name);
        }
    }
}
