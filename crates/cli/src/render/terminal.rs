//! What is known of the terminal that stdout goes to, if it goes to one. Nothing is written here.

use std::env;
use std::io::{self, IsTerminal};

/// Where text for people goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// How many columns of text fit in a line; nothing where lines have no end.
    pub(crate) width: Option<usize>,
    /// Whether headings are set in bold.
    pub(crate) bold: bool,
}

impl Terminal {
    /// What stdout is. COLUMNS tells the width of what is no terminal.
    pub(crate) fn of_stdout() -> Self {
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        let told = || env::var("COLUMNS").ok()?.parse().ok();
        let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            width: size.map(|(width, _)| width.0.into()).or_else(told).filter(|width| *width > 0),
            bold: stdout.is_terminal() && !is_plain,
        }
    }
}
