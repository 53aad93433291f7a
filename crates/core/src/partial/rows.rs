//! What the partials of rows have in common: counts and a fixed number of exact sums, as bytes, merged and
//! subtracted. What the sums are of is known to `pair` and `weighted`.

use super::container::{self, Kind};
use super::wire::{NOT_CANONICAL, Reader, Writer, invalid};
use crate::accumulator::Counts;
use crate::error::Error;
use crate::exact::Dyadic;
use alloc::vec::Vec;

/// The only encoding of these counts and sums.
pub(super) fn encode(kind: Kind, counts: &Counts, sums: &[Dyadic]) -> Vec<u8> {
    let mut body = Writer::default();
    body.counts(counts);
    sums.iter().for_each(|sum| body.dyadic(sum));
    container::write(kind, &body)
}

/// The counts and the sums that `bytes` begin with, and the bytes after them. They may still be those of no rows.
///
/// # Errors
/// [`Error::PartialVersion`] for another version; [`Error::PartialInvalid`] for anything that [`encode`] does not
/// write; [`Error::CountOverflow`] when the counts have no total of 64 bits.
pub(super) fn decode<const N: usize>(
    kind: Kind,
    bytes: &[u8],
) -> Result<(Counts, [Dyadic; N], &[u8]), Error> {
    let (body, length) = container::read(kind, bytes)?;
    let mut body = Reader::new(body);
    let counts = body.counts()?;
    let mut sums = core::array::from_fn(|_| Dyadic::default());
    for sum in &mut sums {
        *sum = body.dyadic()?;
    }
    let (encoding, rest) = bytes.split_at(length);
    if encode(kind, &counts, &sums) != encoding {
        return Err(invalid(NOT_CANONICAL));
    }
    Ok((counts, sums, rest))
}

/// Adds each to its own.
pub(super) fn add<const N: usize>(sums: &mut [Dyadic; N], others: [Dyadic; N]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum = sum.add(&other);
    }
}

/// Each less its own.
pub(super) fn difference<const N: usize>(sums: &[Dyadic; N], others: &[Dyadic; N]) -> [Dyadic; N] {
    core::array::from_fn(|index| sums[index].sub(&others[index]))
}
