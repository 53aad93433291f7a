//! The body of the partial of a column: its counts, then a section a state. One writer and one reader;
//! whether the states make sense together is not checked here. The frame around it is in `container`, and
//! docs/FORMAT.md draws all of it.
//!
//! There is one encoding of every partial: the reader writes again what it has read and compares.
//!
//! A section is a tag, a length and what the state is; the states stand in the order of their tags, and a state that is
//! not held has no section. So states may be added to the format, and an old reader refuses what it does not know
//! instead of losing it.
//!
//! A new state takes a new tag at the end, a writer, a reader and its place in the description; what is frozen
//! stays as it is, and a partial without the new state has the bytes that it always had.

use super::container::{self, Kind};
use super::wire::{NOT_CANONICAL, Reader, Writer, invalid};
use super::{Partial, registers};
use crate::accumulator::{BinCounts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::{LogSum, ReciprocalSum};
use crate::kernel::exponential::{Buckets, ExponentialHistogram};
use crate::stat::{Bins, Edges};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The tags of the sections, in their order. The numbers are frozen; new ones may be added.
///
/// A number that was given out once is never used for anything else, even if its state should go.
mod tag {
    pub(super) const SUM: u8 = 1;
    pub(super) const SUM_SQUARES: u8 = 2;
    pub(super) const EXTREMES: u8 = 3;
    pub(super) const VALUES: u8 = 4;
    pub(super) const SUM_CUBES: u8 = 5;
    pub(super) const SUM_FOURTHS: u8 = 6;
    pub(super) const LOGS: u8 = 7;
    pub(super) const RECIPROCALS: u8 = 8;
    pub(super) const EXPONENTIAL: u8 = 9;
    pub(super) const REGISTERS: u8 = 10;
    pub(super) const BINS: u8 = 11;
}

/// The only encoding of `partial`, if it takes no more than `bytes_max`.
///
/// Cost: in proportion to its length, and a sort of the values where all are held.
///
/// # Errors
/// [`Error::PartialTooLarge`] when it takes more; [`Error::ValuesUnreadable`] when values lie elsewhere and cannot be read;
/// [`Error::PartialDecimal`] for decimals.
pub(super) fn encode(partial: &Partial, bytes_max: u64) -> Result<Vec<u8>, Error> {
    if partial.decimals.is_some() {
        return Err(Error::PartialDecimal);
    }
    let mut body = Writer::default();
    body.counts(&partial.counts);
    section(&mut body, tag::SUM, partial.sum.as_ref(), Writer::dyadic);
    section(&mut body, tag::SUM_SQUARES, partial.sum_squares.as_ref(), Writer::dyadic);
    section(&mut body, tag::EXTREMES, partial.extremes.as_ref(), write_extremes);
    if let Some(values) = &partial.values {
        body.bytes(&[tag::VALUES]);
        body.sized(&write_runs(values, bytes_max)?);
    }
    section(&mut body, tag::SUM_CUBES, partial.sum_cubes.as_ref(), Writer::dyadic);
    section(&mut body, tag::SUM_FOURTHS, partial.sum_fourths.as_ref(), Writer::dyadic);
    section(&mut body, tag::LOGS, partial.fixed.logs.as_ref(), write_logs);
    section(&mut body, tag::RECIPROCALS, partial.fixed.reciprocals.as_deref(), write_reciprocals);
    section(&mut body, tag::EXPONENTIAL, partial.fixed.exponential.as_ref(), write_exponential);
    section(&mut body, tag::REGISTERS, partial.fixed.registers.as_ref(), registers::write);
    section(&mut body, tag::BINS, partial.fixed.bins.as_ref(), write_bins);
    let bytes = container::write(Kind::Column, &body);
    if bytes.len() as u64 > bytes_max {
        return Err(Error::PartialTooLarge { bytes_max });
    }
    Ok(bytes)
}

/// The partial that `bytes` begin with, and how many of them are its encoding. It may still be one that no data
/// has.
///
/// Instead of one test for each way in which bytes may fail to be canonical, what was read is written again and
/// compared: overlong integers, even magnitudes, values out of order or twice, empty runs and wrong signs of zero all
/// show there.
/// Limits: memory in proportion to the bytes, since nothing is reserved for what they claim, but for the registers.
///
/// # Errors
/// [`Error::PartialVersion`] for another version; [`Error::PartialInvalid`] for anything that [`encode`] does not
/// write; [`Error::CountOverflow`] when the counts have no total of 64 bits.
pub(super) fn decode(bytes: &[u8]) -> Result<(Partial, usize), Error> {
    let (body, length) = container::read(Kind::Column, bytes)?;
    let partial = read_body(&mut Reader::new(body))?;
    if encode(&partial, length as u64).as_deref() != Ok(&bytes[..length]) {
        return Err(invalid(NOT_CANONICAL));
    }
    Ok((partial, length))
}

/// Writes a state that is held as a section: its tag, its length, and what `write` makes of it.
///
/// The length lets a reader see that a state ended where it should.
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

/// Six counts, and then sections up to the end. Each state has to use up all bytes of its section.
fn read_body(body: &mut Reader) -> Result<Partial, Error> {
    let mut partial = Partial::from_counts(body.counts()?)?;
    let mut tag_before = 0;
    while !body.is_empty() {
        let tag = body.byte()?;
        // Few bytes must not ask for the memory of registers again and again.
        if tag <= tag_before {
            return Err(invalid("its states are out of order"));
        }
        tag_before = tag;
        let mut content = Reader::new(body.sized()?);
        read_section(&mut partial, tag, &mut content)?;
        if !content.is_empty() {
            return Err(invalid("bytes are left after a state"));
        }
    }
    Ok(partial)
}

/// Reads one state.
///
/// A tag that is not known is refused: a state that is dropped in silence would be lost in the next merge.
fn read_section(partial: &mut Partial, tag: u8, content: &mut Reader) -> Result<(), Error> {
    match tag {
        tag::SUM => partial.sum = Some(content.dyadic()?),
        tag::SUM_SQUARES => partial.sum_squares = Some(content.dyadic()?),
        tag::EXTREMES => partial.extremes = Some(read_extremes(content)?),
        tag::VALUES => partial.values = Some(read_runs(content)?),
        tag::SUM_CUBES => partial.sum_cubes = Some(content.dyadic()?),
        tag::SUM_FOURTHS => partial.sum_fourths = Some(content.dyadic()?),
        tag::LOGS => partial.fixed.logs = Some(read_logs(content)?),
        tag::RECIPROCALS => partial.fixed.reciprocals = Some(Box::new(read_reciprocals(content)?)),
        tag::EXPONENTIAL => partial.fixed.exponential = Some(read_exponential(content)?),
        tag::REGISTERS => partial.fixed.registers = Some(registers::read(content)?),
        tag::BINS => partial.fixed.bins = Some(read_bins(content)?),
        _ => return Err(invalid("it holds a state that this build does not know")),
    }
    Ok(())
}

/// Σ ln x, and how many values are zero and negative.
fn write_logs(content: &mut Writer, logs: &LogSum) {
    content.dyadic(&logs.sum());
    content.varint(logs.zeros());
    content.varint(logs.negatives());
}

/// Refuses a sum that is no multiple of 2^-96, or that 2^64 logarithms cannot reach.
fn read_logs(content: &mut Reader) -> Result<LogSum, Error> {
    let (sum, zeros, negatives) = (content.dyadic()?, content.varint()?, content.varint()?);
    LogSum::from_parts(&sum, zeros, negatives)
        .ok_or_else(|| invalid("its sum of logarithms is out of range"))
}

/// Σ 1/x, and how many values are zero.
fn write_reciprocals(content: &mut Writer, reciprocals: &ReciprocalSum) {
    content.dyadic(&reciprocals.sum());
    content.varint(reciprocals.zeros());
}

/// Refuses a sum that 2^64 reciprocals cannot reach.
fn read_reciprocals(content: &mut Reader) -> Result<ReciprocalSum, Error> {
    let (sum, zeros) = (content.dyadic()?, content.varint()?);
    ReciprocalSum::from_parts(&sum, zeros)
        .ok_or_else(|| invalid("its sum of reciprocals is out of range"))
}

/// The size, the scale and the zeros, then the buckets of the positive and of the negative values: where they begin,
/// how many there are, and their counts.
fn write_exponential(content: &mut Writer, histogram: &ExponentialHistogram) {
    content.varint(histogram.buckets_max().into());
    content.zigzag(histogram.scale().into());
    content.varint(histogram.zeros());
    for side in [histogram.positive(), histogram.negative()] {
        content.zigzag(side.offset);
        content.varint(side.counts.len() as u64);
        side.counts.iter().for_each(|count| content.varint(*count));
    }
}

/// Refuses a scale that these buckets cannot lead to, and counts of zero at either end.
fn read_exponential(content: &mut Reader) -> Result<ExponentialHistogram, Error> {
    let out_of_range = || invalid("its exponential histogram is none of any values");
    let buckets_max = u32::try_from(content.varint()?).map_err(|_| out_of_range())?;
    let scale = i8::try_from(content.zigzag()?).map_err(|_| out_of_range())?;
    let zeros = content.varint()?;
    let mut buckets = || {
        let (offset, length) = (content.zigzag()?, content.varint()?);
        // Nothing is reserved on the word of the bytes: a count takes one of them at least.
        let counts = (0..length).map(|_| content.varint()).collect::<Result<_, Error>>()?;
        Ok(Buckets { offset, counts })
    };
    let (positive, negative) = (buckets()?, buckets()?);
    ExponentialHistogram::from_parts(buckets_max, scale, zeros, positive, negative)
        .ok_or_else(out_of_range)
}

/// How many bins, the edges, one more than these, the counts, and those below and above.
fn write_bins(content: &mut Writer, bins: &BinCounts) {
    let (under, counts, over) = bins.parts();
    content.varint(counts.len() as u64);
    bins.edges().to_f64s().into_iter().for_each(|edge| content.float(edge));
    counts.iter().for_each(|count| content.varint(*count));
    content.varint(under);
    content.varint(over);
}

/// Refuses more bins than a histogram may have, before any edge is read, and edges that do not ascend.
fn read_bins(content: &mut Reader) -> Result<BinCounts, Error> {
    let n_bins = content.varint()?;
    if n_bins > Bins::MAX {
        return Err(invalid("its histogram has too many bins"));
    }
    let edges = (0..=n_bins).map(|_| content.float());
    let edges = edges.collect::<Result<Vec<_>, _>>()?;
    let edges = Edges::new(edges).map_err(|_| invalid("its edges do not ascend"))?;
    let counts = (0..n_bins).map(|_| content.varint()).collect::<Result<_, _>>()?;
    let (under, over) = (content.varint()?, content.varint()?);
    BinCounts::from_parts(edges, counts, under, over)
        .ok_or_else(|| invalid("its histogram lacks a bin"))
}

/// Smallest and largest; nothing where there is no value.
fn write_extremes(content: &mut Writer, extremes: &Extremes) {
    if let Some((low, high)) = extremes.both() {
        content.value(low);
        content.value(high);
    }
}

/// Whether they are in order, and there when there are values, is tested with the other states.
fn read_extremes(content: &mut Reader) -> Result<Extremes, Error> {
    if content.is_empty() {
        return Ok(Extremes::default());
    }
    Ok((content.value()?, content.value()?).into())
}

/// How many, and each value with how often it occurs, wherever the values lie: one after the other is read. No more is
/// written than may be.
fn write_runs(values: &Multiset, bytes_max: u64) -> Result<Writer, Error> {
    let (mut n_runs, mut runs) = (0, Writer::default());
    for (value, times) in values.runs() {
        if runs.as_bytes().len() as u64 > bytes_max {
            return Err(Error::PartialTooLarge { bytes_max });
        }
        runs.value(value);
        runs.varint(times);
        n_runs += 1;
    }
    if let Some(reason) = values.failure() {
        return Err(Error::ValuesUnreadable { reason });
    }
    let mut content = Writer::default();
    content.varint(n_runs);
    content.bytes(runs.as_bytes());
    Ok(content)
}

/// Refuses a total beyond 64 bits, which nothing later looks at. Order and repetition show when it is written again.
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
