//! How fast large bodies of raw numbers are taken, beside a server that only reads them.

use std::time::Instant;

use super::raw::READ;
use super::wire::Body;
use crate::error::Error;
use crate::server::Server;
use crate::spread::Spread;

/// Where raw numbers are summarized.
const F64: &str = "/v1/summarize/f64?statistics=sum";

/// Bytes a second.
pub(super) struct Transfer {
    pub(super) exacta: Spread,
    pub(super) raw: Spread,
    /// Of the first to the second, within a round.
    pub(super) ratio: Spread,
}

/// Sends the same body to both in each round; nothing where the service refuses it.
pub(super) fn measure(
    exacta: &Server,
    raw: &Server,
    bytes: u64,
    n_rounds: usize,
) -> Result<Option<Transfer>, Error> {
    let body = Body::raw(bytes);
    let rate = |server: &Server, path: &str| {
        let start = Instant::now();
        body.post(server, path)?;
        Ok::<_, Error>(body.length() as f64 / start.elapsed().as_secs_f64())
    };
    let (mut ours, mut limits, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n_rounds {
        limits.push(rate(raw, READ)?);
        match rate(exacta, F64) {
            Err(Error::Refused { .. }) => return Ok(None),
            taken => ours.push(taken?),
        }
        ratios.push(ours[ours.len() - 1] / limits[limits.len() - 1]);
    }
    Ok(Some(Transfer {
        exacta: Spread::of(&ours)?,
        raw: Spread::of(&limits)?,
        ratio: Spread::of(&ratios)?,
    }))
}
