//! What a person sees of an answer, as text in rows: which counts are worth a heading, how a number and a
//! missing one are written, and what is noted below. Where it stands on the screen is in `table`.

use std::collections::BTreeMap;

use exacta::{Probability, Statistic};
use exacta_client::{ColumnSummary, QuantileSummary, ReasonName};

use crate::answer::Answer;
use crate::args::Spelled;
use crate::text::{excerpt, one_line};

/// The name of the histogram among the results.
pub(super) const HISTOGRAM: &str = "histogram";

/// What stands for a value that is not defined.
pub(super) const UNDEFINED: &str = "–";

/// The results that were asked for, by the names that people read.
#[derive(Clone, Debug)]
pub(crate) struct Headings {
    pub(super) statistics: Vec<(Statistic, String)>,
    pub(super) quantiles: Vec<String>,
    pub(super) approx_quantiles: Vec<String>,
    /// Whether bits are shown beside the numbers.
    pub(crate) bits: bool,
    /// Whether there are pictures, which are drawn from more results than are asked for.
    pub(super) pictures: bool,
    /// Whether rows were left out on request.
    pub(crate) is_filtered: bool,
}

impl Headings {
    /// Headings for statistics and quantiles in the order of the answer; `bits` adds the bits of results.
    pub(crate) fn new(
        statistics: &[Statistic],
        quantiles: &[Spelled<Probability>],
        approx_quantiles: &[Spelled<Probability>],
        bits: bool,
        pictures: bool,
    ) -> Self {
        let results = statistics.iter().filter(|statistic| **statistic != Statistic::Count);
        let quantile = |quantile: &Spelled<Probability>| format!("q({})", one_line(&quantile.text));
        Self {
            statistics: results.map(|statistic| (*statistic, heading(*statistic))).collect(),
            quantiles: quantiles.iter().map(quantile).collect(),
            approx_quantiles: approx_quantiles.iter().map(quantile).collect(),
            bits,
            pictures,
            is_filtered: false,
        }
    }

    /// What a person should know of an answer about nothing.
    pub(crate) fn no_rows(&self) -> &'static str {
        if self.is_filtered {
            "no row meets --where; a missing cell meets nothing, and text no order with numbers"
        } else {
            "there is no row; of text whose first line is data say so with --no-headers"
        }
    }

    /// Headings for the results that an answer has, where what was asked for is not known.
    pub(crate) fn of(answer: &Answer, bits: bool) -> Self {
        let columns = answer.columns();
        let has =
            |statistic: &&Statistic| columns.iter().any(|column| is_told(column, **statistic));
        let results = Statistic::ALL.iter().filter(|statistic| **statistic != Statistic::Count);
        let statistics = results.filter(has);
        let quantiles = columns.iter().map(quantile_summaries).find(|list| !list.is_empty());
        let quantile = |quantile: &QuantileSummary| format!("q({})", quantile.p);
        Self {
            statistics: statistics.map(|statistic| (*statistic, heading(*statistic))).collect(),
            quantiles: quantiles.unwrap_or_default().iter().map(quantile).collect(),
            approx_quantiles: approx_quantiles(columns),
            bits,
            pictures: false,
            is_filtered: false,
        }
    }

    /// Whether a statistic is among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.statistics.iter().any(|(statistic, _)| statistic.name() == name)
    }

    /// How many quantiles are among them.
    pub(crate) fn n_quantiles(&self) -> usize {
        self.quantiles.len()
    }
}

/// The headings of the approximate quantiles that an answer has.
fn approx_quantiles(columns: &[ColumnSummary]) -> Vec<String> {
    let lists = columns.iter().filter_map(|column| column.approx_quantiles.as_ref());
    let list = lists.max_by_key(|list| list.len()).into_iter().flatten();
    list.map(|quantile| format!("q({})", quantile.p)).collect()
}

/// Whether a column has a result, or why it has none.
fn is_told(column: &ColumnSummary, statistic: Statistic) -> bool {
    let name = statistic.name();
    let has_bits = column.bits.as_ref().is_some_and(|bits| bits.contains_key(name));
    let has_reason = column.undefined.as_ref().is_some_and(|reasons| reasons.contains_key(name));
    has_bits || has_reason || integer(column, statistic).is_some()
}

