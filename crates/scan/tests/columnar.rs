//! Parquet and Arrow: the same values give the bits that they give as text, whatever the layout of the file, and bytes
//! that are damaged or cut short give an error.
#![cfg(feature = "parquet")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, ListArray, NullArray, RecordBatch, RunArray,
    StringArray, StructArray, TimestampMillisecondArray, UInt16Array, UInt64Array,
};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use arrow_ipc::{CompressionType, root_as_footer};
use exacta::{Plan, Statistic};
use exacta_scan::{Error, Input, Invalid, Kind, ScanOptions, Table, scan};
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

const N_ROWS: usize = 20_000;

/// What is told of a table: rows, and each column's name, kind and partial.
type Told = (u64, Vec<(String, Kind, Vec<u8>)>);

fn told(table: Table) -> Told {
    let told = |column: exacta_scan::Column| {
        (column.name, column.kind, column.partial.to_bytes().unwrap())
    };
    (table.rows, table.columns.into_iter().map(told).collect())
}

fn read(bytes: &[u8], options: &ScanOptions) -> Result<Told, Error> {
    let plan = Plan::new([Statistic::Sum, Statistic::Min, Statistic::Max, Statistic::Median]);
    scan(Input::stream(bytes), options, &plan).map(told)
}

fn columns(names: &[&str]) -> ScanOptions {
    let columns = names.iter().map(|name| (*name).to_owned()).collect();
    ScanOptions { columns, ..ScanOptions::default() }
}

/// A column of a kind, from what stands in each row.
fn column<A, T>(n_rows: usize, cell: impl Fn(i64) -> Option<T>) -> ArrayRef
where
    A: Array + FromIterator<Option<T>> + 'static,
{
    Arc::new((0..n_rows as i64).map(cell).collect::<A>())
}

