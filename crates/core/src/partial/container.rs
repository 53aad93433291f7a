//! The frame that every encoded partial has, whatever it holds: where it begins and ends, of what kind it
//! is, and whether it arrived whole. What the body says is not known here.
//!
//! A frame is `EXCT`, a byte for the version and one for the kind, the length of the body, the body, and the CRC-32 of
//! all of that, little-endian. The length makes frames that follow each other separable.

use super::wire::{Reader, Writer, invalid};
use crate::error::Error;
use alloc::vec::Vec;

const MAGIC: &[u8; 4] = b"EXCT";
const VERSION: u8 = 1;
const CHECKSUM_LENGTH: usize = 4;

/// What a frame holds. The numbers are frozen; new ones may be added.
///
/// A reader of one kind refuses all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The states of one column.
    Column = 1,
    /// The sums of two columns, row by row.
    Pair = 2,
    /// The sums of one column with weights.
    Weighted = 3,
}

/// `body` in its frame.
pub(super) fn write(kind: Kind, body: &Writer) -> Vec<u8> {
    let mut frame = Writer::default();
    frame.bytes(MAGIC);
    frame.bytes(&[VERSION, kind as u8]);
    frame.sized(body);
    let checksum = crc32fast::hash(frame.as_bytes());
    frame.bytes(&checksum.to_le_bytes());
    frame.into_bytes()
}

/// The body of the frame that `bytes` begin with, and how long the frame is.
///
/// In the order in which a mistake is explained best: other bytes altogether, another version, another kind, cut
/// short, damaged. The checksum is against accidents: it does not keep anyone from making partials up.
///
/// # Errors
/// [`Error::PartialVersion`] for another version, [`Error::PartialInvalid`] for the rest.
pub(super) fn read(kind: Kind, bytes: &[u8]) -> Result<(&[u8], usize), Error> {
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| invalid("it does not begin with EXCT"))?;
    let mut reader = Reader::new(rest);
    match reader.byte()? {
        VERSION => {}
        found => return Err(Error::PartialVersion { found, known: VERSION }),
    }
    let found = reader.byte()?;
    if found != kind as u8 {
        return Err(invalid(another_kind(found)));
    }
    let body = reader.sized()?;
    let length = bytes.len() - reader.rest().len();
    let checksum = reader.take(CHECKSUM_LENGTH)?;
    if crc32fast::hash(&bytes[..length]).to_le_bytes() != *checksum {
        return Err(invalid("its checksum is another one"));
    }
    Ok((body, length + CHECKSUM_LENGTH))
}

/// What bytes hold instead, for the one who reads them as something else.
fn another_kind(found: u8) -> &'static str {
    const KINDS: [(Kind, &str); 3] = [
        (Kind::Column, "it is one of a column, to be read as Partial"),
        (Kind::Pair, "it is one of two columns row by row, to be read as PairPartial"),
        (Kind::Weighted, "it is one of a column with weights, to be read as WeightedPartial"),
    ];
    let known = KINDS.iter().find(|(kind, _)| *kind as u8 == found);
    known.map_or("it is of a kind that this build does not know", |(_, text)| text)
}

/// What was read, if nothing follows it.
pub(super) fn whole<T>((partial, rest): (T, &[u8])) -> Result<T, Error> {
    if rest.is_empty() { Ok(partial) } else { Err(invalid("bytes are left after its end")) }
}
