//! `exacta stats --memory` in the real binary: the same words from memory and from a file, nothing left behind
//! whatever ends the command, and one clear error where there is no room for the file.

mod common;

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{EXACTA, exacta, feed, run};

/// Plain numbers, more than a few batches of them.
fn numbers(n: u64) -> String {
    let mut text = String::new();
    for index in 0..n {
        writeln!(text, "{}", index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40).unwrap();
    }
    text
}

fn is_empty(directory: &Path) -> bool {
    directory.read_dir().unwrap().next().is_none()
}

#[test]
fn a_file_gives_the_bytes_of_memory_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let text = numbers(50_000);
    let asked = ["stats", "--all", "-q", "0.1,1/3", "--histogram", "fd", "--json", "--bits"];
    let expected = run(&asked, text.as_bytes());
    assert_eq!(expected.code, Some(0), "{}", expected.stderr);
    for bytes in ["0", "64K", "1 MiB"] {
        let mut command = exacta(&asked);
        command.args(["--memory", bytes]).env("TMPDIR", directory.path());
        assert_eq!(feed(&mut command, text.as_bytes()), expected, "--memory {bytes}");
        assert!(is_empty(directory.path()));
    }
}

/// Rows of many groups and of a few large ones, of which one cell is no number.
fn rows(n: u64) -> String {
    let mut text = String::from("id,large,x,y\n");
    for index in 0..n {
        let random = index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        writeln!(text, "{},{},{random},{}.5", random % 4001, random % 2, random % 97).unwrap();
    }
    text + "9,1,1,none\n"
}

#[test]
fn groups_and_frequent_values_are_the_same_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let text = rows(60_000);
    for asked in [
        &["--by", "id", "-s", "median,mode"][..],
        &["--by", "large", "-s", "median,mean"],
        &["--by", "id,large", "-s", "mean,max"],
        &["--by", "y"],
        &["--top=7"],
    ] {
        let asked = [&["stats", "--format", "json"], asked].concat();
        let expected = run(&asked, text.as_bytes());
        assert_eq!(expected.code, Some(0), "{}", expected.stderr);
        for bytes in ["0", "300K"] {
            let mut command = exacta(&asked);
            command.args(["--memory", bytes]).env("TMPDIR", directory.path());
            assert_eq!(feed(&mut command, text.as_bytes()), expected, "{asked:?} {bytes}");
            assert!(is_empty(directory.path()));
        }
    }
}

#[test]
fn a_partial_has_the_same_bytes_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let text = format!("{}9007199254740993\n-0.0\n", numbers(50_000));
    let asked = ["partial", "-s", "mode", "-q", "0.5"];
    let made = |memory: &str| {
        let mut command = exacta(&asked);
        command.args(["--memory", memory, "-o"]).arg(directory.path().join("x.partial"));
        let run = feed(command.env("TMPDIR", directory.path()), text.as_bytes());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        std::fs::read(directory.path().join("x.partial")).unwrap()
    };
    let expected = made("1G");
    for bytes in ["0", "64K", "1M"] {
        assert!(made(bytes) == expected, "--memory {bytes}");
    }
}

/// A command that has put values into a file, and still waits for more.
#[test]
#[cfg(target_os = "linux")]
fn a_kill_leaves_nothing_behind() {
    use std::os::unix::process::ExitStatusExt;

    let directory = tempfile::tempdir().unwrap();
    let mut command = exacta(&["stats", "-s", "median", "--memory", "0", "--threads", "1"]);
    command.env("TMPDIR", directory.path()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    // One thread has decoded all that is neither in the pipe nor in its last blocks.
    child.stdin.as_mut().unwrap().write_all(numbers(1_000_000).as_bytes()).unwrap();
    let opened = Path::new("/proc").join(child.id().to_string()).join("fd").read_dir().unwrap();
    let opened = opened.filter_map(|entry| entry.unwrap().path().read_link().ok());
    let inside: Vec<_> = opened.filter(|path| path.starts_with(directory.path())).collect();
    assert_eq!(inside.len(), 1, "{inside:?}");
    assert!(is_empty(directory.path()), "the file has a name");
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(is_empty(directory.path()));
}

fn check_full(command: &mut Command, directory: &Path) {
    let run = feed(command.env("TMPDIR", directory), numbers(200_000).as_bytes());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    let told = format!("cannot be kept in {}: ", directory.display());
    assert!(run.stderr.contains(&told) && run.stderr.contains("TMPDIR"), "{}", run.stderr);
}

#[test]
fn a_file_beyond_the_limit_of_the_shell_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let script = "ulimit -f 64 && exec \"$0\" stats -s median --memory 0";
    check_full(Command::new("sh").args(["-c", script, EXACTA]), directory.path());
    assert!(is_empty(directory.path()));
}

#[test]
fn a_full_disk_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let alone = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let mount = "mount -t tmpfs -o size=256k tmpfs \"$1\"";
    let mut mounts = Command::new("unshare");
    mounts.args(alone).args([mount, EXACTA]).arg(directory.path());
    if !mounts.output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: this machine lets nobody mount a small disk");
        return;
    }
    let script = format!("{mount} && exec \"$0\" stats -s median --memory 0");
    let mut command = Command::new("unshare");
    command.args(alone).args([&script, EXACTA]).arg(directory.path());
    check_full(&mut command, directory.path());
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    check_full(&mut exacta(&["stats", "-s", "median", "--memory", "0"]), &missing);
    // Who needs no file does not ask for one.
    let mut command = exacta(&["stats", "-s", "mean", "--memory", "0"]);
    assert_eq!(feed(command.env("TMPDIR", &missing), b"1\n2\n").code, Some(0));
}

#[test]
fn what_is_no_number_of_bytes_is_refused() {
    let refused = run(&["stats", "--memory", "much"], b"1\n");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("512M"), "{}", refused.stderr);
    let refused = run(&["stats", "--memory", "1G", "--server", "http://127.0.0.1:1"], b"1\n");
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
}
