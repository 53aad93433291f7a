//! What is known of one column, as JSON.
//!
//! A response is made from a summary or partial that is already there: computing is not here.

use exacta::{
    ApproxQuantile, Counts, Decimal, Outcome, Partial, Plan, Probability, Reason, Statistic,
    Summary,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::histogram::HistogramSummary;
use crate::limit::RESULT_DIGITS;
use crate::schema::{ReasonName, bits, count, double, probability, reference};

/// What is known of one column: flat, each result a member of its own, and what
/// has no value absent.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSummary {
    name: String,
    is_text: bool,
    counts: Counts,
    first_invalid: Option<FirstInvalid>,
    statistics: Vec<(Statistic, Outcome)>,
    quantiles: Vec<QuantileSummary>,
    approx_quantiles: Vec<ApproxQuantileSummary>,
    histogram: Option<Result<HistogramSummary, Reason>>,
    exact: Vec<(Statistic, Decimal)>,
    has_bits: bool,
}

/// The place of the first cell that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FirstInvalid {
    /// The line, from 1.
    #[schema(schema_with = line_schema)]
    pub line: u64,
    /// The byte in that line at which the cell starts, from 1.
    #[schema(schema_with = column_schema)]
    pub column: u64,
    /// The byte of the body at which the cell starts, from 0.
    #[schema(schema_with = offset_schema)]
    pub offset: u64,
}

fn line_schema() -> Object {
    count("The line, from 1.").build()
}

fn column_schema() -> Object {
    count("The byte in that line at which the cell starts, from 1.").build()
}

fn offset_schema() -> Object {
    count("The byte of the input at which the cell starts, from 0.").build()
}

/// A quantile of a column.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct QuantileSummary {
    /// The probability, as the binary64 nearest to it.
    #[schema(schema_with = p_schema)]
    pub p: f64,
    /// The quantile, where it is a finite number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub value: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonName>, nullable = false)]
    pub undefined: Option<&'static str>,
    /// The bits of the quantile as 16 hexadecimal digits, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = bits_schema)]
    pub bits: Option<String>,
}

fn p_schema() -> Object {
    probability().build()
}

fn bits_schema() -> Object {
    bits("The bits of the quantile as 16 hexadecimal digits, when asked for.").build()
}

impl QuantileSummary {
    fn new(probability: Probability, outcome: Outcome, has_bits: bool) -> Self {
        Self {
            p: probability.to_f64(),
            value: outcome.finite(),
            undefined: undefined(outcome).map(Reason::name),
            bits: outcome.bits().filter(|_| has_bits).map(hex),
        }
    }
}

/// What is known of a quantile of a column in bounded memory.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ApproxQuantileSummary {
    /// The probability, as the binary64 nearest to it.
    #[schema(schema_with = p_schema)]
    pub p: f64,
    /// The estimate, where it is a finite number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub value: Option<f64>,
    /// The exact quantile, the element at rank ⌈np⌉, is certainly not below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub lower: Option<f64>,
    /// The exact quantile is certainly not above this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub upper: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonName>, nullable = false)]
    pub undefined: Option<&'static str>,
    /// The bits of the estimate as 16 hexadecimal digits, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = bits_schema)]
    pub bits: Option<String>,
}

impl ApproxQuantileSummary {
    fn new(probability: Probability, found: ApproxQuantile, has_bits: bool) -> Self {
        let QuantileSummary { p, value, undefined, bits } =
            QuantileSummary::new(probability, found.value(), has_bits);
        let bound = |bound: Option<f64>| bound.filter(|bound| bound.is_finite());
        Self { p, value, lower: bound(found.lower()), upper: bound(found.upper()), undefined, bits }
    }
}

impl ColumnSummary {
    /// A column of numbers; `bits` adds the bits of each result.
    pub fn number(name: impl Into<String>, summary: &Summary, bits: bool) -> Self {
        let quantile = |&(p, outcome): &_| QuantileSummary::new(p, outcome, bits);
        let approx_quantile = |&(p, found): &_| ApproxQuantileSummary::new(p, found, bits);
        let is_result = |(statistic, _): &&(Statistic, _)| *statistic != Statistic::Count;
        let exact = summary.statistics().iter().filter_map(|(statistic, _)| {
            summary.exact(*statistic).map(|decimal| (*statistic, decimal.clone()))
        });
        Self {
            name: name.into(),
            is_text: false,
            counts: *summary.counts(),
            first_invalid: None,
            statistics: summary.statistics().iter().filter(is_result).copied().collect(),
            quantiles: summary.quantiles().iter().map(quantile).collect(),
            approx_quantiles: summary.approx_quantiles().iter().map(approx_quantile).collect(),
            histogram: summary.histogram().map(|histogram| histogram.map(HistogramSummary::from)),
            exact: exact.collect(),
            has_bits: bits,
        }
    }

