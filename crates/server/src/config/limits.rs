//! `[serve.limits]`: how much a server takes, and how long it waits.
//!
//! Limits that are part of the contract are not here but in [`exacta_api::limit`].

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::thread::available_parallelism;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::{Size, Time};
use super::{BODY_BYTES_MAX, wrong};
use crate::error::Error;

/// What the largest head may be set to: the least that hyper reads at one time, and what no client needs.
const HEAD_BYTES: RangeInclusive<u64> = 8 << 10..=1 << 20;

/// The most that may be set where memory is taken for each, whether it is used or not: what no client needs.
const COUNT_MAX: u32 = 10_000;

/// The most threads for jobs.
const THREADS_MAX: u16 = 1_000;

/// How much is taken, and for how long it is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest request body to take.
    pub body_max: Size,
    /// Memory for the bodies of all requests together, and for what is computed from them; the largest body at the least.
    pub bodies_max: Size,
    /// Part of `bodies_max`, and of `spool_max`, that the requests of one client may hold together, in percent: of one
    /// principal, or where nobody is asked who they are of one address (IPv6: a /64). A proxy is one address: behind
    /// one that lets everybody in, set it to 100. A client's only request has no such limit.
    #[schemars(range(max = 100))]
    pub client_percent_max: NonZeroU8,
    /// Largest body that comes of one with a content encoding.
    pub decoded_max: Size,
    /// Memory for the values of one file that a plan keeps, and for a record batch of one.
    pub memory_max: Size,
    /// Disk space in `TMPDIR` for the files of all requests together that are kept until their end is there.
    pub spool_max: Size,
    /// Connections that are open at one time; more of them wait.
    pub connections_max: NonZeroU32,
    /// Connections of one address, or of one network of IPv6 (a /64); more are closed at once. A proxy is one
    /// address: behind one, set it as high as `connections_max`.
    pub connections_per_address_max: NonZeroU32,
    /// Requests of one HTTP/2 connection that are under way at one time; 10,000 at the most.
    #[schemars(range(max = COUNT_MAX))]
    pub streams_max: NonZeroU32,
    /// Requests of one HTTP/2 connection that may be reset before they are taken up, or for faults of the client;
    /// with one more it ends. 10,000 at the most.
    #[schemars(range(max = COUNT_MAX))]
    pub resets_max: u32,
    /// Largest head of a request, its address and headers together; 8 KiB at the least.
    pub head_max: Size,
    /// Headers that a request may have; 10,000 at the most.
    #[schemars(range(max = COUNT_MAX))]
    pub headers_max: NonZeroU32,
    /// Longest address, without scheme and host.
    pub address_max: Size,
    /// Time that a client may take for the head of a request, and for the first one on a new connection.
    pub header_timeout: Time,
    /// Time that a connection stays open without a request.
    pub idle_timeout: Time,
    /// Time that a client may pause within a body, or in taking its answer.
    pub stall_timeout: Time,
    /// Bytes of a body that a client must send, and of a large answer take, in each second on average; every answer of
    /// HTTP/2 is large.
    pub rate_min: Size,
    /// Time for which it may be slower than that. Being faster earns time, up to the longer of this and `stall_timeout`.
    pub rate_grace: Time,
    /// Time that a request may take from its head to its answer.
    pub request_timeout: Time,
    /// Time for which new requests are still taken once the server is told to stop, so that a load balancer can see
    /// `/readyz` fail.
    pub drain_delay: Time,
    /// Time that requests under way may take once no new ones are taken: longer than the stall timeout, so that one
    /// that stalls gets its answer.
    pub drain_timeout: Time,
    /// Jobs that run at one time, and threads that they compute with together; half the cores where it is not set,
    /// 1,000 at the most.
    #[schemars(range(max = THREADS_MAX))]
    pub job_threads: Option<NonZeroU16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max: Size::of(BODY_BYTES_MAX),
            bodies_max: Size::of(16 * BODY_BYTES_MAX),
            client_percent_max: NonZeroU8::new(50).expect("it is not zero"),
            decoded_max: Size::of(BODY_BYTES_MAX),
            memory_max: Size::of(4 * BODY_BYTES_MAX),
            spool_max: Size::of(16 * BODY_BYTES_MAX),
            connections_max: NonZeroU32::new(1_024).expect("it is not zero"),
            connections_per_address_max: NonZeroU32::new(256).expect("it is not zero"),
            streams_max: NonZeroU32::new(100).expect("it is not zero"),
            resets_max: 100,
            head_max: Size::of(64 << 10),
            headers_max: NonZeroU32::new(80).expect("it is not zero"),
            address_max: Size::of(32 << 10),
            header_timeout: Time::secs(10),
            idle_timeout: Time::secs(60),
            stall_timeout: Time::secs(30),
            rate_min: Size::of(500),
            rate_grace: Time::secs(20),
            request_timeout: Time::secs(600),
            drain_delay: Time::ZERO,
            drain_timeout: Time::secs(45),
            job_threads: None,
        }
    }
}

impl Limits {
    /// How many threads jobs have: by default half the cores, so that requests always find the other half.
    pub(crate) fn job_threads(&self) -> NonZeroUsize {
        let half = available_parallelism().map_or(1, NonZeroUsize::get) / 2;
        let half = NonZeroUsize::new(half).unwrap_or(NonZeroUsize::MIN);
        self.job_threads.map_or(half, NonZeroUsize::from)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let timeouts = [
            ("limits.header_timeout", self.header_timeout),
            ("limits.idle_timeout", self.idle_timeout),
            ("limits.stall_timeout", self.stall_timeout),
            ("limits.request_timeout", self.request_timeout),
        ];
        if let Some((name, _)) = timeouts.iter().find(|(_, timeout)| *timeout == Time::ZERO) {
            return Err(wrong(name, "no client is that fast; allow some seconds"));
        }
        let counts = [
            ("limits.client_percent_max", self.client_percent_max.get().into(), 100),
            ("limits.streams_max", self.streams_max.get(), COUNT_MAX),
            ("limits.resets_max", self.resets_max, COUNT_MAX),
            ("limits.headers_max", self.headers_max.get(), COUNT_MAX),
            ("limits.job_threads", self.job_threads().get() as u32, THREADS_MAX.into()),
        ];
        if let Some((name, _, most)) = counts.iter().find(|(_, count, most)| count > most) {
            return Err(wrong(name, &format!("it is {most} at the most; set it lower")));
        }
        if !HEAD_BYTES.contains(&self.head_max.bytes()) {
            return Err(wrong("limits.head_max", "a head has from 8KiB to 1MiB"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 4,000,000,000 headers were allowed, and the first request ended the process.
    #[test]
    fn what_is_allocated_for_every_request_has_an_end() {
        let count = |n| NonZeroU32::new(n).unwrap();
        let defaults = Limits::default();
        let too_many = [
            ("headers_max", Limits { headers_max: count(4_000_000_000), ..defaults }),
            ("streams_max", Limits { streams_max: count(10_001), ..defaults }),
            ("resets_max", Limits { resets_max: 10_001, ..defaults }),
            ("job_threads", Limits { job_threads: NonZeroU16::new(1_001), ..defaults }),
            ("client_percent_max", Limits { client_percent_max: NonZeroU8::MAX, ..defaults }),
        ];
        for (name, limits) in too_many {
            let told = limits.check().unwrap_err().to_string();
            assert!(told.contains(&format!("limits.{name}")), "{told}");
            assert!(told.contains("at the most"), "{told}");
        }
        Limits { headers_max: count(COUNT_MAX), ..defaults }.check().unwrap();
    }
}
