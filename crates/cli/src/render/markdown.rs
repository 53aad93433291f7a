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
    let grid = Grid::new(answer, headings);
    let mut text = pipes(&grid);
    let remark = |row: &Row| Some(format!("{}: {}", row.name, row.remark.as_ref()?));
    let notes: Vec<_> = grid.rows.iter().filter_map(remark).chain(grid.notes).collect();
    if !notes.is_empty() {
        text.push('\n');
        text.extend(notes.iter().map(|note| format!("- {}\n", escaped(note))));
    }
    let sections =
        answer.columns().iter().flat_map(|column| sections(column, headings, usize::MAX));
    text + &fenced(sections)
}

/// The rows of a grid between pipes, numbers to the right.
fn pipes(grid: &Grid) -> String {
    let cells = |name: &str, cells: &[String]| -> Vec<_> {
        std::iter::once(name).chain(cells.iter().map(String::as_str)).map(escaped).collect()
    };
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(cells("column", &grid.headings));
    for row in &grid.rows {
        let lines = row.lines.iter().enumerate();
        table.add_rows(lines.map(|(n, line)| cells(if n == 0 { &row.name } else { "" }, line)));
        if row.remark.is_some() {
            table.add_row(cells(&row.name, &["text".to_owned()]));
        }
    }
    table
        .column_iter_mut()
        .skip(1)
        .for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    let line = |(n, line): (usize, String)| if n == 1 { to_the_right(&line) } else { line } + "\n";
    table.lines().enumerate().map(line).collect()
}

/// The line below the header, which says that all columns but the first are set to the right.
fn to_the_right(rule: &str) -> String {
    let mut cells = rule.split("-|");
    let first = cells.next().unwrap_or_default().to_owned();
    let rest: Vec<_> = cells.collect();
    format!("{first}-|{}", rest.join(":|"))
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
