//! The messages of Arrow's IPC, one after the other: a schema, dictionaries, and record batches. A file is a stream
//! between a signature and a footer, and is read as one; its footer is checked, since a file that is cut short has none.
//! What a batch holds is not looked at here, except that its parts lie inside.

use std::{collections::HashMap, io::Read, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::{
    convert::try_fb_to_schema, reader::read_dictionary, reader::read_record_batch, root_as_footer,
    root_as_message,
};
use arrow_schema::{Schema, SchemaRef};

use super::{caught, damaged};
use crate::{Error, Format, Place, parallel::Units};

const SIGNATURE: &[u8] = b"ARROW1\0\0";

/// How many words of four zeros may follow it.
const PADDING_WORDS_MAX: usize = 14;

/// The signature at the end of a file has no padding, and the length of the footer stands before it.
const TAIL_BYTES: usize = 10;

const CONTINUATION: [u8; 4] = [0xff; 4];

/// The longest description of a message, and the longest footer.
const HEADER_BYTES_MAX: u64 = 256 << 20;

/// How many bytes one part of a compressed batch may have.
const PART_BYTES_MAX: i64 = 1 << 32;

/// The most rows of a batch.
const ROWS_MAX: i64 = 1 << 32;

/// A message: its description, and what it describes.
struct Message {
    header: Vec<u8>,
    body: Buffer,
}

/// A record batch, with what it takes to decode it.
pub(super) struct Share {
    message: Message,
    schema: SchemaRef,
    dictionaries: Arc<HashMap<i64, ArrayRef>>,
    /// How many rows stand before it.
    pub(super) first: u64,
}

impl Share {
    /// The columns with these indices.
    pub(super) fn decode(&self, columns: &[usize]) -> Result<RecordBatch, Error> {
        let Self { message, schema, dictionaries, .. } = self;
        caught(Format::Arrow, || {
            let header = root_as_message(&message.header).map_err(invalid)?;
            let batch = header.header_as_record_batch().ok_or_else(|| invalid("no batch"))?;
            let schema = Arc::clone(schema);
            let version = header.version();
            read_record_batch(&message.body, batch, schema, dictionaries, Some(columns), &version)
                .map_err(invalid)
        })
    }
}

/// The record batches of a stream or a file.
pub(super) struct Messages<R> {
    input: R,
    is_file: bool,
    has_ended: bool,
    schema: SchemaRef,
    dictionaries: Arc<HashMap<i64, ArrayRef>>,
    n_batches: usize,
    n_rows: u64,
    batch_bytes_max: u64,
}

impl<R: Read> Messages<R> {
    /// Reads the schema.
    pub(super) fn new(mut input: R, batch_bytes_max: u64) -> Result<Self, Error> {
        let mut start = exactly(&mut input, CONTINUATION.len())?;
        let is_file = SIGNATURE.starts_with(&start);
        if is_file {
            exactly(&mut input, SIGNATURE.len() - start.len())?;
            start = exactly(&mut input, CONTINUATION.len())?;
            // Writers fill the line of the signature up, to 64 bytes at most.
            for _ in 0..PADDING_WORDS_MAX {
                if start == [0; 4] {
                    start = exactly(&mut input, CONTINUATION.len())?;
                }
            }
        }
        let message = read_message(&mut input, &start, &Limit { batch_bytes_max, n_rows: 0 })?;
        let message = message.ok_or_else(|| invalid("no schema"))?;
        let header = root_as_message(&message.header).map_err(invalid)?;
        let schema = header.header_as_schema().ok_or_else(|| invalid("no schema"))?;
        let schema = Arc::new(caught(Format::Arrow, || try_fb_to_schema(schema))?);
        let dictionaries = Arc::default();
        Ok(Self {
            input,
            is_file,
            has_ended: false,
            schema,
            dictionaries,
            n_batches: 0,
            n_rows: 0,
            batch_bytes_max,
        })
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    fn limit(&self) -> Limit {
        Limit { batch_bytes_max: self.batch_bytes_max, n_rows: self.n_rows }
    }

    fn next_message(&mut self) -> Result<Option<Message>, Error> {
        let mut start = Vec::new();
        self.input.by_ref().take(CONTINUATION.len() as u64).read_to_end(&mut start)?;
        if start.is_empty() && !self.is_file {
            return Ok(None);
        }
        let limit = self.limit();
        let message = read_message(&mut self.input, &start, &limit)?;
        if message.is_none() && self.is_file {
            self.check_footer()?;
        }
        Ok(message)
    }

    /// Checks that what follows the last message is the footer of a whole file.
    fn check_footer(&mut self) -> Result<(), Error> {
        let mut footer = Vec::new();
        self.input.by_ref().take(HEADER_BYTES_MAX).read_to_end(&mut footer)?;
        let cut = || invalid("the footer is cut short");
        let n_bytes = footer.len().checked_sub(TAIL_BYTES).ok_or_else(cut)?;
        let tail = footer.split_off(n_bytes);
        let length: [u8; 4] = tail[..4].try_into().expect("there are four");
        let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| cut())?;
        if tail[4..] != SIGNATURE[..6] || length > n_bytes {
            return Err(cut());
        }
        let footer = root_as_footer(&footer[n_bytes - length..]).map_err(invalid)?;
        let n_batches = footer.recordBatches().map_or(0, |batches| batches.len());
        if n_batches != self.n_batches {
            return Err(invalid(format!(
                "{} batches, where the footer says {n_batches}",
                self.n_batches
            )));
        }
        Ok(())
    }
}

impl<R: Read + Send> Units for Messages<R> {
    type Unit = Share;

    fn next_unit(&mut self) -> Result<Option<Share>, Error> {
        while !self.has_ended {
            let Some(message) = self.next_message()? else {
                self.has_ended = true;
                break;
            };
            let header = root_as_message(&message.header).map_err(invalid)?;
            let version = header.version();
            if let Some(dictionary) = header.header_as_dictionary_batch() {
                let data = dictionary.data().ok_or_else(|| invalid("an empty dictionary"))?;
                check_batch(data, &message.body, &self.limit())?;
                let (schema, known) = (&self.schema, Arc::make_mut(&mut self.dictionaries));
                caught(Format::Arrow, || {
                    read_dictionary(&message.body, dictionary, schema, known, &version)
                })?;
            } else if let Some(batch) = header.header_as_record_batch() {
                let n_rows = check_batch(batch, &message.body, &self.limit())?;
                let first = self.n_rows;
                self.n_rows += n_rows;
                self.n_batches += 1;
                let (schema, dictionaries) =
                    (Arc::clone(&self.schema), Arc::clone(&self.dictionaries));
                return Ok(Some(Share { message, schema, dictionaries, first }));
            } else {
                return Err(invalid(format!("a message of the kind {:?}", header.header_type())));
            }
        }
        Ok(None)
    }
}

/// The message that begins with these four bytes; `None` at the mark of the end.
fn read_message(
    input: &mut impl Read,
    start: &[u8],
    limit: &Limit,
) -> Result<Option<Message>, Error> {
    let mut length = start.to_vec();
    // Before version 0.15 the length came at once.
    if length == CONTINUATION {
        length = exactly(input, CONTINUATION.len())?;
    }
    let length: [u8; 4] = length.try_into().map_err(|_| cut_short())?;
    let length = u64::try_from(i32::from_le_bytes(length)).map_err(invalid)?;
    if length == 0 {
        return Ok(None);
    }
    if length > HEADER_BYTES_MAX {
        return Err(invalid("a message with too long a description"));
    }
    let header = exactly(input, length as usize)?;
    let message = root_as_message(&header).map_err(invalid)?;
    let n_bytes = usize::try_from(message.bodyLength()).map_err(invalid)?;
    limit.check(n_bytes as u64)?;
    let body = Buffer::from_vec(exactly(input, n_bytes)?);
    Ok(Some(Message { header, body }))
}

/// So many bytes; what is not there is not asked memory for.
fn exactly(input: &mut impl Read, n_bytes: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    input.take(n_bytes as u64).read_to_end(&mut bytes)?;
    if bytes.len() < n_bytes { Err(cut_short()) } else { Ok(bytes) }
}

/// How large a batch may be, and how many rows stand before it.
struct Limit {
    batch_bytes_max: u64,
    n_rows: u64,
}

impl Limit {
    fn check(&self, n_bytes: u64) -> Result<(), Error> {
        let (bytes_max, place) = (self.batch_bytes_max, Place::Row(self.n_rows + 1));
        let too_large = Error::BatchTooLarge { what: "a record batch", bytes_max, place };
        if n_bytes > bytes_max { Err(too_large) } else { Ok(()) }
    }
}

/// Checks that the parts of a batch lie within its bytes and are together no larger than they may be, also when they are
/// not compressed any more; gives its rows.
fn check_batch(
    batch: arrow_ipc::RecordBatch<'_>,
    body: &[u8],
    limit: &Limit,
) -> Result<u64, Error> {
    let is_count = |number: i64| (0..=ROWS_MAX).contains(&number);
    let has_counts =
        batch.nodes().into_iter().flatten().all(|node| {
            is_count(node.length()) && (0..=node.length()).contains(&node.null_count())
        });
    let part = |part: &arrow_ipc::Buffer| {
        let (start, n_bytes) = (usize::try_from(part.offset()), usize::try_from(part.length()));
        body.get(start.ok()?..)?.get(..n_bytes.ok()?)
    };
    let is_compressed = batch.compression().is_some();
    // A compressed part begins with its length, which is -1 for one that was left as it is.
    let n_bytes = |bytes: &[u8]| match bytes.first_chunk() {
        Some(length) if is_compressed => i64::from_le_bytes(*length),
        _ => 0,
    };
    let mut parts = batch.buffers().into_iter().flatten().map(|one| part(one).map(n_bytes));
    let total = parts.try_fold(0u64, |sum, n_bytes| {
        let n_bytes = n_bytes.filter(|n_bytes| *n_bytes <= PART_BYTES_MAX)?;
        sum.checked_add(n_bytes.max(0) as u64)
    });
    let total = total.filter(|_| is_count(batch.length()) && has_counts);
    limit.check(total.ok_or_else(|| invalid("a batch whose parts do not fit"))?)?;
    Ok(batch.length() as u64)
}

#[allow(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn invalid(cause: impl ToString) -> Error {
    damaged(Format::Arrow, &cause)
}

fn cut_short() -> Error {
    invalid("it is cut short")
}
