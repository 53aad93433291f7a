//! Text from outside, made fit to stand in one line on a terminal. What is said with it is not here.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How much of a name or a token is shown, in characters.
const EXCERPT_CHARS_MAX: usize = 64;

/// The text with its control characters escaped, and with those that nobody sees: they could turn the order of a line.
pub(crate) fn one_line(text: &str) -> String {
    let is_unseen = |c: char| {
        let is_format = matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        );
        c.is_control() || is_format
    };
    let escape = |c: char| if is_unseen(c) { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// The beginning of the text, and a mark if there is more.
pub(crate) fn excerpt(text: &str) -> String {
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(EXCERPT_CHARS_MAX).collect();
    one_line(&shown) + if chars.next().is_some() { "…" } else { "" }
}

/// As much of the text as fits in so many columns of a terminal, with a mark if that is not all.
pub(crate) fn clipped(text: &str, width_max: usize) -> String {
    if text.width() <= width_max {
        return text.to_owned();
    }
    let mut width = 1;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width <= width_max
    };
    text.chars().take_while(fits).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("a\nb\u{1b}[1mé"), "a\\nb\\u{1b}[1mé");
        assert_eq!(excerpt("a\u{202e}b\u{85}"), "a\\u{202e}b\\u{85}");
        assert_eq!(excerpt(&"é".repeat(64)), "é".repeat(64));
        assert_eq!(excerpt(&"é".repeat(65)), "é".repeat(64) + "…");
    }

    #[test]
    fn a_clipped_text_is_as_wide_as_it_may_be() {
        let cases = [
            ("wind", 4, "wind"),
            ("winds", 4, "win…"),
            ("日本", 4, "日本"),
            ("日本の", 5, "日本…"),
        ];
        for (text, width_max, expected) in cases {
            assert_eq!(clipped(text, width_max), expected);
        }
    }
}
