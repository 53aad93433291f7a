//! Text from outside, made fit to stand in one line on a terminal. What is said with it is not here.

/// How much of a name or a token is shown, in characters.
const EXCERPT_CHARS_MAX: usize = 64;

/// The text with its control characters escaped.
pub(crate) fn one_line(text: &str) -> String {
    let escape =
        |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// The beginning of the text, and a mark if there is more.
pub(crate) fn excerpt(text: &str) -> String {
    let mut chars = text.chars();
    let shown: String = chars.by_ref().take(EXCERPT_CHARS_MAX).collect();
    one_line(&shown) + if chars.next().is_some() { "…" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("a\nb\u{1b}[1mé"), "a\\nb\\u{1b}[1mé");
        assert_eq!(excerpt(&"é".repeat(64)), "é".repeat(64));
        assert_eq!(excerpt(&"é".repeat(65)), "é".repeat(64) + "…");
    }
}
