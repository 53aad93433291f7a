//! Where the text of a grid stands: a line a column if the terminal is wide enough, else a block a column
//! with a line a result. What is written is decided in `grid`.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::grid::Grid;
use super::sections::sections;
use super::{Headings, Terminal};
use crate::answer::Answer;

/// Spaces between two columns of text.
pub(super) const GAP: u16 = 2;

/// The answer as lines of text.
pub(crate) fn table(answer: &Answer, headings: &Headings, terminal: &Terminal) -> String {
    let grid = Grid::new(answer, headings);
    let width_max = terminal.width.unwrap_or(usize::MAX);
    let mut lines = wide(&grid, width_max).unwrap_or_else(|| tall(&grid));
    if !grid.notes.is_empty() {
        lines.push(Line::Plain(String::new()));
        lines.extend(grid.notes.into_iter().map(Line::Plain));
    }
    lines.extend(answer.columns().iter().flat_map(|column| sections(column, headings)));
    lines.iter().map(|line| line.show(terminal.bold)).collect()
}

/// One line of output.
pub(super) enum Line {
    Heading(String),
    Plain(String),
}

impl Line {
    pub(super) fn show(&self, bold: bool) -> String {
        match self {
            Self::Heading(text) if bold => format!("\x1b[1m{}\x1b[0m\n", text.trim_end()),
            Self::Heading(text) | Self::Plain(text) => format!("{}\n", text.trim_end()),
        }
    }
}

/// A line for each column of the data and one for its bits, if none is longer than `width_max`.
fn wide(grid: &Grid, width_max: usize) -> Option<Vec<Line>> {
    let mut cells = vec![cells("column", &grid.headings)];
    for row in &grid.rows {
        cells.push(self::cells(&row.name, row.lines.first().map_or(&[], Vec::as_slice)));
        cells.extend(row.lines.iter().skip(1).map(|line| self::cells("", line)));
    }
    let aligned = Aligned::new(cells);
    let remarks = grid.rows.iter().filter_map(|row| row.remark.as_ref());
    let remark_width = remarks.map(|remark| aligned.name_width + remark.chars().count()).max();
    if aligned.width.max(remark_width.unwrap_or(0)) > width_max {
        return None;
    }
    let mut texts = aligned.lines.iter();
    let mut lines: Vec<_> =
        texts.next().map(|text| Line::Heading(text.clone())).into_iter().collect();
    for row in &grid.rows {
        let n_lines = row.lines.len().max(1);
        lines.extend(texts.by_ref().take(n_lines).map(|text| match &row.remark {
            Some(remark) => Line::Plain(aligned.name(text).to_owned() + remark),
            None => Line::Plain(text.clone()),
        }));
    }
    Some(lines)
}

/// A block for each column of the data, with a line a result.
fn tall(grid: &Grid) -> Vec<Line> {
    let results = grid.rows.iter().flat_map(|row| {
        let n_results = if row.lines.is_empty() { 0 } else { grid.headings.len() };
        (0..n_results).map(|index| {
            let numbers: Vec<_> = row.lines.iter().map(|line| line[index].clone()).collect();
            cells(&format!("  {}", grid.headings[index]), &numbers)
        })
    });
    let aligned = Aligned::new(results.collect());
    let mut texts = aligned.lines.into_iter();
    let mut lines = Vec::new();
    for row in &grid.rows {
        lines.push(Line::Heading(row.name.clone()));
        lines.extend(row.remark.iter().map(|remark| Line::Plain(format!("  {remark}"))));
        let n_results = if row.lines.is_empty() { 0 } else { grid.headings.len() };
        lines.extend(texts.by_ref().take(n_results).map(Line::Plain));
    }
    lines
}

/// A name and what stands beside it.
fn cells(name: &str, numbers: &[String]) -> Vec<String> {
    [name.to_owned()].into_iter().chain(numbers.iter().cloned()).collect()
}

/// Lines of equal width: names to the left, numbers to the right.
pub(super) struct Aligned {
    pub(super) lines: Vec<String>,
    /// The width of the names, with the gap after them.
    name_width: usize,
    /// The width of a line, without the gap at its end.
    width: usize,
}

impl Aligned {
    pub(super) fn new(rows: Vec<Vec<String>>) -> Self {
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled)
            .add_rows(rows);
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, GAP));
            column.set_cell_alignment(if index == 0 {
                CellAlignment::Left
            } else {
                CellAlignment::Right
            });
        }
        let widths = table.column_max_content_widths();
        let widths: Vec<_> = widths.iter().map(|width| usize::from(width + GAP)).collect();
        Self {
            lines: table.lines().collect(),
            name_width: widths.first().copied().unwrap_or(0),
            width: widths.iter().sum::<usize>().saturating_sub(GAP.into()),
        }
    }

    /// The part of a line without numbers that is as wide as the names. What follows it is spaces.
    fn name<'a>(&self, line: &'a str) -> &'a str {
        let n_spaces = self.width + usize::from(GAP) - self.name_width;
        &line[..line.len() - n_spaces]
    }
}