/// A column of each kind. Most have gaps.
fn batch(n_rows: usize) -> RecordBatch {
    let gap = |row: i64, every: i64| row % every != 0;
    let double = |row: i64| gap(row, 7).then(|| (row as f64).sqrt() - 50.0);
    let wide = |row: i64| gap(row, 9).then_some(i64::MAX - row * 1_000_003);
    let word = |row: i64| gap(row, 5).then(|| format!("word {}", row % 11));
    let words: Vec<_> = (0..n_rows as i64).map(word).collect();
    let dictionary: DictionaryArray<Int32Type> = words.iter().map(Option::as_deref).collect();
    let lists = (0..n_rows as i64).map(|row| gap(row, 4).then(|| vec![Some(row as i32), None]));
    let prices: Decimal128Array = (0..n_rows as i128).map(Some).collect();
    let inner = column::<Float64Array, _>(n_rows, double);
    let outer = StructArray::try_from(vec![("inner", Arc::clone(&inner))]).unwrap();
    let columns: [(&str, ArrayRef); 15] = [
        ("double", inner),
        ("whole", column::<Float64Array, _>(n_rows, |row| Some(1e300 / (row + 1) as f64))),
        ("single", column::<Float32Array, _>(n_rows, |row| double(row).map(|x| x as f32))),
        ("tiny", column::<Int8Array, _>(n_rows, |row| gap(row, 3).then_some(row as i8))),
        ("short", column::<UInt16Array, _>(n_rows, |row| gap(row, 8).then_some(row as u16))),
        ("wide", column::<Int64Array, _>(n_rows, wide)),
        (
            "unsigned",
            column::<UInt64Array, _>(n_rows, |row| wide(row).map(|x| u64::MAX - x as u64)),
        ),
        ("words", Arc::new(StringArray::from(words))),
        ("dictionary", Arc::new(dictionary)),
        ("flag", column::<BooleanArray, _>(n_rows, |row| gap(row, 6).then_some(row % 2 == 0))),
        ("day", column::<Date32Array, _>(n_rows, |row| gap(row, 6).then_some(row as i32))),
        ("instant", column::<TimestampMillisecondArray, _>(n_rows, Some)),
        ("price", Arc::new(prices.with_precision_and_scale(20, 2).unwrap())),
        ("lists", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
        ("outer", Arc::new(outer)),
    ];
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The numbers of the batch as CSV, and what makes no number a text.
fn csv(n_rows: usize) -> String {
    let mut csv = "double,whole,single,tiny,short,wide,unsigned,words,dictionary,flag,day,instant,price,lists,outer.inner\n".to_owned();
    for row in 0..n_rows as i64 {
        let gap = |text: String, every: i64| if row % every == 0 { String::new() } else { text };
        let double = (row as f64).sqrt() - 50.0;
        let wide = i64::MAX - row * 1_000_003;
        let cells = [
            gap(format!("{double}"), 7),
            format!("{}", 1e300 / (row + 1) as f64),
            gap(format!("{}", f64::from(double as f32)), 7),
            gap((row as i8).to_string(), 3),
            gap((row as u16).to_string(), 8),
            gap(wide.to_string(), 9),
            gap((u64::MAX - wide as u64).to_string(), 9),
            gap("word".into(), 5),
            gap("word".into(), 5),
            gap("true".into(), 6),
            gap("1970-01-01".into(), 6),
            "1970-01-01T00:00:00".into(),
            "a decimal".into(),
            gap("a list".into(), 4),
            gap(format!("{double}"), 7),
        ];
        csv += &(cells.join(",") + "\n");
    }
    csv
}

fn parquet(batch: &RecordBatch, properties: WriterProperties) -> Vec<u8> {
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn arrow_file(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer =
        FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    for start in (0..batch.num_rows()).step_by(7001) {
        writer.write(&batch.slice(start, 7001.min(batch.num_rows() - start))).unwrap();
    }
    writer.into_inner().unwrap()
}

fn arrow_stream(batch: &RecordBatch, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// The batch in every format, with the name of the way it is written.
fn written(batch: &RecordBatch) -> Vec<(String, Vec<u8>)> {
    let mut written = Vec::new();
    let compressions = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for (index, compression) in compressions.into_iter().enumerate() {
        let version = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0][index % 2];
        let properties = WriterProperties::builder()
            .set_compression(compression)
            .set_writer_version(version)
            .set_max_row_group_row_count(Some([1 << 20, 3001][index / 3]))
            .set_dictionary_enabled(index % 3 > 0)
            .build();
        written.push((format!("parquet {compression:?}"), parquet(batch, properties)));
    }
    for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
        written.push((format!("arrow {compression:?}"), arrow_file(batch, compression)));
        written.push((format!("stream {compression:?}"), arrow_stream(batch, compression)));
    }
    written
}

#[test]
fn every_way_of_writing_gives_the_bits_of_text() {
    let options = ScanOptions::default();
    let expected = read(csv(N_ROWS).as_bytes(), &options).unwrap();
    assert_eq!(expected.0, N_ROWS as u64);
    for (way, bytes) in written(&batch(N_ROWS)) {
        assert_eq!(read(&bytes, &options).unwrap(), expected, "{way}");
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let table = scan(Input::file(file), &options, &Plan::new([Statistic::Mean])).unwrap();
        assert_eq!(table.rows, N_ROWS as u64, "{way}");
    }
}

#[test]
fn columns_are_projected_and_come_in_the_order_asked_for() {
    let options = columns(&["outer.inner", "tiny", "double"]);
    let expected = read(csv(N_ROWS).as_bytes(), &options).unwrap();
    for (way, bytes) in written(&batch(N_ROWS)) {
        assert_eq!(read(&bytes, &options).unwrap(), expected, "{way}");
    }
}

#[test]
fn conditions_compare_texts_of_every_kind() {
    let count = |bytes: &[u8], filter: &str| {
        let options = ScanOptions { filters: vec![filter.parse().unwrap()], ..columns(&["whole"]) };
        read(bytes, &options).unwrap().0
    };
    let rows = |holds: fn(i64) -> bool| (0..300).filter(|row| holds(*row)).count() as u64;
    for (way, bytes) in written(&batch(300)) {
        for (filter, expected) in [
            ("words = word 3", rows(|row| row % 5 != 0 && row % 11 == 3)),
            ("dictionary = word 3", rows(|row| row % 5 != 0 && row % 11 == 3)),
            ("flag = true", rows(|row| row % 6 != 0 && row % 2 == 0)),
            ("day < 1970-01-11", rows(|row| row % 6 != 0 && row < 10)),
            ("instant = 1970-01-01T00:00:00.007", 1),
            ("price = \"0.07\"", 1),
            ("tiny >= 100", rows(|row| row % 3 != 0 && row as i8 >= 100)),
            ("wide > 9223372036854000000", rows(|row| row % 9 != 0 && row * 1_000_003 < 775_807)),
        ] {
            assert_eq!(count(&bytes, filter), expected, "{way}: {filter}");
        }
    }
}

#[test]
fn a_column_without_numbers_that_is_asked_for_is_an_error() {
    for (way, bytes) in written(&batch(10)) {
        for (name, cell) in [("words", "word 1"), ("day", "1970-01-02"), ("flag", "false")] {
            let error = read(&bytes, &columns(&[name])).unwrap_err().to_string();
            let expected = format!("row 2: `{cell}` in column `{name}` is not a number");
            assert!(error.starts_with(&expected), "{way}: {error}");
        }
    }
}

/// The file is whole: it is the question that does not fit.
#[test]
fn a_type_that_has_not_what_is_asked_of_it_is_named() {
    let filters = vec!["lists = 1".parse().unwrap()];
    let by = vec!["lists".to_owned()];
    let pairs = vec![["double".to_owned(), "lists".to_owned()]];
    let cases = [
        (ScanOptions { filters, ..columns(&["whole"]) }, "text"),
        (ScanOptions { by, ..ScanOptions::default() }, "text"),
        (columns(&["lists"]), "numbers"),
        (ScanOptions { pairs, ..columns(&["whole"]) }, "numbers"),
    ];
    for (way, bytes) in written(&batch(10)) {
        for (options, what) in &cases {
            let error = read(&bytes, options).unwrap_err();
            assert_eq!(error.code(), "column.type", "{way}: {error}");
            let (start, end) = (
                "column `lists` is of the type List(Int32)",
                format!("no {what}; name another column"),
            );
            let error = error.to_string();
            assert!(error.starts_with(start) && error.ends_with(&end), "{way}: {error}");
        }
        let counted = ScanOptions { invalid: Invalid::Count, ..columns(&["lists"]) };
        assert!(read(&bytes, &counted).is_ok(), "{way}");
    }
}

/// A string without a character is one, and no null: no number, a group of its own, and not what a word is.
#[test]
fn an_empty_string_is_there() {
    let words = ["a", "", "a", ""].map(Some).into_iter().chain([None]);
    let words: ArrayRef = Arc::new(words.collect::<StringArray>());
    let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0, 4.0, 5.0]));
    let batch = RecordBatch::try_from_iter([("word", words), ("x", numbers)]).unwrap();
    let json =
        r#"[{"word":"a","x":1},{"word":"","x":2},{"word":"a","x":3},{"word":"","x":4},{"x":5}]"#;
    let json = ("json".to_owned(), json.as_bytes().to_vec());
    for (way, bytes) in written(&batch).into_iter().chain([json]) {
        let table = |options: ScanOptions| {
            scan(Input::stream(bytes.as_slice()), &options, &Plan::default()).unwrap()
        };
        let whole = table(ScanOptions::default());
        let counts = whole.columns[0].partial.counts();
        assert_eq!((counts.invalid, counts.null), (4, 1), "{way}");
        let by = vec!["word".to_owned()];
        let groups = table(ScanOptions { by, ..ScanOptions::default() }).groups.unwrap();
        let groups = groups.into_groups().map(|group| group.map(|it| (it.by[0].clone(), it.rows)));
        let expected = [(Some(String::new()), 2), (Some("a".to_owned()), 2), (None, 1)];
        assert_eq!(groups.collect::<Result<Vec<_>, _>>().unwrap(), expected, "{way}");
        for (filter, n_rows) in
            [("word != a", 2), ("word != \"\"", 2), ("word = \"\"", 2), ("word < a", 2)]
        {
            let filters = vec![filter.parse().unwrap()];
            assert_eq!(
                table(ScanOptions { filters, ..columns(&["x"]) }).rows,
                n_rows,
                "{way}: {filter}"
            );
        }
    }
}

