//! The front door: formats and compressions are found out, and every way in gives the same bits.

use std::fmt::Write as _;
use std::io::Write as _;

use exacta::{Plan, Statistic};
use exacta_scan::{Error, Format, Input, ScanOptions, Table, scan};

/// What is told of a table: names, rows, and the bytes of every partial.
type Told = (u64, Vec<(String, Vec<u8>)>);

fn told(table: Table) -> Told {
    let told = |column: exacta_scan::Column| (column.name, column.partial.to_bytes().unwrap());
    (table.rows, table.columns.into_iter().map(told).collect())
}

fn plan() -> Plan {
    Plan::new([Statistic::Sum, Statistic::Min, Statistic::Max, Statistic::Median])
}

fn read(input: Input<'_>, options: &ScanOptions) -> Result<Told, Error> {
    scan(input, options, &plan()).map(told)
}

fn from(format: &str, names: &[&str]) -> ScanOptions {
    ScanOptions {
        format: Some(format.parse().unwrap()),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..ScanOptions::default()
    }
}

/// The file with these bytes, at its end, where a writer leaves it.
fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// Something a line.
fn lines<T: std::fmt::Debug>(items: impl Iterator<Item = T>) -> String {
    items.fold(String::new(), |text, item| text + &format!("{item:?}\n"))
}

/// Rows of two columns, some thousand, as CSV and as pairs of binary64.
fn rows() -> (String, Vec<u8>) {
    let (mut csv, mut raw) = ("x,y\n".to_owned(), Vec::new());
    for row in 0..20_000u32 {
        let (x, y) = (f64::from(row).sqrt() - 100.0, 1e300 / f64::from(row + 1));
        writeln!(csv, "{x},{y}").unwrap();
        raw.extend(x.to_le_bytes());
        raw.extend(y.to_le_bytes());
    }
    (csv, raw)
}

#[test]
fn files_and_streams_of_any_format_give_the_same_bits() {
    let (csv, raw) = rows();
    let tsv = csv.replace(',', "\t");
    let expected = read(Input::stream(csv.as_bytes()), &ScanOptions::default()).unwrap();
    assert_eq!(expected.0, 20_000);
    let detected = ScanOptions::default();
    let raw_options = from("f64", &["x", "y"]);
    let cases: [(&[u8], &ScanOptions, &str); 5] = [
        (csv.as_bytes(), &detected, ""),
        (csv.as_bytes(), &from("csv", &[]), "x.tsv"),
        (tsv.as_bytes(), &from("tsv", &[]), ""),
        (tsv.as_bytes(), &detected, "x.tsv"),
        (&raw, &raw_options, ""),
    ];
    for (bytes, options, name) in cases {
        assert_eq!(read(Input::stream(bytes).named(name), options).unwrap(), expected);
        assert_eq!(read(Input::file(file(bytes)).named(name), options).unwrap(), expected);
    }
}

#[test]
fn raw_numbers_of_every_type() {
    /// A type whose numbers are given, and what they are as text.
    macro_rules! check {
        ($name:literal, $numbers:expr) => {{
            let raw: Vec<u8> = $numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            let text = lines($numbers.iter());
            let given = read(Input::stream(raw.as_slice()), &from($name, &["x"])).unwrap();
            assert_eq!(given, read(Input::stream(text.as_bytes()), &from("csv", &["x"])).unwrap());
        }};
    }
    check!("f64", [0.1f64, -0.0, 5e-324, f64::MAX, f64::INFINITY, f64::NAN]);
    check!("i64", [0i64, -1, i64::MIN, i64::MAX, (1 << 53) + 1]);
    check!("u64", [0u64, u64::MAX, (1 << 53) + 1]);
    check!("i32", [0i32, i32::MIN, i32::MAX]);
    check!("u32", [0u32, u32::MAX]);
    check!("i16", [0i16, i16::MIN, i16::MAX]);
    check!("u16", [0u16, u16::MAX]);
    check!("i8", [0i8, i8::MIN, i8::MAX]);
    check!("u8", [0u8, u8::MAX]);
    let singles = [0.1f32, 1e-45, f32::MAX];
    let raw: Vec<u8> = singles.iter().flat_map(|number| number.to_le_bytes()).collect();
    let text = lines(singles.iter().map(|number| f64::from(*number)));
    let given = read(Input::stream(raw.as_slice()), &from("f32", &["x"])).unwrap();
    assert_eq!(given, read(Input::stream(text.as_bytes()), &from("csv", &["x"])).unwrap());
}

