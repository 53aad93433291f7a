//! Archives of arrays (`.npz`) and tables that lie column by column: the bits of the same numbers as text, and one error
//! for what is damaged, hostile or no table.
#![cfg(feature = "compression")]

use std::io::{Cursor, Write};
use std::process::Command;

use exacta::{Plan, Statistic};
use exacta_scan::{Error, Input, ScanOptions, scan, scan_csv};
use proptest::prelude::*;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What is told of a table: rows, and each column's name and partial.
type Told = (u64, Vec<(String, Vec<u8>)>);

fn told(table: exacta_scan::Table) -> Told {
    let column = |column: exacta_scan::Column| (column.name, column.partial.to_bytes().unwrap());
    (table.rows, table.columns.into_iter().map(column).collect())
}

fn plan() -> Plan {
    Plan::new([Statistic::Sum, Statistic::Median, Statistic::Min])
}

fn read(bytes: &[u8], options: &ScanOptions) -> Result<Told, Error> {
    scan(Input::stream(bytes), options, &plan()).map(told)
}

fn text(csv: &str) -> Told {
    told(scan_csv(csv.as_bytes(), &ScanOptions::default(), &plan()).unwrap())
}

/// An array as `numpy.save` writes it.
fn npy(descr: &str, is_fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let header = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), data].concat()
}

fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn zipped(members: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(*name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const METHODS: [CompressionMethod; 2] = [CompressionMethod::Stored, CompressionMethod::Deflated];

/// Arrays of each kind with three rows.
fn members() -> Vec<(&'static str, Vec<u8>)> {
    let fields =
        [doubles(&[0.5]), vec![7, 0], doubles(&[1.5]), vec![8, 0], doubles(&[2.5]), vec![9, 0]];
    vec![
        ("a.npy", npy("'<f8'", false, "3,", &doubles(&[0.1, 0.2, 1e300]))),
        ("by row.npy", npy("'<f8'", false, "3, 2", &doubles(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))),
        ("f.npy", npy("'<f8'", true, "3, 2", &doubles(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))),
        ("i.npy", npy("'|i1'", false, "3,", &[255, 0, 1])),
        ("r.npy", npy("[('x', '<f8'), ('n', '<i2')]", false, "3,", &fields.concat())),
    ]
}

const TEXT: &str = "\
a,by row.1,by row.2,f.1,f.2,i,r.x,r.n
0.1,1,2,1,4,-1,0.5,7
0.2,3,4,2,5,0,1.5,8
1e300,5,6,3,6,1,2.5,9
";

#[test]
fn arrays_of_an_archive_are_one_table() {
    for method in METHODS {
        let archive = zipped(&members(), method);
        assert_eq!(read(&archive, &ScanOptions::default()).unwrap(), text(TEXT));
        let columns = vec!["f.2".to_owned(), "a".to_owned()];
        let filters = vec!["r.n > 7".parse().unwrap()];
        let options = ScanOptions { columns, filters, ..ScanOptions::default() };
        assert_eq!(read(&archive, &options).unwrap(), text("f.2,a\n5,0.2\n6,1e300\n"));
    }
}

#[test]
fn a_table_in_the_order_of_fortran_is_one_like_any_other() {
    let (n_rows, n_columns) = (5_000, 7);
    let cell = |row: usize, column: usize| (row * 31 + column) as f64 / 10.0;
    let by_row = (0..n_rows).flat_map(|row| (0..n_columns).map(move |column| cell(row, column)));
    let by_column = (0..n_columns).flat_map(|column| (0..n_rows).map(move |row| cell(row, column)));
    let shape = format!("{n_rows}, {n_columns}");
    let file = |is_fortran, numbers: Vec<f64>| npy("'<f8'", is_fortran, &shape, &doubles(&numbers));
    let (rows, columns) = (file(false, by_row.collect()), file(true, by_column.collect()));
    let expected = read(&rows, &ScanOptions::default()).unwrap();
    assert_eq!(read(&columns, &ScanOptions::default()).unwrap(), expected);
    let mut on_disk = tempfile::tempfile().unwrap();
    on_disk.write_all(&columns).unwrap();
    let table = scan(Input::file(on_disk), &ScanOptions::default(), &plan()).unwrap();
    assert_eq!(told(table), expected);
    for cut in [&columns[..columns.len() - 1], &[&columns[..], b"x"].concat()] {
        let error = read(cut, &ScanOptions::default()).unwrap_err();
        assert_eq!(error.code(), "npy.invalid", "{error}");
    }
}

#[test]
fn what_is_no_table_is_one_clear_error() {
    let column =
        |n_rows: usize| npy("'<f8'", false, &format!("{n_rows},"), &doubles(&vec![1.0; n_rows]));
    let huge = npy("'<f8'", true, "18446744073709551615, 2", &[0; 16]);
    let cases = [
        (vec![("a.npy", column(2)), ("b.npy", column(3))], "\"a\" has 2 rows and \"b\" has 3"),
        (vec![("a.npy", column(2)), ("b.txt", column(2))], "its member \"b.txt\" is no array"),
        (vec![("a.npy", b"x".to_vec())], "its array \"a\": its header is cut short"),
        (
            vec![("a.npy", npy("'<f8'", false, "", &doubles(&[1.0])))],
            "neither one dimension nor two",
        ),
        (vec![("a.npy", npy("'<f8'", false, "2,", &[0; 15]))], "column \"a\" ends in row 2"),
        (
            vec![("a.npy", npy("'<f8'", false, "2,", &[0; 17]))],
            "column \"a\" goes on behind its last row",
        ),
        (vec![("a.npy", huge)], "it is not as long as its header says"),
        (
            vec![("a.npy", npy("'<f8'", false, "1, 1", &[0; 8])), ("a.1.npy", column(1))],
            "two of its columns have the name \"a.1\"",
        ),
    ];
    for (members, words) in cases {
        for method in METHODS {
            let error = read(&zipped(&members, method), &ScanOptions::default()).unwrap_err();
            assert_eq!(error.code(), "npy.invalid", "{error}");
            assert!(error.to_string().contains(words), "{words}: {error}");
        }
    }
    let many: Vec<_> = (0..5000).map(|number| format!("{number}.npy")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), Vec::new())).collect();
    let error = read(&zipped(&many, METHODS[0]), &ScanOptions::default()).unwrap_err();
    assert!(error.to_string().contains("5000 members, more than 4096"), "{error}");
    let named = ScanOptions { names: vec!["x".to_owned()], ..ScanOptions::default() };
    let error = read(&zipped(&members(), METHODS[0]), &named).unwrap_err();
    assert_eq!(error.code(), "names.taken");
}

