//! Inputs and outputs that fail, in the real binary: each ends with one clear line and the exit code that `--help`
//! documents, in bounded time and memory.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use common::{exacta, run};
use wait4::Wait4;

/// The one line of a run that fails, without the name of the program.
#[track_caller]
fn failure(told: &common::Run, code: i32) -> String {
    assert_eq!((told.code, told.stdout.as_str()), (Some(code), ""), "{}", told.stderr);
    let line = told.stderr.strip_suffix('\n').expect("a line ends");
    assert!(!line.contains('\n'), "{line}");
    line.strip_prefix("exacta: ").expect("the program names itself").to_owned()
}

/// Bytes that are no table, and how the line about them begins.
#[track_caller]
fn check(bytes: &[u8], begin: &str) {
    let line = failure(&run(&["stats"], bytes), 3);
    assert!(line.starts_with(begin), "{line}");
}

#[test]
fn a_quote_that_never_closes_is_where_it_opens() {
    check(b"a,b\n1,\"x\n2,3\n", "<stdin>:2:3: this quote is never closed; ");
}

#[test]
fn binary_data_is_no_text() {
    check(b"a,b\n1,\x002\n", "<stdin>:2:3: a NUL byte; ");
    check(b"a,b\n1,\xff2\n", "<stdin>:2:3: invalid UTF-8; ");
}

/// What has been unpacked so far would be taken for all of it.
#[test]
fn gzip_that_is_cut_short_is_no_table() {
    let head = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
    let stored = b"\x01\x06\0\xf9\xffx\n1\n2\n";
    let check_sum = [0xd3, 0x91, 0xa6, 0x54, 6, 0, 0, 0];
    let whole = [&head[..], stored, &check_sum].concat();
    for n_bytes in [head.len(), head.len() + 7, whole.len() - 8, whole.len() - 1] {
        check(&whole[..n_bytes], "<stdin>: the gzip data are damaged or cut short: ");
    }
    assert_eq!(
        run(&["stats", "-s", "sum"], &whole).stdout,
        "column  count  sum\nx           2  3.0\n"
    );
}

/// What the columns are stands at the end.
#[test]
fn parquet_without_its_end_is_no_table() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cut.parquet");
    fs::write(&path, [b"PAR1".as_slice(), &[7; 1000]].concat()).unwrap();
    let path = path.to_str().unwrap();
    let line = failure(&run(&["stats", path], b""), 3);
    assert!(line.starts_with(&format!("{path}: ")) && line.contains("Parquet"), "{line}");
}

/// As some spreadsheets write it.
#[test]
fn utf_16_is_named() {
    for text in ["\u{feff}a\n1\n", "a\n1\n", "{\"a\":1}\n"] {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
            check(&bytes, "<stdin>: this is UTF-16; convert it to UTF-8");
        }
    }
}

/// A gigabyte without a line end, of which no more is read than a record may have.
#[test]
fn a_line_of_a_gigabyte_takes_bounded_memory() {
    let mut command = exacta(&["stats"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let megabyte = vec![b'7'; 1 << 20];
    let n_megabytes = (0..1024).take_while(|_| stdin.write_all(&megabyte).is_ok()).count();
    drop(stdin);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let end = child.wait4().unwrap();
    assert_eq!(end.status.code(), Some(3));
    assert!(stderr.starts_with("exacta: <stdin>:1:1: this record is longer than "), "{stderr}");
    assert!(n_megabytes < 64, "{n_megabytes} MB were read");
    assert!(end.rusage.maxrss < 160 << 20, "{} bytes in memory", end.rusage.maxrss);
}

#[test]
fn a_directory_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let line = failure(&run(&["stats", path], b""), 1);
    assert_eq!(line, format!("{path}: is a directory; name the files in it"));
}

/// A named pipe, where the machine has them.
fn fifo(directory: &Path) -> Option<PathBuf> {
    let path = directory.join("fifo.csv");
    let made = Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success());
    if !made {
        eprintln!("SKIPPED: there is no mkfifo on this machine");
    }
    made.then_some(path)
}

/// Whoever writes may stop for as long as it likes, within a cell too.
#[test]
fn a_pipe_that_stalls_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let Some(path) = fifo(directory.path()) else { return };
    let mut command = exacta(&["stats", "-s", "sum"]);
    let child = command.arg(&path).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = File::options().write(true).open(&path).unwrap();
    for piece in ["x\n", "1\n2", "0\n"] {
        pipe.write_all(piece.as_bytes()).unwrap();
        thread::yield_now();
    }
    drop(pipe);
    let told: common::Run = child.wait_with_output().unwrap().into();
    assert_eq!(told.stdout, "column  count   sum\nx           2  21.0\n");
}

/// Nobody writes, and the opening itself waits; then somebody does, and the reading waits.
#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_waiting_for_a_pipe() {
    use std::os::unix::process::ExitStatusExt;

    let directory = tempfile::tempdir().unwrap();
    let Some(path) = fifo(directory.path()) else { return };
    let spawn = || exacta(&["stats"]).arg(&path).stdout(Stdio::null()).spawn().unwrap();
    let interrupt = |id: u32| Command::new("kill").args(["-s", "INT", &id.to_string()]).status();
    let mut child = spawn();
    interrupt(child.id()).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    let mut child = spawn();
    let mut pipe = File::options().write(true).open(&path).unwrap();
    pipe.write_all(b"x\n1\n").unwrap();
    interrupt(child.id()).unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

/// A device that is always full.
fn full() -> Option<File> {
    let full = File::options().write(true).open("/dev/full");
    if full.is_err() {
        eprintln!("SKIPPED: there is no /dev/full on this machine");
    }
    full.ok()
}

#[test]
fn a_full_disk_is_told_in_every_format() {
    for format in ["table", "json", "ndjson", "csv", "tsv", "markdown"] {
        let Some(full) = full() else { return };
        let mut command = exacta(&["stats", "-f", format, common::WEATHER, "-c", "wind"]);
        let told: common::Run = command.stdout(full).output().unwrap().into();
        let line = failure(&told, 1);
        assert!(line.starts_with("the output cannot be written: "), "{format}: {line}");
    }
}
