//! Elements of SVG as text. What they show is not here.

use std::fmt::Display;

/// The most characters of a text that are sure to fit beside the next one without being narrowed.
const CHARS_MAX: usize = 11;

/// A length, to a tenth of a pixel.
pub(super) fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

/// A path of a class.
pub(super) fn path_of(class: &str, path: &str) -> String {
    format!("<path class=\"{class}\" d=\"{path}\"/>\n")
}

/// A text of a class, unless it is empty.
pub(super) fn text(class: &str, x: impl Display, y: impl Display, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(text))
}

/// A text at a place that is made as narrow as `width`, unless it is sure to fit.
pub(super) fn narrow_text(class: &str, (x, y): (usize, usize), width: usize, text: &str) -> String {
    if text.chars().count() <= CHARS_MAX {
        return self::text(class, x, y, text);
    }
    let size = format!("textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"");
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\" {size}>{}</text>\n", escaped(text))
}

/// Text as it stands between tags. It has no control characters; other characters that XML lacks are replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