proptest! {
    /// Bytes that were changed or cut give a table or an error, and no panic; where they are cut, always an error.
    #[test]
    fn damage_never_panics(
        method in prop::sample::select(METHODS.to_vec()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = zipped(&members(), method);
        let mut edited = whole.clone();
        edits.iter().for_each(|(at, byte)| edited[at.index(whole.len())] = *byte);
        let _ = read(&edited, &ScanOptions::default());
        let cut = &whole[..4 + cut.index(whole.len() - 4)];
        let error = read(cut, &ScanOptions::default()).unwrap_err();
        prop_assert_eq!(error.code(), "npy.invalid");
    }
}

/// The files of the program that defines them.
#[test]
fn files_that_numpy_writes() {
    const SCRIPT: &str = "\
import sys, numpy
x = numpy.arange(12, dtype='<f8').reshape(6, 2) / 10
i = numpy.arange(6, dtype='>i4') - 3
f = numpy.asfortranarray(x)
folder = sys.argv[1]
numpy.savez(folder + '/stored.npz', x=x, i=i, f=f)
numpy.savez_compressed(folder + '/deflated.npz', x=x, i=i, f=f)
numpy.save(folder + '/f.npy', f)
";
    let folder = tempfile::tempdir().unwrap();
    let python = std::env::var_os("EXACTA_PYTHON").unwrap_or_else(|| "python3".into());
    let run = Command::new(python).args(["-c", SCRIPT]).arg(folder.path()).output();
    if !run.as_ref().is_ok_and(|run| run.status.success()) {
        eprintln!(
            "SKIPPED: python3 with numpy is not there; EXACTA_PYTHON names one that has it: {run:?}"
        );
        return;
    }
    let read = |name: &str| {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        read(&bytes, &ScanOptions::default()).unwrap()
    };
    let row = |row: i32| {
        let (x, y) = (f64::from(2 * row) / 10.0, f64::from(2 * row + 1) / 10.0);
        format!("{x},{y},{},{x},{y}\n", row - 3)
    };
    let rows: String = (0..6).map(row).collect();
    let expected = text(&format!("x.1,x.2,i,f.1,f.2\n{rows}"));
    assert_eq!(read("stored.npz"), expected);
    assert_eq!(read("deflated.npz"), expected);
    let [first, second] = [&expected.1[0].1, &expected.1[1].1];
    let columns = vec![("1".to_owned(), first.clone()), ("2".to_owned(), second.clone())];
    assert_eq!(read("f.npy"), (6, columns));
}
