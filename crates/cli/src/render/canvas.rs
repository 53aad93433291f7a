//! Lines of text in several styles, as wide as a terminal shows them. What is written is decided by who writes it.

use unicode_width::UnicodeWidthStr;

use crate::color::{Paint, Style};

/// A line of text in pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Strip {
    pieces: Vec<(Option<Style>, String)>,
    width: usize,
}

impl Strip {
    /// How many columns of a terminal it takes.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn push(&mut self, style: Option<Style>, text: String) {
        self.width += text.width();
        self.pieces.push((style, text));
    }

    /// Adds spaces up to so many columns.
    pub(super) fn pad(&mut self, width: usize) {
        if width > self.width {
            self.push(None, " ".repeat(width - self.width));
        }
    }

    pub(super) fn append(&mut self, line: Self) {
        self.width += line.width;
        self.pieces.extend(line.pieces);
    }

    /// The line in its styles.
    pub(super) fn show(mut self, paint: Paint) -> String {
        // Spaces at the end of a line are nothing to see.
        while let Some((style, text)) = self.pieces.pop() {
            let text = text.trim_end();
            if !text.is_empty() {
                self.pieces.push((style, text.to_owned()));
                break;
            }
        }
        let pieces = self.pieces.into_iter().map(|(style, text)| match style {
            Some(style) => paint.set(style, &text),
            None => text,
        });
        pieces.chain(["\n".to_owned()]).collect()
    }
}
