//! The body of the partial of a column: its counts, then a section a state. One writer and one reader;
//! whether the states make sense together is not checked here. The frame around it is in `container`, and
//! docs/FORMAT.md draws all of it.
//!
//! There is one encoding of every partial: the reader writes again what it has read and compares.

use super::Partial;
use super::container::{self, Kind};
use super::wire::{Reader, Writer, invalid};
use crate::accumulator::{Counts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::Value;
use alloc::vec::Vec;

/// The tags of the sections, in their order. The numbers are frozen; new ones may be added.
mod tag {
    pub(super) const SUM: u8 = 1;
    pub(super) const SUM_SQUARES: u8 = 2;
    pub(super) const EXTREMES: u8 = 3;
    pub(super) const VALUES: u8 = 4;
    pub(super) const SUM_CUBES: u8 = 5;
    pub(super) const SUM_FOURTHS: u8 = 6;
}

/// The least that a run takes: a value, its remainder, and how often it occurs.
const RUN_LENGTH_MIN: u64 = 10;

/// The only encoding of `partial`, if it takes no more than `bytes_max`.
pub(super) fn encode(partial: &Partial, bytes_max: u64) -> Result<Vec<u8>, Error> {
    let mut body = Writer::default();
    partial.counts.to_array().into_iter().for_each(|count| body.varint(count));
    section(&mut body, tag::SUM, partial.sum.as_ref(), Writer::dyadic);
    section(&mut body, tag::SUM_SQUARES, partial.sum_squares.as_ref(), Writer::dyadic);
    section(&mut body, tag::EXTREMES, partial.extremes.as_ref(), write_extremes);
    if let Some(values) = &partial.values {
        let runs = values.to_runs();
        if runs.len() as u64 > bytes_max / RUN_LENGTH_MIN {
            return Err(Error::PartialTooLarge { bytes_max });
        }
        section(&mut body, tag::VALUES, Some(&*runs), write_runs);
    }
    section(&mut body, tag::SUM_CUBES, partial.sum_cubes.as_ref(), Writer::dyadic);
    section(&mut body, tag::SUM_FOURTHS, partial.sum_fourths.as_ref(), Writer::dyadic);
    container::write(Kind::Column, &body, bytes_max)
}

/// The partial that `bytes` begin with, and how many of them are its encoding.
pub(super) fn decode(bytes: &[u8]) -> Result<(Partial, usize), Error> {
    let (body, length) = container::read(Kind::Column, bytes)?;
    let partial = read_body(&mut Reader::new(body))?;
    if encode(&partial, length as u64).as_deref() != Ok(&bytes[..length]) {
        return Err(invalid("it is not in canonical form"));
    }
    Ok((partial, length))
}

/// Writes a state that is held as a section: its tag, its length, and what `write` makes of it.
fn section<T: ?Sized>(
    body: &mut Writer,
    tag: u8,
    state: Option<&T>,
    write: impl FnOnce(&mut Writer, &T),
) {
    let Some(state) = state else { return };
    let mut content = Writer::default();
    write(&mut content, state);
    body.bytes(&[tag]);
    body.sized(&content);
}

fn read_body(body: &mut Reader) -> Result<Partial, Error> {
    let mut counts = [0; 6];
    for count in &mut counts {
        *count = body.varint()?;
    }
    let mut partial = Partial::from_counts(Counts::from_array(counts)?)?;
    while !body.is_empty() {
        let tag = body.byte()?;
        let mut content = Reader::new(body.sized()?);
        read_section(&mut partial, tag, &mut content)?;
        if !content.is_empty() {
            return Err(invalid("bytes are left after a state"));
        }
    }
    Ok(partial)
}

/// Reads one state. A state that comes twice or out of order is not canonical, and found out as that.
fn read_section(partial: &mut Partial, tag: u8, content: &mut Reader) -> Result<(), Error> {
    match tag {
        tag::SUM => partial.sum = Some(content.dyadic()?),
        tag::SUM_SQUARES => partial.sum_squares = Some(content.dyadic()?),
        tag::EXTREMES => partial.extremes = Some(read_extremes(content)?),
        tag::VALUES => partial.values = Some(read_runs(content)?),
        tag::SUM_CUBES => partial.sum_cubes = Some(content.dyadic()?),
        tag::SUM_FOURTHS => partial.sum_fourths = Some(content.dyadic()?),
        _ => return Err(invalid("it holds a state that this build does not know")),
    }
    Ok(())
}

fn write_extremes(content: &mut Writer, extremes: &Extremes) {
    if let Some((low, high)) = extremes.both() {
        content.value(low);
        content.value(high);
    }
}

fn read_extremes(content: &mut Reader) -> Result<Extremes, Error> {
    if content.is_empty() {
        return Ok(Extremes::default());
    }
    Ok((content.value()?, content.value()?).into())
}

fn write_runs(content: &mut Writer, runs: &[(Value, u64)]) {
    content.varint(runs.len() as u64);
    for (value, times) in runs {
        content.value(*value);
        content.varint(*times);
    }
}

fn read_runs(content: &mut Reader) -> Result<Multiset, Error> {
    let mut values = Multiset::default();
    // Nothing is reserved on the word of the bytes: a run takes ten of them at least.
    let mut total = 0u64;
    for _ in 0..content.varint()? {
        let (value, times) = (content.value()?, content.varint()?);
        total = total.checked_add(times).ok_or(Error::CountOverflow)?;
        values.push_run(value, times);
    }
    Ok(values)
}