/// A few bytes that stand for billions of rows are counted at once if they are nulls, and else have a limit.
#[test]
fn rows_that_take_no_bytes_take_no_time() {
    let n_rows = i32::MAX as usize;
    let nulls: ArrayRef = Arc::new(NullArray::new(n_rows));
    let nulls = arrow_stream(&RecordBatch::try_from_iter([("x", nulls)]).unwrap(), None);
    let options = ScanOptions { batch_bytes_max: 1 << 20, ..ScanOptions::default() };
    let table = scan(Input::stream(nulls.as_slice()), &options, &Plan::default()).unwrap();
    let counts = table.columns[0].partial.counts();
    assert_eq!((table.rows, counts.null, counts.count), (n_rows as u64, n_rows as u64, 0));

    let run = |n_rows: i32| {
        let ends = Int32Array::from(vec![n_rows]);
        let runs = RunArray::<Int32Type>::try_new(&ends, &Float64Array::from(vec![1.5])).unwrap();
        let runs: ArrayRef = Arc::new(runs);
        arrow_stream(&RecordBatch::try_from_iter([("x", runs)]).unwrap(), None)
    };
    assert_eq!(read(&run(1 << 17), &options).unwrap().0, 1 << 17);
    let many = run(i32::MAX);
    assert!(many.len() < 1000);
    assert_eq!(read(&many, &options).unwrap_err().code(), "batch.too_large");
}

