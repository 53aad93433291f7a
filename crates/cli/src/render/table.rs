//! Where the text of a grid stands: a line a column, in as many parts as the width of the terminal takes, or a block a
//! column with a line a result. What is written is decided in `grid`.

use std::ops::Range;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::grid::Grid;
use super::sections::sections;
use super::{Headings, Terminal};
use crate::answer::Answer;
use crate::color::{Paint, Style};

/// Spaces between two columns of text.
pub(super) const GAP: u16 = 2;

/// The answer as lines of text.
pub(super) fn table(answer: &Answer, headings: &Headings, terminal: &Terminal) -> String {
    let width_max = terminal.width.unwrap_or(usize::MAX);
    let sections = answer.columns().iter().flat_map(|column| sections(column, headings, width_max));
    let sections = sections.chain(answer.rows().sections());
    show(&Grid::new(answer, headings), sections, terminal)
}

/// A grid as lines of text, then its notes, then sections.
pub(super) fn show(
    grid: &Grid,
    sections: impl IntoIterator<Item = Line>,
    terminal: &Terminal,
) -> String {
    let mut lines = lay_out(grid, terminal.width.unwrap_or(usize::MAX));
    if !grid.notes.is_empty() {
        lines.push(Line::Plain(String::new()));
        lines.extend(grid.notes.iter().cloned().map(Line::Aside));
    }
    lines.extend(sections);
    lines.iter().map(|line| line.show(terminal.paint)).collect()
}

/// One line of output.
pub(crate) enum Line {
    Heading(String),
    Plain(String),
    /// What is there to be skipped.
    Aside(String),
    /// A name, and what is said of it.
    Remark(String, String),
    /// A bar, and what stands before it.
    Bar(String, String),
}

impl Line {
    pub(super) fn show(&self, paint: Paint) -> String {
        match self {
            Self::Heading(text) => paint.set(Style::Heading, text.trim_end()) + "\n",
            Self::Plain(text) => format!("{}\n", text.trim_end()),
            Self::Aside(text) => paint.set(Style::Aside, text.trim_end()) + "\n",
            Self::Bar(text, bar) if bar.is_empty() => format!("{}\n", text.trim_end()),
            Self::Bar(text, bar) => format!("{text}{}\n", paint.set(Style::Bar, bar)),
            Self::Remark(name, text) => format!("{name}{}\n", paint.set(Style::Aside, text)),
        }
    }
}

/// A line a column; in parts one below the other, if the lines would be longer than `width_max`. A single column, and
/// columns of which no result fits, become blocks.
fn lay_out(grid: &Grid, width_max: usize) -> Vec<Line> {
    let whole = Part::new(grid, 0..grid.headings.len());
    let (names, widths) = whole.aligned.widths.split_at(grid.names.len());
    let names: usize = names.iter().sum();
    let remarks = grid.rows.iter().filter_map(|row| row.remark.as_ref());
    let remark_width = remarks.map(|remark| remark.chars().count()).max().unwrap_or(0);
    if names + remark_width > width_max {
        return tall(grid);
    }
    if whole.aligned.width() <= width_max {
        return whole.lines(grid);
    }
    let is_single = grid.rows.iter().filter(|row| row.remark.is_none()).count() <= 1;
    let parts = if is_single { None } else { cut(names, widths, width_max) };
    let Some(parts) = parts else { return tall(grid) };
    let part = |range: &Range<usize>| Part::new(grid, range.clone()).lines(grid);
    let parts: Vec<_> = parts.iter().map(part).collect();
    let empty = || Line::Plain(String::new());
    let mut lines = Vec::new();
    for part in parts {
        lines.extend((!lines.is_empty()).then(empty));
        lines.extend(part);
    }
    lines
}

/// As many results a part as fit beside the names, given the width of those and of each result, gaps and all.
fn cut(names: usize, results: &[usize], width_max: usize) -> Option<Vec<Range<usize>>> {
    let room = (width_max + usize::from(GAP)).checked_sub(names)?;
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut left = 0;
    for (index, width) in results.iter().enumerate() {
        if *width > room {
            return None;
        }
        match parts.last_mut() {
            Some(part) if *width <= left => part.end = index + 1,
            _ => {
                parts.push(index..index + 1);
                left = room;
            }
        }
        left -= width;
    }
    Some(parts)
}

