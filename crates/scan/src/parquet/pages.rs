//! The pages of a group of rows, each no larger than it may be. A library finds them and decodes what is in them; how they
//! are compressed is undone here, since that library takes memory for what a page says of itself, and for some
//! compressions whatever comes of it.

use std::{
    io::{BufRead, BufReader, Read},
    iter, mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use parquet::{
    arrow::arrow_reader::RowGroups,
    basic::{Compression, Encoding, Type},
    column::page::{Page, PageIterator, PageMetadata, PageReader},
    errors::{ParquetError, Result},
    file::{
        metadata::{ParquetMetaData, RowGroupMetaData},
        reader::{ChunkReader, Length},
        serialized_reader::SerializedPageReader,
    },
    schema::types::ColumnDescPtr,
};

use super::thrift::{Cursor, Kind};
use crate::{
    Error, Place, Progress, ScanOptions, Watch,
    input::{Positions, Range},
};

/// What a value takes of which a row may have any number: a number, and how deep it lies.
const NESTED_BYTES: u64 = 16;

/// What is read of a page compressed with Brotli at one time.
const BROTLI_BYTES: usize = 4096;

/// How much the pages of a group may take.
pub(super) struct Guard {
    bytes_max: u64,
    rows_max: usize,
    watch: Option<Watch>,
    place: Place,
    /// Why the pages were not read on.
    refusal: Mutex<Option<Error>>,
}

impl Guard {
    /// For a group behind `first` rows, that is decoded into batches of so many rows.
    pub(super) fn new(options: &ScanOptions, first: u64, rows_max: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes_max: options.batch_bytes_max,
            rows_max,
            watch: options.watch.clone(),
            place: Place::Row(first + 1),
            refusal: Mutex::default(),
        })
    }

    /// The reason why pages were not read on; the library has only words for it.
    pub(super) fn reason(&self, error: Error) -> Error {
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        refusal.take().unwrap_or(error)
    }

    /// Refuses what takes more than a share of a file may.
    fn check(&self, what: &'static str, n_bytes: u64) -> Result<()> {
        if n_bytes <= self.bytes_max {
            return Ok(());
        }
        let Self { bytes_max, place, .. } = *self;
        self.refuse(Error::BatchTooLarge { what, bytes_max, place })
    }

    /// Makes room for what is held until rows come of it.
    fn hold(&self, n_bytes: u64) -> Result<()> {
        self.check("a page", n_bytes)?;
        let told = self.watch.as_ref().map_or(Ok(()), |it| it.tell(Progress::Batch(n_bytes)));
        told.or_else(|error| self.refuse(error.into()))
    }

    fn refuse(&self, error: Error) -> Result<()> {
        let words = error.to_string();
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        Err(ParquetError::General(words))
    }
}

/// A group of rows: where the library finds its pages.
pub(super) struct Pages<'a> {
    pub(super) file: &'a Positions,
    pub(super) metadata: &'a ParquetMetaData,
    pub(super) group: usize,
    pub(super) guard: Arc<Guard>,
}

