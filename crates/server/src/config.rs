//! What can be set of a server, and what it is when nobody does.
//!
//! Limits that are part of the contract are not here but in [`exacta_api::limit`].

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

/// The default limit of a request body: 64 MiB. The document states it.
pub const BODY_BYTES_MAX: u64 = 64 << 20;

/// How a server listens, and where it draws its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `HOST:PORT`; port 0 takes a free one.
    pub listen: String,
    /// The largest body that is taken, in bytes.
    pub body_bytes_max: u64,
    /// How much all requests together may hold for their bodies and for what is
    /// computed from them, in bytes; one body of the largest size at the least.
    pub bodies_bytes_max: u64,
    /// The directory that jobs are kept in; without one there are none.
    pub data: Option<PathBuf>,
    /// How many jobs run at one time, and how many threads they compute with together.
    pub job_threads: NonZeroUsize,
    /// How many connections are open at one time; more of them wait.
    pub connections_max: usize,
    /// How long a client may take for a request's header. It is also how long
    /// an unused HTTP/1.1 connection stays open.
    pub header_timeout: Duration,
    /// How long a client may pause within a body, or in taking its answer.
    pub stall_timeout: Duration,
    /// How long new requests are still taken once the server is told to stop:
    /// time for a load balancer to see `/readyz` fail.
    pub drain_delay: Duration,
    /// How long requests that are under way may take once no new ones are taken: longer
    /// than the stall timeout, so that one that stalls gets its answer.
    pub drain_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            body_bytes_max: BODY_BYTES_MAX,
            bodies_bytes_max: 16 * BODY_BYTES_MAX,
            data: None,
            job_threads: half_the_cores(),
            connections_max: 1_024,
            header_timeout: Duration::from_secs(30),
            stall_timeout: Duration::from_secs(30),
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(45),
        }
    }
}

/// So that requests always find the other half.
fn half_the_cores() -> NonZeroUsize {
    let half = available_parallelism().map_or(1, NonZeroUsize::get) / 2;
    NonZeroUsize::new(half).unwrap_or(NonZeroUsize::MIN)
}
