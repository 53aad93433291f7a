//! `[serve.limits]`: how much a server takes, and how long it waits.
//!
//! Limits that are part of the contract are not here but in [`exacta_api::limit`].

use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::thread::available_parallelism;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::{Size, Time};
use super::{BODY_BYTES_MAX, wrong};
use crate::error::Error;

/// How much is taken, and for how long it is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest request body to take.
    pub body_max: Size,
    /// Memory for the bodies of all requests together, and for what is computed from them; the largest body at the least.
    pub bodies_max: Size,
    /// Connections that are open at one time; more of them wait.
    pub connections_max: NonZeroU32,
    /// Time that a client may take for the header of a request, and that an unused HTTP/1.1 connection stays open.
    pub header_timeout: Time,
    /// Time that a client may pause within a body, or in taking its answer.
    pub stall_timeout: Time,
    /// Time for which new requests are still taken once the server is told to stop, so that a load balancer can see
    /// `/readyz` fail.
    pub drain_delay: Time,
    /// Time that requests under way may take once no new ones are taken: longer than the stall timeout, so that one
    /// that stalls gets its answer.
    pub drain_timeout: Time,
    /// Jobs that run at one time, and threads that they compute with together; half the cores where it is not set.
    pub job_threads: Option<NonZeroU16>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max: Size::of(BODY_BYTES_MAX),
            bodies_max: Size::of(16 * BODY_BYTES_MAX),
            connections_max: NonZeroU32::new(1_024).expect("it is not zero"),
            header_timeout: Time::secs(30),
            stall_timeout: Time::secs(30),
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
            ("limits.stall_timeout", self.stall_timeout),
        ];
        match timeouts.iter().find(|(_, timeout)| *timeout == Time::ZERO) {
            Some((name, _)) => Err(wrong(name, "no client is that fast; allow some seconds")),
            None => Ok(()),
        }
    }
}
