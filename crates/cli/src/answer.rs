//! What is known of the columns, as the object of the service whoever computed it, so that there is one way
//! to show it. It always holds the bits of every result. How it looks in a table is in `render`.

use std::collections::BTreeMap;

use exacta::{Plan, Statistic};
use exacta_api::FirstInvalid;
use exacta_client::{ColumnSummary, SummarizeResponse};
use exacta_scan::{Column, Kind, Place};
use serde_json::{Map, Value};

use crate::args::Format;
use crate::error::Error;
use crate::output::{self, Target};
use crate::pairs::RowAnswer;
use crate::render::{Headings, Terminal, render};

/// The answer to `exacta stats`.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    response: SummarizeResponse,
    origins: Origins,
    /// What it is about, for a heading; nothing where that is not known.
    subject: String,
    /// What is known of rows beside the columns.
    rows: RowAnswer,
}

/// In which of several inputs the first invalid cell of a column stands, by the column's name.
pub(crate) type Origins = BTreeMap<String, String>;

impl From<SummarizeResponse> for Answer {
    /// The answer of a service that was asked for the bits.
    fn from(response: SummarizeResponse) -> Self {
        let (origins, subject, rows) = (Origins::new(), String::new(), RowAnswer::default());
        Self { response, origins, subject, rows }
    }
}

impl Answer {
    /// The answer to a plan, about columns that were made for it.
    pub(crate) fn new(columns: &[Column], plan: &Plan) -> Result<Self, exacta::Error> {
        let columns = columns.iter().map(|column| summary(column, plan, true));
        let response =
            exacta_api::SummarizeResponse { columns: columns.collect::<Result<_, _>>()? };
        let json =
            serde_json::to_value(response).expect("an answer has text keys and finite numbers");
        let response: SummarizeResponse =
            serde_json::from_value(json).expect("the client reads what the service writes");
        Ok(response.into())
    }

    /// The same answer about several inputs, in which places stand.
    pub(crate) fn with_origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// The same answer with what is known of rows beside the columns.
    pub(crate) fn with_rows(self, rows: RowAnswer) -> Self {
        Self { rows, ..self }
    }

    /// What is known of rows beside the columns.
    pub(crate) fn rows(&self) -> &RowAnswer {
        &self.rows
    }

    /// The same answer about something that has a name.
    pub(crate) fn about(self, subject: String) -> Self {
        Self { subject, ..self }
    }

    /// What it is about, or nothing.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// The input in which the first invalid cell of a column stands, where there are several.
    pub(crate) fn origin(&self, column: &str) -> Option<&str> {
        self.origins.get(column).map(String::as_str)
    }

    /// The result of a job, which may have been submitted without asking for the bits. Those of finite
    /// results are in their decimals.
    pub(crate) fn stored(mut response: SummarizeResponse) -> Self {
        response.columns.iter_mut().for_each(add_bits);
        response.into()
    }

    /// Whether no column has a cell of any kind.
    fn is_empty(&self) -> bool {
        let counts = |column: &ColumnSummary| {
            let others = [column.null, column.nan, column.pos_inf, column.neg_inf, column.invalid];
            column.count + others.into_iter().flatten().sum::<u64>()
        };
        self.columns().iter().all(|column| counts(column) == 0)
    }

    /// Whether a column has a histogram.
    pub(crate) fn has_histogram(&self) -> bool {
        self.columns().iter().any(|column| column.histogram.is_some())
    }

    /// What is known of each column.
    pub(crate) fn columns(&self) -> &[ColumnSummary] {
        &self.response.columns
    }

    /// Writes it in a format, under these headings; an answer about nothing with a word about that.
    pub(crate) fn write(
        &self,
        headings: &Headings,
        format: Format,
        target: &Target,
    ) -> Result<(), Error> {
        if self.is_empty() {
            output::warn(headings.no_rows());
        }
        let terminal = Terminal::of_target(target);
        target.write(render(self, headings, format, &terminal).as_bytes())
    }

    /// The same answer with no results but those under the headings: without what only pictures are drawn from.
    pub(crate) fn without_pictures(&self, headings: &Headings) -> Self {
        let mut answer = self.clone();
        for column in &mut answer.response.columns {
            column.histogram = None;
            column.undefined.get_or_insert_default().remove("histogram");
            column.exact.get_or_insert_default().retain(|name, _| headings.has(name));
            column.quantiles.get_or_insert_default().truncate(headings.n_quantiles());
        }
        answer
    }

