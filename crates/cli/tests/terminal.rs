//! `exacta stats` on a terminal, which Python lends: where the table fits, where it does not, and what a
//! person sees who gives no input.

mod common;

use common::oracle::python;
use common::{EXACTA, Run, WEATHER};

/// Lends a terminal of so many columns.
const TERMINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/terminal.py");

fn on_terminal(width: &str, no_color: &str, arguments: &[&str]) -> Option<Run> {
    let mut python = python()?;
    python.args([TERMINAL, width, "", EXACTA, "stats"]).args(arguments);
    python.env("TERM", "xterm").env("NO_COLOR", no_color).env_remove("COLUMNS");
    Some(python.output().unwrap().into())
}

#[test]
fn a_bare_terminal_is_shown_how_to_start() {
    let Some(run) = on_terminal("80", "", &[]) else { return };
    assert_eq!((run.code, run.stderr.as_str()), (Some(2), ""));
    let start =
        "\u{1b}[1;31mexacta:\u{1b}[0m no FILE, and nothing is piped in. To start:\n  exacta stats ";
    assert!(run.stdout.starts_with(start), "{}", run.stdout);
}

#[test]
fn a_table_that_does_not_fit_becomes_blocks() {
    let arguments = ["-c", "wind", "-s", "mean,sem", WEATHER];
    let table = "\
\u{1b}[1mcolumn  count              mean                  sem\u{1b}[0m
wind     1461  3.24113620807666  0.03761672138204539
";
    let blocks = "\
\u{1b}[1mwind\u{1b}[0m
  count                 1461
";
    let Some(run) = on_terminal("52", "", &arguments) else { return };
    assert_eq!(run.stdout, table);
    let narrow = on_terminal("51", "", &arguments).unwrap();
    assert!(narrow.stdout.starts_with(blocks), "{}", narrow.stdout);
    let plain = on_terminal("80", "1", &arguments).unwrap();
    assert_eq!(plain.stdout, table.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""));
}

/// What clears the line that moves.
const CLEAR: &str = "\r\u{1b}[2K";

/// `exacta stats -` on a terminal where nothing is typed until it says that it waits.
fn on_waiting_terminal(keys: &str) -> Option<Run> {
    let mut python = python()?;
    python.args([TERMINAL, "80", "waiting for input", EXACTA, "stats", "-s", "sum", "-"]);
    python.env("TERM", "xterm").env("NO_COLOR", "1").env("KEYS", keys);
    Some(python.output().unwrap().into())
}

#[test]
fn an_input_that_stalls_is_said_and_gone_before_anything_else() {
    let Some(run) = on_waiting_terminal("x\na\n\u{4}") else { return };
    assert_eq!(run.code, Some(0));
    assert!(run.stdout.contains(" 0 B  0 B/s  waiting for input "), "{}", run.stdout);
    let warning = format!("{CLEAR}exacta: warning: <stdin>:2:1: column `x` is text");
    assert!(run.stdout.contains(&warning), "{:?}", run.stdout);
    let table = "column  count  sum\nx       text: 1 cell, the first in line 2, column 1\n";
    assert!(run.stdout.ends_with(&format!("{CLEAR}{table}")), "{:?}", run.stdout);
}

#[test]
fn an_interrupt_leaves_a_clean_terminal() {
    let Some(run) = on_waiting_terminal("\u{3}") else { return };
    assert_eq!((run.code, run.stderr.as_str()), (Some(130), ""));
    assert!(run.stdout.ends_with(CLEAR), "{:?}", run.stdout);
}