    /// A column of text: its counts, and where its first cell is that is no number, if that is known.
    pub fn text(
        name: impl Into<String>,
        counts: &Counts,
        first_invalid: impl Into<Option<FirstInvalid>>,
    ) -> Self {
        Self {
            name: name.into(),
            is_text: true,
            counts: *counts,
            first_invalid: first_invalid.into(),
            statistics: Vec::new(),
            quantiles: Vec::new(),
            approx_quantiles: Vec::new(),
            histogram: None,
            exact: Vec::new(),
            has_bits: false,
        }
    }

    /// A column of a file: of text or of numbers, and its first invalid cell if there is one and its place is known.
    ///
    /// # Errors
    /// Those of [`Partial::finalize`].
    pub fn of_file(
        name: &str,
        partial: &Partial,
        plan: &Plan,
        bits: bool,
        first_invalid: Option<FirstInvalid>,
        is_text: bool,
    ) -> Result<Self, exacta::Error> {
        if is_text {
            return Ok(Self::text(name, partial.counts(), first_invalid));
        }
        Ok(Self { first_invalid, ..Self::number(name, &partial.finalize(plan)?, bits) })
    }

    /// How many results it has that can make an answer grow beyond its question.
    pub(crate) fn n_results(&self) -> usize {
        let histogram = self.histogram.as_ref().and_then(|histogram| histogram.as_ref().ok());
        self.quantiles.len()
            + self.approx_quantiles.len()
            + histogram.map_or(0, |histogram| histogram.counts.len())
            + self
                .exact
                .iter()
                .map(|(_, exact)| exact.as_str().len() / RESULT_DIGITS)
                .sum::<usize>()
    }

    /// What each result without a finite value lacks.
    fn undefined(&self) -> Map<&'static str, &'static str> {
        let entry = |&(statistic, outcome): &(Statistic, _)| {
            undefined(outcome).map(|reason| (statistic.name(), reason.name()))
        };
        let histogram = self.histogram.as_ref().and_then(|histogram| histogram.as_ref().err());
        let histogram = histogram.map(|reason| (HISTOGRAM, reason.name()));
        Map(self.statistics.iter().filter_map(entry).chain(histogram).collect())
    }

    /// The exact decimals.
    fn exact(&self) -> Map<&'static str, &str> {
        Map(self.exact.iter().map(|(name, exact)| (name.name(), exact.as_str())).collect())
    }

    /// The bits of each result that has a value.
    fn bits(&self) -> Map<&'static str, String> {
        let entry = |&(statistic, outcome): &(Statistic, Outcome)| {
            outcome.bits().map(|bits| (statistic.name(), hex(bits)))
        };
        Map(self.statistics.iter().filter_map(entry).collect())
    }
}

/// The member that holds the histogram, and the one in `undefined` that says why there is none.
const HISTOGRAM: &str = "histogram";

/// The reason for which an outcome is not written as a number.
pub(crate) fn undefined(outcome: Outcome) -> Option<Reason> {
    outcome.reason().filter(|_| outcome.finite().is_none())
}

pub(crate) fn hex(bits: u64) -> String {
    format!("{bits:016x}")
}

/// The counts by name, `count` aside.
pub(crate) fn special_counts(counts: &Counts) -> [(&'static str, u64); 5] {
    [
        ("null", counts.null),
        ("nan", counts.nan),
        ("pos_inf", counts.pos_inf),
        ("neg_inf", counts.neg_inf),
        ("invalid", counts.invalid),
    ]
}

/// Pairs that are written as a JSON object, in their order.
pub(crate) struct Map<K, V>(pub(crate) Vec<(K, V)>);

impl<K: Serialize, V: Serialize> Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Serialize for ColumnSummary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        if self.is_text {
            map.serialize_entry("type", "text")?;
        }
        map.serialize_entry("count", &self.counts.count)?;
        for (name, count) in special_counts(&self.counts) {
            entry_unless(&mut map, name, &count, count == 0)?;
        }
        entry_unless(&mut map, "first_invalid", &self.first_invalid, self.first_invalid.is_none())?;
        for (statistic, outcome) in &self.statistics {
            if let Outcome::Count(count) = outcome {
                map.serialize_entry(statistic.name(), count)?;
            } else if let Some(value) = outcome.finite() {
                map.serialize_entry(statistic.name(), &value)?;
            }
        }
        entry_unless(&mut map, "quantiles", &self.quantiles, self.quantiles.is_empty())?;
        let approx_quantiles = &self.approx_quantiles;
        entry_unless(&mut map, "approx_quantiles", approx_quantiles, approx_quantiles.is_empty())?;
        if let Some(Ok(histogram)) = &self.histogram {
            map.serialize_entry(HISTOGRAM, histogram)?;
        }
        let (exact, undefined) = (self.exact(), self.undefined());
        entry_unless(&mut map, "exact", &exact, exact.0.is_empty())?;
        entry_unless(&mut map, "undefined", &undefined, undefined.0.is_empty())?;
        if self.has_bits {
            map.serialize_entry("bits", &self.bits())?;
        }
        map.end()
    }
}

