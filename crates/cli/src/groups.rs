//! The answer to `exacta stats --by`: one group after the other, so that a million of them take no memory here beside
//! that of their states. How an answer about columns is shown is in `answer` and `render`.

use std::io::{self, Write};

use exacta::{Plan, Statistic};
use exacta_api::GroupSummary;
use exacta_scan::{Group, Grouped};

use crate::advice::GroupAdvice;
use crate::answer::{Answer, summary};
use crate::args::Format;
use crate::error::Error;
use crate::output::{self, Target};
use crate::render::{GroupGrid, Headings, ROWS, Records, Terminal};

/// Groups of rows, and what is asked of them.
pub(crate) struct GroupAnswer<'a> {
    pub(crate) groups: Grouped,
    pub(crate) plan: &'a Plan,
}

impl GroupAnswer<'_> {
    /// Writes it in a format, under these headings; an answer about nothing with a word about that.
    pub(crate) fn write(
        self,
        headings: &Headings,
        format: Format,
        target: &Target,
    ) -> Result<(), Error> {
        if self.groups.is_empty() {
            output::warn(headings.no_rows());
        }
        let mut advice = GroupAdvice::default();
        target.write_with(|writer| match format {
            Format::Json => self.write_json(writer, headings.bits, &mut advice),
            Format::Ndjson => self.write_ndjson(writer, headings.bits, &mut advice),
            Format::Csv => self.write_records(writer, headings, ',', &mut advice),
            Format::Tsv => self.write_records(writer, headings, '\t', &mut advice),
            Format::Table => {
                let terminal = Terminal::of_target(target);
                let width_max = terminal.width.unwrap_or(usize::MAX);
                let grid = self.grid(headings, width_max, &mut advice)?;
                writer.write_all(grid.table(headings, &terminal).as_bytes())
            }
            Format::Svg => unreachable!("a picture of groups has been refused"),
            Format::Markdown => {
                let grid = self.grid(headings, usize::MAX, &mut advice)?;
                writer.write_all(grid.markdown(headings).as_bytes())
            }
        })?;
        advice.warn();
        Ok(())
    }

    /// One object: `{"groups":[…]}`.
    fn write_json(
        self,
        writer: &mut dyn Write,
        bits: bool,
        advice: &mut GroupAdvice,
    ) -> io::Result<()> {
        let mut separator = "";
        writer.write_all(b"{\"groups\":[")?;
        self.for_each(advice, |by, group, plan| {
            writer.write_all(separator.as_bytes())?;
            separator = ",";
            write_group(writer, by, &group, plan, bits)
        })?;
        writer.write_all(b"]}\n")
    }

    /// An object a group, each in its line.
    fn write_ndjson(
        self,
        writer: &mut dyn Write,
        bits: bool,
        advice: &mut GroupAdvice,
    ) -> io::Result<()> {
        self.for_each(advice, |by, group, plan| {
            write_group(writer, by, &group, plan, bits)?;
            writer.write_all(b"\n")
        })
    }

    /// A row a group and column, the cells of the key and the group's number of rows in front. A group without columns
    /// has a row too.
    fn write_records(
        self,
        writer: &mut dyn Write,
        headings: &Headings,
        delimiter: char,
        advice: &mut GroupAdvice,
    ) -> io::Result<()> {
        let exact = exact_statistics(self.plan);
        let records = Records::new(headings, &exact, delimiter);
        let names = [self.groups.by(), &[ROWS.to_owned()]].concat();
        writer.write_all(records.header(&names).as_bytes())?;
        self.for_each(advice, |_, group, plan| {
            let cells = group.by.iter().map(|it| it.clone().unwrap_or_default());
            let cells: Vec<_> = cells.chain([group.rows.to_string()]).collect();
            let answer = columns(&group, plan)?;
            let rows = answer.columns().iter().map(|column| records.row(&cells, column));
            let none = group.columns.is_empty().then(|| records.empty_row(&cells));
            writer.write_all(rows.chain(none).collect::<String>().as_bytes())
        })
    }

    /// The rows for a person, for lines of so many characters; a word says so if they are not all.
    fn grid(
        self,
        headings: &Headings,
        width_max: usize,
        advice: &mut GroupAdvice,
    ) -> io::Result<GroupGrid> {
        let mut grid = GroupGrid::new(self.groups.by(), width_max);
        let mut n_shown = 0;
        let mut groups = self.groups.into_groups();
        while !grid.is_full()
            && let Some(group) = groups.next().transpose().map_err(io::Error::other)?
        {
            grid.push(&group, &columns(&group, self.plan)?, headings);
            advice.note(&group, self.plan).map_err(io::Error::other)?;
            n_shown += 1;
        }
        let n_groups = n_shown + groups.count();
        if n_shown < n_groups {
            output::warn(&format!(
                "these are the first {n_shown} of {n_groups} groups; --format csv, tsv, json or ndjson has all"
            ));
        }
        Ok(grid)
    }

    /// Gives each group with the names of its key's columns and the plan, in order.
    fn for_each(
        self,
        advice: &mut GroupAdvice,
        mut take: impl FnMut(&[String], Group, &Plan) -> io::Result<()>,
    ) -> io::Result<()> {
        let by = self.groups.by().to_vec();
        let mut groups = self.groups.into_groups();
        groups.try_for_each(|group| {
            let group = group.map_err(io::Error::other)?;
            advice.note(&group, self.plan).map_err(io::Error::other)?;
            take(&by, group, self.plan)
        })
    }
}

fn write_group(
    writer: &mut dyn Write,
    by: &[String],
    group: &Group,
    plan: &Plan,
    bits: bool,
) -> io::Result<()> {
    let columns = group.columns.iter().map(|column| summary(column, plan, bits));
    let columns = columns.collect::<Result<_, _>>().map_err(io::Error::other)?;
    let by = by.iter().cloned().zip(group.by.iter().cloned()).collect();
    Ok(serde_json::to_writer(writer, &GroupSummary { by, rows: group.rows, columns })?)
}

/// The columns of a group as an answer of their own.
fn columns(group: &Group, plan: &Plan) -> io::Result<Answer> {
    Answer::new(&group.columns, plan).map_err(io::Error::other)
}

/// The statistics of a plan whose exact values were asked for.
fn exact_statistics(plan: &Plan) -> Vec<Statistic> {
    use Statistic::{Max, Min, Range, Sum, SumSquares};
    let has_end =
        |statistic: &&Statistic| matches!(statistic, Sum | SumSquares | Min | Max | Range);
    let statistics = plan.statistics().iter().filter(|_| plan.exact());
    statistics.filter(has_end).copied().collect()
}
