//! Files of Parquet that nobody writes by accident: small, and much larger for who believes them.

#![cfg(feature = "parquet")]

use std::io::{Cursor, Write};

use exacta::{Outcome, Plan, Statistic};
use exacta_scan::{Error, Format, Input, ScanOptions, Table, scan};
use flate2::{Compression, write::GzEncoder};

/// What a share of a file may take.
const BATCH_BYTES_MAX: u64 = 8 << 20;

/// The numbers of types, compressions and encodings in Thrift and Parquet.
const I32: u8 = 5;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;
const DOUBLE: i64 = 5;
const BYTE_ARRAY: i64 = 6;
const BARE: i64 = 0;
const SNAPPY: i64 = 1;
const GZIP: i64 = 2;
const LZ4: i64 = 5;
const ZSTD: i64 = 6;
const LZ4_RAW: i64 = 7;
const PLAIN: i64 = 0;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;

/// Values in the compact protocol, one after another. A field is told by how far its number is from that of the last.
#[derive(Clone, Default)]
struct Thrift(Vec<u8>);

impl Thrift {
    fn varint(mut self, mut number: u64) -> Self {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    fn integer(mut self, step: u8, number: i64) -> Self {
        self.0.push(step << 4 | I32);
        self.varint(((number << 1) ^ (number >> 63)) as u64)
    }

    fn binary(mut self, step: u8, bytes: &str) -> Self {
        self.0.push(step << 4 | BINARY);
        let mut whole = self.varint(bytes.len() as u64);
        whole.0.extend_from_slice(bytes.as_bytes());
        whole
    }

    fn list(mut self, step: u8, kind: u8, n_values: u64) -> Self {
        self.0.extend([step << 4 | 9, 0xf0 | kind]);
        self.varint(n_values)
    }

    fn open(mut self, step: u8) -> Self {
        self.0.push(step << 4 | STRUCT);
        self
    }

    fn close(mut self) -> Self {
        self.0.push(0);
        self
    }

    fn with(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }
}

/// A column of a schema in which so many others lie.
fn parent(n_children: i64) -> Thrift {
    Thrift::default().integer(3, 0).binary(1, "a").integer(1, n_children).close()
}

fn leaf(kind: i64) -> Thrift {
    let leaf = Thrift::default().integer(1, kind).integer(2, 0).binary(1, "x");
    // Bytes are text.
    if kind == BYTE_ARRAY { leaf.integer(2, 0).close() } else { leaf.close() }
}

fn schema(columns: &[Thrift]) -> Thrift {
    let schema = Thrift::default().integer(1, 1).list(1, STRUCT, columns.len() as u64);
    columns.iter().fold(schema, Thrift::with)
}

/// The head of a page of so many values.
fn page_head(encoding: i64, n_values: i64, n_bytes: usize, n_packed: usize) -> Thrift {
    let head = Thrift::default().integer(1, 0).integer(1, n_bytes as i64);
    let head = head.integer(1, n_packed as i64).open(2);
    head.integer(1, n_values).integer(1, encoding).integer(1, 3).integer(1, 3).close().close()
}

fn file(pages: &[u8], footer: &Thrift) -> Vec<u8> {
    let length = u32::try_from(footer.0.len()).unwrap().to_le_bytes();
    [b"PAR1", pages, &footer.0, &length, b"PAR1"].concat()
}

/// A file of one column with these pages.
fn column(kind: i64, codec: i64, n_values: i64, pages: &[u8]) -> Vec<u8> {
    let chunk = Thrift::default().integer(2, 4).open(1);
    let chunk = chunk.integer(1, kind).list(1, I32, 1).varint(0).list(1, BINARY, 1).varint(1);
    let mut chunk = chunk;
    chunk.0.push(b'x');
    let n_bytes = pages.len() as i64;
    let chunk = chunk.integer(1, codec).integer(1, n_values).integer(1, n_bytes);
    let chunk = chunk.integer(1, n_bytes).integer(2, 4).close().close();
    let group = Thrift::default().list(1, STRUCT, 1).with(&chunk);
    let group = group.integer(1, n_bytes).integer(1, n_values).close();
    let footer = schema(&[parent(1), leaf(kind)]).integer(1, n_values);
    file(pages, &footer.list(1, STRUCT, 1).with(&group).close())
}

/// A file of one page of so many values, that says to have so many bytes.
fn page(codec: i64, n_values: i64, n_bytes: usize, packed: &[u8]) -> Vec<u8> {
    let head = page_head(PLAIN, n_values, n_bytes, packed.len());
    column(DOUBLE, codec, n_values, &[&head.0, packed].concat())
}

fn read(bytes: &[u8], options: &ScanOptions) -> Result<Table, Error> {
    let options = ScanOptions {
        format: Some(Format::Parquet),
        batch_bytes_max: BATCH_BYTES_MAX,
        ..options.clone()
    };
    scan(Input::stream(Cursor::new(bytes.to_vec())), &options, &plan())
}

fn plan() -> Plan {
    Plan::new([Statistic::Sum])
}

fn code(bytes: &[u8]) -> &'static str {
    read(bytes, &ScanOptions::default()).unwrap_err().code()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_by_hand_are_files() {
    let values: Vec<u8> = (0..1000).flat_map(|value| f64::from(value).to_le_bytes()).collect();
    for (codec, packed) in [(BARE, values.clone()), (GZIP, gzip(&values))] {
        let table = read(&page(codec, 1000, values.len(), &packed), &ScanOptions::default());
        let table = table.unwrap();
        let sum = table.columns[0].partial.finalize(&plan()).unwrap().get(Statistic::Sum);
        assert_eq!(sum.and_then(Outcome::finite), Some(499_500.0), "{codec}");
    }
}

#[test]
fn a_schema_goes_no_deeper_than_columns_do() {
    for n_deep in [100, 20_000] {
        let mut columns = vec![parent(1); n_deep];
        columns.push(leaf(DOUBLE));
        let footer = schema(&columns).integer(1, 0).list(1, STRUCT, 0).close();
        assert_eq!(code(&file(&[], &footer)), "parquet.invalid", "{n_deep}");
    }
}

#[test]
fn a_column_has_no_more_children_than_there_are_columns() {
    for n_children in [2, i64::from(i32::MAX), -1] {
        let columns = [parent(n_children), leaf(DOUBLE)];
        let footer = schema(&columns).integer(1, 0).list(1, STRUCT, 0).close();
        assert_eq!(code(&file(&[], &footer)), "parquet.invalid", "{n_children}");
    }
}

/// The second would be read by who looks for numbers without a look at types.
#[test]
fn a_schema_has_nothing_but_what_it_should() {
    let hidden = schema(&vec![parent(1); 20_000]);
    let text = String::from_utf8_lossy(&hidden.0).into_owned();
    let logical = Thrift::default().integer(3, 0).open(7).open(5).binary(1, &text);
    for strange in [Thrift::default().binary(5, &text).close(), logical.close().close().close()] {
        let columns = [parent(1), strange];
        let footer = schema(&columns).integer(1, 0).list(1, STRUCT, 0).close();
        assert_eq!(code(&file(&[], &footer)), "parquet.invalid");
    }
}

#[test]
fn lists_are_as_long_as_the_footer_at_the_most() {
    let footer = schema(&[parent(1), leaf(DOUBLE)]).integer(1, 0);
    for n_groups in [1, u64::from(u32::MAX), u64::MAX] {
        let bytes = file(&[], &footer.clone().list(1, STRUCT, n_groups).close());
        assert_eq!(code(&bytes), "parquet.invalid", "{n_groups}");
    }
}

#[test]
fn a_long_footer_is_too_large() {
    let bytes = file(&[], &Thrift(vec![0; BATCH_BYTES_MAX as usize / 32 + 1]));
    assert_eq!(code(&bytes), "batch.too_large");
}

#[test]
fn a_page_is_no_larger_than_it_says_and_than_it_may_be() {
    let bomb = gzip(&vec![0; 16 << 20]);
    for (codec, packed) in [
        (GZIP, &bomb[..]),
        (SNAPPY, &[0xff, 0xff, 0xff, 0xff, 7]),
        (LZ4, &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        (LZ4_RAW, &[0; 9]),
        (ZSTD, &[0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f]),
    ] {
        assert_eq!(code(&page(codec, 1, 800, packed)), "parquet.invalid", "{codec}");
        let large = page(codec, 1, i32::MAX as usize, packed);
        assert_eq!(code(&large), "batch.too_large", "{codec}");
    }
}

#[test]
fn a_dictionary_has_no_more_values_than_bytes() {
    let head = Thrift::default().integer(1, 2).integer(1, 8).integer(1, 8).open(4);
    let head = head.integer(1, i64::from(i32::MAX)).integer(1, PLAIN).close().close();
    let page = page_head(8, 1000, 3, 3);
    let pages = [&head.0[..], &[0; 8], &page.0, &[1, 0xd0, 0x0f]].concat();
    assert_eq!(code(&column(DOUBLE, BARE, 1000, &pages)), "parquet.invalid");
}

/// Of a text of a megabyte each row would have a copy.
#[test]
fn a_long_text_of_a_dictionary_does_not_become_a_larger_batch() {
    let text = [&(1_u32 << 20).to_le_bytes()[..], &vec![b'a'; 1 << 20]].concat();
    let head = Thrift::default().integer(1, 2).integer(1, text.len() as i64);
    let head = head.integer(1, text.len() as i64).open(4).integer(1, 1).integer(1, PLAIN);
    let page = page_head(8, 1000, 4, 4);
    let pages = [&head.close().close().0[..], &text, &page.0, &[1, 0xd0, 0x0f, 0]].concat();
    let by = ScanOptions { by: vec!["x".to_owned()], ..ScanOptions::default() };
    let error = read(&column(BYTE_ARRAY, BARE, 1000, &pages), &by).unwrap_err();
    assert_eq!(error.code(), "batch.too_large");
}

#[test]
fn there_are_no_more_texts_than_values() {
    let many = |n_numbers| Thrift::default().varint(128).varint(4).varint(n_numbers).varint(0).0;
    for n_numbers in [11, 1 << 40, u64::MAX >> 1] {
        for (encoding, values) in [
            (DELTA_LENGTH_BYTE_ARRAY, many(n_numbers)),
            (DELTA_BYTE_ARRAY, many(n_numbers)),
            (DELTA_BYTE_ARRAY, [many(1), many(n_numbers)].concat()),
        ] {
            let head = page_head(encoding, 10, values.len(), values.len());
            let bytes = column(BYTE_ARRAY, BARE, 10, &[&head.0[..], &values].concat());
            let by = ScanOptions { by: vec!["x".to_owned()], ..ScanOptions::default() };
            let error = read(&bytes, &by).unwrap_err();
            assert_eq!(error.code(), "parquet.invalid", "{encoding} {n_numbers}: {error}");
        }
    }
}
