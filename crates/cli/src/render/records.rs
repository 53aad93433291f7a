//! An answer for other programs that take rows: a header and a row a column, as CSV or TSV. Each header is the path
//! that the result has in JSON, or the quantile as it was asked for; which there are depends on the question alone.

use exacta::Statistic;
use exacta_client::{ApproxQuantileSummary, ColumnSummary};

use super::Headings;
use super::grid::{integer, number, quantile_summaries};
use crate::answer::Answer;

/// One column of the output: its header, and what stands under it.
struct Field<'a> {
    header: String,
    cell: Box<Cell<'a>>,
}

/// What stands in the row of a column.
type Cell<'a> = dyn Fn(&ColumnSummary) -> Option<String> + 'a;

impl<'a> Field<'a> {
    fn new(
        header: impl Into<String>,
        cell: impl Fn(&ColumnSummary) -> Option<String> + 'a,
    ) -> Self {
        Self { header: header.into(), cell: Box::new(cell) }
    }
}

/// The answer as lines of cells with `delimiter` between them. What is undefined is empty.
pub(super) fn records(answer: &Answer, headings: &Headings, delimiter: char) -> String {
    let exact: Vec<_> = Statistic::ALL.iter().copied().filter(|s| has_exact(answer, *s)).collect();
    let records = Records::new(headings, &exact, delimiter);
    let rows = answer.columns().iter().map(|column| records.row(&[], column));
    records.header(&[]) + &rows.collect::<String>()
}

/// What stands in each line.
pub(crate) struct Records<'a> {
    fields: Vec<Field<'a>>,
    delimiter: char,
}

impl<'a> Records<'a> {
    /// Lines of the results with these headings, and of the exact values of some of them.
    pub(crate) fn new(headings: &'a Headings, exact: &[Statistic], delimiter: char) -> Self {
        Self { fields: fields(headings, exact), delimiter }
    }

    /// The first line, with other names in front.
    pub(crate) fn header(&self, names: &[String]) -> String {
        let headers = self.fields.iter().map(|field| field.header.clone());
        line(names.iter().cloned().chain(headers), self.delimiter)
    }

    /// The line of a column, with other cells in front.
    pub(crate) fn row(&self, cells: &[String], column: &ColumnSummary) -> String {
        let results = self.fields.iter().map(|field| (field.cell)(column).unwrap_or_default());
        line(cells.iter().cloned().chain(results), self.delimiter)
    }

    /// A line of these cells alone.
    pub(crate) fn empty_row(&self, cells: &[String]) -> String {
        let results = self.fields.iter().map(|_| String::new());
        line(cells.iter().cloned().chain(results), self.delimiter)
    }
}

fn fields<'a>(headings: &'a Headings, exact: &[Statistic]) -> Vec<Field<'a>> {
    let results = headings.statistics.iter().map(|(statistic, _)| *statistic);
    let mut fields = about();
    fields.extend(results.clone().map(|statistic| {
        Field::new(statistic.name(), move |column| {
            integer(column, statistic).or_else(|| Some(number(bits(column, statistic)?)))
        })
    }));
    fields.extend(headings.quantiles.iter().enumerate().map(|(index, heading)| {
        Field::new(heading, move |column| {
            quantile_summaries(column).get(index)?.bits.as_deref().map(number)
        })
    }));
    let approx = headings.approx_quantiles.iter().enumerate();
    fields.extend(approx.flat_map(|(index, heading)| approx_fields(index, heading)));
    fields.extend(exact.iter().copied().map(|s| {
        Field::new(format!("exact.{s}"), move |column: &ColumnSummary| {
            column.exact.as_ref()?.get(s.name()).cloned()
        })
    }));
    if headings.bits {
        let results = results.filter(|statistic| !statistic.is_count());
        fields.extend(results.map(|statistic| {
            let cell = move |column: &_| bits(column, statistic).map(str::to_owned);
            Field::new(format!("bits.{statistic}"), cell)
        }));
        fields.extend(headings.quantiles.iter().enumerate().map(|(index, heading)| {
            let cell = move |column: &_| quantile_summaries(column).get(index)?.bits.clone();
            Field::new(format!("bits.{heading}"), cell)
        }));
    }
    fields
}

/// What is told of every column.
fn about() -> Vec<Field<'static>> {
    let kind = |column: &ColumnSummary| {
        Some(column.r#type.as_ref().map_or("number", |kind| kind.as_str()).to_owned())
    };
    let count = |name, of: fn(&ColumnSummary) -> Option<u64>| {
        Field::new(name, move |column| Some(of(column).unwrap_or(0).to_string()))
    };
    vec![
        Field::new("column", |column| Some(column.name.clone())),
        Field::new("type", kind),
        count("count", |column| Some(column.count)),
        count("null", |column| column.null),
        count("nan", |column| column.nan),
        count("pos_inf", |column| column.pos_inf),
        count("neg_inf", |column| column.neg_inf),
        count("invalid", |column| column.invalid),
    ]
}

/// An estimate, and the bounds that the exact quantile lies between.
fn approx_fields(index: usize, heading: &str) -> [Field<'_>; 3] {
    let of = move |column: &ColumnSummary| -> Option<ApproxQuantileSummary> {
        column.approx_quantiles.as_ref()?.get(index).cloned()
    };
    let decimal = |value: f64| format!("{value:?}");
    [
        Field::new(format!("approx_{heading}"), move |column| {
            of(column)?.bits.as_deref().map(number)
        }),
        Field::new(format!("approx_{heading}.lower"), move |column| of(column)?.lower.map(decimal)),
        Field::new(format!("approx_{heading}.upper"), move |column| of(column)?.upper.map(decimal)),
    ]
}

fn has_exact(answer: &Answer, statistic: Statistic) -> bool {
    let has = |column: &ColumnSummary| column.exact.as_ref()?.get(statistic.name()).map(|_| ());
    answer.columns().iter().any(|column| has(column).is_some())
}

fn bits(column: &ColumnSummary, statistic: Statistic) -> Option<&str> {
    column.bits.as_ref()?.get(statistic.name()).map(String::as_str)
}

/// Cells as a line, quoted where they must be.
fn line(cells: impl Iterator<Item = String>, delimiter: char) -> String {
    let is_special = |c: char| c == delimiter || matches!(c, '"' | '\r' | '\n');
    let cell = |text: String| {
        // Blanks around a cell are no part of it for many readers.
        let is_quoted = text.contains(is_special) || text.trim() != text;
        if is_quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    let cells: Vec<_> = cells.map(cell).collect();
    cells.join(&delimiter.to_string()) + "\n"
}
