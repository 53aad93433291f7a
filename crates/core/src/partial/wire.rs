//! The words of which encoded partials are made: integers, counts, exact numbers and values, each written in one
//! way. How they are put together is not known here.
//!
//! Integers are LEB128 varints without trailing zero bytes, signed ones zigzag; a binary64 is its eight
//! bytes, little-endian. A reader takes no memory on the word of what it reads.

use crate::accumulator::Counts;
use crate::error::Error;
use crate::exact::{Dyadic, Natural, Value};
use alloc::vec::Vec;

/// A length that no memory can have is told as this one too: the bytes cannot be there.
const CUT_SHORT: &str = "it is cut short";
pub(super) const NOT_CANONICAL: &str = "it is not in canonical form";

/// The error for bytes that are no partial.
pub(super) fn invalid(reason: &'static str) -> Error {
    Error::PartialInvalid { reason }
}

/// Bytes as they are written.
///
/// It cannot fail: limits are kept by those who write.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// What has been written so far, for the checksum.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What has been written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Bytes as they are, without a length: the reader has to know how many.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Seven bits a byte, the lowest first, the highest bit set on all but the last: the shortest form there is.
    pub(super) fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A signed integer: 0, −1, 1, −2, … are 0, 1, 2, 3, …, so that small ones of both signs stay short.
    pub(super) fn zigzag(&mut self, value: i32) {
        self.varint(u64::from((value << 1 ^ value >> 31) as u32));
    }

    /// Six of them, in the order of their fields.
    pub(super) fn counts(&mut self, counts: &Counts) {
        counts.to_array().into_iter().for_each(|count| self.varint(count));
    }

    /// What another writer holds, after its length.
    pub(super) fn sized(&mut self, other: &Self) {
        self.varint(other.0.len() as u64);
        self.bytes(&other.0);
    }

    /// An exact number: twice the length of its odd magnitude, plus one when it is negative; its exponent;
    /// the magnitude.
    ///
    /// There is one way to write it, since an exact number has one form.
    pub(super) fn dyadic(&mut self, number: &Dyadic) {
        let magnitude = number.magnitude().to_le_bytes();
        self.varint((magnitude.len() as u64) << 1 | u64::from(number.is_negative()));
        self.zigzag(number.exponent());
        self.bytes(&magnitude);
    }

    /// The eight bytes of a binary64, little-endian: its bits, a signed zero as it is.
    pub(super) fn float(&mut self, value: f64) {
        self.bytes(&value.to_bits().to_le_bytes());
    }

    /// A value: its nearest binary64, and the number minus that.
    ///
    /// The second is one zero byte for everything but integers beyond 2^53.
    pub(super) fn value(&mut self, value: Value) {
        self.float(value.to_f64());
        self.zigzag(value.remainder().into());
    }
}

/// What is left to read of some bytes.
///
/// What is taken is borrowed from the bytes; each reading fails where too few are left, and never panics.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of all of these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Whether everything has been read: what ends a body and a section.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes, so many.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| invalid(CUT_SHORT))?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    /// An integer of at most ten bytes. Bits beyond 64 in the last and needless bytes get lost, which the comparison
    /// with what is written again finds.
    pub(super) fn varint(&mut self) -> Result<u64, Error> {
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

    /// A signed integer of 32 bits.
    pub(super) fn zigzag(&mut self) -> Result<i32, Error> {
        let value =
            u32::try_from(self.varint()?).map_err(|_| invalid("an exponent is out of range"))?;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    /// Counts, if their total can be counted.
    pub(super) fn counts(&mut self) -> Result<Counts, Error> {
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = self.varint()?;
        }
        Counts::from_array(counts)
    }

    /// As many bytes as the length before them says.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.varint()?).map_err(|_| invalid(CUT_SHORT))?;
        self.take(length)
    }

    /// An exact number whose exponent and length are bounded, so that computing with it cannot overflow or take long.
    /// An even magnitude is brought to normal form, and found out when it is written again.
    pub(super) fn dyadic(&mut self) -> Result<Dyadic, Error> {
        let header = self.varint()?;
        let exponent = self.zigzag()?;
        let length = usize::try_from(header >> 1).map_err(|_| invalid(CUT_SHORT))?;
        let magnitude = self.take(length)?;
        // Far beyond what any sum reaches, and far within what exponent arithmetic can hold.
        if exponent.unsigned_abs() > 1 << 16 || length > 1 << 12 {
            return Err(invalid("a sum is out of range"));
        }
        Ok(Dyadic::new(header & 1 == 1, &Natural::from_le_bytes(magnitude), exponent))
    }

    /// A binary64 by its bits: NaN and infinities are for the caller to refuse.
    pub(super) fn float(&mut self) -> Result<f64, Error> {
        let bits = self.take(8)?.try_into().expect("eight bytes were taken");
        Ok(f64::from_bits(u64::from_le_bytes(bits)))
    }

    /// A finite value; refuses NaN, infinities, and remainders that no integer has.
    pub(super) fn value(&mut self) -> Result<Value, Error> {
        let nearest = self.float()?;
        let remainder =
            i16::try_from(self.zigzag()?).map_err(|_| invalid("a value is no number"))?;
        Value::from_parts(nearest, remainder)
            .filter(|value| value.is_finite())
            .ok_or_else(|| invalid("a value is no number"))
    }
}
