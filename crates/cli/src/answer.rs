//! What is known of the columns, as the object of the service whoever computed it, so that there is one way
//! to show it. It always holds the bits of every result. How it looks in a table is in `render`.

use std::collections::BTreeMap;

use exacta::{Plan, Statistic};
use exacta_api::FirstInvalid;
use exacta_client::{ColumnSummary, SummarizeResponse};
use exacta_scan::{Column, Kind, Place, Table};
use serde_json::{Map, Value};

/// The answer to `exacta stats`.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    response: SummarizeResponse,
    origins: Origins,
}

/// In which of several inputs the first invalid cell of a column stands, by the column's name.
pub(crate) type Origins = BTreeMap<String, String>;

impl From<SummarizeResponse> for Answer {
    /// The answer of a service that was asked for the bits.
    fn from(response: SummarizeResponse) -> Self {
        Self { response, origins: Origins::new() }
    }
}

impl Answer {
    /// The answer to a plan, about a table that was made for it.
    pub(crate) fn new(table: &Table, plan: &Plan) -> Result<Self, exacta::Error> {
        let columns = table.columns.iter().map(|column| summary(column, plan));
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

    /// The input in which the first invalid cell of a column stands, where there are several.
    pub(crate) fn origin(&self, column: &str) -> Option<&str> {
        self.origins.get(column).map(String::as_str)
    }

    /// What is known of each column.
    pub(crate) fn columns(&self) -> &[ColumnSummary] {
        &self.response.columns
    }

    /// The object of the service, byte for byte, without or with the bits, and a line end.
    pub(crate) fn json(&self, bits: bool) -> String {
        let mut response = serde_json::to_value(&self.response)
            .expect("an answer has text keys and finite numbers");
        let columns = response["columns"].as_array_mut().expect("an answer is a list of columns");
        for column in columns.iter_mut().filter_map(Value::as_object_mut) {
            if !bits {
                remove_bits(column);
            }
            sort_member(column, "undefined");
            sort_member(column, "bits");
        }
        format!("{response}\n")
    }
}

/// A column as the service tells it, with the bits.
fn summary(column: &Column, plan: &Plan) -> Result<exacta_api::ColumnSummary, exacta::Error> {
    let Column { name, partial, kind, first_invalid } = column;
    let place =
        first_invalid.map(|Place { line, column, offset }| FirstInvalid { line, column, offset });
    exacta_api::ColumnSummary::of_file(name, partial, plan, true, place, *kind == Kind::Text)
}

fn remove_bits(column: &mut Map<String, Value>) {
    column.shift_remove("bits");
    let quantiles = column.get_mut("quantiles").and_then(Value::as_array_mut);
    for quantile in quantiles.into_iter().flatten().filter_map(Value::as_object_mut) {
        quantile.shift_remove("bits");
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