/// Writes a member unless it is to be absent.
pub(crate) fn entry_unless<M: SerializeMap>(
    map: &mut M,
    key: &str,
    value: &impl Serialize,
    is_absent: bool,
) -> Result<(), M::Error> {
    if is_absent {
        return Ok(());
    }
    map.serialize_entry(key, value)
}

/// What kind of column it is.
#[derive(Debug)]
pub enum ColumnType {}

impl PartialSchema for ColumnType {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["text"]))
            .description(Some("What kind of column it is. More kinds may be added."))
            .into()
    }
}

impl ToSchema for ColumnType {
    fn name() -> std::borrow::Cow<'static, str> {
        "ColumnType".into()
    }
}

/// Declares a component that maps the name of a statistic to something.
macro_rules! map_schema {
    ($(#[doc = $doc:literal] $type:ident = $value:expr;)+) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub enum $type {}

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::Object)
                    .additional_properties(Some($value))
                    .description(Some($doc.trim()))
                    .into()
            }
        }

        impl ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
        }
    )+};
}

map_schema! {
    /// The exact values as decimals with all their digits, by the name of the statistic, where they were asked for and are real numbers.
    ExactDecimals = ObjectBuilder::new().schema_type(Type::String).description(Some("A decimal with all its digits."));
    /// Why a result is absent, by the name of the statistic.
    UndefinedReasons = reference::<ReasonName>();
    /// The bits of each result as 16 hexadecimal digits, by the name of the statistic. What has no value at all has no bits; NaN is 7ff8000000000000.
    StatisticBits = bits("The bits of a binary64.");
}

impl PartialSchema for ColumnSummary {
    fn schema() -> RefOr<Schema> {
        let mut object = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("name", name_schema())
            .property("type", reference::<ColumnType>())
            .required("name")
            .required("count");
        for (name, description) in COUNTS {
            object = object.property(name, count(description));
        }
        object = object.property("first_invalid", reference::<FirstInvalid>());
        for statistic in Statistic::ALL.iter().filter(|s| **s != Statistic::Count) {
            let member = if statistic.is_count() { count } else { double };
            object = object.property(statistic.name(), member(statistic.description()));
        }
        object
            .property("quantiles", quantiles_schema())
            .property("approx_quantiles", approx_quantiles_schema())
            .property(HISTOGRAM, reference::<HistogramSummary>())
            .property("exact", reference::<ExactDecimals>())
            .property("undefined", reference::<UndefinedReasons>())
            .property("bits", reference::<StatisticBits>())
            .description(Some(
                "What is known of one column: each result that was asked for and has a finite \
                 value is a member of its own, named after its statistic. Counts other than \
                 `count` are there when they are not zero.",
            ))
            .into()
    }
}

fn name_schema() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The name of the column, as in the request or in the file."))
}

fn quantiles_schema() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(RefOr::<Schema>::from(reference::<QuantileSummary>()))
        .description(Some("The quantiles, in the order in which they were asked for."))
}

fn approx_quantiles_schema() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(RefOr::<Schema>::from(reference::<ApproxQuantileSummary>()))
        .description(Some("The approximate quantiles, in the order in which they were asked for."))
}

impl ToSchema for ColumnSummary {
    fn name() -> std::borrow::Cow<'static, str> {
        "ColumnSummary".into()
    }
}

/// The counts as the document describes them.
const COUNTS: [(&str, &str); 6] = [
    ("count", "How many finite values there are."),
    ("null", "How many values are missing."),
    ("nan", "How many values are not a number (NaN)."),
    ("pos_inf", "How many values are positive infinity."),
    ("neg_inf", "How many values are negative infinity."),
    ("invalid", "How many cells are not numbers."),
];
