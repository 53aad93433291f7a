//! Groups as text in rows: the cells of the key first, then the column, then its results; where no column has numbers,
//! the number of rows. Where it stands on the screen is in `table`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use exacta_scan::Group;

use super::grid::{COUNTS, Count, Grid, HISTOGRAM, Row, UNDEFINED, lines, results_of, undefined};
use super::sections::sections_of;
use super::{Headings, Line, Terminal, markdown, table};
use crate::answer::Answer;
use crate::text::excerpt;

/// The heading of a group's number of rows.
pub(crate) const ROWS: &str = "rows";

/// How many rows a person is shown, give or take those of a group: each is in memory until all are there to be aligned.
const ROWS_SHOWN_MAX: usize = 10_000;

/// What a person sees of groups.
pub(crate) struct GroupGrid {
    by: Vec<String>,
    rows: Vec<Row>,
    /// Whether a column has numbers, which it has in every group or in none.
    has_numbers: bool,
    /// How long a line may be.
    width_max: usize,
    sections: Vec<Line>,
    /// Which counts are not zero in every row.
    is_shown: [bool; COUNTS.len()],
    undefined: Undefined,
}

/// In how many lines a result is missing for a reason, by result and reason.
type Undefined = BTreeMap<String, BTreeMap<String, usize>>;

impl GroupGrid {
    /// No groups yet, by the cells of these columns, for lines of so many characters.
    pub(crate) fn new(by: &[String], width_max: usize) -> Self {
        let by = by.iter().map(|name| excerpt(name)).collect();
        let mut is_shown = [false; COUNTS.len()];
        is_shown[0] = true;
        let (rows, sections, undefined) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { by, rows, has_numbers: true, width_max, sections, is_shown, undefined }
    }

    /// Adds a group and what is known of its columns: a row for each that is not text, or one for the group.
    pub(crate) fn push(&mut self, group: &Group, answer: &Answer, headings: &Headings) {
        let cell = |cell: &Option<String>| cell.as_ref().map_or(UNDEFINED.into(), |it| excerpt(it));
        let key: Vec<_> = group.by.iter().map(cell).collect();
        let columns = answer.columns().iter().filter(|column| column.r#type.is_none());
        let columns: Vec<_> = columns.collect();
        self.has_numbers = !columns.is_empty();
        if !self.has_numbers {
            let lines = vec![vec![group.rows.to_string()]];
            self.rows.push(Row { names: key, lines, remark: None });
            return;
        }
        for column in columns {
            let names = key.iter().cloned().chain([excerpt(&column.name)]).collect();
            let row = Row { names, lines: lines(column, &COUNTS, headings), remark: None };
            for (is_shown, (_, count)) in self.is_shown.iter_mut().zip(COUNTS) {
                *is_shown |= count(column) > 0;
            }
            for (heading, reason) in undefined(column, headings) {
                let reasons = self.undefined.entry(heading.to_owned()).or_default();
                *reasons.entry(reason.to_string()).or_default() += 1;
            }
            let sections = sections_of(&row.title(), column, headings, self.width_max);
            self.sections.extend(sections);
            self.rows.push(row);
        }
    }

    /// Whether it has as many rows as a person is shown.
    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_SHOWN_MAX
    }

    /// The groups as lines for a terminal.
    pub(crate) fn table(mut self, headings: &Headings, terminal: &Terminal) -> String {
        let sections = std::mem::take(&mut self.sections);
        table::show(&self.into_grid(headings), sections, terminal)
    }

    /// The groups as Markdown.
    pub(crate) fn markdown(mut self, headings: &Headings) -> String {
        let sections = std::mem::take(&mut self.sections);
        markdown::show(&self.into_grid(headings), sections)
    }

    /// The rows without the counts that are zero in all of them.
    fn into_grid(self, headings: &Headings) -> Grid {
        let Self { by: mut names, mut rows, has_numbers, is_shown, undefined, .. } = self;
        if !has_numbers {
            return Grid { names, headings: vec![ROWS.to_owned()], rows, notes: Vec::new() };
        }
        names.push("column".to_owned());
        for line in rows.iter_mut().flat_map(|row| &mut row.lines) {
            let mut shown = is_shown.iter();
            line.retain(|_| *shown.next().unwrap_or(&true));
        }
        let counts = COUNTS.iter().zip(is_shown).filter(|(_, is_shown)| *is_shown);
        let counts: Vec<Count> = counts.map(|(count, _)| *count).collect();
        let notes = notes(&undefined, rows.len(), headings);
        Grid { names, headings: results_of(&counts, headings), notes, rows }
    }
}

/// A note for each reason and number of lines, most lines first, with all results that it is said of. A line of the table
/// is a column of a group, and none of its rows.
fn notes(undefined: &Undefined, n_lines: usize, headings: &Headings) -> Vec<String> {
    let mut alike: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let results = results_of(&[], headings);
    for result in results.iter().map(String::as_str).chain([HISTOGRAM]) {
        for (reason, n) in undefined.get(result).into_iter().flatten() {
            alike.entry((Reverse(*n), reason)).or_default().push(result);
        }
    }
    let line = |((Reverse(n), reason), results): (_, Vec<_>)| {
        let have = if n == 1 { "has" } else { "have" };
        format!("{n} of {n_lines} lines {have} no finite {}: {reason}", results.join(", "))
    };
    alike.into_iter().map(line).collect()
}
