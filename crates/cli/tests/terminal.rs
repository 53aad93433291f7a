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