    /// The object of the service, byte for byte, without or with the bits, and a line end.
    pub(crate) fn json(&self, bits: bool) -> String {
        let mut response = serde_json::to_value(&self.response)
            .expect("an answer has text keys and finite numbers");
        let columns = response["columns"].as_array_mut().expect("an answer is a list of columns");
        columns.iter_mut().for_each(|column| self.complete(column, bits));
        let pairs = self.rows.pairs(bits);
        if !pairs.is_empty() {
            response["pairs"] = pairs.into();
        }
        format!("{response}\n")
    }

    /// The objects of the columns, then those of pairs, each in its line.
    pub(crate) fn ndjson(&self, bits: bool) -> String {
        let line = |column: &ColumnSummary| {
            let mut column =
                serde_json::to_value(column).expect("an answer has text keys and finite numbers");
            self.complete(&mut column, bits);
            format!("{column}\n")
        };
        let pairs = self.rows.pairs(bits).into_iter().map(|pair| format!("{pair}\n"));
        self.columns().iter().map(line).chain(pairs).collect()
    }

    /// Makes the object of a column what the service makes it, and adds what weights make of it.
    fn complete(&self, column: &mut Value, bits: bool) {
        as_the_service(column, bits);
        self.rows.add_to(column.as_object_mut().expect("a column is an object"), bits);
    }
}

/// Makes the object of a column what the service makes it, without or with the bits.
fn as_the_service(column: &mut Value, bits: bool) {
    let column = column.as_object_mut().expect("a column is an object");
    if !bits {
        remove_bits(column);
    }
    for member in ["exact", "undefined", "bits"] {
        sort_member(column, member);
    }
}

/// A column as the service tells it, without or with the bits.
pub(crate) fn summary(
    column: &Column,
    plan: &Plan,
    bits: bool,
) -> Result<exacta_api::ColumnSummary, exacta::Error> {
    let Column { name, partial, kind, first_invalid, .. } = column;
    let place = first_invalid.and_then(|place| match place {
        Place::Text { line, column, offset } => Some(FirstInvalid { line, column, offset }),
        Place::Row(_) => None,
    });
    exacta_api::ColumnSummary::of_file(name, partial, plan, bits, place, *kind == Kind::Text)
}

fn add_bits(column: &mut ColumnSummary) {
    let members =
        serde_json::to_value(&*column).expect("an answer has text keys and finite numbers");
    let value = |statistic: &Statistic| members.get(statistic.name()).and_then(Value::as_f64);
    let results = Statistic::ALL.iter().filter(|statistic| !statistic.is_count());
    for statistic in results {
        if let Some(value) = value(statistic) {
            let bits = column.bits.get_or_insert_default();
            bits.entry(statistic.name().to_owned()).or_insert_with(|| hexadecimal(value));
        }
    }
    for quantile in column.quantiles.iter_mut().flatten() {
        quantile.bits = quantile.bits.take().or_else(|| quantile.value.map(hexadecimal));
    }
    for quantile in column.approx_quantiles.iter_mut().flatten() {
        quantile.bits = quantile.bits.take().or_else(|| quantile.value.map(hexadecimal));
    }
}

fn hexadecimal(value: f64) -> String {
    format!("{:016x}", value.to_bits())
}

fn remove_bits(column: &mut Map<String, Value>) {
    column.shift_remove("bits");
    for member in ["quantiles", "approx_quantiles"] {
        let quantiles = column.get_mut(member).and_then(Value::as_array_mut);
        for quantile in quantiles.into_iter().flatten().filter_map(Value::as_object_mut) {
            quantile.shift_remove("bits");
        }
    }
}

/// Puts a member that maps statistics into their order, which the client's map does not keep.
fn sort_member(column: &mut Map<String, Value>, member: &str) {
    let Some(map) = column.get_mut(member).and_then(Value::as_object_mut) else { return };
    let rank = |name: &str| Statistic::ALL.iter().position(|statistic| statistic.name() == name);
    let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
    entries.sort_by_key(|(name, _)| rank(name).unwrap_or(usize::MAX));
    map.extend(entries);
}