/// The name of a statistic, and its divisor where two are in use.
fn heading(statistic: Statistic) -> String {
    let divisor = match statistic {
        Statistic::Variance | Statistic::Stddev => " (n−1)",
        Statistic::VariancePop | Statistic::StddevPop => " (n)",
        _ => "",
    };
    format!("{statistic}{divisor}")
}

/// An answer as text.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// What the names of a row are of.
    pub(super) names: Vec<String>,
    pub(super) headings: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Lines that explain what the rows show.
    pub(super) notes: Vec<String>,
}

/// What is shown of one column of the data, perhaps of a group.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// That of the column, behind those of the group.
    pub(super) names: Vec<String>,
    /// A text for each heading: the numbers, and a second time the bits. None for text.
    pub(super) lines: Vec<Vec<String>>,
    /// What is said instead of numbers.
    pub(super) remark: Option<String>,
}

impl Row {
    /// Its names as one.
    pub(super) fn title(&self) -> String {
        self.names.join(", ")
    }
}

impl Grid {
    pub(super) fn new(answer: &Answer, headings: &Headings) -> Self {
        let columns = answer.columns();
        let counts = shown_counts(columns);
        Self {
            names: vec!["column".to_owned()],
            headings: results_of(&counts, headings),
            rows: columns.iter().map(|column| row(answer, column, &counts, headings)).collect(),
            notes: columns.iter().filter_map(|column| note(column, headings)).collect(),
        }
    }
}

/// The headings of counts and results.
pub(super) fn results_of(counts: &[Count], headings: &Headings) -> Vec<String> {
    let counts = counts.iter().map(|(name, _)| (*name).to_owned());
    let statistics = headings.statistics.iter().map(|(_, heading)| heading.clone());
    counts.chain(statistics).chain(headings.quantiles.iter().cloned()).collect()
}

/// A count of a column, by the name that people read.
pub(super) type Count = (&'static str, fn(&ColumnSummary) -> u64);

/// All counts.
pub(super) const COUNTS: [Count; 6] = [
    ("count", |column| column.count),
    ("null", |column| column.null.unwrap_or(0)),
    ("nan", |column| column.nan.unwrap_or(0)),
    ("inf", |column| column.pos_inf.unwrap_or(0)),
    ("-inf", |column| column.neg_inf.unwrap_or(0)),
    ("invalid", |column| column.invalid.unwrap_or(0)),
];

/// The count of numbers, and those others that are not zero in every column.
fn shown_counts(columns: &[ColumnSummary]) -> Vec<Count> {
    let is_number = |column: &&ColumnSummary| column.r#type.is_none();
    let is_shown =
        |(_, count): &Count| columns.iter().filter(is_number).any(|column| count(column) > 0);
    let [count, others @ ..] = COUNTS;
    std::iter::once(count).chain(others.into_iter().filter(is_shown)).collect()
}

fn row(answer: &Answer, column: &ColumnSummary, counts: &[Count], headings: &Headings) -> Row {
    if column.r#type.is_some() {
        return Row {
            names: vec![excerpt(&column.name)],
            lines: Vec::new(),
            remark: Some(remark(column, answer.origin(&column.name))),
        };
    }
    let lines = lines(column, counts, headings);
    Row { names: vec![excerpt(&column.name)], lines, remark: None }
}

/// The numbers of a column, and a second time the bits if they are asked for.
pub(super) fn lines(
    column: &ColumnSummary,
    counts: &[Count],
    headings: &Headings,
) -> Vec<Vec<String>> {
    let mut lines = vec![values(column, counts, headings)];
    lines.extend(headings.bits.then(|| bits(column, counts, headings)));
    lines
}