#[test]
fn raw_rows_are_whole_or_an_error() {
    let (_, raw) = rows();
    let options = from("f64", &["x", "y"]);
    for n_over in 1..16 {
        let error = read(Input::stream(&raw[..160 + n_over]), &options).unwrap_err();
        assert_eq!(error.code(), "raw.length");
        let expected = format!("it ends in row 11, of which {n_over} of 16 bytes are there");
        assert!(error.to_string().contains(&expected), "{error}");
    }
    assert_eq!(read(Input::stream(&raw[..0]), &options).unwrap().0, 0);
}

#[test]
fn names_are_for_input_without() {
    let headless = ScanOptions { names: vec!["a".into(), "b".into()], ..ScanOptions::default() };
    let (rows, columns) = read(Input::stream("1,2\n3,4\n".as_bytes()), &headless).unwrap();
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((rows, names), (2, vec!["a", "b"]));
    let error = read(Input::stream("1,2,3\n".as_bytes()), &headless).unwrap_err();
    assert_eq!(error.to_string(), "2 names given for 3 columns; give one for each");
    let error = read(Input::stream([].as_slice()), &from("f64", &["a", "a"])).unwrap_err();
    assert_eq!(error.code(), "names.repeated");
}

/// An array of version 1 with this header, in lines of 64 bytes as `numpy` has it.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let padding = " ".repeat(63 - (10 + header.len()) % 64);
    let length = (header.len() + padding.len() + 1) as u16;
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(format!("{header}{padding}\n").as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn arrays_are_tables() {
    let expected =
        read(Input::stream("1,2\n3,4.5\n".as_bytes()), &from("csv", &["x", "y"])).unwrap();
    let numbers = [1.0, 2.0, 3.0, 4.5f64];
    let little: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let big: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let halves: Vec<u8> =
        [0x3c00u16, 0x4000, 0x4200, 0x4480].iter().flat_map(|half| half.to_le_bytes()).collect();
    let table =
        |code: &str| format!("{{'descr': '{code}', 'fortran_order': False, 'shape': (2, 2), }}");
    let records =
        "{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': (2,), }";
    let named = ScanOptions { names: vec!["x".into(), "y".into()], ..ScanOptions::default() };
    let cases = [
        (npy(&table("<f8"), &little), &named),
        (npy(&table(">f8"), &big), &named),
        (npy(&table("<f2"), &halves), &named),
        (npy(records, &little), &ScanOptions::default()),
    ];
    for (bytes, options) in &cases {
        assert_eq!(read(Input::stream(bytes.as_slice()), options).unwrap(), expected);
        for n_bytes in 6..bytes.len() {
            let error = read(Input::stream(&bytes[..n_bytes]), options).unwrap_err();
            assert_eq!(error.code(), "npy.invalid", "{n_bytes}: {error}");
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert_eq!(
            read(Input::stream(longer.as_slice()), options).unwrap_err().code(),
            "npy.invalid"
        );
    }
    let flags = npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", &[0, 1]);
    let error = read(
        Input::stream(flags.as_slice()),
        &ScanOptions { columns: vec!["1".into()], ..ScanOptions::default() },
    );
    assert!(
        error.unwrap_err().to_string().starts_with("row 1: `false` in column `1` is not a number")
    );
}

#[test]
fn a_format_is_called_by_its_name() {
    let error = "xlsx".parse::<Format>().unwrap_err().to_string();
    assert!(error.starts_with("unknown format `xlsx`; known: csv, tsv, ndjson"), "{error}");
}

#[cfg(feature = "compression")]
mod compressed {
    use super::*;

    /// What a text is compressed to, by each way, with the end of a name that it has.
    fn all(bytes: &[u8]) -> [(&'static str, Vec<u8>); 4] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(bytes).unwrap();
        let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bzip2.write_all(bytes).unwrap();
        let xz = lzma_rust2::XzOptions::with_preset(0);
        let mut xz = lzma_rust2::XzWriter::new(Vec::new(), xz).unwrap();
        xz.write_all(bytes).unwrap();
        [
            ("gz", gzip.finish().unwrap()),
            ("bz2", bzip2.finish().unwrap()),
            ("xz", xz.finish().unwrap()),
            ("zst", zstd::encode_all(bytes, 1).unwrap()),
        ]
    }

    #[test]
    fn what_is_compressed_gives_the_bits_of_what_is_not() {
        let (csv, raw) = rows();
        let options = ScanOptions::default();
        let expected = read(Input::stream(csv.as_bytes()), &options).unwrap();
        for (end, bytes) in all(csv.as_bytes()) {
            assert_eq!(read(Input::stream(bytes.as_slice()), &options).unwrap(), expected, "{end}");
            assert_eq!(read(Input::file(file(&bytes)), &options).unwrap(), expected, "{end}");
        }
        for (end, bytes) in all(csv.replace(',', "\t").as_bytes()) {
            let input = Input::stream(bytes.as_slice()).named(format!("x.tsv.{end}"));
            assert_eq!(read(input, &options).unwrap(), expected, "{end}");
        }
        for (end, bytes) in all(&raw) {
            let input = Input::stream(bytes.as_slice()).named(format!("x.{end}"));
            assert_eq!(read(input, &from("f64", &["x", "y"])).unwrap(), expected, "{end}");
        }
    }

    #[test]
    fn several_compressed_streams_are_one() {
        let options = ScanOptions::default();
        let expected = read(Input::stream("x\n1\n2\n3\n".as_bytes()), &options).unwrap();
        for ((end, head), (_, tail)) in all(b"x\n1\n2").into_iter().zip(all(b"\n3\n")) {
            let bytes = [head, tail].concat();
            assert_eq!(read(Input::stream(bytes.as_slice()), &options).unwrap(), expected, "{end}");
        }
    }

    /// From the tenth byte on; fewer may be text.
    #[test]
    fn compressed_input_that_is_cut_short_is_an_error() {
        let text = lines((0..20).map(|row| row * 7919 % 1000));
        for (end, bytes) in all(text.as_bytes()) {
            for n_bytes in 10..bytes.len() {
                let cut = read(Input::stream(&bytes[..n_bytes]), &ScanOptions::default());
                let error = cut.expect_err(&format!("{end} cut to {n_bytes} bytes"));
                assert_eq!(error.code(), "compression.invalid", "{end} {n_bytes}: {error}");
            }
        }
    }

    #[test]
    fn compressed_input_that_is_damaged_is_an_error_or_harmless() {
        let text = lines((0..20).map(|row| row * 7919 % 1000));
        let expected = read(Input::stream(text.as_bytes()), &ScanOptions::default()).unwrap();
        for (end, bytes) in all(text.as_bytes()) {
            for at in 0..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 0x55;
                if let Ok(read) = read(Input::stream(damaged.as_slice()), &ScanOptions::default()) {
                    // A header has bytes that nobody needs, and the frames of zstd have no checksum here.
                    assert!(read == expected || end == "zst", "{end} at {at}");
                }
            }
        }
    }

    /// Numbers may begin with any bytes; only a name says that they are compressed.
    #[test]
    fn raw_numbers_are_not_taken_for_compressed() {
        let raw = 0x0000_0000_0008_8b1f_u64.to_le_bytes();
        let expected = read(Input::stream("559903\n".as_bytes()), &from("csv", &["x"])).unwrap();
        assert_eq!(read(Input::stream(raw.as_slice()), &from("u64", &["x"])).unwrap(), expected);
        let named = Input::stream(raw.as_slice()).named("x.gz");
        assert_eq!(read(named, &from("u64", &["x"])).unwrap_err().code(), "compression.invalid");
    }
}
