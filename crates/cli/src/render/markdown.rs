//! An answer as a pipe table that GitHub shows, for a report or an issue. It says what the table for a terminal says,
//! which is decided in `grid`.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::grid::{Grid, Row};
use super::sections::sections;
use super::{Headings, Line};
use crate::answer::Answer;

/// The answer as Markdown.
pub(super) fn markdown(answer: &Answer, headings: &Headings) -> String {
    let sections =
        answer.columns().iter().flat_map(|column| sections(column, headings, usize::MAX));
    let sections = sections.chain(answer.rows().sections());
    show(&Grid::new(answer, headings), sections)
}

/// A grid as Markdown, then its notes, then sections.
pub(super) fn show(grid: &Grid, sections: impl IntoIterator<Item = Line>) -> String {
    let mut text = pipes(grid);
    let remark = |row: &Row| Some(format!("{}: {}", row.title(), row.remark.as_ref()?));
    let remarks = grid.rows.iter().filter_map(remark);
    let notes: Vec<_> = remarks.chain(grid.notes.iter().cloned()).collect();
    if !notes.is_empty() {
        text.push('\n');
        text.extend(notes.iter().map(|note| format!("- {}\n", escaped(note))));
    }
    text + &fenced(sections.into_iter())
}

/// The rows of a grid between pipes, numbers to the right.
fn pipes(grid: &Grid) -> String {
    let cells = |names: &[String], cells: &[String]| -> Vec<_> {
        names.iter().chain(cells).map(|cell| escaped(cell)).collect()
    };
    let no_names = vec![String::new(); grid.names.len()];
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(cells(&grid.names, &grid.headings));
    for row in &grid.rows {
        let lines = row.lines.iter().enumerate();
        table.add_rows(
            lines.map(|(n, line)| cells(if n == 0 { &row.names } else { &no_names }, line)),
        );
        if row.remark.is_some() {
            table.add_row(cells(&row.names, &["text".to_owned()]));
        }
    }
    table
        .column_iter_mut()
        .skip(grid.names.len())
        .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    let line = |(n, line): (usize, String)| if n == 1 { to_the_right(&line, grid.names.len()) } else { line } + "\n";
    table.lines().enumerate().map(line).collect()
}

/// The line below the header, which says that all columns but the names are set to the right.
fn to_the_right(rule: &str, n_names: usize) -> String {
    let cells: Vec<_> = rule.split("-|").collect();
    let (names, results) = cells.split_at(n_names);
    format!("{}-|{}", names.join("-|"), results.join(":|"))
}

/// Text that Markdown would take for more than text, as that text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        // Within a word an underscore is one.
        let is_inside = |other: Option<char>| other.is_some_and(char::is_alphanumeric);
        let is_special = match c {
            '_' => !(is_inside(before) && is_inside(chars.peek().copied())),
            _ => "\\|*`<>[]~&$".contains(c),
        };
        if is_special {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// Sections as they are in a terminal, each under its heading.
fn fenced(lines: impl Iterator<Item = Line>) -> String {
    let mut text = String::new();
    let mut is_open = false;
    for line in lines {
        match line {
            Line::Heading(heading) => {
                text += if is_open { "```\n\n" } else { "\n" };
                text.extend(["**", &escaped(&heading), "**\n\n```text\n"]);
                is_open = true;
            }
            Line::Plain(line) | Line::Aside(line) if !line.is_empty() => {
                text.extend([line.trim_end(), "\n"]);
            }
            Line::Bar(line, bar) => text.extend([(line + &bar).trim_end(), "\n"]),
            _ => {}
        }
    }
    text + if is_open { "```\n" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_escaped() {
        for (text, expected) in [
            ("temp_max", "temp_max"),
            ("_x_", "\\_x\\_"),
            ("a|b", "a\\|b"),
            ("<b>*[`$&~\\", "\\<b\\>\\*\\[\\`\\$\\&\\~\\\\"),
            ("q(0.5) (n−1)", "q(0.5) (n−1)"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
