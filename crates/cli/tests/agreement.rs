//! One table in every format, in one file or several, read by one thread or seven: the same bytes of JSON each time.
//! What the values mean is tested elsewhere.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
#[cfg(feature = "parquet")]
use std::sync::Arc;

#[cfg(feature = "parquet")]
use arrow_array::{ArrayRef, Float64Array, RecordBatch};

use common::{Run, Server, exacta, run};

const NAMES: [&str; 3] = ["whole", "price", "wild"];

/// More than a block has.
const N_ROWS: usize = 12_000;

/// Rows of whole numbers, of decimals and of any exponent.
fn rows() -> Vec<[f64; 3]> {
    let mut state = 1u64;
    let mut word = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 11
    };
    let wild = |word: u64| f64::from_bits(word << 11 & !(1 << 62));
    let row = |_| [(word() % 100) as f64, (word() % 100_000) as f64 / 100.0, wild(word())];
    (0..N_ROWS).map(row).collect()
}

/// Rows of cells between separators, the names first.
fn separated(rows: &[[f64; 3]], separator: &str) -> Vec<u8> {
    let mut text = NAMES.join(separator) + "\n";
    for row in rows {
        writeln!(text, "{}", row.map(|cell| cell.to_string()).join(separator)).unwrap();
    }
    text.into_bytes()
}

/// Every third cell is quoted, and lines end as on Windows.
fn quoted(rows: &[[f64; 3]]) -> Vec<u8> {
    let mut text = NAMES.map(|name| format!("\"{name}\"")).join(",") + "\r\n";
    for [whole, price, wild] in rows {
        write!(text, "{whole},\"{price:e}\",{wild:e}\r\n").unwrap();
    }
    text.into_bytes()
}

fn objects(rows: &[[f64; 3]], between: &str) -> String {
    let object = |row: &[f64; 3]| {
        let members = NAMES.iter().zip(row).map(|(name, cell)| format!("\"{name}\":{cell:e}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    rows.iter().map(object).collect::<Vec<_>>().join(between)
}

fn array(rows: &[[f64; 3]]) -> Vec<u8> {
    format!("[{}]", objects(rows, ", ")).into_bytes()
}

fn raw(rows: &[[f64; 3]]) -> Vec<u8> {
    rows.as_flattened().iter().flat_map(|cell| cell.to_le_bytes()).collect()
}

/// All that can be asked of columns, of groups of rows, and of values.
const QUESTIONS: [&[&str]; 3] = [
    &["--all", "-q", "0.1,1/3,0.99", "--histogram", "0,1,10,100"],
    &["-s", "mean,stddev", "-c", "price,wild", "--by", "whole", "--where", "price < 500"],
    &["-s", "sum", "--top=20", "--where", "whole < 50"],
];

fn ask(question: &[&str], files: &[&Path], more: &[&str]) -> Run {
    let mut command = exacta(&["stats", "--json", "--bits"]);
    command.args(question).args(more).args(files).output().unwrap().into()
}

/// Asks all by one thread and by seven, and gives what both said.
#[track_caller]
fn ask_both(files: &[&Path], more: &[&str]) -> String {
    let mut said = String::new();
    for question in QUESTIONS {
        let [one, seven] = ["1", "7"].map(|n| ask(question, files, &[more, &["-t", n]].concat()));
        assert_eq!(one.code, Some(0), "{files:?}: {}", one.stderr);
        assert_eq!(one, seven, "one thread and seven, {files:?}");
        said += &one.stdout;
    }
    said
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn every_format_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows();
    let expected = ask_both(&[&write(folder.path(), "a.csv", &separated(&rows, ","))], &[]);
    assert!(expected.contains(&format!("\"count\":{N_ROWS}")), "{expected}");
    let files: [(&str, Vec<u8>, &[&str]); 7] = [
        ("quoted.csv", quoted(&rows), &[]),
        ("a.tsv", separated(&rows, "\t"), &[]),
        ("semicolons.txt", separated(&rows, ";"), &["-d", ";"]),
        ("a.ndjson", objects(&rows, "\n").into_bytes(), &[]),
        ("a.json", array(&rows), &[]),
        ("a.f64", raw(&rows), &["--from", "f64", "--names", "whole,price,wild"]),
        ("headless.csv", headless(&rows), &["--names", "whole,price,wild"]),
    ];
    for (name, bytes, more) in files {
        let path = write(folder.path(), name, &bytes);
        assert_eq!(ask_both(&[&path], more), expected, "{name}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn columns_in_binary_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let rows = rows();
    let expected = ask_both(&[&write(folder.path(), "a.csv", &separated(&rows, ","))], &[]);
    let names = ["--names", "whole,price,wild"];
    let files: [(&str, Vec<u8>, &[&str]); 4] = [
        ("a.parquet", parquet(&rows), &[]),
        ("a.arrow", arrow(&rows), &[]),
        ("a.arrows", arrow_stream(&rows), &[]),
        ("a.npy", npy(&rows), &names),
    ];
    for (name, bytes, more) in files {
        let path = write(folder.path(), name, &bytes);
        assert_eq!(ask_both(&[&path], more), expected, "{name}");
    }
}

/// A service reads what the command reads, compressed or not, from a file and from a pipe.
#[cfg(feature = "parquet")]
#[test]
fn a_service_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start();
    let url = server.url();
    let mut rows = rows();
    rows.truncate(3000);
    let names = ["--names", "whole,price,wild"];
    let files: [(&str, Vec<u8>, &[&str]); 9] = [
        ("a.csv", separated(&rows, ","), &[]),
        ("headless.csv", headless(&rows), &names),
        ("a.tsv", separated(&rows, "\t"), &[]),
        ("a.ndjson", objects(&rows, "\n").into_bytes(), &[]),
        ("a.parquet", parquet(&rows), &[]),
        ("a.arrow", arrow(&rows), &[]),
        ("a.arrows", arrow_stream(&rows), &[]),
        ("a.npy", npy(&rows), &names),
        ("a.f64", raw(&rows), &["--from", "f64", "--names", "whole,price,wild"]),
    ];
    let mut expected = None;
    for (name, bytes, more) in files {
        let path = write(folder.path(), name, &bytes);
        let here = ask(QUESTIONS[0], &[&path], more);
        assert_eq!(here.code, Some(0), "{name}: {}", here.stderr);
        let there = [more, &["--server", &url]].concat();
        assert_eq!(ask(QUESTIONS[0], &[&path], &there), here, "{name}");
        assert_eq!(expected.get_or_insert(here.stdout.clone()), &here.stdout, "{name}");
        for (program, end) in [("gzip", "gz"), ("zstd", "zst"), ("xz", "xz")] {
            let Ok(output) = Command::new(program).arg("-c").arg(&path).output() else { continue };
            let packed = write(folder.path(), &format!("{name}.{end}"), &output.stdout);
            assert_eq!(
                ask(QUESTIONS[0], &[&packed], &there).stdout,
                here.stdout,
                "{name} {program}"
            );
        }
        let piped = [&["stats", "--json", "--bits"], QUESTIONS[0], &there].concat();
        let is_named = name == "a.tsv"; // nothing else says that there are tabs
        assert!(is_named || run(&piped, &bytes).stdout == here.stdout, "{name} from a pipe");
    }
    server.stop();
}

#[cfg(feature = "parquet")]
fn batch(rows: &[[f64; 3]]) -> RecordBatch {
    let column = |index: usize| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(row[index])).collect::<Float64Array>())
    };
    let columns = NAMES.iter().enumerate().map(|(index, name)| (*name, column(index)));
    RecordBatch::try_from_iter(columns).unwrap()
}

#[cfg(feature = "parquet")]
fn parquet(rows: &[[f64; 3]]) -> Vec<u8> {
    let batch = batch(rows);
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_max_row_group_row_count(Some(1000))
        .build();
    let writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties));
    let mut writer = writer.unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[cfg(feature = "parquet")]
