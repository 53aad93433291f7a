//! Whether text is styled, and the styles: for a person at a terminal, and nobody else. What is said in which style
//! is for those who say it.

// Doc comments of values become help, which is plain text.
#![allow(clippy::doc_markdown)]

use std::env;
use std::io::IsTerminal;
use std::sync::OnceLock;

use clap::ValueEnum;

/// When text is styled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the environment says NO_COLOR or TERM=dumb
    #[default]
    Auto,
    /// Wherever it goes
    Always,
    /// Nowhere
    Never,
}

/// What the command line says, for messages of whatever module.
static CHOSEN: OnceLock<Color> = OnceLock::new();

/// Takes what the command line says.
pub(crate) fn choose(color: Color) {
    let _ = CHOSEN.set(color);
}

/// Whether the terminal can do nothing but show text.
pub(crate) fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Heading,
    /// What is there to be skipped.
    Aside,
    Warning,
    Error,
    /// A bar of a picture.
    Bar,
}

/// Sets text in styles, or leaves it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) is_on: bool,
}

impl Paint {
    /// For text that goes to `stream`.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_on = match CHOSEN.get().copied().unwrap_or_default() {
            Color::Auto => stream.is_terminal() && !is_set("NO_COLOR") && !is_dumb(),
            Color::Always => true,
            Color::Never => false,
        };
        Self { is_on }
    }

    /// For text that goes to a file.
    pub(crate) fn of_file() -> Self {
        Self { is_on: CHOSEN.get() == Some(&Color::Always) }
    }

    /// The text in a style.
    pub(crate) fn set(self, style: Style, text: &str) -> String {
        if !self.is_on || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Heading => "1",
            Style::Aside => "2",
            Style::Warning => "1;33",
            Style::Error => "1;31",
            Style::Bar => "36",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}
