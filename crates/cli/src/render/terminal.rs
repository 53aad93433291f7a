//! What is known of the place that text for people goes to: a terminal, or none. Nothing is written here.

use std::{env, io};

use crate::color::Paint;

/// Where text for people goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// How many columns of text fit in a line; nothing where lines have no end.
    pub(crate) width: Option<usize>,
    pub(crate) paint: Paint,
}

impl Terminal {
    /// What stdout is. COLUMNS tells the width of what is no terminal.
    pub(crate) fn of_stdout() -> Self {
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        let told = || env::var("COLUMNS").ok()?.parse().ok();
        Self {
            width: size.map(|(width, _)| width.0.into()).or_else(told).filter(|width| *width > 0),
            paint: Paint::of(&stdout),
        }
    }

    /// What a file is.
    pub(crate) fn of_file() -> Self {
        Self { width: None, paint: Paint::of_file() }
    }
}