fn arrow(rows: &[[f64; 3]]) -> Vec<u8> {
    let batch = batch(rows);
    let mut writer = arrow_ipc::writer::FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

#[cfg(feature = "parquet")]
fn arrow_stream(rows: &[[f64; 3]]) -> Vec<u8> {
    let batch = batch(rows);
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    rows.chunks(1000).for_each(|rows| writer.write(&self::batch(rows)).unwrap());
    writer.into_inner().unwrap()
}

#[cfg(feature = "parquet")]
fn npy(rows: &[[f64; 3]]) -> Vec<u8> {
    let header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, 3), }}\n", rows.len());
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", length.as_slice(), header.as_bytes(), &raw(rows)].concat()
}

fn headless(rows: &[[f64; 3]]) -> Vec<u8> {
    let text = separated(rows, ",");
    let start = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    text[start..].to_vec()
}

#[test]
fn compression_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "a.csv", &separated(&rows(), ","));
    let expected = ask_both(&[&path], &[]);
    for program in ["gzip", "zstd", "bzip2", "xz"] {
        let Ok(output) = Command::new(program).arg("-c").arg(&path).output() else {
            eprintln!("SKIPPED: there is no {program} on this machine");
            continue;
        };
        // By how the bytes begin, whatever the name.
        let compressed = write(folder.path(), "packed", &output.stdout);
        assert_eq!(ask_both(&[&compressed], &[]), expected, "{program}");
    }
}

/// Columns are joined by name, so that the columns may stand in another order too.
#[test]
fn no_order_or_cut_of_files_shows() {
    let folder = tempfile::tempdir().unwrap();
    let all = rows();
    let expected = ask_both(&[&write(folder.path(), "a.csv", &separated(&all, ","))], &[]);
    let (first, rest) = all.split_at(1);
    let (second, third) = rest.split_at(7777);
    let [first, second, third] = [
        write(folder.path(), "1.ndjson", objects(first, "\n").as_bytes()),
        write(folder.path(), "2.csv", &separated(second, ",")),
        write(folder.path(), "3.tsv", &separated(third, "\t")),
    ];
    let [first, second, third] = [&first, &second, &third].map(PathBuf::as_path);
    for files in [[first, second, third], [third, first, second], [second, third, first]] {
        assert_eq!(ask_both(&files, &[]), expected, "{files:?}");
    }
}

/// Rows in any order, and one value of each kind that is not finite.
#[test]
fn no_order_of_rows_shows() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = rows();
    rows.truncate(5000);
    rows.extend([[f64::NAN, 0.0, -0.0], [0.0, f64::INFINITY, 5e-324], [1.0, 2.0, 3.0]]);
    let forward = write(folder.path(), "forward.csv", &separated(&rows, ","));
    rows.reverse();
    let backward = write(folder.path(), "backward.csv", &separated(&rows, ","));
    for policy in ["skip", "propagate"] {
        let more = ["--nonfinite", policy];
        let ask = |path: &Path| ask_both(&[path], &more);
        assert_eq!(ask(&forward), ask(&backward), "{policy}");
    }
}
