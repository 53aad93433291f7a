//! Jobs for people: a line each in a list, or one with a line for each thing that is known of it. Times are
//! shown as the service writes them.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use exacta_client::Job;

use super::Terminal;
use super::table::{GAP, Line};
use crate::text::one_line;

/// A line for each job, under headings.
pub(crate) fn job_table(jobs: &[Job], terminal: &Terminal) -> String {
    let mut rows = vec![["id", "state", "created_at", "error"].map(str::to_owned)];
    rows.extend(jobs.iter().map(|job| {
        let code = job.error.as_ref().map_or("", |error| error.code.as_str());
        [&job.id, job.state.as_str(), &job.created_at, code].map(one_line)
    }));
    let lines = aligned(rows).into_iter().enumerate();
    let line = |(index, text)| if index == 0 { Line::Heading(text) } else { Line::Plain(text) };
    lines.map(|numbered| line(numbered).show(terminal.paint)).collect()
}

/// What is known of one job.
pub(crate) fn job_block(job: &Job) -> String {
    let error = job.error.as_ref().map(|error| format!("{}: {}", error.code, error.detail));
    let members = [
        ("id", Some(job.id.as_str())),
        ("kernel", Some(job.kernel.as_str())),
        ("state", Some(job.state.as_str())),
        ("created_at", Some(job.created_at.as_str())),
        ("started_at", job.started_at.as_deref()),
        ("finished_at", job.finished_at.as_deref()),
        ("error", error.as_deref()),
    ];
    let row = |(name, value): (&str, Option<&str>)| Some([name.to_owned(), one_line(value?)]);
    let lines = aligned(members.into_iter().filter_map(row));
    lines.iter().flat_map(|text| [text.trim_end(), "\n"]).collect()
}

/// Rows of text as lines of equal width.
fn aligned<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).add_rows(rows);
    table.column_iter_mut().for_each(|column| _ = column.set_padding((0, GAP)));
    table.lines().collect()
}
