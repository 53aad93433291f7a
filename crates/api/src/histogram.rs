//! A histogram as JSON: which bins are asked for, and how many values they hold.
//!
//! Counting is not here.

use exacta::{BinRule, Bins, Histogram};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object};

use crate::error::Error;
use crate::schema::{BinRuleName, array, count, double};
use crate::strict::{deserialize_object_only, present, present_count};

/// Which bins a histogram has: by exactly one of its members.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct HistogramRequest {
    /// As many bins of equal width as a rule says.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<BinRuleName>, nullable = false)]
    pub rule: Option<String>,
    /// So many bins of equal width, from the smallest value to the largest.
    #[serde(default, deserialize_with = "present_count")]
    #[schema(schema_with = bins_schema)]
    pub bins: Option<u64>,
    /// The edges of the bins, ascending.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = edges_schema)]
    pub edges: Option<Vec<f64>>,
}
deserialize_object_only!(HistogramRequest);

fn bins_schema() -> Object {
    count("So many bins of equal width, from the smallest value to the largest.")
        .minimum(Some(1))
        .maximum(Some(Bins::MAX as f64))
        .build()
}

fn edges_schema() -> ArrayBuilder {
    let description =
        "The edges of the bins, ascending: each bin holds its lower one, the last bin both.";
    array(double("An edge."), Bins::MAX as usize + 1, description).min_items(Some(2))
}

impl HistogramRequest {
    /// The bins that are asked for.
    ///
    /// # Errors
    /// Unless it has exactly one member, with a rule that exists, a number of bins in range, or edges that
    /// ascend; its pointer is relative to the histogram.
    pub(crate) fn to_bins(&self) -> Result<Bins, Error> {
        let (pointer, bins) = match (&self.rule, self.bins, &self.edges) {
            (Some(rule), None, None) => ("/rule", rule.parse::<BinRule>().map(Bins::from)),
            (None, Some(count), None) => ("/bins", Bins::count(count)),
            (None, None, Some(edges)) => ("/edges", Bins::edges(edges.iter().copied())),
            _ => return Err(Error::HistogramShape { pointer: String::new() }),
        };
        bins.map_err(|source| Error::Plan { pointer: pointer.to_owned(), source })
    }
}

/// How many values lie between which edges.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HistogramSummary {
    /// The edges, ascending, one more than there are counts.
    #[schema(schema_with = answer_edges_schema)]
    pub edges: Vec<f64>,
    /// How many values each bin holds.
    #[schema(schema_with = counts_schema)]
    pub counts: Vec<u64>,
    /// How many values lie below the first edge.
    #[schema(schema_with = under_schema)]
    pub under: u64,
    /// How many values lie above the last edge.
    #[schema(schema_with = over_schema)]
    pub over: u64,
}

fn answer_edges_schema() -> Array {
    let description = "The edges, ascending, one more than there are counts: each bin holds its lower one, the last bin both.";
    ArrayBuilder::new().items(double("An edge.")).description(Some(description)).build()
}

fn counts_schema() -> Array {
    let description = "How many values each bin holds.";
    ArrayBuilder::new().items(count(description)).description(Some(description)).build()
}

fn under_schema() -> Object {
    count("How many values lie below the first edge.").build()
}

fn over_schema() -> Object {
    count("How many values lie above the last edge.").build()
}

impl From<&Histogram> for HistogramSummary {
    fn from(histogram: &Histogram) -> Self {
        let Histogram { edges, counts, under, over } = histogram.clone();
        Self { edges, counts, under, over }
    }
}
