//! An Arrow stream: a schema, then dictionaries and record batches as they come.

use std::io::Read;

use arrow_buffer::Buffer;
use arrow_ipc::root_as_message;
use arrow_schema::SchemaRef;

use super::messages::{
    CONTINUATION, HEADER_BYTES_MAX, Known, Limit, Message, Share, cut_short, exactly, invalid,
};
use crate::{Error, parallel::Units};

/// The record batches of a stream.
pub(super) struct Stream<R> {
    input: R,
    has_ended: bool,
    known: Known,
}

impl<R: Read> Stream<R> {
    /// Reads the schema.
    pub(super) fn new(mut input: R, batch_bytes_max: u64) -> Result<Self, Error> {
        let message = read_message(&mut input, &Limit::new(batch_bytes_max))?;
        let message = message.ok_or_else(|| invalid("no schema"))?;
        let header = root_as_message(&message.header).map_err(invalid)?;
        let schema = header.header_as_schema().ok_or_else(|| invalid("no schema"))?;
        let known = Known::new(schema, true, batch_bytes_max)?;
        Ok(Self { input, has_ended: false, known })
    }

    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.known.schema)
    }
}

impl<R: Read + Send> Units for Stream<R> {
    type Unit = Share;

    fn next_unit(&mut self) -> Result<Option<Share>, Error> {
        while !self.has_ended {
            let Some(message) = read_message(&mut self.input, &self.known.limit())? else {
                self.has_ended = true;
                break;
            };
            if let Some(share) = self.known.take(message)? {
                return Ok(Some(share));
            }
        }
        Ok(None)
    }
}

/// The next message; `None` at the mark of the end, and where nothing follows.
fn read_message(input: &mut impl Read, limit: &Limit) -> Result<Option<Message>, Error> {
    let mut length = Vec::new();
    input.take(CONTINUATION.len() as u64).read_to_end(&mut length)?;
    if length.is_empty() {
        return Ok(None);
    }
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