/// Some of the results of all columns.
struct Part {
    /// Whether what is said of columns without results stands here.
    has_remarks: bool,
    aligned: Aligned,
}

impl Part {
    fn new(grid: &Grid, results: Range<usize>) -> Self {
        let has_remarks = results.start == 0;
        let mut cells = vec![cells(&grid.names, &grid.headings[results.clone()])];
        for row in grid.rows.iter().filter(|row| has_remarks || row.remark.is_none()) {
            let line = row.lines.first().map_or(&[][..], |line| &line[results.clone()]);
            cells.push(self::cells(&row.names, line));
            let others = row.lines.iter().skip(1);
            let no_names = vec![String::new(); grid.names.len()];
            cells.extend(others.map(|line| self::cells(&no_names, &line[results.clone()])));
        }
        Self { has_remarks, aligned: Aligned::new(grid.names.len(), cells) }
    }

    /// Its lines: the headings, then one for each column and one for its bits.
    fn lines(&self, grid: &Grid) -> Vec<Line> {
        let mut texts = self.aligned.lines.iter();
        let heading = texts.next().map(|text| Line::Heading(text.clone()));
        let mut lines: Vec<_> = heading.into_iter().collect();
        for row in &grid.rows {
            if let Some(remark) = &row.remark {
                let text = if self.has_remarks { texts.next() } else { None };
                let line = |text| Line::Remark(self.aligned.name(text).to_owned(), remark.clone());
                lines.extend(text.map(|text| line(text)));
                continue;
            }
            let texts = texts.by_ref().take(row.lines.len()).enumerate();
            lines.extend(texts.map(|(index, text)| match index {
                0 => Line::Plain(text.clone()),
                _ => Line::Aside(text.clone()),
            }));
        }
        lines
    }
}

/// A block for each column of the data, with a line a result.
fn tall(grid: &Grid) -> Vec<Line> {
    let results = grid.rows.iter().flat_map(|row| {
        let n_results = if row.lines.is_empty() { 0 } else { grid.headings.len() };
        (0..n_results).map(|index| {
            let numbers: Vec<_> = row.lines.iter().map(|line| line[index].clone()).collect();
            cells(&[format!("  {}", grid.headings[index])], &numbers)
        })
    });
    let aligned = Aligned::new(1, results.collect());
    let mut texts = aligned.lines.into_iter();
    let mut lines = Vec::new();
    for row in &grid.rows {
        lines.push(Line::Heading(row.title()));
        lines.extend(row.remark.iter().map(|remark| Line::Aside(format!("  {remark}"))));
        let n_results = if row.lines.is_empty() { 0 } else { grid.headings.len() };
        lines.extend(texts.by_ref().take(n_results).map(Line::Plain));
    }
    lines
}

/// Names and what stands beside them.
fn cells(names: &[String], numbers: &[String]) -> Vec<String> {
    [names, numbers].concat()
}

/// Lines of equal width: names to the left, numbers to the right.
pub(super) struct Aligned {
    pub(super) lines: Vec<String>,
    n_names: usize,
    /// The widths of the names and of the numbers below each other, with the gaps after them.
    widths: Vec<usize>,
}

impl Aligned {
    /// Lines of rows that begin with so many names.
    pub(super) fn new(n_names: usize, rows: Vec<Vec<String>>) -> Self {
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .add_rows(rows);
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP));
            column.set_cell_alignment(if index < n_names {
                CellAlignment::Left
            } else {
                CellAlignment::Right
            });
        }
        let widths = table.column_max_content_widths();
        let widths = widths.iter().map(|width| usize::from(width + GAP)).collect();
        Self { lines: table.lines().collect(), n_names, widths }
    }

    /// The width of a line, without the gap at its end.
    pub(super) fn width(&self) -> usize {
        self.widths.iter().sum::<usize>().saturating_sub(GAP.into())
    }

    /// The part of a line without numbers that is as wide as the names. What follows it is spaces.
    fn name<'a>(&self, line: &'a str) -> &'a str {
        let n_spaces: usize = self.widths.iter().skip(self.n_names).sum();
        &line[..line.len() - n_spaces]
    }
}