#[test]
fn spellings_of_null_are_for_texts() {
    let options = ScanOptions { null: vec!["word 3".into(), "1".into()], ..columns(&["tiny"]) };
    let all = ScanOptions { columns: Vec::new(), ..options };
    for (way, bytes) in written(&batch(40)) {
        let table = scan(Input::stream(bytes.as_slice()), &all, &Plan::default()).unwrap();
        let nulls = |name: &str| {
            let column = table.columns.iter().find(|column| column.name == name).unwrap();
            column.partial.counts().null
        };
        assert_eq!((nulls("words"), nulls("dictionary"), nulls("tiny")), (11, 11, 14), "{way}");
    }
}

/// Groups of rows in which no row is asked for are passed over, and it does not show.
#[test]
fn groups_of_rows_are_passed_over_rightly() {
    let n_rows = 1000;
    let small = WriterProperties::builder().set_max_row_group_row_count(Some(100)).build();
    let (bytes, csv) = (parquet(&batch(n_rows), small), csv(n_rows));
    let numbers = ["double", "whole", "single", "tiny", "short", "wide", "unsigned"];
    let values = ["-50", "-40.5", "0", "-127", "100", "899", "1e300", "1e298", "nan", "inf"];
    let wide = [i64::MAX - 500 * 1_000_003, i64::MAX].map(|value| value.to_string());
    let operators = ["=", "!=", "<", "<=", ">", ">="];
    let conditions = numbers.iter().flat_map(|name| {
        let values = values.iter().copied().chain(wide.iter().map(String::as_str));
        values.flat_map(move |value| operators.map(|it| format!("{name} {it} {value}")))
    });
    for condition in conditions {
        let filters = vec![condition.parse().unwrap(), "short >= 0".parse().unwrap()];
        let options = ScanOptions { filters, ..columns(&["double", "wide", "short"]) };
        let (found, expected) = (read(&bytes, &options), read(csv.as_bytes(), &options));
        assert_eq!(found.unwrap(), expected.unwrap(), "{condition}");
    }
}

#[test]
fn a_group_of_rows_that_is_passed_over_is_not_read() {
    let small = WriterProperties::builder().set_max_row_group_row_count(Some(100)).build();
    let mut bytes = parquet(&batch(1000), small);
    bytes[4..60].fill(0xff);
    // The first column stands first.
    let options = columns(&["double"]);
    assert_eq!(read(&bytes, &options).unwrap_err().code(), "parquet.invalid");
    let filters = vec!["short > 100".parse().unwrap()];
    assert!(read(&bytes, &ScanOptions { filters, ..options }).is_ok());
}

