//! What is known of pairs of columns, and of columns with weights, as JSON.
//!
//! The service takes no question about rows yet, so that the document has no
//! component for them. What is known of one column is in [`column`](crate::column).

use exacta::{Counts, Outcome, PairStatistic, WeightedStatistic};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::column::{Map, entry_unless, hex, special_counts, undefined};

/// Results that come of rows, by the names of their statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct RowResults(Vec<(&'static str, Outcome)>);

impl From<&exacta::PairSummary> for RowResults {
    fn from(summary: &exacta::PairSummary) -> Self {
        let result = |statistic: &PairStatistic| (statistic.name(), summary.get(*statistic));
        Self(PairStatistic::ALL.iter().map(result).collect())
    }
}

impl From<&exacta::WeightedSummary> for RowResults {
    fn from(summary: &exacta::WeightedSummary) -> Self {
        let result = |statistic: &WeightedStatistic| (statistic.name(), summary.get(*statistic));
        Self(WeightedStatistic::ALL.iter().map(result).collect())
    }
}

impl RowResults {
    /// Each with its name.
    pub fn all(&self) -> &[(&'static str, Outcome)] {
        &self.0
    }

    /// The finite ones.
    pub fn finite(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0.iter().filter_map(|(name, outcome)| Some((*name, outcome.finite()?)))
    }

    /// Why others are absent.
    pub fn undefined(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().filter_map(|(name, outcome)| Some((*name, undefined(*outcome)?.name())))
    }

    /// The bits of those that have a value, as 16 hexadecimal digits.
    pub fn bits(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0.iter().filter_map(|(name, outcome)| Some((*name, outcome.bits().map(hex)?)))
    }
}

/// What is known of two columns, row by row: `{"x":…,"y":…,"count":…,"slope":…}`.
#[derive(Clone, Debug, PartialEq)]
pub struct PairSummary {
    /// The name of the column that is x.
    pub x: String,
    /// The name of the column that is y.
    pub y: String,
    /// How many rows of which kind there were.
    pub counts: Counts,
    /// Covariance and its like.
    pub results: RowResults,
    /// Whether the bits of each result are added.
    pub has_bits: bool,
}

impl Serialize for PairSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("x", &self.x)?;
        map.serialize_entry("y", &self.y)?;
        map.serialize_entry("count", &self.counts.count)?;
        for (name, count) in special_counts(&self.counts) {
            entry_unless(&mut map, name, &count, count == 0)?;
        }
        for (name, value) in self.results.finite() {
            map.serialize_entry(name, &value)?;
        }
        let undefined = Map(self.results.undefined().collect());
        entry_unless(&mut map, "undefined", &undefined, undefined.0.is_empty())?;
        let bits = Map(self.results.bits().collect());
        entry_unless(&mut map, "bits", &bits, !self.has_bits)?;
        map.end()
    }
}