/// What is said of a column of text: how many cells are, out of how many, and where they begin.
fn remark(column: &ColumnSummary, origin: Option<&str>) -> String {
    let n_text = column.invalid.unwrap_or(0);
    let others = [column.null, column.nan, column.pos_inf, column.neg_inf];
    let n_cells = n_text + column.count + others.into_iter().flatten().sum::<u64>();
    let of_all = if n_text == n_cells { String::new() } else { format!(" of {n_cells}") };
    let cells = if n_cells == 1 { "cell" } else { "cells" };
    let first = column.first_invalid.as_ref().map_or_else(String::new, |first| {
        let file = origin.map_or_else(String::new, |name| format!("{name}, "));
        format!(", the first in {file}line {}, column {}", first.line, first.column)
    });
    format!("text: {n_text}{of_all} {cells}{first}")
}

fn values(column: &ColumnSummary, counts: &[Count], headings: &Headings) -> Vec<String> {
    let counts = counts.iter().map(|(_, count)| count(column).to_string());
    let integers = headings.statistics.iter().map(|(statistic, _)| integer(column, *statistic));
    let results = results(column, headings).zip(integers.chain(std::iter::repeat(None)));
    let results = results.map(|(bits, integer)| integer.or_else(|| bits.map(number)));
    counts.chain(results.map(|text| text.unwrap_or_else(|| UNDEFINED.to_owned()))).collect()
}

/// A result that is a number of things, which has no bits.
pub(super) fn integer(column: &ColumnSummary, statistic: Statistic) -> Option<String> {
    let members = statistic.is_count().then(|| serde_json::to_value(column).ok())??;
    members.get(statistic.name()).map(ToString::to_string)
}

fn bits(column: &ColumnSummary, counts: &[Count], headings: &Headings) -> Vec<String> {
    let counts = counts.iter().map(|_| String::new());
    let results = results(column, headings).map(|bits| bits.unwrap_or_default().to_owned());
    counts.chain(results).collect()
}

/// The bits of the results in the order of the headings.
fn results<'a>(
    column: &'a ColumnSummary,
    headings: &'a Headings,
) -> impl Iterator<Item = Option<&'a str>> {
    let of =
        |statistic: &Statistic| column.bits.as_ref()?.get(statistic.name()).map(String::as_str);
    let statistics = headings.statistics.iter().map(move |(statistic, _)| of(statistic));
    let quantiles = quantile_summaries(column).iter().map(|quantile| quantile.bits.as_deref());
    statistics.chain(quantiles)
}

pub(super) fn quantile_summaries(column: &ColumnSummary) -> &[QuantileSummary] {
    column.quantiles.as_deref().unwrap_or_default()
}

/// The number with these bits: the shortest decimal that reads back to them, as in JSON, or a word.
pub(crate) fn number(bits: &str) -> String {
    let value = u64::from_str_radix(bits, 16).map_or(f64::NAN, f64::from_bits);
    match serde_json::Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => "NaN".to_owned(),
        None => value.to_string(),
    }
}

/// Which results have no finite value, and why: `x has no finite stddev (n−1), cv: too_few`.
fn note(column: &ColumnSummary, headings: &Headings) -> Option<String> {
    let mut by_reason: BTreeMap<&ReasonName, Vec<&str>> = BTreeMap::new();
    for (heading, reason) in undefined(column, headings) {
        by_reason.entry(reason).or_default().push(heading);
    }
    let parts = by_reason.iter().map(|(reason, names)| format!("{}: {reason}", names.join(", ")));
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty())
        .then(|| format!("{} has no finite {}", excerpt(&column.name), parts.join("; ")))
}

/// The headings of the results that have no finite value, each with the reason.
pub(super) fn undefined<'a>(
    column: &'a ColumnSummary,
    headings: &'a Headings,
) -> impl Iterator<Item = (&'a str, &'a ReasonName)> {
    let reason = |name: &str| column.undefined.as_ref()?.get(name);
    let statistics =
        headings.statistics.iter().map(move |(s, heading)| (heading.as_str(), reason(s.name())));
    let quantiles = quantile_summaries(column).iter().map(|quantile| quantile.undefined.as_ref());
    let quantiles = headings.quantiles.iter().map(String::as_str).zip(quantiles);
    let all = statistics.chain(quantiles).chain([(HISTOGRAM, reason(HISTOGRAM))]);
    all.filter_map(|(heading, reason)| Some((heading, reason?)))
}
