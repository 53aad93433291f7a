//! Pictures as one SVG document: a panel for each column of numbers, a heading above and words below. Colours follow the
//! light or dark scheme of the reader; there are no scripts, and nothing is fetched. What is in a panel is in `panel`, and
//! what there is to draw is decided in `picture`.

mod markup;
mod panel;

use self::markup::{escaped, text};
use self::panel::{PANEL_WIDTH, PLOT_WIDTH, Panel};
use super::Headings;
use super::grid::Grid;
use super::picture::Picture;
use crate::answer::Answer;
use crate::text::{clipped, one_line};

/// How everything is set. The dark scheme changes colours alone.
const STYLE: &str = "
svg {
  --page: #ffffff; --panel: #f6f8fa; --line: #d8dee4; --text: #1f2328; --aside: #59636e; --bar: #3f87d9; --box: #cfe2f7;
  font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --panel: #161b22; --line: #30363d; --text: #e6edf3; --aside: #9198a1; --bar: #4493f8; --box: #1d3b61; }
}
text { fill: var(--text); }
.page { fill: var(--page); }
.panel { fill: var(--panel); stroke: var(--line); }
.heading { font-size: 17px; font-weight: 600; }
.name { font-size: 14px; font-weight: 600; }
.aside { fill: var(--aside); font-size: 11px; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: var(--line); }
.axis { stroke: var(--aside); fill: none; }
.bars { fill: var(--bar); }
.box { fill: var(--box); stroke: var(--text); }
.whisker { stroke: var(--text); fill: none; }
.median { stroke: var(--text); stroke-width: 2.5; }
";

/// The space around everything.
const GAP: usize = 16;

/// How high the heading of a document is, and a line of words below the panels.
const HEADING_HEIGHT: usize = 34;
const WORDS_HEIGHT: usize = 18;

/// How many columns of a terminal a name takes at most, and words below, to fit in a panel whatever the letters.
const NAME_WIDTH_MAX: usize = 40;
const WORDS_WIDTH_MAX: usize = 60;

/// The most panels in a row of them.
const N_COLUMNS_MAX: usize = 4;

/// The answer as a document.
pub(super) fn svg(answer: &Answer, headings: &Headings) -> String {
    let grid = Grid::new(&answer.without_pictures(headings), headings);
    let (mut panels, mut words) = (Vec::new(), Words::default());
    for (column, row) in answer.columns().iter().zip(&grid.rows) {
        match Picture::new(column, PLOT_WIDTH) {
            Ok(picture) => panels.push(Panel::new(column, picture, &grid, row)),
            Err(why) => words.push(one_line(&column.name), why),
        }
    }
    document(answer.subject(), &panels, &words.lines())
}

/// Columns without a picture, by why they have none.
#[derive(Default)]
struct Words(Vec<(String, Vec<String>)>);

impl Words {
    fn push(&mut self, name: String, why: String) {
        match self.0.iter_mut().find(|(said, _)| *said == why) {
            Some((_, names)) => names.push(name),
            None => self.0.push((why, vec![name])),
        }
    }

    fn lines(&self) -> Vec<String> {
        self.0.iter().map(|(why, names)| format!("{}: {why}", names.join(", "))).collect()
    }
}

/// A heading, panels, and words below them.
fn document(subject: &str, panels: &[Panel], words: &[String]) -> String {
    let sheet = Sheet::new(panels, subject);
    let (width, bottom) = (sheet.width(), sheet.bottom(panels.len()));
    let height = bottom + words.len() * WORDS_HEIGHT + if words.is_empty() { 0 } else { GAP };
    let heading = clipped(subject, sheet.n_columns * NAME_WIDTH_MAX);
    let drawn = panels.iter().enumerate();
    let drawn = drawn.map(|(index, panel)| panel.show(sheet.place(index), sheet.panel_height));
    let words = words.iter().enumerate().map(|(index, words)| {
        let words = clipped(words, sheet.n_columns * WORDS_WIDTH_MAX);
        text("aside", GAP, bottom + 12 + index * WORDS_HEIGHT, &words)
    });
    let parts = [
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title desc\">\n"
        ),
        description(subject, panels),
        format!("<style>{STYLE}</style>\n"),
        format!("<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n"),
        text("heading", GAP, GAP + 16, &heading),
        drawn.collect(),
        words.collect(),
        "</svg>\n".to_owned(),
    ];
    parts.concat()
}

/// What the document says to those who do not see it.
fn description(subject: &str, panels: &[Panel]) -> String {
    let title = if subject.is_empty() { "Columns of numbers" } else { subject };
    let described: Vec<_> = panels.iter().map(Panel::description).collect();
    format!(
        "<title id=\"title\">{}</title>\n\
         <desc id=\"desc\">A histogram and a box plot of each column of numbers. {}</desc>\n",
        escaped(title),
        escaped(&described.join(" ")),
    )
}

/// Where panels are: in rows, with about as many columns as there are rows.
struct Sheet {
    n_columns: usize,
    panel_height: usize,
    top: usize,
}

impl Sheet {
    fn new(panels: &[Panel], subject: &str) -> Self {
        let n_columns = (1..N_COLUMNS_MAX).find(|n| n * n >= panels.len());
        Self {
            n_columns: n_columns.unwrap_or(N_COLUMNS_MAX),
            panel_height: panels.iter().map(Panel::height).max().unwrap_or(0),
            top: GAP + if subject.is_empty() { 0 } else { HEADING_HEIGHT },
        }
    }

    fn place(&self, index: usize) -> (usize, usize) {
        let (row, column) = (index / self.n_columns, index % self.n_columns);
        let top = self.top + row * (self.panel_height + GAP);
        (GAP + column * (PANEL_WIDTH + GAP), top)
    }

    fn width(&self) -> usize {
        GAP + self.n_columns * (PANEL_WIDTH + GAP)
    }

    fn bottom(&self, n_panels: usize) -> usize {
        self.top + n_panels.div_ceil(self.n_columns) * (self.panel_height + GAP)
    }
}