impl RowGroups for Pages<'_> {
    fn num_rows(&self) -> usize {
        self.metadata.row_group(self.group).num_rows() as usize
    }

    fn column_chunks(&self, index: usize) -> Result<Box<dyn PageIterator>> {
        let column = self.metadata.row_group(self.group).column(index);
        let (descriptor, guard) = (column.column_descr_ptr(), &self.guard);
        if descriptor.physical_type() == Type::FIXED_LEN_BYTE_ARRAY {
            let n_bytes = u64::try_from(descriptor.type_length()).unwrap_or(u64::MAX);
            guard.check("a batch", n_bytes.saturating_mul(guard.rows_max as u64))?;
        }
        let file = Arc::new(Chunk {
            file: self.file.clone(),
            guard: Arc::clone(guard),
            page_bytes: AtomicU64::new(0),
        });
        let compression = column.compression();
        let bare = column.clone().into_builder().set_compression(Compression::UNCOMPRESSED);
        let packed =
            SerializedPageReader::new(Arc::clone(&file), &bare.build()?, self.num_rows(), None)?;
        Ok(Box::new(Column(Some(Unpacked { packed, file, compression, descriptor }))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(iter::once(self.metadata.row_group(self.group)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

/// The readers of the pages of a column, of which there is one.
struct Column(Option<Unpacked>);

impl Iterator for Column {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(|reader| Ok(Box::new(reader) as Box<dyn PageReader>))
    }
}

impl PageIterator for Column {}

/// The bytes of a column: the library reads the head of a page from where that begins, and then the page as a whole.
struct Chunk {
    file: Positions,
    guard: Arc<Guard>,
    /// What the page says to have when it is not compressed.
    page_bytes: AtomicU64,
}

impl Length for Chunk {
    fn len(&self) -> u64 {
        self.file.n_bytes()
    }
}

impl ChunkReader for Chunk {
    type T = BufReader<Range>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut input = BufReader::new(self.file.range(start, u64::MAX));
        let n_bytes = page_bytes(input.fill_buf()?);
        let n_bytes = n_bytes.ok_or_else(|| contradiction("a page without its length"))?;
        self.page_bytes.store(n_bytes, Ordering::Relaxed);
        Ok(input)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.guard.hold(length as u64)?;
        let bytes = self.file.bytes(start, length as u64)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("it is cut short".to_owned()));
        }
        Ok(bytes.into())
    }
}

/// How many bytes a page has when it is not compressed, by its head: the second number there is.
fn page_bytes(head: &[u8]) -> Option<u64> {
    let mut n_bytes = None;
    // The head may be longer than what is here of it, but its numbers come first.
    let _ = Cursor::new(head).fields(|cursor, id, kind| match (id, kind) {
        (1, Kind::I32) => cursor.skip(kind),
        (2, Kind::I32) => {
            n_bytes = u64::try_from(cursor.integer()?).ok();
            None
        }
        _ => None,
    });
    n_bytes
}

fn contradiction(words: &str) -> ParquetError {
    ParquetError::General(words.to_owned())
}

/// The pages of a column, not compressed any more.
struct Unpacked {
    packed: SerializedPageReader<Chunk>,
    file: Arc<Chunk>,
    compression: Compression,
    descriptor: ColumnDescPtr,
}

impl Iterator for Unpacked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Unpacked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.packed.get_next_page()? else { return Ok(None) };
        self.unpack(&mut page)?;
        self.check(&page)?;
        Ok(Some(page))
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }
}

impl Unpacked {
    fn unpack(&self, page: &mut Page) -> Result<()> {
        match page {
            Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => {
                *buf = self.undo(mem::take(buf), 0)?;
            }
            Page::DataPageV2 {
                buf,
                def_levels_byte_len: definitions,
                rep_levels_byte_len: repetitions,
                is_compressed,
                ..
            } => {
                let n_levels = *definitions as usize + *repetitions as usize;
                if *is_compressed {
                    *buf = self.undo(mem::take(buf), n_levels)?;
                }
            }
        }
        Ok(())
    }

    /// The bytes of a page, of which the first ones are not compressed.
    fn undo(&self, bytes: Bytes, n_bare: usize) -> Result<Bytes> {
        if self.compression == Compression::UNCOMPRESSED {
            return Ok(bytes);
        }
        let n_bytes = self.file.page_bytes.load(Ordering::Relaxed);
        self.file.guard.hold(n_bytes)?;
        let n_packed = usize::try_from(n_bytes).ok().and_then(|it| it.checked_sub(n_bare));
        let parts = bytes.split_at_checked(n_bare).zip(n_packed);
        let ((bare, packed), n_packed) =
            parts.ok_or_else(|| contradiction("a page shorter than its levels"))?;
        // A page in which all is missing.
        if n_packed == 0 {
            return Ok(bytes.slice(..n_bare));
        }
        let unpacked = undone(self.compression, packed, n_packed)?;
        if unpacked.len() != n_packed {
            return Err(contradiction("a page that has not the length that it says"));
        }
        Ok(if bare.is_empty() { unpacked.into() } else { [bare, &unpacked].concat().into() })
    }

