//! The most frequent values of columns in an answer: how they are written in JSON, and as a section each below a table.

use exacta_scan::Table;
use serde_json::{Map, Value, json};

use crate::render::{Line, named_numbers};
use crate::text::excerpt;

/// The most frequent values of each column with their counts, by the column's name; nothing where none were asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopAnswer {
    columns: Vec<(String, Vec<(String, u64)>)>,
}

impl TopAnswer {
    /// What was counted of the columns of a table.
    pub(crate) fn new(table: &Table) -> Result<Self, exacta_scan::Error> {
        let Some(tops) = &table.tops else { return Ok(Self::default()) };
        let names = table.columns.iter().map(|column| column.name.clone());
        let columns =
            names.map(|name| tops.of(&name).map(|top| (name, top))).collect::<Result<_, _>>()?;
        Ok(Self { columns })
    }

    /// Adds the most frequent values of a column to its object. It may have none, and then says so.
    pub(crate) fn add_to(&self, column: &mut Map<String, Value>) {
        let name = column.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, top)) = self.columns.iter().find(|(known, _)| known == name) {
            let object = |(value, count): &(String, u64)| json!({ "value": value, "count": count });
            column.insert("top".into(), top.iter().map(object).collect());
        }
    }

    /// A section for each column that has values, after an empty line.
    pub(crate) fn sections(&self) -> Vec<Line> {
        let with_values = self.columns.iter().filter(|(_, top)| !top.is_empty());
        let section = |(name, top): &(String, Vec<(String, u64)>)| {
            let row =
                |(value, count): &(String, u64)| (excerpt(value), count.to_string(), String::new());
            let title = format!("{}, most frequent", excerpt(name));
            named_numbers(title, top.iter().map(row).collect())
        };
        with_values.flat_map(section).collect()
    }
}
