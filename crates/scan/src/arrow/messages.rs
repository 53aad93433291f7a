//! The messages of Arrow's IPC: record batches, and the dictionaries that come with them. How a stream puts them one after
//! the other is in `stream`, how a file says where they lie in `file`. What a batch holds is not looked at here, except
//! that its parts lie inside.

use std::{collections::HashMap, io::Read, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::{
    DictionaryBatch, MetadataVersion, Schema as Description,
    convert::try_fb_to_schema,
    reader::{read_dictionary, read_record_batch},
    root_as_message,
};
use arrow_schema::{DataType, Field, SchemaRef};

use super::{caught, damaged};
use crate::{Error, Format, Place};

/// What a message begins with since version 0.15, before its length.
pub(super) const CONTINUATION: [u8; 4] = [0xff; 4];

/// The longest description of a message, and the longest footer.
pub(super) const HEADER_BYTES_MAX: u64 = 256 << 20;

/// How many bytes one part of a compressed batch may have.
const PART_BYTES_MAX: i64 = 1 << 32;

/// The most rows of a batch.
const ROWS_MAX: i64 = 1 << 32;

/// What a row counts as where rows take no bytes.
const BARE_ROW_BYTES: u64 = 8;

/// A message: its description, and what it describes.
pub(super) struct Message {
    pub(super) header: Vec<u8>,
    pub(super) body: Buffer,
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
        let header = root_as_message(&message.header).map_err(invalid)?;
        let batch = header.header_as_record_batch().ok_or_else(|| invalid("no batch"))?;
        let (schema, version) = (Arc::clone(schema), header.version());
        caught(Format::Arrow, || {
            read_record_batch(&message.body, batch, schema, dictionaries, Some(columns), &version)
        })
    }
}

/// What the messages so far have said.
pub(super) struct Known {
    pub(super) schema: SchemaRef,
    dictionaries: Arc<HashMap<i64, ArrayRef>>,
    /// Whether a dictionary may be given anew, for the batches to come.
    renews: bool,
    /// Whether rows may take no bytes.
    is_bare: bool,
    n_rows: u64,
    batch_bytes_max: u64,
}

impl Known {
    /// The columns alone.
    pub(super) fn new(
        schema: Description<'_>,
        renews: bool,
        batch_bytes_max: u64,
    ) -> Result<Self, Error> {
        let schema = Arc::new(caught(Format::Arrow, || try_fb_to_schema(schema))?);
        let is_bare = schema.fields().iter().any(|field| is_bare(field));
        let dictionaries = Arc::default();
        Ok(Self { schema, dictionaries, renews, is_bare, n_rows: 0, batch_bytes_max })
    }

    pub(super) fn limit(&self) -> Limit {
        Limit { batch_bytes_max: self.batch_bytes_max, n_rows: self.n_rows }
    }

    /// Takes notice of a dictionary, or gives a record batch.
    pub(super) fn take(&mut self, message: Message) -> Result<Option<Share>, Error> {
        let header = root_as_message(&message.header).map_err(invalid)?;
        if let Some(dictionary) = header.header_as_dictionary_batch() {
            self.take_dictionary(dictionary, &message.body, header.version())?;
            return Ok(None);
        }
        let kind = header.header_type();
        let batch = header.header_as_record_batch();
        let batch = batch.ok_or_else(|| invalid(format!("a message of the kind {kind:?}")))?;
        let (first, n_rows) = (self.n_rows, check_batch(batch, &message.body, &self.limit())?);
        self.n_rows += n_rows;
        if self.is_bare {
            self.limit().check(self.n_rows.saturating_mul(BARE_ROW_BYTES))?;
        }
        let (schema, dictionaries) = (Arc::clone(&self.schema), Arc::clone(&self.dictionaries));
        Ok(Some(Share { message, schema, dictionaries, first }))
    }

    fn take_dictionary(
        &mut self,
        dictionary: DictionaryBatch<'_>,
        body: &Buffer,
        version: MetadataVersion,
    ) -> Result<(), Error> {
        let data = dictionary.data().ok_or_else(|| invalid("an empty dictionary"))?;
        check_batch(data, body, &self.limit())?;
        let is_new = !self.dictionaries.contains_key(&dictionary.id());
        if !(self.renews || is_new || dictionary.isDelta()) {
            return Err(invalid("a dictionary that is there twice"));
        }
        let (schema, known) = (&self.schema, Arc::make_mut(&mut self.dictionaries));
        caught(Format::Arrow, || read_dictionary(body, dictionary, schema, known, &version))
    }
}

/// Whether a few bytes of a column may stand for any number of rows. Those of nulls are none of them: they take no time.
fn is_bare(field: &Field) -> bool {
    match field.data_type() {
        DataType::RunEndEncoded(..) | DataType::FixedSizeBinary(0) => true,
        DataType::FixedSizeList(item, n_items) => {
            *n_items == 0 || item.data_type().is_null() || is_bare(item)
        }
        DataType::Struct(fields) => fields.iter().any(|field| is_bare(field)),
        _ => false,
    }
}

/// So many bytes; what is not there is not asked memory for.
pub(super) fn exactly(input: &mut impl Read, n_bytes: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    input.take(n_bytes as u64).read_to_end(&mut bytes)?;
    if bytes.len() < n_bytes { Err(cut_short()) } else { Ok(bytes) }
}

/// How large a batch may be, and how many rows stand before it.
pub(super) struct Limit {
    batch_bytes_max: u64,
    n_rows: u64,
}

impl Limit {
    /// That of an input in which there was no row yet.
    pub(super) fn new(batch_bytes_max: u64) -> Self {
        Self { batch_bytes_max, n_rows: 0 }
    }

    pub(super) fn check(&self, n_bytes: u64) -> Result<(), Error> {
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
pub(super) fn invalid(cause: impl ToString) -> Error {
    damaged(Format::Arrow, &cause)
}

pub(super) fn cut_short() -> Error {
    invalid("it is cut short")
}