    /// Refuses a page that would take more than it has.
    fn check(&self, page: &Page) -> Result<()> {
        let is_text = self.descriptor.physical_type() == Type::BYTE_ARRAY;
        match page {
            // A decoder takes memory for all of them at once, and for a text again in each row.
            Page::DictionaryPage { buf, num_values, .. } => {
                if *num_values as usize > buf.len().max(1) {
                    return Err(contradiction("a dictionary of more values than bytes"));
                }
                let longest = if is_text { longest_text(buf) } else { 0 };
                self.file
                    .guard
                    .check("a batch", longest.saturating_mul(self.file.guard.rows_max as u64))
            }
            Page::DataPage { .. } | Page::DataPageV2 { .. } => {
                if self.descriptor.max_rep_level() > 0 {
                    self.file.guard.hold(u64::from(page.num_values()) * NESTED_BYTES)?;
                }
                self.check_lengths(page)
            }
        }
    }

    /// Refuses more lengths of texts than there are values: a decoder takes memory for all of them at once.
    fn check_lengths(&self, page: &Page) -> Result<()> {
        let n_lists = match page.encoding() {
            Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
            // Of the bytes that are those of the text before, and of those that follow.
            Encoding::DELTA_BYTE_ARRAY => 2,
            _ => return Ok(()),
        };
        let lengths = self.values_of(page).and_then(|values| {
            let mut cursor = Cursor::new(values);
            // Where all are missing there may be nothing.
            let n_lists = if values.is_empty() { 0 } else { n_lists };
            (0..n_lists).try_for_each(|_| skip_deltas(&mut cursor, page.num_values().into()))
        });
        lengths.ok_or_else(|| contradiction("a page with more texts than values"))
    }

    /// What stands behind the levels of a page.
    fn values_of<'a>(&self, page: &'a Page) -> Option<&'a [u8]> {
        match page {
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
                buf.get(*def_levels_byte_len as usize + *rep_levels_byte_len as usize..)
            }
            Page::DataPage { buf, num_values, def_level_encoding, rep_level_encoding, .. } => {
                let levels = [
                    (self.descriptor.max_rep_level(), rep_level_encoding),
                    (self.descriptor.max_def_level(), def_level_encoding),
                ];
                levels.into_iter().try_fold(&buf[..], |rest, (max, encoding)| match encoding {
                    _ if max == 0 => Some(rest),
                    Encoding::RLE => {
                        let (n_bytes, rest) = rest.split_first_chunk()?;
                        rest.get(u32::from_le_bytes(*n_bytes) as usize..)
                    }
                    _ => {
                        let n_bits = u64::from(max.unsigned_abs().ilog2() + 1);
                        let n_bytes = (u64::from(*num_values) * n_bits).div_ceil(8);
                        rest.get(usize::try_from(n_bytes).ok()?..)
                    }
                })
            }
            Page::DictionaryPage { buf, .. } => Some(buf),
        }
    }
}

/// The length of the longest text of a dictionary, each of which has its length before it.
fn longest_text(mut texts: &[u8]) -> u64 {
    let mut longest = 0;
    while let Some((n_bytes, rest)) = texts.split_first_chunk() {
        let n_bytes = u32::from_le_bytes(*n_bytes);
        longest = longest.max(n_bytes.into());
        texts = rest.get(n_bytes as usize..).unwrap_or_default();
    }
    longest
}

