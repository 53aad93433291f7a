//! The bytes of a partial, format version 0: one writer and one reader. Whether the states make sense
//! together is not checked here.
//!
//! ```text
//! "EXCT" · version (1 byte) · states (1 byte, a bit each)
//! count · null · nan · pos_inf · neg_inf · invalid            varints
//! sum, sum_squares     length·2 + sign (varint) · exponent (zigzag varint) · odd magnitude (length bytes)
//! extremes             value · value, when count > 0
//! values               number of runs (varint) · per run, ascending: value · times (varint)
//! CRC-32 of all before (4 bytes)
//! value                binary64 (8 bytes) · remainder (zigzag varint)
//! ```
//! Integers are little-endian; varints are LEB128. There is one encoding of every partial: the reader
//! writes again what it has read and compares.

use super::Partial;
use crate::accumulator::{Counts, Extremes, Multiset};
use crate::error::Error;
use crate::exact::{Dyadic, Natural, Value};
use crate::stat::States;
use alloc::vec::Vec;

const MAGIC: &[u8; 4] = b"EXCT";
const VERSION: u8 = 0;
const CHECKSUM_LENGTH: usize = 4;

/// The least that a run takes: a value, its remainder, and how often it occurs.
const RUN_LENGTH_MIN: u64 = 10;

/// The only encoding of `partial`, if it takes no more than `bytes_max`.
pub(super) fn encode(partial: &Partial, bytes_max: u64) -> Result<Vec<u8>, Error> {
    let mut writer = Writer(MAGIC.to_vec());
    writer.0.extend([VERSION, partial.states().to_byte()]);
    partial.counts.to_array().into_iter().for_each(|count| writer.varint(count));
    partial.sum.iter().chain(&partial.sum_squares).for_each(|sum| writer.dyadic(sum));
    if let Some((low, high)) = partial.extremes.and_then(Extremes::both) {
        writer.value(low);
        writer.value(high);
    }
    if let Some(values) = &partial.values {
        let runs = values.to_runs();
        if runs.len() as u64 > bytes_max / RUN_LENGTH_MIN {
            return Err(Error::PartialTooLarge { bytes_max });
        }
        writer.runs(&runs);
    }
    let checksum = crc32fast::hash(&writer.0);
    writer.0.extend(checksum.to_le_bytes());
    if writer.0.len() as u64 > bytes_max {
        return Err(Error::PartialTooLarge { bytes_max });
    }
    Ok(writer.0)
}

/// The partial whose encoding `bytes` is.
pub(super) fn decode(bytes: &[u8]) -> Result<Partial, Error> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| invalid("it does not begin with EXCT"))?;
    match rest.first() {
        Some(&VERSION) => {}
        Some(&found) => return Err(Error::PartialVersion { found, known: VERSION }),
        None => return Err(invalid(CUT_SHORT)),
    }
    let body_length = rest.len().checked_sub(CHECKSUM_LENGTH).ok_or_else(|| invalid(CUT_SHORT))?;
    let (body, checksum) = rest.split_at(body_length);
    if crc32fast::hash(&bytes[..bytes.len() - CHECKSUM_LENGTH]).to_le_bytes() != *checksum {
        return Err(invalid("its checksum is another one"));
    }
    let partial = Reader(body.get(1..).ok_or_else(|| invalid(CUT_SHORT))?).partial()?;
    if encode(&partial, bytes.len() as u64).as_deref() != Ok(bytes) {
        return Err(invalid("it is not in canonical form"));
    }
    Ok(partial)
}

const CUT_SHORT: &str = "it is cut short";

fn invalid(reason: &'static str) -> Error {
    Error::PartialInvalid { reason }
}

struct Writer(Vec<u8>);

impl Writer {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn zigzag(&mut self, value: i32) {
        self.varint(u64::from((value << 1 ^ value >> 31) as u32));
    }

    fn dyadic(&mut self, number: &Dyadic) {
        let magnitude = number.magnitude().to_le_bytes();
        self.varint((magnitude.len() as u64) << 1 | u64::from(number.is_negative()));
        self.zigzag(number.exponent());
        self.0.extend(magnitude);
    }

    fn value(&mut self, value: Value) {
        self.0.extend(value.to_f64().to_bits().to_le_bytes());
        self.zigzag(value.remainder().into());
    }

    fn runs(&mut self, runs: &[(Value, u64)]) {
        self.varint(runs.len() as u64);
        for (value, times) in runs {
            self.value(*value);
            self.varint(*times);
        }
    }
}

/// Reads what is left of a body.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn partial(&mut self) -> Result<Partial, Error> {
        let states =
            States::from_byte(self.byte()?).ok_or_else(|| invalid("it holds an unknown state"))?;
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = self.varint()?;
        }
        let counts = Counts::from_array(counts)?;
        let partial = Partial {
            counts,
            sum: states.contains(States::SUM).then(|| self.dyadic()).transpose()?,
            sum_squares: states.contains(States::SUM_SQUARES).then(|| self.dyadic()).transpose()?,
            extremes: states
                .contains(States::EXTREMES)
                .then(|| self.extremes(counts.count))
                .transpose()?,
            values: states.contains(States::VALUES).then(|| self.multiset()).transpose()?,
        };
        if self.0.is_empty() {
            Ok(partial)
        } else {
            Err(invalid("bytes are left after its last state"))
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| invalid(CUT_SHORT))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(invalid("an integer takes more than 64 bits"))
    }

    fn zigzag(&mut self) -> Result<i32, Error> {
        let value =
            u32::try_from(self.varint()?).map_err(|_| invalid("an exponent is out of range"))?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    fn dyadic(&mut self) -> Result<Dyadic, Error> {
        let header = self.varint()?;
        let exponent = self.zigzag()?;
        let length = usize::try_from(header >> 1).map_err(|_| invalid(CUT_SHORT))?;
        let magnitude = Natural::from_le_bytes(self.take(length)?);
        // Far beyond what any sum reaches, and far within what exponent arithmetic can hold.
        if exponent.unsigned_abs() > 1 << 16 || length > 1 << 12 {
            return Err(invalid("a sum is out of range"));
        }
        Ok(Dyadic::new(header & 1 == 1, &magnitude, exponent))
    }

    fn value(&mut self) -> Result<Value, Error> {
        let bits = self.take(8)?.try_into().expect("eight bytes were taken");
        let nearest = f64::from_bits(u64::from_le_bytes(bits));
        let remainder =
            i16::try_from(self.zigzag()?).map_err(|_| invalid("a value is no number"))?;
        Value::from_parts(nearest, remainder)
            .filter(|value| value.is_finite())
            .ok_or_else(|| invalid("a value is no number"))
    }

    fn extremes(&mut self, count: u64) -> Result<Extremes, Error> {
        if count == 0 {
            return Ok(Extremes::default());
        }
        Ok((self.value()?, self.value()?).into())
    }

    fn multiset(&mut self) -> Result<Multiset, Error> {
        let mut values = Multiset::default();
        // Nothing is reserved on the word of the bytes: a run takes ten of them at least.
        let mut total = 0u64;
        for _ in 0..self.varint()? {
            let (value, times) = (self.value()?, self.varint()?);
            total = total.checked_add(times).ok_or(Error::CountOverflow)?;
            values.push_run(value, times);
        }
        Ok(values)
    }
}
