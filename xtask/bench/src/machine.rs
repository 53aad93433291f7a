//! The machine, the programs and the commit that figures are of. What cannot be found out
//! is said to be unknown: it keeps nobody from measuring.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

const UNKNOWN: &str = "unknown";

/// The facts that every page of figures states: name and value.
pub(crate) fn facts(root: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("date", said("date", &["-u", "+%F"])),
        ("commit", commit(root)),
        ("processor", field("/proc/cpuinfo", "model name")),
        ("cores", available_parallelism().map_or(UNKNOWN.to_owned(), |n| n.to_string())),
        ("memory", memory()),
        ("kernel", said("uname", &["-sr"])),
        ("load before the run", load()),
        ("rustc", said("rustc", &["--version"])),
    ]
}

/// The first line that a program prints; the text of one that is not there says so.
pub(crate) fn said(program: impl AsRef<OsStr>, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let stdout = output.map_or(String::new(), |output| {
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    });
    stdout.lines().next().unwrap_or(UNKNOWN).to_owned()
}

/// The commit, and whether anything but the pages of figures differs from it.
fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let root = root.to_str().unwrap_or(".");
        let output = Command::new("git").args(["-C", root]).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or(UNKNOWN.to_owned());
    match git(&["status", "--porcelain", "--", ".", ":!docs/bench"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => format!("{commit}, with changes"),
    }
}

fn memory() -> String {
    let total = field("/proc/meminfo", "MemTotal");
    let kib = total.strip_suffix(" kB").and_then(|kib| kib.parse::<f64>().ok());
    kib.map_or(total, |kib| format!("{:.1} GiB", kib / f64::from(1 << 20)))
}

/// How many processes wanted to run, on average over the last minute.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).unwrap_or(UNKNOWN).to_owned()
}

/// The first value of a field in one of the kernel's lists of `name : value`.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let found = pairs.find(|(key, _)| key.trim() == name);
    found.map_or(UNKNOWN.to_owned(), |(_, value)| value.trim().to_owned())
}