/// Passes over numbers that are written as their differences, `n_max` at the most:
/// <https://github.com/apache/parquet-format/blob/master/Encodings.md#delta-encoding-delta_binary_packed--5>.
fn skip_deltas(cursor: &mut Cursor<'_>, n_max: u64) -> Option<()> {
    let (block_len, n_parts) = (cursor.varint()?, cursor.varint()?);
    let part_len = block_len.checked_div(n_parts)?;
    let n_numbers = cursor.varint()?;
    cursor.varint()?;
    if n_numbers > n_max {
        return None;
    }
    let mut n_left = n_numbers.saturating_sub(1);
    while n_left > 0 {
        cursor.varint()?;
        let widths = cursor.take(usize::try_from(n_parts).ok()?)?;
        for width in widths {
            if n_left > 0 {
                let n_bits = part_len.checked_mul((*width).into())?;
                cursor.take(usize::try_from(n_bits / 8).ok()?)?;
                n_left = n_left.saturating_sub(part_len);
            }
        }
    }
    Some(())
}

/// What was compressed, which should have so many bytes.
fn undone(compression: Compression, bytes: &[u8], n_bytes: usize) -> Result<Vec<u8>> {
    match compression {
        Compression::SNAPPY => {
            let mut undone = vec![0; n_bytes];
            let n_bytes = snap::raw::Decoder::new().decompress(bytes, &mut undone);
            undone.truncate(n_bytes.map_err(external)?);
            Ok(undone)
        }
        Compression::GZIP(_) => read(flate2::bufread::MultiGzDecoder::new(bytes), n_bytes),
        Compression::BROTLI(_) => read(brotli::Decompressor::new(bytes, BROTLI_BYTES), n_bytes),
        Compression::ZSTD(_) => zstd::bulk::decompress(bytes, n_bytes).map_err(external),
        Compression::LZ4_RAW => lz4_flex::block::decompress(bytes, n_bytes).map_err(external),
        Compression::LZ4 => undone_lz4(bytes, n_bytes),
        Compression::LZO | Compression::UNCOMPRESSED => {
            Err(ParquetError::NYI(format!("{compression} is not decoded")))
        }
    }
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// What a decoder gives, but no more than one byte beyond what it should.
fn read(decoder: impl Read, n_bytes: usize) -> Result<Vec<u8>> {
    let mut undone = Vec::new();
    decoder.take(n_bytes as u64 + 1).read_to_end(&mut undone)?;
    Ok(undone)
}

/// LZ4 as it was before there was a word on how: in blocks of Hadoop, in frames, or bare.
fn undone_lz4(bytes: &[u8], n_bytes: usize) -> Result<Vec<u8>> {
    let fits = |undone: &Vec<u8>| undone.len() == n_bytes;
    if let Some(undone) = undone_hadoop(bytes, n_bytes) {
        return Ok(undone);
    }
    match read(lz4_flex::frame::FrameDecoder::new(bytes), n_bytes).ok().filter(fits) {
        Some(undone) => Ok(undone),
        None => lz4_flex::block::decompress(bytes, n_bytes).map_err(external),
    }
}

/// Blocks with the length of what comes of them before them, and their own.
fn undone_hadoop(mut bytes: &[u8], n_bytes: usize) -> Option<Vec<u8>> {
    let mut undone = vec![0; n_bytes];
    let mut room = &mut undone[..];
    while let Some((n_undone, rest)) = bytes.split_first_chunk() {
        let (n_packed, rest) = rest.split_first_chunk()?;
        let [n_undone, n_packed] =
            [n_undone, n_packed].map(|number| u32::from_be_bytes(*number) as usize);
        let (packed, rest) = rest.split_at_checked(n_packed)?;
        let (block, room_left) = room.split_at_mut_checked(n_undone)?;
        if lz4_flex::block::decompress_into(packed, block).ok()? != n_undone {
            return None;
        }
        (bytes, room) = (rest, room_left);
    }
    (bytes.is_empty() && room.is_empty()).then_some(undone)
}
