//! An Arrow file: its footer says which columns there are, and where dictionaries and record batches lie. Whatever else
//! stands in it is not looked at: some writers begin with a schema that is no message.

use std::vec;

use arrow_buffer::Buffer;
use arrow_ipc::{Block, root_as_footer, root_as_message};
use arrow_schema::SchemaRef;

use super::messages::{
    CONTINUATION, HEADER_BYTES_MAX, Known, Message, Share, cut_short, exactly, invalid,
};
use crate::{Error, Progress, ScanOptions, input::Positions, parallel::Units};

/// What a file begins and ends with.
pub(super) const SIGNATURE: &[u8] = b"ARROW1";

/// The end of a file: the length of the footer, and the signature.
const TAIL_BYTES: u64 = 10;

/// The record batches of a file, in the order of the footer.
pub(super) struct Batches<'a> {
    file: Positions,
    options: &'a ScanOptions,
    known: Known,
    blocks: vec::IntoIter<Block>,
}

impl<'a> Batches<'a> {
    /// Reads the footer and all dictionaries.
    pub(super) fn new(file: Positions, options: &'a ScanOptions) -> Result<Self, Error> {
        let footer = read_footer(&file, options)?;
        let footer = root_as_footer(&footer).map_err(invalid)?;
        let schema = footer.schema().ok_or_else(|| invalid("no schema"))?;
        let known = Known::new(schema, false, options.batch_bytes_max)?;
        let [dictionaries, batches] = [footer.dictionaries(), footer.recordBatches()]
            .map(|blocks| blocks.into_iter().flatten().copied().collect::<Vec<_>>());
        check_blocks(dictionaries.iter().chain(&batches), file.n_bytes())?;
        let mut batches = Self { file, options, known, blocks: batches.into_iter() };
        for block in &dictionaries {
            let message = batches.read(block)?;
            if batches.known.take(message)?.is_some() {
                return Err(invalid("a batch among the dictionaries"));
            }
        }
        Ok(batches)
    }

    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.known.schema)
    }

    /// The message of a block.
    fn read(&self, block: &Block) -> Result<Message, Error> {
        let [start, n_header, n_body] = extent(block)?;
        if n_header > HEADER_BYTES_MAX {
            return Err(invalid("a message with too long a description"));
        }
        self.known.limit().check(n_body)?;
        self.options.tell(Progress::Batch(n_header + n_body))?;
        let mut input = self.file.range(start, n_header + n_body);
        let mut header = exactly(&mut input, n_header as usize)?;
        // The length of the description stands before it, as in a stream.
        let n_before = if header.starts_with(&CONTINUATION) { 8 } else { 4 };
        let header = header.split_off(n_before.min(header.len()));
        root_as_message(&header).map_err(invalid)?;
        let body = Buffer::from_vec(exactly(&mut input, n_body as usize)?);
        Ok(Message { header, body })
    }
}

impl Units for Batches<'_> {
    type Unit = Share;

    fn next_unit(&mut self) -> Result<Option<Share>, Error> {
        let Some(block) = self.blocks.next() else { return Ok(None) };
        let message = self.read(&block)?;
        let share = self.known.take(message)?;
        share.ok_or_else(|| invalid("a dictionary among the batches")).map(Some)
    }
}

/// The footer, without what says that it is one.
fn read_footer(file: &Positions, options: &ScanOptions) -> Result<Vec<u8>, Error> {
    let start = file.n_bytes().checked_sub(TAIL_BYTES).ok_or_else(cut_short)?;
    let tail = exactly(&mut file.range(start, TAIL_BYTES), TAIL_BYTES as usize)?;
    let (length, signature) = tail.split_first_chunk().expect("there are ten bytes");
    let length = u64::try_from(i32::from_le_bytes(*length)).unwrap_or_default();
    let is_there = signature == SIGNATURE && (1..=start).contains(&length);
    if !is_there || length > HEADER_BYTES_MAX {
        return Err(invalid("the footer is cut short"));
    }
    options.tell(Progress::Batch(length))?;
    exactly(&mut file.range(start - length, length), length as usize)
}

/// Checks that blocks lie in the file and share none of its bytes, so that no footer makes more of a file than it holds.
fn check_blocks<'a>(blocks: impl Iterator<Item = &'a Block>, n_bytes: u64) -> Result<(), Error> {
    let extents: Result<Vec<_>, _> = blocks.map(extent).collect();
    let mut extents = extents?;
    extents.sort_unstable();
    let mut last = 0;
    for [start, n_header, n_body] in extents {
        if start < last {
            return Err(invalid("blocks that overlap"));
        }
        let end = start.checked_add(n_header).and_then(|end| end.checked_add(n_body));
        last = end.filter(|end| *end <= n_bytes).ok_or_else(cut_short)?;
    }
    Ok(())
}

/// Where a block begins, and how long its description and its body are.
fn extent(block: &Block) -> Result<[u64; 3], Error> {
    let number = |number: i64| u64::try_from(number).map_err(invalid);
    let n_header = number(block.metaDataLength().into())?;
    Ok([number(block.offset())?, n_header, number(block.bodyLength())?])
}
