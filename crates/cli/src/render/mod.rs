//! An answer as text, in the format that was asked for. What a person is shown is decided in `grid`, where it stands
//! on a terminal in `table`, and what other programs are given in `records`; JSON is in `answer`.

mod axis;
mod bars;
mod canvas;
mod decimal;
mod grid;
mod groups;
mod job;
mod markdown;
pub(crate) mod picture;
mod plot;
mod records;
mod sections;
mod svg;
mod table;
mod terminal;

pub(crate) use grid::{Headings, number};
pub(crate) use groups::{GroupGrid, ROWS};
pub(crate) use job::{job_block, job_table};
pub(crate) use records::Records;
pub(crate) use sections::{named_numbers, shown};
pub(crate) use table::Line;
pub(crate) use terminal::Terminal;

use crate::answer::Answer;
use crate::args::Format;

/// The answer in a format; a table as it fits the terminal.
pub(crate) fn render(
    answer: &Answer,
    headings: &Headings,
    format: Format,
    terminal: &Terminal,
) -> String {
    match format {
        Format::Table if headings.pictures => {
            let table = table::table(&answer.without_pictures(headings), headings, terminal);
            terminal.fit(table + &plot::plots(answer.columns(), terminal))
        }
        Format::Table => terminal.fit(table::table(answer, headings, terminal)),
        Format::Json => answer.json(headings.bits),
        Format::Ndjson => answer.ndjson(headings.bits),
        Format::Csv => records::records(answer, headings, ','),
        Format::Tsv => records::records(answer, headings, '\t'),
        Format::Markdown => markdown::markdown(answer, headings),
        Format::Svg => svg::svg(answer, headings),
    }
}
