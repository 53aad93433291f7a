//! What is known of rows beside the columns of an answer: pairs of columns, columns with weights, and frequent
//! values, which are in `tops`. How it is written in JSON is said here and in `exacta_api`; in a table it is a section each.

use exacta::{Nonfinite, Outcome};
use exacta_api::{PairSummary, RowResults};
use exacta_scan::{Kind, Table};
use serde_json::{Map, Value};

use crate::render::{Line, named_numbers};
use crate::text::excerpt;
use crate::tops::TopAnswer;

/// Pairs, weights and frequent values of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowAnswer {
    pairs: Vec<PairSummary>,
    /// Columns of numbers by their names, how many of their rows have a weight, and what comes of them.
    weighted: Vec<(String, u64, RowResults)>,
    tops: TopAnswer,
}

impl RowAnswer {
    /// What is known of the rows of a table under a policy.
    pub(crate) fn new(table: &Table, policy: Nonfinite) -> Result<Self, exacta_scan::Error> {
        let pair = |pair: &exacta_scan::Pair| {
            let summary = pair.partial.finalize(policy)?;
            let (x, y, counts) = (pair.x.clone(), pair.y.clone(), *summary.counts());
            Ok(PairSummary { x, y, counts, results: (&summary).into(), has_bits: true })
        };
        let is_text = |name: &str| {
            table.columns.iter().any(|column| column.name == name && column.kind == Kind::Text)
        };
        let weighted = |weighted: &exacta_scan::Weighted| {
            let summary = weighted.partial.finalize(policy)?;
            Ok((weighted.name.clone(), summary.counts().count, (&summary).into()))
        };
        let numbers = table.weighted.iter().filter(|weighted| !is_text(&weighted.name));
        Ok(Self {
            pairs: table.pairs.iter().map(pair).collect::<Result<_, exacta::Error>>()?,
            weighted: numbers.map(weighted).collect::<Result<_, exacta::Error>>()?,
            tops: TopAnswer::new(table)?,
        })
    }

    /// The pairs as JSON has them.
    pub(crate) fn pairs(&self, bits: bool) -> Vec<Value> {
        let json = |pair: &PairSummary| {
            let pair = PairSummary { has_bits: bits, ..pair.clone() };
            serde_json::to_value(pair).expect("a pair has text keys and finite numbers")
        };
        self.pairs.iter().map(json).collect()
    }

    /// Adds what weights make of a column and its most frequent values to its object.
    pub(crate) fn add_to(&self, column: &mut Map<String, Value>, bits: bool) {
        self.tops.add_to(column);
        let name = column.get("name").and_then(Value::as_str).unwrap_or_default();
        let found = self.weighted.iter().find(|(weighted, ..)| weighted == name);
        let Some((_, n_weighted, results)) = found else { return };
        column.insert("weighted_count".into(), (*n_weighted).into());
        column.extend(results.finite().map(|(name, value)| (name.to_owned(), value.into())));
        let reasons = results.undefined().map(|(name, reason)| (name.to_owned(), reason.into()));
        add_members(column, "undefined", reasons);
        if bits {
            add_members(
                column,
                "bits",
                results.bits().map(|(name, it)| (name.to_owned(), it.into())),
            );
        }
    }

    /// A section for each pair, each column with weights and each with frequent values, after an empty line.
    pub(crate) fn sections(&self) -> Vec<Line> {
        let pairs = self.pairs.iter().map(|pair| {
            let title = format!("{} on {}", excerpt(&pair.y), excerpt(&pair.x));
            section(title, ("count", pair.counts.count), &pair.results)
        });
        let weighted = self.weighted.iter().map(|(name, n_weighted, results)| {
            section(format!("{}, weighted", excerpt(name)), ("count", *n_weighted), results)
        });
        pairs.chain(weighted).flatten().chain(self.tops.sections()).collect()
    }
}

/// Adds members to a member that is an object.
fn add_members(
    column: &mut Map<String, Value>,
    member: &str,
    members: impl Iterator<Item = (String, Value)>,
) {
    let mut members = members.peekable();
    if members.peek().is_some() {
        let object = column.entry(member).or_insert_with(|| Map::new().into());
        object.as_object_mut().expect("it is an object").extend(members);
    }
}

fn section(title: String, (name, count): (&str, u64), results: &RowResults) -> Vec<Line> {
    let count = (name.to_owned(), count.to_string(), String::new());
    let result = |(name, outcome): &(&str, Outcome)| {
        let reason = outcome.reason().map(|reason| reason.to_string()).unwrap_or_default();
        (heading(name), crate::render::shown(outcome.value()), reason)
    };
    let rows = std::iter::once(count).chain(results.all().iter().map(result)).collect();
    named_numbers(title, rows)
}

/// The name of a result, and its divisor where two are in use.
fn heading(name: &str) -> String {
    match name {
        "covariance" => "covariance (n−1)".to_owned(),
        "covariance_pop" => "covariance_pop (n)".to_owned(),
        "weighted_variance" => "weighted_variance (Σw−1)".to_owned(),
        "weighted_variance_pop" => "weighted_variance_pop (Σw)".to_owned(),
        _ => name.to_owned(),
    }
}
