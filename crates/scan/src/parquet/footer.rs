//! The footer of a file: which columns there are, and where their pages lie. The library that decodes it goes as deep as the
//! schema does, and takes memory for as many children as a column says to have: that is looked at here before.

use std::sync::Arc;

use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    file::metadata::{ParquetMetaDataOptions, ParquetMetaDataReader},
};

use super::thrift::{Cursor, Kind};
use crate::{
    Error, Format, Place, Progress, ScanOptions,
    arrow::{caught, damaged},
    input::Positions,
};

/// The end of a file: the length of the footer, and the signature.
const TAIL_BYTES: u64 = 8;

const SIGNATURE: &[u8] = b"PAR1";

/// What a footer takes when it is decoded, by its bytes: a column of few bytes becomes a struct of hundreds.
const GROWTH: u64 = 32;

/// How deep columns may lie in one another.
const DEPTH_MAX: usize = 100;

/// The field of a footer that holds the schema.
const SCHEMA: i16 = 2;

/// Reads the footer of a file.
pub(super) fn read_footer(
    file: &Positions,
    options: &ScanOptions,
) -> Result<ArrowReaderMetadata, Error> {
    let footer = footer_bytes(file, options)?;
    let schema = schema(&footer).ok_or_else(|| invalid("a schema that is none"))?;
    caught(Format::Parquet, || {
        // It is decoded from what was looked at, and not once more from where the library takes it to be.
        let schema = ParquetMetaDataReader::decode_schema(&schema)?;
        let known = ParquetMetaDataOptions::new().with_schema(schema);
        let metadata = ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&known))?;
        ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new())
    })
}

fn invalid(cause: &str) -> Error {
    damaged(Format::Parquet, &cause)
}

fn footer_bytes(file: &Positions, options: &ScanOptions) -> Result<Vec<u8>, Error> {
    let cut_short = || invalid("the footer is cut short");
    let start = file.n_bytes().checked_sub(TAIL_BYTES).ok_or_else(cut_short)?;
    let tail = file.bytes(start, TAIL_BYTES)?;
    let (length, signature) = tail.split_first_chunk().ok_or_else(cut_short)?;
    let length = u64::from(u32::from_le_bytes(*length));
    if signature != SIGNATURE {
        return Err(invalid("it does not end as a Parquet file that anyone may read"));
    }
    if length > start {
        return Err(cut_short());
    }
    let (n_bytes, bytes_max) = (GROWTH * length, options.batch_bytes_max);
    if n_bytes > bytes_max {
        return Err(Error::BatchTooLarge { what: "a footer", bytes_max, place: Place::Row(1) });
    }
    options.tell(Progress::Batch(n_bytes))?;
    Ok(file.bytes(start - length, length)?)
}

/// A footer with nothing in it but the schema of this one, if that is one.
fn schema(footer: &[u8]) -> Option<Vec<u8>> {
    let mut schema = None;
    let mut cursor = Cursor::new(footer);
    cursor.fields(|cursor, id, kind| {
        let before = cursor.rest;
        match (id, kind) {
            (SCHEMA, Kind::List) => check_schema(cursor)?,
            (SCHEMA, _) => return None,
            _ => cursor.skip(kind)?,
        }
        if id == SCHEMA {
            let n_bytes = before.len() - cursor.rest.len();
            // The head of a field: by how much its number is greater than that before it, and its type.
            schema = Some([&[0x29], &before[..n_bytes], &[0]].concat());
        }
        Some(())
    })?;
    schema
}

/// Passes over the columns of a schema, which stand before those that lie in them.
fn check_schema(cursor: &mut Cursor<'_>) -> Option<()> {
    let (n_columns, kind) = cursor.list_head()?;
    if n_columns > 0 && kind != Kind::Struct {
        return None;
    }
    // How many columns are still to come in each that is not complete.
    let mut open = Vec::new();
    for index in 0..n_columns {
        // Of what is no root, each lies in one.
        if index > 0 {
            *open.last_mut()? -= 1;
        }
        let n_children = check_column(cursor)?;
        if n_children > n_columns - index - 1 || open.len() >= DEPTH_MAX {
            return None;
        }
        open.push(n_children);
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    open.is_empty().then_some(())
}

/// Passes over a column, and gives how many lie in it. The library reads what it knows without a look at its type, so that
/// it must have the one that it should have.
fn check_column(cursor: &mut Cursor<'_>) -> Option<u64> {
    let mut n_children = 0;
    cursor.fields(|cursor, id, kind| match (id, kind) {
        (1..=3 | 6..=9, Kind::I32) | (4, Kind::Binary) => cursor.skip(kind),
        (5, Kind::I32) => {
            n_children = cursor.integer()?.try_into().ok()?;
            Some(())
        }
        (10, Kind::Struct) => check_logical_type(cursor),
        (1..=10, _) => None,
        _ => cursor.skip(kind),
    })?;
    Some(n_children)
}

/// Passes over the logical type of a column: a struct by the number of the type, and what belongs to that.
fn check_logical_type(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.fields(|cursor, id, kind| match kind {
        Kind::Struct => cursor.fields(|cursor, part, kind| match (id, part, kind) {
            // Decimals; times of day, and timestamps; integers; variants; places.
            (5, 1 | 2, Kind::I32)
            | (7 | 8, 1, Kind::Boolean)
            | (10 | 16, 1, Kind::Byte)
            | (10, 2, Kind::Boolean)
            | (17 | 18, 1, Kind::Binary)
            | (18, 2, Kind::I32) => cursor.skip(kind),
            // The unit of a time.
            (7 | 8, 2, Kind::Struct) => cursor.fields(|cursor, unit, kind| match (unit, kind) {
                (1..=3, Kind::Struct) => cursor.fields(|_, _, _| None),
                _ => None,
            }),
            _ => None,
        }),
        _ => None,
    })
}