#[test]
fn names_are_not_given_to_what_has_some() {
    let options = ScanOptions { names: vec!["x".into()], ..ScanOptions::default() };
    for (way, bytes) in written(&batch(2)) {
        assert_eq!(read(&bytes, &options).unwrap_err().code(), "names.taken", "{way}");
    }
}

/// Only a stream may end between two messages, where it says no less than what it is.
#[test]
fn a_file_that_is_cut_short_is_an_error() {
    let batch = batch(20);
    let files = [
        ("parquet.invalid", parquet(&batch, WriterProperties::builder().build())),
        ("arrow.invalid", arrow_file(&batch, None)),
        ("arrow.invalid", arrow_stream(&batch, None)),
    ];
    for (code, bytes) in files {
        let (mut n_whole, step) = (0, 7);
        for n_bytes in (8..bytes.len()).step_by(step).chain(bytes.len() - 12..bytes.len()) {
            match read(&bytes[..n_bytes], &ScanOptions::default()) {
                Err(error) => assert_eq!(error.code(), code, "{n_bytes}: {error}"),
                Ok(_) => n_whole += 1,
            }
        }
        assert!(n_whole == 0 || code == "arrow.invalid" && bytes[0] == 0xff && n_whole < 16);
    }
}

#[test]
fn a_damaged_file_is_an_error_or_harmless() {
    let batch = batch(20);
    for (way, bytes) in written(&batch) {
        for at in (8..bytes.len()).step_by(29) {
            for damage in [0x01, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= damage;
                if let Err(error) = read(&damaged, &ScanOptions::default()) {
                    let message = error.to_string();
                    assert!(!message.contains('\n'), "{way} at {at}: {message}");
                }
            }
        }
    }
}

/// What Polars writes is what it says in CSV: tests/polars/write.py made the files.
#[test]
fn files_of_polars_are_read_by_their_footer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/polars");
    let options = ScanOptions::default();
    let expected = read(&fs::read(folder.join("frame.csv")).unwrap(), &options).unwrap();
    for name in ["plain", "zstd", "lz4", "oldest", "batches", "stream"] {
        let path = folder.join(name).with_extension("arrow");
        assert_eq!(read(&fs::read(&path).unwrap(), &options).unwrap(), expected, "{name}");
        let plan = Plan::new([Statistic::Sum]);
        let table = scan(Input::file(fs::File::open(&path).unwrap()), &options, &plan).unwrap();
        let sum = table.columns[0].partial.finalize(&plan).unwrap().get(Statistic::Sum);
        assert_eq!(sum.unwrap().finite(), Some(1.1), "{name}");
    }
}

/// What is done to the blocks of a footer.
type Change = fn(&mut [u8]);

/// A footer that names the bytes of a batch twice, or bytes that are not there, makes no more of a file than it holds.
#[test]
fn a_footer_that_contradicts_its_file_is_refused() {
    let bytes = arrow_file(&batch(N_ROWS), None);
    let length = i32::from_le_bytes(*bytes[..bytes.len() - 6].last_chunk().unwrap()) as usize;
    let start = bytes.len() - 10 - length;
    let footer = root_as_footer(&bytes[start..bytes.len() - 10]).unwrap();
    let blocks = footer.recordBatches().unwrap();
    // Blocks are 24 bytes each, one after the other.
    let at = start + (blocks.bytes().as_ptr() as usize - bytes[start..].as_ptr() as usize);
    let with = |change: Change| {
        let mut changed = bytes.clone();
        change(&mut changed[at..at + 48]);
        read(&changed, &ScanOptions::default()).map(|told| told.0)
    };
    assert_eq!(with(|_| ()).unwrap(), N_ROWS as u64);
    let cases: [(&str, Change); 5] = [
        ("overlap", |blocks| blocks.copy_within(..24, 24)),
        ("cut short", |blocks| blocks[5] = 1),
        ("cut short", |blocks| blocks[20] = 1),
        ("out of range", |blocks| blocks[23] = 0xff),
        ("out of range", |blocks| blocks[7] = 0x80),
    ];
    for (cause, change) in cases {
        let error = with(change).unwrap_err();
        assert_eq!(error.code(), "arrow.invalid");
        assert!(error.to_string().contains(cause), "{error}");
    }
}
