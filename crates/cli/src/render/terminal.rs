//! What is known of the place that text for people goes to: a terminal, or none. Nothing is written here.

use std::{env, io};

use crate::color::Paint;
use crate::output::Target;

/// Where text for people goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// How many columns of text fit in a line; nothing where lines have no end.
    pub(crate) width: Option<usize>,
    pub(crate) paint: Paint,
    /// Whether characters beyond ASCII are shown.
    pub(crate) is_unicode: bool,
}

impl Terminal {
    /// What a result goes to.
    pub(crate) fn of_target(target: &Target) -> Self {
        match target {
            Target::Stdout => Self::of_stdout(),
            Target::File { .. } | Target::Device(_) => Self::of_file(),
        }
    }

    /// What stdout is. COLUMNS tells the width of what is no terminal.
    pub(crate) fn of_stdout() -> Self {
        let stdout = io::stdout();
        let size = terminal_size::terminal_size_of(&stdout);
        let told = || env::var("COLUMNS").ok()?.parse().ok();
        Self {
            width: size.map(|(width, _)| width.0.into()).or_else(told).filter(|width| *width > 0),
            paint: Paint::of(&stdout),
            is_unicode: is_unicode(|name| env::var(name).ok()),
        }
    }

    /// The text without the marks that it cannot show.
    pub(super) fn fit(&self, text: String) -> String {
        if self.is_unicode { text } else { text.chars().map(ascii).collect() }
    }

    /// What a file is.
    fn of_file() -> Self {
        Self { width: None, paint: Paint::of_file(), is_unicode: true }
    }
}

/// What stands for a mark of ours where only ASCII is shown. Names are shown as they are.
fn ascii(c: char) -> char {
    match c {
        '─' | '–' | '−' => '-',
        '│' | '▏' | '▎' | '▍' => '|',
        '┃' | '█' | '▇' | '▆' | '▉' | '▊' | '▋' | '▌' => '#',
        '▅' | '▄' | '▃' => ':',
        '▂' | '▁' | '…' => '.',
        '╭' | '╮' | '╰' | '╯' | '┬' | '┴' | '┼' | '├' | '┤' => '+',
        _ => c,
    }
}

/// Whether the locale says nothing or UTF-8; the first of these variables that is set is the one that counts.
fn is_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut told = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable);
    let locale = told.find(|locale| !locale.is_empty()).map(|locale| locale.to_ascii_lowercase());
    locale.is_none_or(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_says_what_can_be_shown() {
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[], true),
            (&[("LANG", "en_US.UTF-8")], true),
            (&[("LANG", "de_DE.utf8"), ("LC_ALL", "")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "POSIX")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
        ];
        for (told, expected) in cases {
            let variable = |name: &str| {
                let found = told.iter().find(|(told, _)| *told == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_unicode(variable), expected, "{told:?}");
        }
    }
}
